"""What went over the wire for an order, out and back, as it happened: sizes and addresses; the bytes on request."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models.functions import Length
from django.urls import reverse

from orders.models import InboundMessage, PurchaseOrder
from suppliers.models import ConnectorCall


@dataclass(frozen=True, slots=True)
class WireMessage:
    at: datetime
    sent: bool
    what: str
    where: str
    attempt: int | None
    message_id: str
    size: int
    outcome: str
    bad: bool
    page: str
    file: str  # empty: there are no bytes


def wire_messages(order: PurchaseOrder) -> list[WireMessage]:
    calls = list(
        ConnectorCall.objects.filter(reference=order.buyer_reference)
        .defer("request_body", "response_body")
        .select_related("supplier")
        .order_by("started_at", "pk")
    )
    inbound = order.inbound.defer("body").annotate(size=Length("body")).order_by("received_at", "pk")
    messages = [_sent(call) for call in calls]
    # The reply to the order is stored as a message, too: shown once, as the message that was read.
    replied = any(message.channel == "reply" for message in inbound)
    placed = [call for call in calls if call.operation == "submit" and 200 <= (call.status or 0) < 300]
    shown_as_reply = placed[-1] if replied and placed else None
    messages += [_answered(call) for call in calls if call is not shown_as_reply]
    messages += [_received(message, message.size) for message in inbound]
    return sorted(messages, key=lambda message: message.at)


def _sent(call: ConnectorCall) -> WireMessage:
    where = [call.supplier.code, call.pk]
    return WireMessage(
        at=call.started_at,
        sent=True,
        what=call.operation,
        where=f"{call.method} {call.url}",
        attempt=call.attempt,
        message_id=call.message_id or (call.reference if call.operation == "submit" else ""),
        size=call.request_size,
        outcome="",
        bad=False,
        page=reverse("supplier-call", args=where),
        file=reverse("supplier-call-sent", args=where) if call.request_size else "",
    )


def _answered(call: ConnectorCall) -> WireMessage:
    where = [call.supplier.code, call.pk]
    return WireMessage(
        at=call.started_at + timedelta(milliseconds=call.duration_ms),
        sent=False,
        what=f"answer to {call.operation}",
        where=call.error,
        attempt=call.attempt,
        message_id="",
        size=call.response_size,
        outcome=str(call.status or "none"),
        bad=not call.status or call.status >= 400,
        page=reverse("supplier-call", args=where),
        file=reverse("supplier-call-received", args=where) if call.response_size else "",
    )


def _received(message: InboundMessage, size: int) -> WireMessage:
    return WireMessage(
        at=message.received_at,
        sent=False,
        what=message.channel,
        where=message.error,
        attempt=None,
        message_id=message.message_id,
        size=size,
        outcome=message.get_status_display(),
        bad=message.status == InboundMessage.Status.PARKED,
        page=reverse("inbound-message", args=[message.pk]),
        file=reverse("inbound-message-file", args=[message.pk]),
    )
