"""Translating what we ask: products, prices, stock, drafts and orders. Answers to orders: documents.py."""

from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from suppliers.connectors.jsondata import STEP, Json, dumps
from suppliers.connectors.units import UnitWords
from suppliers.exceptions import ProtocolError
from suppliers.messages import (
    CatalogueItem,
    Order,
    OrderPreview,
    PreviewLine,
    QuotationRequest,
    QuotedPrice,
    StockAvailability,
    UnavailableLine,
    UnreadableItem,
)

SKU = 60
PRODUCT_ID = 100
CENT = Decimal("0.01")


# -- products, prices, stock ----------------------------------------------------------------------------
def catalogue_items(body: bytes, what: str, units: UnitWords) -> Iterator[CatalogueItem | UnreadableItem]:
    answer = Json.parse(body, what)
    products = answer if isinstance(answer.value, list) else answer.get("products")
    if isinstance(answer.value, dict) and answer.value.get("next"):
        raise ProtocolError(f"{what}: the list goes on on another page, which we do not know how to ask for.")
    for product in products.items():
        try:
            yield _catalogue_item(product, units)
        except ProtocolError as error:
            yield UnreadableItem(supplier_sku=_sku_if_any(product), problem=str(error))


def _catalogue_item(product: Json, units: UnitWords) -> CatalogueItem:
    pack, minimum = product.get("pack_size"), product.get("minimum_quantity")
    buyer_sku, barcode = product.get("customer_product_id"), product.get("barcode")
    return CatalogueItem(
        supplier_sku=product.get("supplier_product_id").text(limit=SKU),
        external_id=product.get("product_id").text(limit=PRODUCT_ID),
        name=product.get("name").note(limit=200),
        unit=units.code(product.get("unit_of_measure")),
        pack_size=pack.positive() if pack else None,
        minimum_quantity=minimum.positive() if minimum else None,
        buyer_sku=buyer_sku.note(limit=SKU),
        barcode=barcode.note(limit=20),
    )


def _sku_if_any(product: Json) -> str:
    try:
        return product.get("supplier_product_id").text(limit=SKU)
    except ProtocolError:
        return ""


def quoted_price(body: bytes, what: str, asked: QuotationRequest) -> QuotedPrice:
    answer = Json.parse(body, what)
    price, total = answer.get("unit_price").number(), answer.get("total_price")
    # More than rounding: a discount on the quantity.
    if total and price * asked.quantity - total.number() > CENT:
        price = (total.number() / asked.quantity).quantize(STEP, ROUND_HALF_UP)
    return QuotedPrice(
        supplier_sku=asked.supplier_sku,
        quantity=asked.quantity,
        unit_price=price,
        currency=answer.get("currency").currency(),
    )


def stock_availability(body: bytes, what: str, asked: QuotationRequest, field: str) -> StockAvailability:
    said = Json.parse(body, what).get(field)
    # Below zero is what they owe others already; for us that is none.
    quantity = max(said.number(negative=True), Decimal(0)) if said else None
    return StockAvailability(supplier_sku=asked.supplier_sku, quantity=quantity)


# -- orders ---------------------------------------------------------------------------------------------
def order_body(order: Order, units: UnitWords, shipping_method: str) -> bytes:
    """Lines are known by product alone; line numbers, dates and notes are not documented."""
    seen: set[str] = set()
    for line in order.lines:
        if line.supplier_sku in seen:
            raise ProtocolError(
                f"Order {order.number} has {line.supplier_sku} on two lines, and the supplier tells "
                "lines apart by product. Put both quantities on one line."
            )
        seen.add(line.supplier_sku)
    body: dict[str, Any] = {
        "customer_order_id": order.buyer_reference,
        "line_items": [
            {
                "supplier_product_id": line.supplier_sku,
                "unit_of_measure": units.word(line.unit),
                "quantity": line.quantity,
            }
            for line in order.lines
        ],
    }
    if shipping_method:
        body["shipments"] = [{"supplier_shipping_method_id": shipping_method}]
    return dumps(body)


def order_preview(body: bytes, what: str, order: Order) -> OrderPreview:
    answer = Json.parse(body, what)
    numbers = {line.supplier_sku: line.line_number for line in order.lines}
    lines = []
    for item in answer.get("line_items").items():
        sku = item.get("supplier_product_id").text(limit=SKU)
        price, total = item.get("unit_price"), item.get("total_price")
        lines.append(
            PreviewLine(
                supplier_sku=sku,
                line_number=numbers.get(sku),
                unit_price=price.number() if price else None,
                total_price=total.number() if total else None,
            )
        )
    unavailable = tuple(
        UnavailableLine(supplier_sku=sku, line_number=numbers.get(sku), reason=reason)
        for sku, reason in unavailable_items(answer)
    )
    total, shipping = answer.get("total"), answer.get("shipping")
    fee = shipping.get("price") if shipping else shipping
    return OrderPreview(
        currency=answer.get("currency").currency(),
        lines=tuple(lines),
        unavailable=unavailable,
        total=total.number() if total else None,  # theirs; may hold fees and tax, so it is no sum of lines
        delivery_fee=fee.number() if fee else None,
        expected_delivery=expected_delivery(shipping),
    )


def expected_delivery(shipping: Json) -> date | None:
    said = shipping.get("expected_delivery") if shipping else shipping
    return said.day() if said else None


def unavailable_items(answer: Json) -> Iterator[tuple[str, str]]:
    """(sku, reason) of `unavailable_line_items`; its shape is not documented: words or objects."""
    listed = answer.get("unavailable_line_items")
    for item in listed.items() if listed else ():
        if isinstance(item.value, dict):
            reason = item.get("reason").note(limit=300)
            yield item.get("supplier_product_id").text(limit=SKU), reason or "not available"
        else:
            yield item.text(limit=SKU), "not available"
