"""Translating what the supplier says about our orders: reply, look-up, callback."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from suppliers.connectors.base import InboundDocument
from suppliers.connectors.cerve.mapping import SKU, expected_delivery, unavailable_items
from suppliers.connectors.jsondata import Json
from suppliers.connectors.replies import LOOKUP, REPLY, received_at, reference_of
from suppliers.exceptions import ProtocolError
from suppliers.messages import (
    Decision,
    DespatchAdvice,
    DespatchLine,
    OrderResponse,
    OrderResponseLine,
    RawDocument,
    Unmentioned,
)

# No public list of status words exists; these are the ones we read. "draft" is not among them: an answer that
# calls a placed order a draft is a question for a person.
DECISIONS = {
    "received": Decision.RECEIVED,
    "pending": Decision.RECEIVED,
    "submitted": Decision.RECEIVED,
    "processing": Decision.RECEIVED,
    "accepted": Decision.CONFIRMED,
    "confirmed": Decision.CONFIRMED,
    "shipped": Decision.CONFIRMED,
    "rejected": Decision.REJECTED,
    "cancelled": Decision.REJECTED,
}
UNMENTIONED = {"accepted": Unmentioned.ACCEPTED, "open": Unmentioned.OPEN}
REFERENCE = 40
SUPPLIER_REFERENCE = 80


def documents(raw: RawDocument) -> list[InboundDocument]:
    if raw.channel == LOOKUP:
        found = found_order(raw, f"Message {raw.message_id}", _moment(raw))
        return [found] if found else []
    answer = Json.parse(raw.body, f"Message {raw.message_id}")
    if raw.channel == REPLY:
        return [placed_order(answer, raw.message_id, reference_of(raw), _moment(raw))]
    read = answer.get("type").one_of(CALLBACKS)
    said_at = answer.get("timestamp")
    moment = said_at.moment() if said_at else _moment(raw)
    return [read(answer.get("data"), raw.message_id, moment)]


def _moment(raw: RawDocument) -> datetime:
    stamp = raw.headers.get("webhook-timestamp", "")
    if stamp.isdigit():
        return datetime.fromtimestamp(int(stamp), UTC)
    return received_at(raw)


# -- orders as the supplier has them ----------------------------------------------------------------------
def placed_order(order: Json, message_id: str, buyer_reference: str, moment: datetime) -> OrderResponse:
    """The reply to a submission or an entry of a look-up: says that they have it, seldom more."""
    theirs = order.get("customer_order_id")
    if theirs and theirs.text(limit=REFERENCE) != buyer_reference:
        raise theirs.wrong(f"our reference {buyer_reference}")
    decision = _decision(order.get("status"))
    answered = order.get("line_items")
    lines: tuple[OrderResponseLine, ...] = ()
    if decision is Decision.CONFIRMED and answered:
        # The day of the whole delivery, where a line has none of its own.
        day = expected_delivery(order.get("shipping"))
        lines = tuple(
            replace(line, promised_date=line.promised_date or day) if line.quantity != 0 else line
            for line in _lines(answered)
        )
    missing = tuple(
        OrderResponseLine(supplier_sku=sku, quantity=Decimal(0), note=reason)
        for sku, reason in unavailable_items(order)
    )
    gone = {line.supplier_sku for line in missing}
    return OrderResponse(
        message_id=message_id,
        buyer_reference=buyer_reference,
        supplier_reference=supplier_reference(order),
        decision=decision,
        issued_at=moment,
        lines=tuple(line for line in lines if line.supplier_sku not in gone) + missing,
        unmentioned=Unmentioned.ACCEPTED
        if decision is Decision.CONFIRMED and not (lines or missing)
        else Unmentioned.OPEN,
        currency=_currency(order),
    )


def supplier_reference(order: Json) -> str:
    for name in ("supplier_order_id", "order_id", "id"):
        if said := order.get(name):
            return said.text(limit=SUPPLIER_REFERENCE)
    raise order.get("supplier_order_id").wrong("the supplier's order number")


def found_order(raw: RawDocument, what: str, moment: datetime) -> OrderResponse | None:
    """The one order in a list, in `{"orders": [...]}`, or the order itself. None: they have none."""
    answer, buyer_reference = Json.parse(raw.body, what), reference_of(raw)
    if isinstance(answer.value, dict) and "orders" not in answer.value:
        orders = [answer]
    else:
        orders = list((answer if isinstance(answer.value, list) else answer.get("orders")).items())
    ours = []
    for order in orders:
        # An answer with other people's orders has ignored the question, and proves nothing about ours.
        if order.get("customer_order_id").text(limit=REFERENCE) != buyer_reference:
            raise order.get("customer_order_id").wrong(f"our reference {buyer_reference}")
        ours.append(order)
    if not ours:
        return None
    if len(ours) > 1:
        raise ProtocolError(f"{what}: {len(ours)} orders carry our reference {buyer_reference}.")
    return placed_order(ours[0], raw.message_id, buyer_reference, moment)


# -- callbacks --------------------------------------------------------------------------------------------
def _confirmation(data: Json, message_id: str, moment: datetime) -> OrderResponse:
    listed, rest = data.get("line_items"), data.get("lines_not_listed")
    lines = _lines(listed) if listed else ()
    # Without a word on the others: a bare confirmation means all of it, a list of lines means those lines.
    unmentioned = Unmentioned.OPEN if lines else Unmentioned.ACCEPTED
    if rest:
        unmentioned = rest.one_of(UNMENTIONED)
    return _response(data, message_id, moment, Decision.CONFIRMED, lines, unmentioned)


def _rejection(data: Json, message_id: str, moment: datetime) -> OrderResponse:
    return _response(data, message_id, moment, Decision.REJECTED, (), Unmentioned.OPEN)


def _response(
    data: Json,
    message_id: str,
    moment: datetime,
    decision: Decision,
    lines: tuple[OrderResponseLine, ...],
    unmentioned: Unmentioned,
) -> OrderResponse:
    theirs = data.get("supplier_order_id")
    return OrderResponse(
        message_id=message_id,
        buyer_reference=data.get("customer_order_id").text(limit=REFERENCE),
        supplier_reference=theirs.text(limit=SUPPLIER_REFERENCE) if theirs else "",
        decision=decision,
        issued_at=moment,
        lines=lines,
        unmentioned=unmentioned,
        currency=_currency(data),
        note=data.get("note").note(limit=1000),
    )


def _despatch(data: Json, message_id: str, moment: datetime) -> DespatchAdvice:
    shipment, listed = data.get("shipment"), data.get("line_items")
    if not shipment:
        raise shipment.wrong("an object")
    shipped_at = shipment.get("shipped_at")
    return DespatchAdvice(
        message_id=message_id,
        buyer_reference=data.get("customer_order_id").text(limit=REFERENCE),
        despatch_id=shipment.get("shipment_id").text(limit=80),
        shipped_at=shipped_at.moment() if shipped_at else moment,
        lines=tuple(_despatch_line(item) for item in listed.items()) if listed else (),
        carrier=shipment.get("carrier").note(limit=80),
        tracking=shipment.get("tracking").note(limit=120),
    )


CALLBACKS: dict[str, Callable[[Json, str, datetime], InboundDocument]] = {
    "order.confirmed": _confirmation,
    "order.rejected": _rejection,
    "order.shipped": _despatch,
}


def _lines(listed: Json) -> tuple[OrderResponseLine, ...]:
    return tuple(_line(item) for item in listed.items())


def _line(item: Json) -> OrderResponseLine:
    quantity, price = item.get("quantity"), item.get("unit_price")
    promised = item.get("expected_delivery")
    return OrderResponseLine(
        line_number=_line_number(item),
        supplier_sku=item.get("supplier_product_id").text(limit=SKU),
        quantity=quantity.number() if quantity else None,
        unit_price=price.number() if price else None,
        promised_date=promised.day() if promised else None,
        note=item.get("note").note(limit=300),
    )


def _despatch_line(item: Json) -> DespatchLine:
    quantity = item.get("quantity")
    return DespatchLine(
        line_number=_line_number(item),
        supplier_sku=item.get("supplier_product_id").text(limit=SKU),
        quantity=quantity.number() if quantity else None,
    )


def _line_number(item: Json) -> int | None:
    said = item.get("line_number")
    return said.whole() if said else None


def _decision(status: Json) -> Decision:
    word = status.text(limit=40).lower()
    if word not in DECISIONS:
        raise status.wrong("one of " + ", ".join(DECISIONS))
    return DECISIONS[word]


def _currency(data: Json) -> str:
    said = data.get("currency")
    return said.currency() if said else ""
