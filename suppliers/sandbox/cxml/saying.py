"""What the supplier says later: ConfirmationRequest and ShipNoticeRequest."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from xml.etree.ElementTree import Element, SubElement

from suppliers.connectors.cxml.envelope import Envelope, Party, put, stamp
from suppliers.packing import plain
from suppliers.sandbox.ledger import PlacedOrder
from suppliers.sandbox.trade import Answer, AnswerLine
from suppliers.sandbox.world import SandboxSupplier

DTD = "1.2.050"
HOST = "supplier.example"


@dataclass(frozen=True, slots=True)
class Ordered:
    line_number: str
    quantity: Decimal
    unit: str


def callback_document(
    supplier: SandboxSupplier,
    order: PlacedOrder,
    answer: Answer,
    lines: dict[str, list[Ordered]],
    answered: str,
    message_id: str,
) -> bytes:
    """`lines`: what was ordered, by product; `answered`: id of the order's document."""
    build = _ship_notice if answer.kind == "shipped" else _confirmation
    buyer, us = Party("NetworkId", supplier.customer_id), Party("NetworkId", supplier.supplier_id)
    envelope = Envelope(
        us=us,
        supplier=buyer,
        sender=us,
        secret=supplier.webhook_secret,
        mode="production",
        dtd=DTD,
        host=HOST,
    )
    reference = Element("OrderReference", orderID=order.reference)
    SubElement(reference, "DocumentReference", payloadID=answered)
    return envelope.request(build(order, answer, list(_taken(answer, lines)), reference), message_id)


def _taken(answer: Answer, lines: dict[str, list[Ordered]]) -> Iterator[tuple[AnswerLine, Ordered]]:
    """Each answer with the next line of its product that has none."""
    left = {sku: list(ordered) for sku, ordered in lines.items()}
    for line in answer.lines:
        yield line, left[line.supplier_product_id].pop(0)


def _confirmation(
    order: PlacedOrder, answer: Answer, lines: list[tuple[AnswerLine, Ordered]], reference: Element
) -> Element:
    confirmation = Element("ConfirmationRequest")
    header = SubElement(
        confirmation,
        "ConfirmationHeader",
        type="reject" if answer.kind == "rejected" else "except",
        noticeDate=stamp(datetime.now(UTC)),
        confirmID=order.number,
        operation="new",
    )
    if answer.note:
        put(header, "Comments", answer.note)
    confirmation.append(reference)
    for line, ordered in lines:
        item = SubElement(
            confirmation, "ConfirmationItem", lineNumber=ordered.line_number, quantity=plain(ordered.quantity)
        )
        put(item, "UnitOfMeasure", ordered.unit)
        if line.quantity:
            _accepted(item, line, ordered.unit, order.currency)
        if refused := ordered.quantity - line.quantity:
            put(_status(item, "reject", refused, ordered.unit), "Comments", line.note or "Not available.")
    return confirmation


def _accepted(item: Element, line: AnswerLine, unit: str, currency: str) -> None:
    status = _status(item, "detail", line.quantity, unit)
    if line.expected_delivery:
        status.set("deliveryDate", _moment(line.expected_delivery))
    if line.unit_price is not None:
        put(SubElement(status, "UnitPrice"), "Money", plain(line.unit_price), currency=currency)
    if line.note:
        put(status, "Comments", line.note)


def _status(item: Element, kind: str, quantity: Decimal, unit: str) -> Element:
    status = SubElement(item, "ConfirmationStatus", type=kind, quantity=plain(quantity))
    put(status, "UnitOfMeasure", unit)
    return status


def _moment(day: date) -> str:
    return stamp(datetime.combine(day, time(12), UTC))


def _ship_notice(
    order: PlacedOrder, answer: Answer, lines: list[tuple[AnswerLine, Ordered]], reference: Element
) -> Element:
    notice = Element("ShipNoticeRequest")
    now = stamp(datetime.now(UTC))
    SubElement(
        notice,
        "ShipNoticeHeader",
        shipmentID=f"{order.number}/{answer.part}",
        noticeDate=now,
        shipmentDate=now,
        shipmentType="actual",
    )
    control = SubElement(notice, "ShipControl")
    put(control, "CarrierIdentifier", "Sandbox Carriers", domain="companyName")
    put(control, "ShipmentIdentifier", f"SC{order.id:06}{answer.part}")
    portion = SubElement(notice, "ShipNoticePortion")
    portion.append(reference)
    for line, ordered in lines:
        item = SubElement(
            portion, "ShipNoticeItem", lineNumber=ordered.line_number, quantity=plain(line.quantity)
        )
        put(item, "UnitOfMeasure", ordered.unit)
    return notice
