"""Telling a supplier what was asked about its order, once; and finding out where nobody knows whether it arrived.

The same steps as placing an order (transfer.py): claim with a lease and a fence, talk outside any transaction, write
the outcome only if the fence still holds. A cancellation that is repeated cancels nothing twice; it is repeated all the
same only after a look-up, or where the supplier answers a repeat like the first.
"""

import logging
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from orders.models import Amendment
from orders.services.amendment_outcomes import (
    amendment_again,
    amendment_agreed,
    amendment_failed,
    amendment_refused,
    amendment_told,
    amendment_unknown,
)
from orders.services.amendments import UNDER_WAY
from orders.services.documents import amendment_message
from orders.services.inbound import message_store
from orders.services.jobs import backoff, job_about_to_send
from orders.services.transfer import supplier_pause
from orders.services.turns import calls_left, supplier_busy, turn_ended
from orders.wakeups import wake
from suppliers.connectors.base import Capability
from suppliers.exceptions import (
    AuthenticationFailed,
    ConnectorConfigurationError,
    ConnectorError,
    OutcomeUnknown,
    ProtocolError,
    UnsupportedOperation,
)
from suppliers.messages import Decision, OrderAcknowledgement, OrderRefusal, OrderResponse
from suppliers.services.breaker import supplier_probe
from suppliers.services.capabilities import supplier_capabilities
from suppliers.services.connections import connector_for

log = logging.getLogger(__name__)
State = Amendment.Status
MOST_LOOKUPS = 10
BROKE = "Something broke on our side while it was sent."
Answer = OrderResponse | OrderAcknowledgement | OrderRefusal


def amendment_run(*, amendment_id: int, worker: str) -> None:
    """Send one queued amendment. Does nothing if it is not due, not queued, or somebody else has it."""
    amendment = amendment_claim_job(amendment_id, worker, State.QUEUED)
    if amendment is None:
        return
    failure: Exception | None = None
    order, supplier = amendment.order, amendment.order.supplier
    if order.status not in UNDER_WAY:
        words = f"the order is {order.get_status_display().lower()} by now."
        amendment_failed(amendment, kind="overtaken", words=words)
        return
    try:
        answer = _send(amendment)
    except (ConnectorConfigurationError, UnsupportedOperation) as error:
        amendment_failed(amendment, kind="configuration", words=str(error))  # raised before anything was sent
    except AuthenticationFailed as error:
        failure = error
        supplier_pause(supplier, str(error))
        amendment_again(amendment, words=str(error), pause=timedelta(0), kind="AuthenticationFailed")
    except (OutcomeUnknown, ProtocolError) as error:
        failure = error
        if isinstance(error, ProtocolError) and error.status is not None and 400 <= error.status < 500:
            amendment_failed(amendment, kind="ProtocolError", words=str(error))
        else:  # of an answer that cannot be read nobody knows what it said
            _unknown(amendment, error)
    except ConnectorError as error:
        failure = error
        if error.retryable and amendment.attempts < settings.TRANSFER_MAX_ATTEMPTS:
            pause = max(error.retry_after or backoff(amendment.attempts), timedelta(seconds=1))
            amendment_again(amendment, words=f"not sent, {error}", pause=pause, kind=type(error).__name__)
        else:
            amendment_failed(amendment, kind=type(error).__name__, words=str(error))
    except Exception as error:  # a bug of ours: it may have left, so treat it as such
        log.exception("%s broke", amendment)
        _unknown(amendment, error)
    else:
        if answer is not None:
            _heard(amendment, answer)
    turn_ended(supplier, error=failure)


def amendment_claim_job(amendment_id: int, worker: str, status: str) -> Amendment | None:
    """Of a job in `status` that is due. Queued ones become running; those being looked up stay what they are."""
    now = timezone.now()
    known = Amendment.objects.select_related("order__supplier", "order__site", "by").get(pk=amendment_id)
    supplier = known.order.supplier
    if supplier.paused_reason or supplier_busy(supplier):
        return None
    if not calls_left(supplier, Amendment.objects.filter(pk=amendment_id)) or not supplier_probe(supplier):
        return None
    due = Amendment.objects.filter(
        Q(lease_until=None) | Q(lease_until__lt=now), pk=amendment_id, status=status, next_run_at__lte=now
    )
    lease, name = now + timedelta(seconds=settings.TRANSFER_LEASE_SECONDS), worker[:80]
    claim = {"fence": F("fence") + 1, "lease_until": lease, "claimed_by": name}
    if status == State.QUEUED:
        claimed = due.update(**claim, status=State.RUNNING, attempts=F("attempts") + 1, submitted_at=None)
    else:
        claimed = due.update(**claim, lookups=F("lookups") + 1)
    if not claimed:
        return None
    known.refresh_from_db(
        fields=["status", "fence", "attempts", "lookups", "lease_until", "claimed_by", "submitted_at"]
    )
    return known if known.claimed_by == name else None


def _send(amendment: Amendment) -> Answer | None:
    order = amendment.order
    message = amendment_message(amendment)
    with connector_for(
        order.supplier, reference=order.buyer_reference, attempt=amendment.attempts
    ) as connector:
        if not job_about_to_send(amendment):
            return None  # our lease ran out while we were getting ready; the job is somebody else's now
        if amendment.kind == Amendment.Kind.CHANGE:
            return connector.change_order(message)
        return connector.cancel_order(message, amendment.reason)


def _heard(amendment: Amendment, answer: Answer) -> None:
    match answer:
        case OrderRefusal():
            amendment_refused(amendment, words=answer.text, via="transfer")
        case OrderResponse(decision=Decision.REJECTED):
            amendment_agreed(amendment, words=answer.note, via="transfer")
        case OrderResponse(decision=Decision.CONFIRMED):
            amendment_refused(amendment, words=answer.note or "They still mean to deliver.", via="transfer")
        case _:
            if isinstance(answer, OrderAcknowledgement) and answer.raw is not None:
                with transaction.atomic():
                    message, created = message_store(supplier=amendment.order.supplier, raw=answer.raw)
                    if created:
                        wake("orders.tasks.process_inbound", message.pk)
            amendment_told(amendment, note=answer.note, via="transfer")


def _unknown(amendment: Amendment, error: Exception) -> None:
    can = supplier_capabilities(amendment.order.supplier)
    asks = Capability.LOOKUP in can or Capability.REPEAT_ANSWERS in can
    then = (
        "The order is looked up."
        if Capability.LOOKUP in can
        else "It is repeated, which the supplier takes for the same."
        if asks
        else "A person has to find out and say it here."
    )
    amendment_unknown(
        amendment,
        kind=type(error).__name__,
        words=str(error) if isinstance(error, ConnectorError) else BROKE,
        next_run_at=timezone.now() if asks else None,
        then=then,
    )


def amendment_settle(*, amendment_id: int, worker: str) -> None:
    """Find out what became of one whose outcome is unknown."""
    amendment = amendment_claim_job(amendment_id, worker, State.UNKNOWN)
    if amendment is None:
        return
    failure: Exception | None = None
    order = amendment.order
    try:
        can = supplier_capabilities(order.supplier)
        if Capability.LOOKUP not in can:
            _repeat(amendment, answered=Capability.REPEAT_ANSWERS in can)
            return
        with connector_for(order.supplier, reference=order.buyer_reference) as connector:
            found = connector.find_order(order.buyer_reference)
    except (UnsupportedOperation, ConnectorConfigurationError) as error:
        _ask_a_person(amendment, str(error))
    except ConnectorError as error:
        failure = error
        if isinstance(error, AuthenticationFailed):
            supplier_pause(order.supplier, str(error))
        _look_again(amendment, error)
    except Exception:  # a bug of ours must not ask the supplier for ever
        log.exception("Looking %s up broke", amendment)
        _ask_a_person(amendment, "Something broke on our side while it was looked up.")
    else:
        _found(amendment, found)
    turn_ended(order.supplier, error=failure)


def _found(amendment: Amendment, found: OrderResponse | None) -> None:
    if amendment.kind == Amendment.Kind.CHANGE:
        _ask_a_person(amendment, "A look-up does not tell which quantities they have.")
    elif found is None or found.decision is Decision.REJECTED:
        words = found.note if found else "They have no such order any more."
        amendment_agreed(amendment, words=words, via="lookup")
    else:
        _repeat(amendment, answered=True)


def _repeat(amendment: Amendment, *, answered: bool) -> None:
    if answered and amendment.attempts < settings.TRANSFER_MAX_ATTEMPTS:
        pause = backoff(amendment.attempts) if amendment.attempts > 1 else timedelta(0)
        words = f"{amendment.order.supplier.name} has not acted on it."
        amendment_again(amendment, words=words, pause=pause, via="lookup")
    else:
        _ask_a_person(
            amendment, f"Sent {amendment.attempts} times without an answer that says what became of it."
        )


def _look_again(amendment: Amendment, error: ConnectorError) -> None:
    if amendment.lookups >= MOST_LOOKUPS:
        _ask_a_person(amendment, f"Looked up {amendment.lookups} times without an answer: {error}")
        return
    at = timezone.now() + max(backoff(amendment.lookups + 1), error.retry_after or timedelta(0))
    then = "It is looked up again soon."
    amendment_unknown(
        amendment, kind="OutcomeUnknown", words=str(error), next_run_at=at, then=then, via="lookup"
    )


def _ask_a_person(amendment: Amendment, words: str) -> None:
    then = "Ask them and say here what became of it."
    amendment_unknown(
        amendment, kind="OutcomeUnknown", words=words, next_run_at=None, then=then, via="lookup"
    )
