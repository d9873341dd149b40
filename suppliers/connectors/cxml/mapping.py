"""Our orders as OrderRequest. What suppliers answer: documents.py."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from xml.etree.ElementTree import Element, SubElement

from suppliers.connectors.cxml.envelope import LANGUAGE, put, stamp
from suppliers.exceptions import ConnectorConfigurationError, ProtocolError
from suppliers.messages import Address, Order, OrderLine
from suppliers.packing import plain

CENT = Decimal("0.01")
OWN_ID = re.compile(r"(.{1,40})\.([0-9]{1,6})@.*", re.DOTALL)


def order_payload_id(reference: str, version: int, host: str) -> str:
    """The same for every attempt to send this version of the order."""
    return f"{reference}.{version}@{host}"


def reference_of(payload_id: str) -> str:
    """Our reference in the id of a document of ours; empty if it is none."""
    found = OWN_ID.fullmatch(payload_id)
    return found[1] if found else ""


def version_of(payload_id: str) -> int:
    """Which version of the order the document of ours is; 0 if it is none."""
    found = OWN_ID.fullmatch(payload_id)
    return int(found[2]) if found else 0


@dataclass(frozen=True, slots=True)
class Classification:
    """cXML wants one on every item, and we keep none: one for all of an account."""

    domain: str
    code: str

    @classmethod
    def read(cls, setting: str) -> "Classification":
        domain, sign, code = (part.strip() for part in setting.partition("="))
        if not sign or not domain or not code:
            raise ConnectorConfigurationError(
                f"The classification is {setting!r}; expected e.g. UNSPSC=50000000."
            )
        return cls(domain, code)


def order_request(
    order: Order,
    *,
    kind: str,
    version: int,
    previous: str,
    note: str,
    classification: Classification,
    language: str,
) -> Element:
    """`kind`: new, update or delete; `previous`: id of the document that the latter two speak of."""
    request = Element("OrderRequest")
    header = SubElement(
        request,
        "OrderRequestHeader",
        orderID=order.buyer_reference,
        orderDate=stamp(order.issued_at),
        type=kind,
        orderType="regular",
        orderVersion=str(version),
    )
    total = sum((line.quantity * _price(order, line) for line in order.lines), Decimal(0))
    _money(SubElement(header, "Total"), total.quantize(CENT, rounding=ROUND_HALF_UP), order.currency)
    _address(SubElement(header, "ShipTo"), order.deliver_to, language)
    _address(SubElement(header, "BillTo"), order.buyer or order.deliver_to, language)
    if note:
        put(header, "Comments", note, **{LANGUAGE: language})
    if previous:
        SubElement(header, "DocumentReference", payloadID=previous)
    for line in order.lines:
        _item(request, order, line, classification, language)
    return request


def _item(
    request: Element, order: Order, line: OrderLine, classification: Classification, language: str
) -> None:
    item = SubElement(request, "ItemOut", quantity=plain(line.quantity), lineNumber=str(line.line_number))
    if wanted := line.requested_date or order.requested_date:
        item.set("requestedDeliveryDate", wanted.isoformat())
    numbers = SubElement(item, "ItemID")
    put(numbers, "SupplierPartID", line.supplier_sku)
    put(numbers, "BuyerPartID", line.sku)
    detail = SubElement(item, "ItemDetail")
    _money(SubElement(detail, "UnitPrice"), _price(order, line), order.currency)
    put(detail, "Description", line.description, **{LANGUAGE: language})
    put(detail, "UnitOfMeasure", line.unit)
    put(detail, "Classification", classification.code, domain=classification.domain)
    if line.note:
        put(item, "Comments", line.note, **{LANGUAGE: language})


def _price(order: Order, line: OrderLine) -> Decimal:
    if line.unit_price is None:
        raise ProtocolError(
            f"Line {line.line_number} of order {order.number} has no price, and cXML wants one."
        )
    return line.unit_price


def _money(parent: Element, amount: Decimal, currency: str) -> None:
    put(parent, "Money", plain(amount), currency=currency)


def _address(parent: Element, place: Address, language: str) -> None:
    address = SubElement(parent, "Address")
    if place.country:
        address.set("isoCountryCode", place.country)
    if place.code:
        address.set("addressID", place.code)
    put(address, "Name", place.name, **{LANGUAGE: language})
    if place.line1 or place.city:
        postal = SubElement(address, "PostalAddress")
        if place.contact:
            put(postal, "DeliverTo", place.contact)
        for street in [part for part in (place.line1, place.line2) if part] or [""]:
            put(postal, "Street", street)
        put(postal, "City", place.city)
        if place.region:
            put(postal, "State", place.region)
        if place.postcode:
            put(postal, "PostalCode", place.postcode)
        put(postal, "Country", place.country, isoCountryCode=place.country)
    if place.email:
        put(address, "Email", place.email)
