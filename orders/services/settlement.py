"""Finding out what became of a transfer whose outcome is unknown: by asking the supplier, or by a person's word."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from orders.exceptions import ConcurrentTransition
from orders.models import TransferJob
from orders.services.transfer import backoff, job_move, supplier_pause, transfer_succeed
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
from suppliers.services.connections import connector_for

MOST_LOOKUPS = 10
# A supplier that would take the same reference twice is asked this often, with pauses, before a person decides.
LOOKUPS_WITHOUT_IDEMPOTENCY = 3


def transfer_settle(*, job_id: int, worker: str) -> None:
    """Look one unknown outcome up and act on the answer."""
    job = _claim(job_id, worker)
    if job is None:
        return
    order = job.order
    try:
        with connector_for(order.supplier) as connector:
            capabilities = connector.capabilities
            found = connector.find_order(order.buyer_reference)
    except (UnsupportedOperation, ConnectorConfigurationError) as error:
        _leave_to_person(job, str(error))
    except ConnectorError as error:
        if isinstance(error, AuthenticationFailed):
            supplier_pause(order.supplier, str(error))
        if job.lookups >= MOST_LOOKUPS:
            _leave_to_person(job, f"Looked up {job.lookups} times without an answer: {error}")
        else:
            _look_again(job, str(error))
    else:
        _act(job, found, idempotent=Capability.IDEMPOTENT_SUBMIT in capabilities)


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
        transfer_succeed(job, OrderAcknowledgement(supplier_reference=found.supplier_reference), via="lookup")
    elif idempotent:
        _send_again(
            job, f"{order.supplier.name} does not have the order; it is sent again under the same reference."
        )
    elif job.lookups < LOOKUPS_WITHOUT_IDEMPOTENCY:
        _look_again(job, f"{order.supplier.name} does not have the order yet.")
    else:
        _leave_to_person(
            job,
            f"{order.supplier.name} does not have the order, but would take it twice if it is still on its way.",
        )


def _send_again(
    job: TransferJob, text: str, *, by: AbstractBaseUser | None = None, via: str = "lookup"
) -> None:
    with transaction.atomic():
        if job_move(job, TransferJob.Status.QUEUED, next_run_at=timezone.now(), submitted_at=None):
            record(job.order, "transfer_requeued", by=by, via=via, text=text)
            wake("orders.tasks.transfer_order", job.pk)


def _look_again(job: TransferJob, words: str) -> None:
    at = timezone.now() + backoff(job.lookups + 1)
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
    if waiting.update(next_run_at=timezone.now()) == 0:
        raise ConcurrentTransition("This transfer has been settled meanwhile.")
    record(job.order, "look_up_asked", by=by, via=via, text="Asked to look the order up now.")
    wake("orders.tasks.settle_transfer", job.pk)


def transfer_decide(
    *, job: TransferJob, by: AbstractBaseUser, arrived: bool, via: str, supplier_reference: str = ""
) -> None:
    """A person found out: the supplier has the order, or certainly has not and it is sent again."""
    if job.status != TransferJob.Status.UNKNOWN or (job.lease_until and job.lease_until > timezone.now()):
        raise ConcurrentTransition(
            "This transfer is being looked up or has been settled meanwhile. Reload the page."
        )
    name = by.get_username()
    if arrived:
        with transaction.atomic():
            record(
                job.order,
                "decided",
                by=by,
                via=via,
                text=f"{name} found out that the supplier has the order.",
            )
            transfer_succeed(
                job, OrderAcknowledgement(supplier_reference=supplier_reference.strip()[:80]), via=via
            )
    else:
        _send_again(
            job, f"{name} found out that the supplier does not have the order; sent again.", by=by, via=via
        )
