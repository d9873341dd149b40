"""Reading requests and writing orders as the hub has them. Money is written in quotes."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from werkzeug.wrappers import Request, Response

from suppliers.sandbox.app import json_response
from suppliers.sandbox.ledger import PlacedOrder
from suppliers.sandbox.trade import Answer, AnswerLine, Item
from suppliers.sandbox.web import BadRequest, json_object, object_member
from suppliers.sandbox.world import SandboxSupplier


class Invalid(Exception):
    """422: what is wrong with which field."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(f"{field} {words}")
        self.field = field
        self.words = words


@dataclass(frozen=True, slots=True)
class Requirement:
    item: Item
    references: list[str]


@dataclass(slots=True)
class Draft:
    id: str
    supplier: str
    requirements: list[Requirement]
    references: list[str]

    def kept(self) -> dict[str, Any]:
        """What has to be known of the order after it is placed."""
        lines = {r.item.supplier_product_id: r.references for r in self.requirements}
        return {"id": self.id, "references": self.references, "lines": lines}


def requirement_read(body: bytes, supplier: SandboxSupplier) -> Requirement:
    said = object_member(json_object(body), "material_requirement")
    product = next(
        (p for p in supplier.products if said.get("variant_id") in (p.product_id, p.supplier_product_id)),
        None,
    )
    if said.get("supplier_id") != supplier.supplier_id:
        raise Invalid("supplier", "must exist")
    if product is None:
        raise Invalid("variant", "must exist")
    amount = said.get("amount")
    if not isinstance(amount, Decimal) or amount <= 0:
        raise Invalid("amount", "must be greater than 0")
    return Requirement(
        Item(product.supplier_product_id, product.unit, amount), _texts(said.get("references"))
    )


def draft_read(body: bytes) -> tuple[list[str], list[str]]:
    """Ids of requirements, and references."""
    said = object_member(json_object(body), "order")
    return _texts(said.get("material_requirement_ids")), _texts(said.get("references"))


def _texts(said: Any) -> list[str]:
    if not isinstance(said, list) or not all(isinstance(text, str) for text in said):
        raise BadRequest("A list of texts is missing.")
    return said


def draft_body(draft: Draft) -> dict[str, Any]:
    return {
        "id": draft.id,
        "state": "draft",
        "references": [f"CO/{draft.id[:6].upper()}", *draft.references],
        "placed_at": None,
        "order_line_items": [
            {
                "order_number": r.item.supplier_product_id,
                "amount": r.item.quantity,
                "references": r.references,
            }
            for r in draft.requirements
        ],
    }


def order_body(
    supplier: SandboxSupplier, order: PlacedOrder, kept: dict[str, Any], state: str, said: dict[str, Answer]
) -> dict[str, Any]:
    """`said`: the answers that have been given, by kind."""
    answered = said.get("confirmed")
    lines = (
        answered.lines
        if answered
        else [AnswerLine(p.supplier_product_id, p.quantity, p.unit_price) for p in order.lines]
    )
    decided = order.at.isoformat()
    return {
        "id": kept["id"],
        "state": state,
        "state_reason": said["rejected"].note if "rejected" in said else None,
        "currency": order.currency,
        "references": [f"CO/{kept['id'][:6].upper()}", *kept["references"], f"vbeln:{order.number}"],
        "placed_at": decided,
        "transferred_at": decided,
        "confirmed_at": decided if answered else None,
        "canceled_by_supplier_at": decided if "rejected" in said else None,
        "pricing": {
            "accuracy": "confirmed" if answered else "estimated",
            "total_net_price": str(order.total),
            "net_handling_fee": "0.0",
            "net_shipping_fee": str(order.delivery_fee),
        },
        "delivery": {"accuracy": "esimated", "date": None},
        "order_line_items": [_line(supplier, line, kept["lines"]) for line in lines],
        "updated_at": datetime.now(UTC).isoformat() if state == "draft" else decided,
    }


def _line(supplier: SandboxSupplier, line: AnswerLine, references: dict[str, list[str]]) -> dict[str, Any]:
    sku = line.supplier_product_id
    day = line.expected_delivery
    product = supplier.product(sku)
    pack = product.pack_size if product else Decimal(1)
    price = line.unit_price * pack if line.unit_price is not None else None
    return {
        "order_number": sku,
        "references": references.get(sku, []),
        "amount": line.quantity / pack,
        "amount_in_base_unit": line.quantity,
        "confirmed_delivery_at": f"{day.isoformat()}T00:00:00.000Z" if day else None,
        "pricing": {"unit_net_price": str(price) if price is not None else None},
        "sku": {"id": sku, "order_number": sku, "amount_in_base_unit": pack, "links": None},
    }


MOST_ON_A_PAGE = 100


def page(listed: list[dict[str, Any]], request: Request) -> Response:
    """One page of a list; how many there are stands in headers."""
    size = request.args.get("per_page", 25, type=int)
    size = min(max(size, 1), MOST_ON_A_PAGE)
    number = max(request.args.get("page", 1, type=int), 1)
    response = json_response(listed[size * (number - 1) : size * number])
    response.headers["Current-Page"] = str(number)
    response.headers["Total-Pages"] = str(max(-(-len(listed) // size), 1))
    response.headers["Total-Count"] = str(len(listed))
    return response
