"""What suppliers send: stored first, understood later, and applied by folding everything said about an order.

Callbacks, replies, files and links come the same way: RawDocument -> InboundMessage -> parse -> fold -> order.
"""

import hashlib
import logging

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models import F
from django.utils import timezone

from orders.exceptions import ConcurrentTransition, OrderError
from orders.models import InboundMessage, PurchaseOrder
from orders.services.answering import UnknownOrder, order_answer
from orders.services.notifications import answer_note
from orders.wakeups import wake
from suppliers.connectors.base import InboundDocument
from suppliers.exceptions import (
    ConnectorConfigurationError,
    ConnectorError,
    NotDelivered,
    RateLimited,
    SupplierUnavailable,
)
from suppliers.messages import RawDocument
from suppliers.models import Purpose, Supplier
from suppliers.services.connections import connector_for
from suppliers.services.pace import IN_THE_BACKGROUND

log = logging.getLogger(__name__)
MOST_ATTEMPTS = 8


class MessageConflict(OrderError):
    """The same message id came with another body: the sender reuses ids, so neither can be trusted blindly."""

    status = 409


def message_store(*, supplier: Supplier, raw: RawDocument) -> tuple[InboundMessage, bool]:
    """Store a document once. A repeat returns the stored row and False."""
    digest = hashlib.sha256(raw.body).hexdigest()
    try:
        with transaction.atomic():
            message = InboundMessage.objects.create(
                supplier=supplier,
                message_id=raw.message_id,
                channel=raw.channel,
                content_type=raw.content_type.replace("\0", "")[:100],
                headers=raw.headers,
                body=raw.body,
                body_sha256=digest,
            )
    except IntegrityError:
        message = InboundMessage.objects.get(supplier=supplier, message_id=raw.message_id)
        if message.body_sha256 != digest and message.channel == "callback":
            raise MessageConflict(
                f"Message {raw.message_id} was received before with another content."
            ) from None
        return message, False
    return message, True


def message_process(*, message_id: int) -> None:
    """Read one stored message and bring its orders up to date. Nothing happens twice; what cannot be read is parked."""
    message = InboundMessage.objects.select_related("supplier").get(pk=message_id)
    if message.status != InboundMessage.Status.RECEIVED:
        return
    # Counted before the work, so that a message that kills its worker is parked in the end.
    InboundMessage.objects.filter(pk=message.pk).update(attempts=F("attempts") + 1)
    message.refresh_from_db(fields=["attempts"])
    if message.attempts > MOST_ATTEMPTS:
        _park(message, f"Tried {MOST_ATTEMPTS} times without success.")
        return
    try:
        connector = connector_for(message.supplier)
        if connector.announces(message.raw):
            _fetch(message)
        else:
            _apply(message, connector.parse_documents(message.raw))
    except (NotDelivered, RateLimited, SupplierUnavailable) as error:
        log.warning("News of %s could not be fetched yet: %s", message.supplier.code, error)
    except (ConnectorError, ConnectorConfigurationError, UnknownOrder) as error:
        _park(message, str(error))
    except ConcurrentTransition:
        wake("orders.tasks.process_inbound", message.pk)  # somebody else is at this order; come back
    except (OperationalError, InterfaceError):
        raise  # the database is away; the sweep comes back to this message
    except Exception:  # a bug of ours must not hold the queue up; the message waits for its mending
        log.exception("Message %s of %s could not be applied", message.message_id, message.supplier.code)
        _park(
            message,
            "This message could not be applied because of an error on our side. Replay it once that is mended.",
        )


def _fetch(message: InboundMessage) -> None:
    """The news that a message points to is asked for at the supplier, then stored and read like any other."""
    with connector_for(message.supplier, patience=IN_THE_BACKGROUND, purpose=Purpose.ANSWERS) as connector:
        found = list(connector.fetch_announced(message.raw))
    with transaction.atomic():
        if not _take(message):
            return
        for raw in found:
            news, created = message_store(supplier=message.supplier, raw=raw)
            if created:
                wake("orders.tasks.process_inbound", news.pk)


def _take(message: InboundMessage) -> bool:
    """Of two workers who read it one goes on."""
    unread = InboundMessage.objects.filter(pk=message.pk, status=InboundMessage.Status.RECEIVED)
    return bool(unread.update(status=InboundMessage.Status.PROCESSED, processed_at=timezone.now(), error=""))


def _apply(message: InboundMessage, documents: list[InboundDocument]) -> None:
    """A document that covers several orders counts for those we have; for another one in it, it stays parked."""
    answered: list[str] = []
    unknown: list[UnknownOrder] = []
    with transaction.atomic():
        if not _take(message):  # first; undone with the rest if anything fails
            return
        for reference in dict.fromkeys(document.buyer_reference for document in documents):
            try:
                with transaction.atomic():
                    order_answer(message=message, reference=reference)
            except UnknownOrder as problem:
                unknown.append(problem)
                continue
            answer_note(supplier=message.supplier, reference=reference)
            answered.append(reference)
        if unknown and not answered:
            raise unknown[0]
        if unknown:
            error = f"{' '.join(map(str, unknown))} What it says of {', '.join(answered)} has been booked."
            InboundMessage.objects.filter(pk=message.pk).update(
                status=InboundMessage.Status.PARKED, processed_at=None, error=error
            )


def _park(message: InboundMessage, error: str) -> None:
    InboundMessage.objects.filter(pk=message.pk, status=InboundMessage.Status.RECEIVED).update(
        status=InboundMessage.Status.PARKED, error=error
    )


@transaction.atomic
def message_replay(*, message: InboundMessage, by: AbstractBaseUser) -> None:
    """Read a parked message again, after its cause was mended."""
    parked = InboundMessage.objects.filter(pk=message.pk, status=InboundMessage.Status.PARKED)
    if parked.update(status=InboundMessage.Status.RECEIVED, attempts=0, error="") == 0:
        raise ConcurrentTransition("This message is being read already.")
    wake("orders.tasks.process_inbound", message.pk)


def message_guess(message: InboundMessage) -> PurchaseOrder | None:
    """The order a parked message most likely speaks of: its reference or number stands somewhere in the text."""
    text = message.body_text
    candidates = PurchaseOrder.objects.filter(supplier=message.supplier).order_by("-created_at")[:500]
    return next(
        (order for order in candidates if order.buyer_reference in text or order.number in text), None
    )
