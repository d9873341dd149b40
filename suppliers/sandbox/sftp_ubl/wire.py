"""Reading orders and writing answers as Peppol BIS 3 has them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from lxml import etree

from suppliers.connectors.peppol.names import (
    ACCEPTED,
    AMENDED,
    AS_ASKED,
    CHANGED,
    DESPATCH_ADVICE,
    DESPATCH_CUSTOMIZATION,
    DESPATCHING,
    NOT_ACCEPTED,
    ORDER,
    ORDER_RESPONSE,
    ORDERING,
    PREFIXES,
    REJECTED,
    RESPONSE_CUSTOMIZATION,
)
from suppliers.connectors.peppol.order_rules import LINES, ORDER_RULES
from suppliers.connectors.peppol.rules import hold_against
from suppliers.connectors.peppol.writing import group, new_document, value, written
from suppliers.connectors.xmldata import Xml
from suppliers.exceptions import ProtocolError
from suppliers.packing import plain
from suppliers.sandbox.ledger import PlacedOrder
from suppliers.sandbox.trade import Answer, AnswerLine
from suppliers.sandbox.world import SandboxSupplier


@dataclass(frozen=True, slots=True)
class AskedLine:
    number: str
    sku: str
    unit: str
    quantity: Decimal
    unit_price: Decimal | None


@dataclass(frozen=True, slots=True)
class AskedOrder:
    reference: str
    currency: str
    lines: tuple[AskedLine, ...]


def order_read(body: bytes) -> AskedOrder:
    """Raises `ProtocolError`, also where the order breaks a rule."""
    document = Xml.parse(body, "The order", PREFIXES)
    if document.tag != ORDER:
        raise ProtocolError(f"The order is a {document.tag}.")
    hold_against(document, ORDER_RULES)
    lines = []
    for item in document.all(LINES):
        price = item.get("cac:Price/cbc:PriceAmount")
        lines.append(
            AskedLine(
                number=item.get("cbc:ID").text(limit=9),
                sku=item.get("cac:Item/cac:SellersItemIdentification/cbc:ID").text(limit=60),
                unit=item.get("cbc:Quantity").attribute("unitCode"),
                quantity=item.get("cbc:Quantity").number(),
                unit_price=price.number() if price else None,
            )
        )
    return AskedOrder(
        document.get("cbc:ID").text(limit=60), document.get("cbc:DocumentCurrencyCode").raw(), tuple(lines)
    )


def answer_document(
    supplier: SandboxSupplier, asked: AskedOrder, order: PlacedOrder, answer: Answer
) -> bytes:
    if answer.kind == "shipped":
        return _despatch(supplier, asked, order, answer)
    if answer.kind == "rejected":
        return rejection_document(supplier, asked, answer.note)
    pairs = _paired(asked, answer.lines)
    codes = [_code(line, said) for line, said in pairs]
    as_asked = all(code == AS_ASKED for code in codes)
    root = _response(supplier, asked, ACCEPTED if as_asked else AMENDED, order.number, answer.note)
    if not as_asked:
        for number, ((line, said), code) in enumerate(zip(pairs, codes, strict=True), 1):
            _response_line(root, number, line, said, code, asked.currency)
    return written(root)


def rejection_document(supplier: SandboxSupplier, asked: AskedOrder, why: str) -> bytes:
    return written(_response(supplier, asked, REJECTED, "", why))


def _paired(asked: AskedOrder, said: Sequence[AnswerLine]) -> list[tuple[AskedLine, AnswerLine]]:
    """Each answer with the line it is for; of two lines with one article the first takes the first answer."""
    left = list(asked.lines)
    pairs = []
    for answer in said:
        line = next(line for line in left if line.sku == answer.supplier_product_id)
        left.remove(line)
        pairs.append((line, answer))
    return pairs


def _code(line: AskedLine, said: AnswerLine) -> str:
    if not said.quantity:
        return NOT_ACCEPTED
    same = said.quantity == line.quantity and said.unit_price == line.unit_price
    return AS_ASKED if same and not said.expected_delivery else CHANGED


def _response(
    supplier: SandboxSupplier, asked: AskedOrder, code: str, number: str, note: str
) -> etree._Element:
    now = datetime.now(UTC)
    root = new_document(ORDER_RESPONSE)
    value(root, "CustomizationID", RESPONSE_CUSTOMIZATION)
    value(root, "ProfileID", ORDERING)
    value(root, "ID", f"OR-{asked.reference}-{code}")
    value(root, "SalesOrderID", number)
    value(root, "IssueDate", now.date().isoformat())
    value(root, "IssueTime", now.strftime("%H:%M:%SZ"))
    value(root, "OrderResponseCode", code)
    value(root, "Note", note)
    value(root, "DocumentCurrencyCode", asked.currency)
    value(group(root, "OrderReference"), "ID", asked.reference)
    for role, scheme_number, name in (
        ("SellerSupplierParty", supplier.supplier_id, supplier.name),
        ("BuyerCustomerParty", supplier.customer_id, "Buyer"),
    ):
        _party(group(root, role, "Party"), scheme_number, name)
    return root


def _party(party: etree._Element, number: str, name: str) -> None:
    value(party, "EndpointID", number, schemeID="9999")
    value(group(party, "PartyLegalEntity"), "RegistrationName", name)


def _response_line(
    root: etree._Element, number: int, line: AskedLine, said: AnswerLine, code: str, currency: str
) -> None:
    outer = group(root, "OrderLine")
    item = group(outer, "LineItem")
    value(item, "ID", str(number))
    value(item, "Note", said.note)
    value(item, "LineStatusCode", code)
    if code == CHANGED:
        value(item, "Quantity", plain(said.quantity), unitCode=line.unit)
        if said.quantity < line.quantity:
            value(item, "MaximumBackorderQuantity", "0", unitCode=line.unit)
        if said.expected_delivery:
            period = group(item, "Delivery", "PromisedDeliveryPeriod")
            value(period, "EndDate", said.expected_delivery.isoformat())
        if said.unit_price is not None:
            value(group(item, "Price"), "PriceAmount", plain(said.unit_price), currencyID=currency)
    _item(item, line)
    value(group(outer, "OrderLineReference"), "LineID", line.number)


def _item(parent: etree._Element, line: AskedLine) -> None:
    item = group(parent, "Item")
    value(item, "Name", line.sku)
    value(group(item, "SellersItemIdentification"), "ID", line.sku)


def _despatch(supplier: SandboxSupplier, asked: AskedOrder, order: PlacedOrder, answer: Answer) -> bytes:
    now = datetime.now(UTC)
    root = new_document(DESPATCH_ADVICE)
    value(root, "CustomizationID", DESPATCH_CUSTOMIZATION)
    value(root, "ProfileID", DESPATCHING)
    value(root, "ID", f"{order.number}/{answer.part}")
    value(root, "IssueDate", now.date().isoformat())
    value(root, "IssueTime", now.strftime("%H:%M:%SZ"))
    value(group(root, "OrderReference"), "ID", asked.reference)
    _party(group(root, "DespatchSupplierParty", "Party"), supplier.supplier_id, supplier.name)
    _party(group(root, "DeliveryCustomerParty", "Party"), supplier.customer_id, "Buyer")
    shipment = group(root, "Shipment")
    value(shipment, "ID", "1")
    consignment = group(shipment, "Consignment")
    value(consignment, "ID", "1")
    value(group(consignment, "CarrierParty", "PartyName"), "Name", "Sandbox Carriers")
    value(group(shipment, "Delivery"), "TrackingID", f"SC{order.id:06}{answer.part}")
    for number, (line, said) in enumerate(_paired(asked, answer.lines), 1):
        outer = group(root, "DespatchLine")
        value(outer, "ID", str(number))
        value(outer, "DeliveredQuantity", plain(said.quantity), unitCode=line.unit)
        reference = group(outer, "OrderLineReference")
        value(reference, "LineID", line.number)
        value(group(reference, "OrderReference"), "ID", asked.reference)
        _item(outer, line)
    return written(root)
