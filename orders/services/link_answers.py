"""What a supplier says on its answer page: stored like every other message, and read back before it is processed."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from orders.exceptions import InvalidTransition
from orders.models import InboundMessage, OrderException, PurchaseOrder, Status, TransferJob
from orders.selectors import order_live_amendment, order_live_transfer
from orders.services.amendment_answers import lines_being_changed
from orders.services.answering import order_fold
from orders.services.documents import order_message
from orders.services.inbound import message_store
from orders.state import record, revise
from orders.truth import LineTruth, OrderTruth
from orders.wakeups import wake
from suppliers.connectors.base import Capability, InboundDocument
from suppliers.connectors.link_answers import CHANNEL, CONTENT_TYPE, despatch_written, response_written
from suppliers.exceptions import ConnectorError
from suppliers.messages import Decision, OrderAcknowledgement, OrderResponse, RawDocument
from suppliers.models import Purpose
from suppliers.services.capabilities import supplier_capabilities
from suppliers.services.connections import connector_for
from suppliers.services.pace import AT_ONCE


def link_message_id(order: PurchaseOrder, filled: str) -> str:
    """One filled-in form is one message, however often it is sent."""
    return f"{CHANNEL}:{order.buyer_reference}:{filled}"


def link_answer_store(*, order: PurchaseOrder, document: InboundDocument) -> bool:
    """False: it was stored before."""
    body = response_written(document) if isinstance(document, OrderResponse) else despatch_written(document)
    raw = RawDocument(message_id=document.message_id, channel=CHANNEL, content_type=CONTENT_TYPE, body=body)
    with transaction.atomic():
        message, created = message_store(supplier=order.supplier, raw=raw)
        if created:
            wake("orders.tasks.process_inbound", message.pk)
    return created


def link_answer_stored(order: PurchaseOrder, message_id: str) -> bool:
    return InboundMessage.objects.filter(supplier=order.supplier, message_id=message_id).exists()


def order_told(order: PurchaseOrder) -> OrderTruth:
    """What the supplier has said, with what it said here a moment ago and nobody has processed yet."""
    lines = list(order.lines.order_by("line_number"))
    truth = order_fold(order, lines, waiting=_waiting(order))
    live = order_live_amendment(order)
    if live is not None and truth.answered_version < live.number:
        for number in lines_being_changed(order):  # what was said before was said of other quantities
            truth.lines[number], truth.decision = LineTruth(), Decision.RECEIVED
    return truth


def _waiting(order: PurchaseOrder) -> Iterator[InboundDocument]:
    connector = connector_for(order.supplier)
    messages = InboundMessage.objects.filter(
        supplier=order.supplier, channel=CHANNEL, message_id__startswith=link_message_id(order, "")
    ).exclude(orders=order)
    for message in messages:
        try:
            yield from connector.parse_documents(message.raw)
        except ConnectorError:
            continue  # parked; a person sees it


def order_awaits_answer(order: PurchaseOrder) -> bool:
    """The supplier has it, or may have it."""
    if order.status != Status.DRAFT:
        return True
    job = order_live_transfer(order)
    return job is not None and (job.status == TransferJob.Status.UNKNOWN or job.submitted_at is not None)


def order_remind(*, order: PurchaseOrder, by: AbstractBaseUser, via: str) -> None:
    """Send the same order once more, as a reminder with a fresh link. Needs the network."""
    if order.status not in (Status.TRANSFERRED, Status.CONFIRMED):
        raise InvalidTransition(
            f"{order.number} is {order.get_status_display().lower()}; there is nothing to remind of."
        )
    _by_link(order)
    number = order.events.filter(kind="reminded").count() + 1
    with connector_for(order.supplier, patience=AT_ONCE, purpose=Purpose.PEOPLE) as connector:
        taken = connector.submit_order(replace(order_message(order), reminder=number))
    note = taken.note if isinstance(taken, OrderAcknowledgement) else taken.text
    with transaction.atomic():
        record(order, "reminded", by=by, via=via, text=f"Reminded with a fresh link. {note}".strip())


def _by_link(order: PurchaseOrder) -> None:
    if Capability.LINK not in supplier_capabilities(order.supplier):
        raise InvalidTransition(f"{order.supplier.name} gets its orders in another way.")


@transaction.atomic
def order_came_back(*, order: PurchaseOrder, by: AbstractBaseUser, words: str, via: str) -> None:
    """What left us was returned later, to people: somebody tells, as no program reads that mailbox."""
    if order.status != Status.TRANSFERRED:
        raise InvalidTransition(
            f"{order.number} is {order.get_status_display().lower()}, so somebody has read it."
        )
    _by_link(order)
    revise(order)
    text = f"The order came back undelivered: {words.strip()}"
    record(order, "came_back", by=by, via=via, text=text)
    OrderException.objects.get_or_create(
        order=order,
        fingerprint=hashlib.sha256(f"came_back|{words}".encode()).hexdigest(),
        defaults={"kind": OrderException.Kind.UNDELIVERED, "text": text[:500]},
    )
