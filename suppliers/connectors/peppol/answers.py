"""OrderResponse and DespatchAdvice of Peppol BIS 3 as our messages."""

import re
from datetime import UTC, date, datetime, time
from decimal import Decimal

from suppliers.connectors.base import InboundDocument
from suppliers.connectors.jsondata import STEP
from suppliers.connectors.peppol.despatch_rules import DESPATCH_RULES
from suppliers.connectors.peppol.despatch_rules import LINES as DESPATCH_LINES
from suppliers.connectors.peppol.names import (
    ACCEPTED,
    ACKNOWLEDGED,
    ADDED,
    AMENDED,
    AS_ASKED,
    CHANGED,
    DELIVERED,
    DESPATCH_ADVICE,
    NOT_ACCEPTED,
    ORDER_RESPONSE,
    PREFIXES,
    REJECTED,
)
from suppliers.connectors.peppol.response_rules import RESPONSE_RULES
from suppliers.connectors.peppol.rules import hold_against
from suppliers.connectors.xmldata import Xml
from suppliers.exceptions import ProtocolError
from suppliers.messages import (
    Decision,
    DespatchAdvice,
    DespatchLine,
    OrderResponse,
    OrderResponseLine,
    Substitute,
    Unmentioned,
)

REFERENCE = 40
SUPPLIER_REFERENCE = 80
SKU = 60
# An acknowledgement (AB) decides nothing yet; an acceptance with changes (CA) has to list every line.
DECISIONS: dict[str, tuple[Decision, Unmentioned]] = {
    ACKNOWLEDGED: (Decision.RECEIVED, Unmentioned.OPEN),
    ACCEPTED: (Decision.CONFIRMED, Unmentioned.ACCEPTED),
    AMENDED: (Decision.CONFIRMED, Unmentioned.OPEN),
    REJECTED: (Decision.REJECTED, Unmentioned.OPEN),
}
LINE_CODES = (ADDED, CHANGED, AS_ASKED, NOT_ACCEPTED, DELIVERED)


def peppol_documents(body: bytes, *, message_id: str, received_at: datetime) -> list[InboundDocument]:
    """One response, or one despatch advice for each order that the document covers. Raises `ProtocolError`."""
    document = Xml.parse(body, f"Message {message_id}", PREFIXES)
    if document.tag == ORDER_RESPONSE:
        hold_against(document, RESPONSE_RULES)
        return [_response(document, message_id, received_at)]
    if document.tag == DESPATCH_ADVICE:
        hold_against(document, DESPATCH_RULES)
        return list(_despatches(document, message_id, received_at))
    raise ProtocolError(
        f"{document.what} is a {document.tag[:200]}; expected {ORDER_RESPONSE} or {DESPATCH_ADVICE}."
    )


# -- responses ---------------------------------------------------------------------------------------------
def _response(document: Xml, message_id: str, received_at: datetime) -> OrderResponse:
    code = document.get("cbc:OrderResponseCode")
    if code.raw() not in DECISIONS:
        raise code.wrong("one of " + ", ".join(DECISIONS))
    decision, unmentioned = DECISIONS[code.raw()]
    currency = document.get("cbc:DocumentCurrencyCode")
    if not re.fullmatch("[A-Z]{3}", currency.raw()):
        raise currency.wrong("an ISO 4217 currency")
    theirs = document.get("cbc:SalesOrderID") or document.get("cac:OrderReference/cbc:SalesOrderID")
    return OrderResponse(
        message_id=message_id,
        buyer_reference=document.get("cac:OrderReference/cbc:ID").text(limit=REFERENCE),
        supplier_reference=theirs.text(limit=SUPPLIER_REFERENCE) if theirs else "",
        decision=decision,
        issued_at=_issued_at(document, received_at),
        lines=tuple(_line(document, line) for line in document.all("cac:OrderLine")),
        unmentioned=unmentioned,
        promised_date=_promised(document),
        currency=currency.raw(),
        note=document.get("cbc:Note").note(limit=1000),
    )


def _line(document: Xml, line: Xml) -> OrderResponseLine:
    item = line.get("cac:LineItem")
    code = item.get("cbc:LineStatusCode")
    if code.raw() not in LINE_CODES:
        raise code.wrong("one of " + ", ".join(LINE_CODES))
    note = item.get("cbc:Note").note(limit=300)
    if code.raw() == DELIVERED:
        note = f"Already delivered. {note}".strip()
    quantity, back = item.get("cbc:Quantity"), item.get("cbc:MaximumBackorderQuantity")
    said = quantity.number() if quantity else None
    if code.raw() == ADDED and said is None:
        raise quantity.wrong("the quantity of the added line")
    if code.raw() == NOT_ACCEPTED:
        said = Decimal(0)  # a quantity there is what they were asked for
    return OrderResponseLine(
        line_number=_line_number(line.get("cac:OrderLineReference/cbc:LineID")),
        quantity=said,
        unit=_unit(quantity),
        unit_price=_unit_price(item.get("cac:Price"), quantity),
        promised_date=_promised(item) or _promised(document),
        note=note,
        backorder_quantity=back.number() if back else None,
        substitute=_substitute(line.get("cac:SellerSubstitutedLineItem/cac:Item")),
    )


def _line_number(said: Xml) -> int:
    """Ours, as we sent it: the number of their own line says nothing."""
    if not re.fullmatch("[0-9]{1,9}", said.raw()):
        raise said.wrong("the number of an order line")
    return int(said.raw())


def _unit(quantity: Xml) -> str:
    """The UN/ECE code beside a quantity; "" where none is told."""
    code = quantity.attribute("unitCode")
    if code and not re.fullmatch("[A-Z0-9]{2,3}", code):
        raise ProtocolError(f"{quantity.what}, line {quantity.line}: {code[:20]!r} is no UN/ECE unit code.")
    return code


def _unit_price(price: Xml, quantity: Xml) -> Decimal | None:
    if not price:
        return None
    base = price.get("cbc:BaseQuantity")
    per = base.number() if base else Decimal(1)
    units = base.attribute("unitCode"), quantity.attribute("unitCode")
    if not per or (all(units) and units[0] != units[1]):
        raise base.wrong("a quantity above 0 in the unit of the line")
    return (price.get("cbc:PriceAmount").number() / per).quantize(STEP)


def _promised(place: Xml) -> date | None:
    """The last day of the promised period: until then the goods may be missing."""
    period = place.get("cac:Delivery/cac:PromisedDeliveryPeriod")
    day = period.get("cbc:EndDate") or period.get("cbc:StartDate")
    return day.day() if day else None


def _substitute(item: Xml) -> Substitute | None:
    if not item:
        return None
    theirs = item.get("cac:SellersItemIdentification/cbc:ID")
    number = theirs if theirs else item.get("cac:StandardItemIdentification/cbc:ID")
    return Substitute(supplier_sku=number.text(limit=SKU), description=item.get("cbc:Name").note(limit=200))


# -- despatches --------------------------------------------------------------------------------------------
def _despatches(document: Xml, message_id: str, received_at: datetime) -> list[DespatchAdvice]:
    by_order: dict[str, list[DespatchLine]] = {}
    for line in document.all(DESPATCH_LINES):
        by_order.setdefault(_order_of(document, line), []).append(
            DespatchLine(
                line_number=_line_number(line.get("cac:OrderLineReference/cbc:LineID")),
                quantity=line.get("cbc:DeliveredQuantity").number(),
                unit=_unit(line.get("cbc:DeliveredQuantity")),
            )
        )
    delivery = document.get("cac:Shipment/cac:Delivery")
    carrier = document.get("cac:Shipment/cac:Consignment/cac:CarrierParty/cac:PartyName/cbc:Name")
    return [
        DespatchAdvice(
            message_id=message_id,
            buyer_reference=reference,
            despatch_id=document.get("cbc:ID").text(limit=80),
            shipped_at=_shipped_at(document, delivery, received_at),
            lines=tuple(lines),
            carrier=carrier.note(limit=80),
            tracking=delivery.get("cbc:TrackingID").note(limit=120),
        )
        for reference, lines in by_order.items()
    ]


def _order_of(document: Xml, line: Xml) -> str:
    """The order that the line names; else the only one that the document names."""
    said = line.get("cac:OrderLineReference/cac:OrderReference/cbc:ID")
    if not said:
        named = list(document.all("cac:OrderReference/cbc:ID"))
        if len({reference.raw() for reference in named}) != 1:
            raise said.wrong("the order of this line, as the document does not name a single one")
        said = named[0]
    return said.text(limit=REFERENCE)


# -- times -------------------------------------------------------------------------------------------------
def _issued_at(document: Xml, received_at: datetime) -> datetime:
    """Without a time of day the moment of arrival, so that of two answers of one day the first came first."""
    day = document.get("cbc:IssueDate").day()
    said = document.get("cbc:IssueTime")
    return datetime.combine(day, _time(said)).astimezone(UTC) if said else received_at


def _shipped_at(document: Xml, delivery: Xml, received_at: datetime) -> datetime:
    day, said = (
        delivery.get("cac:Despatch/cbc:ActualDespatchDate"),
        delivery.get("cac:Despatch/cbc:ActualDespatchTime"),
    )
    if not day:
        return _issued_at(document, received_at)
    return datetime.combine(day.day(), _time(said) if said else time(tzinfo=UTC)).astimezone(UTC)


def _time(said: Xml) -> time:
    """Without an offset it is taken for UTC."""
    try:
        found = time.fromisoformat(said.raw())
    except ValueError:
        raise said.wrong("a time like 14:30:00") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
