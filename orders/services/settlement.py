"""Finding out what became of a transfer whose outcome is unknown: by asking the supplier, or by a person's word."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from orders.exceptions import ConcurrentTransition
from orders.models import TransferJob
from orders.services.jobs import backoff, job_move
from orders.services.transfer import supplier_pause, transfer_succeed
from orders.services.turns import turn_ended, turn_taken
from orders.state import record
from orders.wakeups import wake
from suppliers.connectors.base import Capability
from suppliers.exceptions import (
    AuthenticationFailed,
    ConnectorConfigurationError,
    ConnectorError,
    UnsupportedOperation,
)
from suppliers.messages import OrderAcknowledgement, OrderResponse
from suppliers.models import Supplier
from suppliers.services.connections import connector_for

log = logging.getLogger(__name__)
MOST_LOOKUPS = 10
# A supplier that would take the same reference twice is asked this often, with pauses, before a person decides.
LOOKUPS_WITHOUT_IDEMPOTENCY = 3


def transfer_settle(*, job_id: int, worker: str) -> None:
    """Look one unknown outcome up and act on the answer."""
    job = _claim(job_id, worker) if turn_taken(job_id) else None
    if job is None:
        return
    order = job.order
    try:
        with connector_for(
            order.supplier, reference=order.buyer_reference, attempt=job.attempts
        ) as connector:
            capabilities = connector.capabilities
            asked = Capability.LOOKUP in capabilities or Capability.REPEAT_ANSWERS not in capabilities
            found = connector.find_order(order.buyer_reference) if asked else None
    except (UnsupportedOperation, ConnectorConfigurationError) as error:
        _leave_to_person(job, str(error))
    except ConnectorError as error:
        if isinstance(error, AuthenticationFailed):
            supplier_pause(order.supplier, str(error))
        turn_ended(order.supplier, error=error)
        _no_answer(job, str(error), retry_after=error.retry_after)
    except Exception:  # a bug of ours must not ask the supplier for ever
        log.exception("Looking %s up broke", order.number)
        _no_answer(job, "Something broke on our side while looking it up.")
    else:
        if asked:
            _act(job, found, idempotent=Capability.IDEMPOTENT_SUBMIT in capabilities)
        else:
            _ask_by_repeating(job)
        turn_ended(order.supplier, error=None)


def _claim(job_id: int, worker: str) -> TransferJob | None:
    now = timezone.now()
    due = TransferJob.objects.filter(
        Q(lease_until=None) | Q(lease_until__lt=now),
        pk=job_id,
        status=TransferJob.Status.UNKNOWN,
        next_run_at__lte=now,
    )
    claimed = due.update(
        fence=F("fence") + 1,
        lookups=F("lookups") + 1,
        lease_until=now + timedelta(seconds=settings.TRANSFER_LEASE_SECONDS),
        claimed_by=worker[:80],
    )
    if not claimed:
        return None
    job = TransferJob.objects.select_related("order__supplier").get(pk=job_id)
    return job if job.claimed_by == worker[:80] else None


def _act(job: TransferJob, found: OrderResponse | None, *, idempotent: bool) -> None:
    order = job.order
    if found is not None:
        known = OrderAcknowledgement(supplier_reference=found.supplier_reference, raw=found.raw)
        transfer_succeed(job, known, via="lookup")
    elif idempotent and job.attempts < settings.TRANSFER_MAX_ATTEMPTS:
        # At once after the first attempt; a supplier that breaks on every one of them gets its pauses.
        pause = backoff(job.attempts) if job.attempts > 1 else timedelta(0)
        text = f"{order.supplier.name} does not have the order; it is sent again under the same reference."
        _send_again(job, text, at=timezone.now() + pause)
    elif idempotent:
        _leave_to_person(job, f"Sent {job.attempts} times, and {order.supplier.name} still does not have it.")
    elif job.lookups < LOOKUPS_WITHOUT_IDEMPOTENCY:
        _look_again(job, f"{order.supplier.name} does not have the order yet.")
    else:
        _leave_to_person(
            job,
            f"{order.supplier.name} does not have the order, but would take it twice if it is still on its way.",
        )


def _ask_by_repeating(job: TransferJob) -> None:
    """No look-ups, but a repeated order becomes no second one and is answered like the first."""
    name = job.order.supplier.name
    if job.attempts < settings.TRANSFER_MAX_ATTEMPTS:
        text = f"{name} answers a repeated order like the first and takes it once; it is sent again to hear that."
        _send_again(job, text, at=timezone.now() + backoff(job.attempts))
    else:
        _leave_to_person(job, f"Sent {job.attempts} times without an answer that could be read.")


def _send_again(
    job: TransferJob, text: str, *, at: datetime, by: AbstractBaseUser | None = None, via: str = "lookup"
) -> None:
    with transaction.atomic():
        if job_move(job, TransferJob.Status.QUEUED, next_run_at=at, submitted_at=None):
            record(job.order, "transfer_requeued", by=by, via=via, text=text)
            if at <= timezone.now():
                wake("orders.tasks.transfer_order", job.pk)  # what is to wait is woken by the sweep


def _no_answer(job: TransferJob, words: str, *, retry_after: timedelta | None = None) -> None:
    if job.lookups >= MOST_LOOKUPS:
        _leave_to_person(job, f"Looked up {job.lookups} times without an answer: {words}")
    else:
        _look_again(job, words, retry_after=retry_after)


def _look_again(job: TransferJob, words: str, *, retry_after: timedelta | None = None) -> None:
    at = timezone.now() + max(backoff(job.lookups + 1), retry_after or timedelta(0))
    with transaction.atomic():
        if job_move(
            job, TransferJob.Status.UNKNOWN, next_run_at=at, error=words, error_kind="OutcomeUnknown"
        ):
            record(
                job.order,
                "looked_up",
                by=None,
                via="lookup",
                text=f"Looked up: {words} It is asked again soon.",
            )


def _leave_to_person(job: TransferJob, words: str) -> None:
    with transaction.atomic():
        if job_move(job, TransferJob.Status.UNKNOWN, error=words, error_kind="OutcomeUnknown"):
            record(
                job.order, "looked_up", by=None, via="lookup", text=f"{words} A person has to decide."[:500]
            )


@transaction.atomic
def transfer_look_up(*, job: TransferJob, by: AbstractBaseUser, via: str) -> None:
    """Ask the supplier now instead of at the next scheduled time."""
    waiting = TransferJob.objects.filter(pk=job.pk, status=TransferJob.Status.UNKNOWN, fence=job.fence)
    # A person asks: try it, though the supplier was to be left alone.
    Supplier.objects.filter(pk=job.order.supplier_id).update(down_until=timezone.now())
    if waiting.update(next_run_at=timezone.now()) == 0:
        raise ConcurrentTransition("This transfer has been settled meanwhile.")
    record(job.order, "look_up_asked", by=by, via=via, text="Asked to look the order up now.")
    wake("orders.tasks.settle_transfer", job.pk)


@transaction.atomic
def transfer_decide(
    *,
    job: TransferJob,
    by: AbstractBaseUser,
    arrived: bool,
    via: str,
    attempt: int | None = None,
    supplier_reference: str = "",
) -> None:
    """A person found out: the supplier has the order, or certainly has not and it is sent again.

    `attempt` is the one the person saw: what is known of the first attempt says nothing about a second.
    """
    now = timezone.now()
    undecided = TransferJob.objects.filter(
        Q(lease_until=None) | Q(lease_until__lt=now),
        pk=job.pk,
        fence=job.fence,
        status=TransferJob.Status.UNKNOWN,
        attempts=job.attempts if attempt is None else attempt,
    )
    if undecided.update(fence=F("fence") + 1) == 0:
        raise ConcurrentTransition(
            "This transfer is being looked up or has been settled meanwhile. Reload the page."
        )
    job.fence += 1
    name = by.get_username()
    if arrived:
        text = f"{name} found out that the supplier has the order."
        record(job.order, "decided", by=by, via=via, text=text)
        acknowledgement = OrderAcknowledgement(supplier_reference=supplier_reference.strip()[:80])
        transfer_succeed(job, acknowledgement, via=via)
    else:
        text = f"{name} found out that the supplier does not have the order; sent again."
        _send_again(job, text, at=now, by=by, via=via)
