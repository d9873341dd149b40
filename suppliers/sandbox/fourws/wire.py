"""Reading Save Purchase documents as 4ws.trade has them, strictly: what it would object to, this objects to."""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from suppliers.sandbox.ledger import PlacedOrder
from suppliers.sandbox.trade import Answer, Item, Refused
from suppliers.sandbox.web import BadRequest, json_object, object_member, objects_member
from suppliers.sandbox.world import SandboxProduct, SandboxSupplier

QUANTITY = re.compile(r"quantity([1-9]|10)")
DATES = ("documentDate", "movementDate", "confirmationDateOrder", "deliveryDate")
CODES = ("branchCode", "buyerCode")


@dataclass(frozen=True, slots=True)
class Purchase:
    id: str
    callback: str
    rows: tuple[dict[str, Any], ...]


def purchase_read(body: bytes) -> Purchase:
    """The formal part, which is checked before the request is answered."""
    said = json_object(body)
    header = object_member(said, "documentHeader")
    rows = objects_member(said, "documentRows", "row")
    callback = said.get("callback")
    if not isinstance(callback, str) or not callback.startswith(("http://", "https://")):
        raise BadRequest("callback must be an address.")
    places = _header_check(header)
    for number, row in enumerate(rows):
        _row_check(row, f"documentRows[{number}]", places)
    return Purchase(header["id"], callback, tuple(rows))


def _header_check(header: dict[str, Any]) -> int:
    """How many quantities a row may have."""
    for name in ("id", "currency", "supplierCode"):
        if not isinstance(header.get(name), str) or not header[name]:
            raise BadRequest(f"documentHeader.{name} must be a text.")
    for name in CODES:
        if not isinstance(header.get(name), Decimal) or header[name] % 1:
            raise BadRequest(f"documentHeader.{name} must be a whole number.")
    if header.get("documentType") != "PURCHASE":
        raise BadRequest("documentHeader.documentType must be PURCHASE.")
    if header.get("documentStatus", "OPEN") not in ("OPEN", "CONFIRMED"):
        raise BadRequest("documentHeader.documentStatus must be OPEN or CONFIRMED.")
    for name in DATES:
        try:
            if name in header:
                datetime.strptime(str(header[name]), "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007  theirs have no zone
        except ValueError:
            raise BadRequest(f"documentHeader.{name} must be like 2026-01-31 09:30:00.") from None
    reserved = header.get("reserved", [])
    if not isinstance(reserved, list) or len(reserved) > 10:
        raise BadRequest("documentHeader.reserved must be a list of at most 10 locations.")
    for place in reserved:
        if not isinstance(place, dict) or place.get("type") not in ("SHOP", "WRH") or not place.get("code"):
            raise BadRequest("documentHeader.reserved must hold a type, SHOP or WRH, and a code each.")
    return len(reserved) or 1


def _row_check(row: dict[str, Any], where: str, places: int) -> None:
    quantities = {name: value for name, value in row.items() if name.startswith("quantity")}
    if not quantities:
        raise BadRequest(f"{where} has no quantity.")
    for name, value in quantities.items():
        found = QUANTITY.fullmatch(name)
        if not found or int(found[1]) > places:
            raise BadRequest(f"{where}.{name} belongs to no location.")
        _number_check(value, f"{where}.{name}")
    for name in ("taxRate", "priceSale", "pricePurchase", "priceInvoice"):
        if name in row:
            _number_check(row[name], f"{where}.{name}")


def _number_check(value: Any, where: str) -> None:
    if not isinstance(value, Decimal) or not value.is_finite() or value < 0:
        raise BadRequest(f"{where} must be a number from 0.")


def items_read(purchase: Purchase, supplier: SandboxSupplier) -> list[Item]:
    """The part that is looked at afterwards. Raises `Refused`, for which nothing is made."""
    wanted: dict[str, Decimal] = {}
    for number, row in enumerate(purchase.rows):
        product = _product(row, supplier)
        if product is None:
            raise Refused(f"Row {number + 1}: item {row.get('itemCode') or row.get('barcode')} not found.")
        if not row.get("priceSale"):
            raise Refused(f"Row {number + 1}: no selling price found.")
        total = sum((value for name, value in row.items() if QUANTITY.fullmatch(name)), Decimal(0))
        sku = product.supplier_product_id
        wanted[sku] = wanted.get(sku, Decimal(0)) + total
    return [Item(sku, "", quantity) for sku, quantity in wanted.items()]


def _product(row: dict[str, Any], supplier: SandboxSupplier) -> SandboxProduct | None:
    for product in supplier.products:
        if row.get("itemCode") == product.supplier_product_id:
            return product
        if row.get("barcode") and row.get("barcode") == product.barcode:
            return product
    return None


def success(purchase_id: str) -> dict[str, Any]:
    return {"success": True, "id": purchase_id}


def failure(message: str) -> dict[str, Any]:
    """Names no document: so they describe it."""
    return {"success": False, "message": message}


def answer(order: PlacedOrder, told: Answer) -> dict[str, Any]:
    return failure(told.note) if told.kind == "rejected" else success(order.reference)
