"""An order that was not taken: what is wrong with which of our lines."""

import re

from suppliers.connectors.jsondata import Json
from suppliers.connectors.squizz import esd
from suppliers.connectors.squizz.codes import Result, sentence
from suppliers.messages import LineProblem, LineProblemKind, Order, OrderRefusal

LINE_LISTS: dict[str, tuple[LineProblemKind, str]] = {
    "orders_with_unmapped_lines": (
        LineProblemKind.UNKNOWN_ITEM,
        "The supplier found no article for it, or has none in stock, or does not sell it to us.",
    ),
    "orders_with_unmatched_lines": (LineProblemKind.UNKNOWN_ITEM, "The supplier found no article for it."),
    "orders_with_unpriced_lines": (LineProblemKind.NO_PRICE, "The supplier has no price of it for us."),
    "orders_with_unstocked_lines": (
        LineProblemKind.OUT_OF_STOCK,
        "The supplier has too little of it in stock.",
    ),
}


def refusal(document: Json, result: Result, order: Order, supplier: str) -> OrderRefusal:
    text = f"{supplier} did not take the order: {sentence(result)}"
    return OrderRefusal(text=text, problems=line_problems(document, order))


def names_bad_lines(document: Json) -> bool:
    return any(_listed(document, name) for name in LINE_LISTS)


def line_problems(document: Json, order: Order) -> tuple[LineProblem, ...]:
    """Our product lines stand first in the document, so a place in it is a place in `order.lines`."""
    found: dict[tuple[int, LineProblemKind], LineProblem] = {}
    for name, (kind, text) in LINE_LISTS.items():
        for order_place, line_place in _listed(document, name):
            # One order was sent; a place that it does not have is no line of ours.
            if order_place == 0 and line_place < len(order.lines):
                line = order.lines[line_place]
                found.setdefault(
                    (line_place, kind),
                    LineProblem(
                        kind=kind, text=text, line_number=line.line_number, supplier_sku=line.supplier_sku
                    ),
                )
    return tuple(found[key] for key in sorted(found))


def _listed(document: Json, name: str) -> list[tuple[int, int]]:
    """Pairs of places, both from 0: "0:1, 0:3". What has another form is passed over."""
    places = [document]
    if configs := esd.told(document, "configs"):
        places.append(configs)
    said = ",".join(esd.note(place, name, limit=100_000) for place in places)
    return [
        (int(match[1]), int(match[2]))
        for item in said.split(",")
        if (match := re.fullmatch(r"\s*([0-9]{1,9})\s*:\s*([0-9]{1,9})\s*", item))
    ]
