"""Reading requests and writing answers as the REST connector expects them where no setting says otherwise."""

from datetime import UTC, datetime
from typing import Any

from suppliers.connectors.jsondata import dumps
from suppliers.sandbox.ledger import PlacedLine, PlacedOrder
from suppliers.sandbox.trade import Answer, Item
from suppliers.sandbox.web import BadRequest, above_zero, json_object, objects_member, text_member
from suppliers.sandbox.world import SandboxSupplier


def order_read(body: bytes, supplier: SandboxSupplier) -> tuple[str, list[Item]]:
    said = json_object(body)
    reference, lines = text_member(said, "order_number"), objects_member(said, "lines", "line")
    return reference, [_item(line, f"lines[{number}]", supplier) for number, line in enumerate(lines)]


def _item(line: dict[str, Any], where: str, supplier: SandboxSupplier) -> Item:
    sku, unit = line.get("sku"), line.get("unit")
    product = supplier.product(sku) if isinstance(sku, str) else None
    if not isinstance(sku, str) or (product is not None and unit != product.unit):
        raise BadRequest(f"{where}: no such product in unit {unit!r}.")
    return Item(sku, str(unit), above_zero(line.get("quantity"), f"{where}.quantity"))


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
