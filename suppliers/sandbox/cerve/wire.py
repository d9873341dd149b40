"""Reading requests and writing answers as Cerve has them."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from suppliers.connectors.jsondata import dumps
from suppliers.sandbox.ledger import PlacedLine, PlacedOrder
from suppliers.sandbox.trade import Answer, Item, line_total
from suppliers.sandbox.web import BadRequest, above_zero, json_object, objects_member, text_member
from suppliers.sandbox.world import SandboxProduct, SandboxSupplier

UNIT_WORDS = {"C62": "each", "KGM": "kg", "GRM": "g", "LTR": "l", "MLT": "ml"}


def unit_word(product: SandboxProduct) -> str:
    return UNIT_WORDS.get(product.unit, product.unit)


def order_read(body: bytes, supplier: SandboxSupplier) -> tuple[str, list[Item]]:
    said = json_object(body)
    reference, listed = text_member(said, "customer_order_id"), objects_member(said, "line_items", "line")
    items = []
    for number, item in enumerate(listed):
        sku, unit = item.get("supplier_product_id"), item.get("unit_of_measure")
        product = supplier.product(sku) if isinstance(sku, str) else None
        if not isinstance(sku, str) or (product is not None and unit != unit_word(product)):
            raise BadRequest(f"line_items[{number}]: no such product in unit {unit!r}.")
        quantity = above_zero(item.get("quantity"), f"line_items[{number}].quantity")
        items.append(Item(sku, str(unit), quantity))
    return reference, items


def quantity_written(text: str) -> Decimal:
    try:
        return above_zero(Decimal(text), "quantity")
    except ArithmeticError:
        raise BadRequest("quantity must be a number above 0.") from None


def body_text(body: bytes) -> str:
    return body.decode("utf-8", "replace")


def order_line(line: PlacedLine) -> dict[str, Any]:
    return {
        "supplier_product_id": line.supplier_product_id,
        "unit_of_measure": line.unit_of_measure,
        "quantity": line.quantity,
        "unit_price": line.unit_price,
        "total_price": line_total(line),
    }


def order_body(order: PlacedOrder) -> dict[str, Any]:
    return {
        "supplier_order_id": order.number,
        "customer_order_id": order.reference,
        "created_at": order.at.isoformat(),
        "status": "received",
        "currency": order.currency,
        "total": order.total,
        "line_items": [order_line(line) for line in order.lines],
        "unavailable_line_items": [{"supplier_product_id": sku} for sku in order.unavailable],
        "shipping": {"price": order.delivery_fee},
    }


def callback_body(order: PlacedOrder, answer: Answer) -> bytes:
    data: dict[str, Any] = {
        "customer_order_id": order.reference,
        "supplier_order_id": order.number,
        "currency": order.currency,
    }
    if answer.note:
        data["note"] = answer.note
    if answer.kind == "shipped":
        data["shipment"] = {
            "shipment_id": f"{order.number}/{answer.part}",
            "carrier": "Sandbox Carriers",
            "tracking": f"SC{order.id:06}{answer.part}",
        }
        data["line_items"] = [
            {"supplier_product_id": line.supplier_product_id, "quantity": line.quantity}
            for line in answer.lines
        ]
    if answer.kind == "confirmed":
        data["lines_not_listed"] = "accepted"
        data["line_items"] = [
            {
                "supplier_product_id": line.supplier_product_id,
                "quantity": line.quantity,
                "unit_price": line.unit_price,
                "expected_delivery": line.expected_delivery and line.expected_delivery.isoformat(),
                "note": line.note or None,
            }
            for line in answer.lines
        ]
    message = {"type": f"order.{answer.kind}", "timestamp": datetime.now(UTC).isoformat(), "data": data}
    return dumps(message)
