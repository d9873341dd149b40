"""Translating what suppliers send: confirmations, ship notices, and the status of our own documents."""

from datetime import datetime

from suppliers.connectors.base import InboundDocument
from suppliers.connectors.cxml.envelope import status_of
from suppliers.connectors.cxml.items import Item, item_read
from suppliers.connectors.cxml.mapping import reference_of, version_of
from suppliers.connectors.cxml.reading import attribute, content, document_read, numbered
from suppliers.connectors.jsondata import Json
from suppliers.connectors.xmldata import Xml
from suppliers.exceptions import ProtocolError
from suppliers.messages import (
    Charge,
    Decision,
    DespatchAdvice,
    DespatchLine,
    DespatchStage,
    OrderResponse,
    RawDocument,
    Unmentioned,
)

REFERENCE = 40
RECEIVED_AT = "received-at"  # of a reply, whose own time need not be ours
REFUSED = "refused"  # why a document is kept and not acted upon, as it stood with the account when it came
OUR_REFERENCE = "our-reference"  # of a reply to anything but the first version of an order

# What a type of confirmation says about lines that it does not list.
UNMENTIONED = {
    "accept": Unmentioned.ACCEPTED,
    "except": Unmentioned.ACCEPTED,
    "allDetail": Unmentioned.OPEN,
    "detail": Unmentioned.OPEN,
    "backordered": Unmentioned.OPEN,
    "replace": Unmentioned.OPEN,
    "reject": Unmentioned.OPEN,
}
ANY = frozenset({"accept", "allDetail", "detail", "backordered", "reject", "unknown"})
# And which statuses its items may have.
STATUSES = {
    "accept": frozenset({"accept"}),
    "except": ANY,
    "allDetail": ANY,
    "detail": ANY,
    "backordered": frozenset({"backordered"}),
    "replace": frozenset({"detail"}),
}
SHIPMENT_STAGES = {"actual": DespatchStage.SHIPPED, "planned": DespatchStage.PACKED}


def documents(raw: RawDocument) -> list[InboundDocument]:
    root = document_read(raw.body, f"Message {raw.message_id}")
    if reason := raw.headers.get(REFUSED):
        raise ProtocolError(f"{root.what}: {reason}.")
    if raw.channel == "reply":
        return [_reply(root, raw)]
    request = root.get("Request")
    if confirmation := request.get("ConfirmationRequest"):
        return [_confirmation(confirmation, raw.message_id)]
    if notice := request.get("ShipNoticeRequest"):
        return list(_despatches(notice, raw.message_id))
    if update := request.get("StatusUpdateRequest"):
        return [_status_update(update, root, raw.message_id)]
    kind = next((found.tag[:60] for found in request.all("*")), "nothing")
    raise ProtocolError(
        f"{root.what} is {kind}; expected ConfirmationRequest, ShipNoticeRequest or StatusUpdateRequest."
    )


# -- what became of our own documents -------------------------------------------------------------------
def _reply(root: Xml, raw: RawDocument) -> OrderResponse:
    status = status_of(root.get("Response").get("Status"))
    if not 200 <= status.code < 300:
        raise ProtocolError(f"{root.what} has status {status.code}: {status.text}")
    moment = Json(raw.headers.get(RECEIVED_AT), root.what, RECEIVED_AT).moment()
    reference = raw.headers.get(OUR_REFERENCE) or raw.message_id.removeprefix("reply:")
    return _has_it(raw.message_id, reference, moment)


def _status_update(update: Xml, root: Xml, message_id: str) -> OrderResponse:
    """Networks send it once they have passed an order on. Good news is that the supplier has the order."""
    said = attribute(update.get("DocumentReference"), "payloadID")
    reference = reference_of(said.text(limit=200))
    if not reference:
        raise said.wrong("the id of an order of ours")
    status = status_of(update.get("Status"))
    if not 200 <= status.code < 300:
        raise ProtocolError(
            f"{update.what}: order {reference} did not get through: status {status.code}, {status.text}"
        )
    return _has_it(message_id, reference, attribute(root, "timestamp").moment())


def _has_it(message_id: str, reference: str, moment: datetime) -> OrderResponse:
    return OrderResponse(
        message_id=message_id,
        buyer_reference=reference,
        supplier_reference="",
        decision=Decision.RECEIVED,
        issued_at=moment,
        unmentioned=Unmentioned.OPEN,
    )


# -- confirmations --------------------------------------------------------------------------------------
def _confirmation(xml: Xml, message_id: str) -> OrderResponse:
    header = xml.get("ConfirmationHeader")
    kind = _kind(header)
    listed = list(numbered(xml, "ConfirmationItem"))
    if kind == "reject" and listed:
        raise ProtocolError(f"{xml.what}: a confirmation of type reject must not have items.")
    if kind == "except" and not listed:
        raise ProtocolError(f"{xml.what}: a confirmation of type except must say which items are excepted.")
    items = [item_read(item, kind, STATUSES[kind]) for item in listed]
    _no_line_twice(xml, items)
    whole_backorder = kind == "backordered" and not items
    decision = Decision.REJECTED if kind == "reject" else Decision.CONFIRMED
    notes = [content(header.get("Comments")).note(limit=1000)]
    if whole_backorder:
        decision = Decision.RECEIVED
        notes.insert(0, "The whole order is on backorder.")
    return OrderResponse(
        message_id=message_id,
        buyer_reference=_our_reference(xml.get("OrderReference")),
        supplier_reference=attribute(header, "confirmID").note(limit=80),
        decision=decision,
        issued_at=attribute(header, "noticeDate").moment(),
        lines=tuple(line for item in items for line in item.lines),
        unmentioned=UNMENTIONED[kind],
        currency=_currency(xml, items),
        note=" ".join(note for note in notes if note)[:1000],
        charges=_charges(header),
        corrects=_corrected(header),
        order_version=_our_version(xml.get("OrderReference")),
    )


def _kind(header: Xml) -> str:
    said = attribute(header, "type")
    kind = said.text(limit=40)
    if kind not in UNMENTIONED:  # requestToPay asks for money and says nothing about the goods
        raise said.wrong("one of " + ", ".join(sorted(UNMENTIONED)))
    return kind


def _no_line_twice(xml: Xml, items: list[Item]) -> None:
    numbers = [item.line_number for item in items]
    if doubled := sorted({number for number in numbers if numbers.count(number) > 1}):
        raise ProtocolError(f"{xml.what}: line {doubled[0]} is confirmed twice in one document.")


def _currency(xml: Xml, items: list[Item]) -> str:
    currencies = sorted({currency for item in items for currency in item.currencies})
    if len(currencies) > 1:
        raise ProtocolError(f"{xml.what}: prices are in {' and in '.join(currencies)}.")
    return currencies[0] if currencies else ""


def _charges(header: Xml) -> tuple[Charge, ...]:
    shipping = header.get("Shipping")
    if not shipping:
        return ()
    label = content(shipping.get("Description")).note(limit=80) or "Shipping"
    return (Charge(label=label, amount=content(shipping.get("Money")).number()),)


def _corrected(header: Xml) -> str:
    """The id of the confirmation that this one updates; empty for a new one."""
    said = attribute(header, "operation")
    if said.value in (None, "new"):
        return ""
    if said.value != "update":  # a confirmation cannot be deleted
        raise said.wrong("new or update")
    return attribute(header.get("DocumentReference"), "payloadID").text(limit=200)


def _our_reference(order: Xml) -> str:
    """From the order's number, or from the id of our document; where both are there, they must agree."""
    number, document = attribute(order, "orderID"), attribute(order.get("DocumentReference"), "payloadID")
    named = reference_of(document.text(limit=200)) if document else ""
    reference = number.text(limit=REFERENCE) if number else named
    if not reference or (named and named != reference):
        raise number.wrong(f"our order number{f' {named}, as in payloadID' if named else ''}")
    return reference


def _our_version(order: Xml) -> int:
    document = attribute(order.get("DocumentReference"), "payloadID")
    return version_of(document.text(limit=200)) if document else 0


# -- ship notices ---------------------------------------------------------------------------------------
def _despatches(notice: Xml, message_id: str) -> list[DespatchAdvice]:
    header = notice.get("ShipNoticeHeader")
    operation = attribute(header, "operation")
    if operation.value not in (None, "new", "update", "delete"):
        raise operation.wrong("new, update or delete")
    stage = attribute(header, "shipmentType")
    if stage.value not in (None, *SHIPMENT_STAGES):
        raise stage.wrong("actual or planned")
    told_at, left_at = attribute(header, "noticeDate").moment(), attribute(header, "shipmentDate")
    carrier, tracking = _carrier(notice)
    correction = operation.value in ("update", "delete")
    portions = _portions(notice)
    if not portions:
        raise ProtocolError(f"{notice.what}: it has no ShipNoticePortion, so nobody knows what was shipped.")
    return [
        DespatchAdvice(
            message_id=message_id,
            buyer_reference=reference,
            despatch_id=attribute(header, "shipmentID").text(limit=80),
            shipped_at=left_at.moment() if left_at else told_at,
            stage=SHIPMENT_STAGES[stage.value or "actual"],
            lines=lines,
            carrier=carrier,
            tracking=tracking,
            corrects_from=told_at if correction else None,
            withdrawn=operation.value == "delete",
        )
        for reference, lines in portions.items()
    ]


def _portions(notice: Xml) -> dict[str, tuple[DespatchLine, ...]]:
    """Lines by order. A portion without items is the whole order."""
    portions: dict[str, tuple[DespatchLine, ...]] = {}
    for portion in numbered(notice, "ShipNoticePortion"):
        reference = _our_reference(portion.get("OrderReference"))
        lines = tuple(_despatch_line(item) for item in numbered(portion, "ShipNoticeItem"))
        if reference in portions and not (lines and portions[reference]):
            raise ProtocolError(f"{notice.what}: {reference} is shipped whole and once more in part.")
        portions[reference] = portions.get(reference, ()) + lines
    return portions


def _despatch_line(item: Xml) -> DespatchLine:
    return DespatchLine(
        line_number=attribute(item, "lineNumber").whole(),
        quantity=attribute(item, "quantity").number(),
        unit=content(item.get("UnitOfMeasure")).note(limit=20),
    )


def _carrier(notice: Xml) -> tuple[str, str]:
    control = notice.get("ShipControl")
    names = {c.attribute("domain"): content(c).note(limit=80) for c in control.all("CarrierIdentifier")}
    carrier = names.get("companyName") or next(iter(names.values()), "")
    tracking = [content(found).note(limit=120) for found in control.all("ShipmentIdentifier")]
    return carrier, ", ".join(filter(None, tracking))[:120]
