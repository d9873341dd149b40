"""What a planner proposes in the sample, and how it changes its mind while time passes."""

import random
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from procurement.sources.sandbox.sample import Sample

WITHIN = timedelta(days=7)


def orders(sample: Sample) -> Iterator[dict[str, Any]]:
    for number, proposal in enumerate(sample.proposals, start=1):
        lines = [
            {"product": sku, "quantity": quantity, "price": str(price)}
            for sku, quantity, price in proposal.lines
        ]
        yield {
            "uuid": str(UUID(int=number)),
            "number": f"V-{number}",
            "supplier": proposal.supplier,
            "delivery_date": (sample.as_of + WITHIN).isoformat(),
            "lines": lines,
        }


def live_on(
    known: Mapping[str, Mapping[str, Any]], dice: random.Random
) -> tuple[list[dict[str, Any]], list[str]]:
    """The orders that are new or other ones now, and what happened: one proposal grows, and there is another one."""
    alive = [order for _, order in sorted(known.items()) if order]
    grown = dict(dice.choice(alive))
    grown["lines"] = [line | {"quantity": line["quantity"] * 2} for line in grown["lines"]]
    pattern, number = dice.choice(alive), len(known) + 1
    more = {
        **pattern,
        "uuid": str(UUID(int=number)),
        "number": f"V-{number}",
        "lines": pattern["lines"][: max(1, len(pattern["lines"]) // 2)],
    }
    return [grown, more], [f"{grown['number']} doubled its quantities", f"{more['number']} is new"]
