"""Reading one item of a confirmation: statuses that split its quantity, prices per so many of a unit."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from suppliers.connectors.cxml.reading import attribute, content, numbered
from suppliers.connectors.jsondata import LIMIT, STEP
from suppliers.connectors.xmldata import Xml
from suppliers.exceptions import ProtocolError
from suppliers.messages import OrderResponseLine, Substitute
from suppliers.packing import plain

SKU = 60


@dataclass(frozen=True, slots=True)
class Item:
    line_number: int
    lines: tuple[OrderResponseLine, ...]
    currencies: frozenset[str]


@dataclass(frozen=True, slots=True)
class Part:
    """One status: this much of the item, and what becomes of it."""

    kind: str
    quantity: Decimal
    price: Decimal | None
    currency: str
    day: date | None
    note: str
    substitute: Substitute | None


def item_read(xml: Xml, header: str, allowed: frozenset[str]) -> Item:
    number, quantity = attribute(xml, "lineNumber").whole(), attribute(xml, "quantity").number()
    unit = content(xml.get("UnitOfMeasure")).text(limit=20)
    parts = [_part(status, unit, header, allowed) for status in numbered(xml, "ConfirmationStatus")]
    if not parts:
        raise ProtocolError(f"{xml.what}, line {xml.line}: {xml.path} has no ConfirmationStatus.")
    told = sum((part.quantity for part in parts), Decimal(0))
    if told > quantity:
        raise ProtocolError(
            f"{xml.what}, line {xml.line}: {xml.path} has statuses of {plain(told)} for {plain(quantity)}."
        )
    currencies = frozenset(part.currency for part in parts if part.currency)
    return Item(number, _lines(number, unit, quantity - told, parts), currencies)


def _lines(number: int, unit: str, untold: Decimal, parts: list[Part]) -> tuple[OrderResponseLine, ...]:
    """One answer a part. As long as any of the quantity is not decided, nothing on the line is."""
    unknown = untold + sum((part.quantity for part in parts if part.kind == "unknown"), Decimal(0))
    if unknown:
        notes = [f"{plain(unknown)} not decided yet.", *(part.note for part in parts if part.note)]
        return (OrderResponseLine(line_number=number, undecided=True, unit=unit, note=" ".join(notes)[:300]),)
    lines = []
    for part in parts:
        later = part.kind == "backordered" and part.day is None
        gone = part.kind == "reject"
        lines.append(
            OrderResponseLine(
                line_number=number,
                quantity=Decimal(0) if later or gone else part.quantity,
                unit_price=part.price,
                promised_date=None if gone else part.day,
                note=part.note,
                backorder_quantity=part.quantity if later else None,
                substitute=part.substitute,
                unit=unit,
            )
        )
    return tuple(lines)


def _part(xml: Xml, unit: str, header: str, allowed: frozenset[str]) -> Part:
    said = attribute(xml, "type")
    kind = said.text(limit=40)
    if kind not in allowed:
        raise said.wrong(f"one of {', '.join(sorted(allowed)) or 'none'} in a confirmation of type {header}")
    own_unit = content(xml.get("UnitOfMeasure"))
    if own_unit and own_unit.value != unit:
        raise own_unit.wrong(f"{unit}, the unit of its item")
    if header == "replace" and not xml.get("ItemIn"):
        raise ProtocolError(
            f"{xml.what}, line {xml.line}: {xml.path} replaces an item and does not say with what."
        )
    price, currency = _price(xml, unit)
    day = attribute(xml, "deliveryDate")
    leaves = attribute(xml, "shipmentDate")
    notes = [content(xml.get("Comments")).note(limit=300)]
    if leaves and not day:
        notes.append(f"Leaves the supplier on {leaves.day()}.")
    if kind == "backordered":
        notes.insert(0, f"{plain(attribute(xml, 'quantity').number())} on backorder.")
    return Part(
        kind=kind,
        quantity=attribute(xml, "quantity").number(),
        price=price,
        currency=currency,
        day=day.day() if day else None,
        note=" ".join(note for note in notes if note)[:300],
        substitute=_substitute(xml.get("ItemIn")),
    )


def _price(status: Xml, unit: str) -> tuple[Decimal | None, str]:
    """Per one of the ordered unit, whatever number or unit the supplier's price is for."""
    detail = status.get("ItemIn").get("ItemDetail")
    holder = status if status.get("UnitPrice") else detail
    money = holder.get("UnitPrice").get("Money")
    if not holder.get("UnitPrice"):
        return None, ""
    price, currency = content(money).number(), attribute(money, "currency").currency()
    basis = holder.get("PriceBasisQuantity") or detail.get("PriceBasisQuantity")
    if not basis:
        return price, currency
    factor = attribute(basis, "conversionFactor")
    priced_in = content(basis.get("UnitOfMeasure"))
    if not factor and priced_in and priced_in.value != unit:
        raise factor.wrong(f"how many {priced_in.value} are one {unit}")
    each = price * (factor.positive() if factor else 1) / attribute(basis, "quantity").positive()
    if each >= LIMIT:
        raise content(money).wrong("a price with at most 10 digits before the point")
    return each.quantize(STEP, rounding=ROUND_HALF_UP), currency


def _substitute(item: Xml) -> Substitute | None:
    """The article that is delivered; it may be the very one that was ordered."""
    if not item:
        return None
    sku = content(item.get("ItemID").get("SupplierPartID")).text(limit=SKU)
    return Substitute(
        supplier_sku=sku, description=content(item.get("ItemDetail").get("Description")).note(limit=200)
    )
