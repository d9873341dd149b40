"""What was decided for an item, as a row and back: the second step of a plan reads what the first one has written."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import inf
from typing import Any

import orjson
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from procurement.engine.exceptions import PlanException
from procurement.engine.items import ItemRequirement
from procurement.engine.needs import OfferLevel, Reason
from procurement.models import PlanRun, Requirement, RequirementException
from suppliers.bulk_rows import rows_add, rows_change

ROWS_AT_ONCE = 1_000
READ_AT_ONCE = 5_000
# As they are in the row.
KEPT = (
    "on_hand", "on_order", "committed", "daily_demand", "horizon_days", "buffer", "order_up_to", "net_requirement",
    "shortfall", "reason", "cell", "yearly_value",
)  # fmt: skip
SETTLED = (
    "daily_demand", "horizon_days", "buffer", "order_up_to", "net_requirement", "shortfall", "reason", "exceptions",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Due:
    """An item that is due, as choosing its suppliers needs it: read once, as there are many."""

    key: int  # of its requirement
    product: int
    sku: str
    name: str
    unit: str
    position: float
    order_up_to: float
    daily_demand: Decimal
    need_by_days: float  # from the day of the plan; inf: it never runs out
    levels: dict[int, Reason]  # by offer, what was told of its level
    # As it is kept, in JSON: read when a line is told, as all of them at once would fill the memory.
    reason: str


def due(run: PlanRun) -> QuerySet[Requirement]:
    return Requirement.objects.filter(run=run, net_requirement__gt=0)


def due_read(run: PlanRun) -> list[Due]:
    """Ordered by product."""
    reason, levels = (Cast(name, TextField()) for name in ("reason", "levels"))
    rows = due(run).order_by("product").values_list(
        "pk", "product", "product__sku", "product__name", "product__unit", "position", "order_up_to", "daily_demand",
        "need_by", levels, reason,
    )  # fmt: skip
    return [
        Due(
            pk,
            product,
            sku,
            name,
            unit,
            float(position),
            float(order_up_to),
            daily,
            (need_by - run.as_of).days if need_by else inf,
            {level["offer"]: level["told"] for level in orjson.loads(levels)},
            reason,
        )
        for pk, product, sku, name, unit, position, order_up_to, daily, need_by, levels, reason in rows.iterator(
            READ_AT_ONCE
        )
    ]


def requirements_add(run: PlanRun, products: Sequence[int], found: Sequence[ItemRequirement]) -> None:
    columns: dict[str, list[Any]] = {name: [getattr(one, name) for one in found] for name in KEPT}
    columns["need_by"] = [one.need_by for one in found]
    levels = [[{"offer": level.offer_key, "told": level.told} for level in one.levels] for one in found]
    columns |= {
        "position": [one.position for one in found],
        "exceptions": [exceptions_told(one) for one in found],
    }
    rows_add(Requirement, {"product_id": products, "levels": levels, **columns}, same={"run_id": run.pk})


def exceptions_told(found: ItemRequirement) -> list[dict[str, str]]:
    return [one.as_row() for one in found.exceptions]


def requirements_read(run: PlanRun, products: Collection[int]) -> dict[int, ItemRequirement]:
    """By product. Their `item` is the product's id."""
    found: dict[int, ItemRequirement] = {}
    wanted = list(products)
    for start in range(0, len(wanted), ROWS_AT_ONCE):
        for row in Requirement.objects.filter(run=run, product__in=wanted[start : start + ROWS_AT_ONCE]):
            found[row.product_id] = ItemRequirement(
                item=row.product_id,
                levels=tuple(
                    OfferLevel(level["offer"], Decimal(level["told"]["order_up_to"]), level["told"])
                    for level in row.levels
                ),
                exceptions=tuple(map(PlanException.read, row.exceptions)),
                **{name: getattr(row, name) for name in KEPT},
            )
    return found


def requirements_settle(keys: Sequence[int], settled: Sequence[ItemRequirement]) -> None:
    """Rewrite what is known better now, by the requirement's key. Call inside a transaction."""
    columns: dict[str, list[Any]] = {name: [getattr(one, name) for one in settled] for name in SETTLED[:-1]}
    columns |= {
        "exceptions": [exceptions_told(one) for one in settled],
        "need_by": [one.need_by for one in settled],
    }
    rows_change(Requirement, keys, columns)


def exceptions_listed(run: PlanRun) -> dict[str, int]:
    """Write which items have exceptions of which kind, once all are settled; by kind, of how many items. Call inside a
    transaction.
    """
    told = Requirement.objects.filter(run=run).exclude(exceptions=[]).order_by()
    pairs = [
        (pk, kind)
        for pk, rows in told.values_list("pk", "exceptions").iterator()
        for kind in sorted({row["kind"] for row in rows})
    ]
    columns = {"requirement_id": [pk for pk, _ in pairs], "kind": [kind for _, kind in pairs]}
    rows_add(RequirementException, columns, same={"run_id": run.pk})
    return dict(Counter(kind for _, kind in pairs))
