"""Reading requests and writing answers as the REST connector expects them where no setting says otherwise."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from suppliers.connectors.jsondata import dumps
from suppliers.sandbox.ledger import PlacedLine, PlacedOrder
from suppliers.sandbox.trade import Answer, Item
from suppliers.sandbox.world import SandboxSupplier


class BadRequest(Exception):
    """The request cannot be understood; the message says where."""


def order_read(body: bytes, supplier: SandboxSupplier) -> tuple[str, list[Item]]:
    try:
        said = json.loads(body, parse_float=Decimal, parse_int=Decimal)
    except ValueError:
        raise BadRequest("The body is not JSON.") from None
    reference = said.get("order_number") if isinstance(said, dict) else None
    if not isinstance(reference, str) or not reference:
        raise BadRequest("order_number is missing.")
    listed = said.get("lines")
    if not isinstance(listed, list) or not listed or not all(isinstance(item, dict) for item in listed):
        raise BadRequest("lines must be a list with at least one line.")
    return reference, [_item(line, f"lines[{number}]", supplier) for number, line in enumerate(listed)]


def _item(line: dict[str, Any], where: str, supplier: SandboxSupplier) -> Item:
    sku, unit, quantity = line.get("sku"), line.get("unit"), line.get("quantity")
    product = supplier.product(sku) if isinstance(sku, str) else None
    if not isinstance(sku, str) or (product is not None and unit != product.unit):
        raise BadRequest(f"{where}: no such product in unit {unit!r}.")
    if not isinstance(quantity, Decimal) or not quantity.is_finite() or quantity <= 0:
        raise BadRequest(f"{where}.quantity must be a number above 0.")
    return Item(sku, str(unit), quantity)


def reference_if_any(body: bytes) -> str:
    try:
        return str(json.loads(body)["order_number"])
    except (ValueError, TypeError, KeyError):
        return ""


def order_body(order: PlacedOrder, status: str = "received") -> dict[str, Any]:
    return {
        "order_number": order.reference,
        "supplier_order_number": order.number,
        "status": status,
        "timestamp": order.at.isoformat(),
        "currency": order.currency,
        "lines": [_line(line) for line in order.lines],
    }


def _line(line: PlacedLine) -> dict[str, Any]:
    return {"sku": line.supplier_product_id, "quantity": line.quantity, "unit_price": line.unit_price}


def refusal_body(reference: str, unavailable: tuple[tuple[str, str], ...], supplier: SandboxSupplier) -> Any:
    return {
        "order_number": reference,
        "status": "refused",
        "note": "None of the lines can be delivered.",
        "problems": [
            {"sku": sku, "kind": "out_of_stock" if supplier.product(sku) else "unknown_item", "text": reason}
            for sku, reason in unavailable
        ],
    }


def callback_body(order: PlacedOrder, answer: Answer) -> bytes:
    message: dict[str, Any] = {
        "order_number": order.reference,
        "supplier_order_number": order.number,
        "status": answer.kind,
        "timestamp": datetime.now(UTC).isoformat(),
        "currency": order.currency,
        "note": answer.note or None,
        "lines": [
            {
                "sku": line.supplier_product_id,
                "quantity": line.quantity,
                "unit_price": line.unit_price,
                "delivery_date": line.expected_delivery and line.expected_delivery.isoformat(),
                "note": line.note or None,
            }
            for line in answer.lines
        ],
    }
    if answer.kind == "shipped":
        message["shipment"] = {
            "id": f"{order.number}/{answer.part}",
            "carrier": "Sandbox Carriers",
            "tracking": f"SC{order.id:06}{answer.part}",
        }
    return dumps(message)
