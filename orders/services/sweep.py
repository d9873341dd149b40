"""Finding what was lost: jobs whose worker died, wake-ups that never came. Safe to run twice and at the same time."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from orders.models import InboundMessage, OrderMail, TransferJob, WorkerHeartbeat
from orders.state import record
from orders.wakeups import wake
from suppliers.services.breaker import reachable

# A wake-up normally comes within a second; what is older is woken again.
GRACE = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class SweepResult:
    expired: int
    woken: int


def transfer_sweep() -> SweepResult:
    now = timezone.now()
    expired = TransferJob.objects.filter(status=TransferJob.Status.RUNNING, lease_until__lt=now)
    count = sum(_expire(job) for job in expired.select_related("order"))
    woken = 0
    late = now - GRACE
    queued = Q(status=TransferJob.Status.QUEUED, next_run_at__lt=now, order__supplier__paused_reason="")
    answering = reachable("order__supplier__")
    for pk in TransferJob.objects.filter(answering, queued).values_list("pk", flat=True):
        wake("orders.tasks.transfer_order", pk)
        woken += 1
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    # A stopped supplier would refuse every look-up alike; they go on when it is resumed.
    for pk in TransferJob.objects.filter(
        free,
        answering,
        status=TransferJob.Status.UNKNOWN,
        next_run_at__lt=now,
        order__supplier__paused_reason="",
    ).values_list("pk", flat=True):
        wake("orders.tasks.settle_transfer", pk)
        woken += 1
    unread = InboundMessage.objects.filter(status=InboundMessage.Status.RECEIVED, received_at__lt=late)
    for pk in unread.values_list("pk", flat=True):
        wake("orders.tasks.process_inbound", pk)
        woken += 1
    mails = OrderMail.objects.filter(free, status=OrderMail.Status.WAITING, next_run_at__lt=late)
    for pk in mails.values_list("pk", flat=True):
        wake("orders.tasks.send_mail", pk)
        woken += 1
    WorkerHeartbeat.objects.update_or_create(name="sweep", defaults={"at": now})
    return SweepResult(expired=count, woken=woken)


def _expire(job: TransferJob) -> bool:
    """The worker died or hangs. Before the order left, the job may simply run again; after that nobody knows."""
    left = job.submitted_at is not None
    hopeless = not left and job.attempts >= settings.TRANSFER_MAX_ATTEMPTS
    status = (
        TransferJob.Status.FAILED
        if hopeless
        else TransferJob.Status.UNKNOWN
        if left
        else TransferJob.Status.QUEUED
    )
    now = timezone.now()
    with transaction.atomic():
        moved = TransferJob.objects.filter(
            pk=job.pk, fence=job.fence, status=TransferJob.Status.RUNNING
        ).update(
            status=status,
            fence=F("fence") + 1,  # whoever held it finds its result refused
            lease_until=None,
            next_run_at=None if hopeless else now,
            finished_at=now if hopeless else None,
            error_kind="WorkerLost",
            error="The worker stopped while it was sending."
            if left
            else "The worker stopped before it sent anything.",
        )
        if moved:
            then = {
                TransferJob.Status.UNKNOWN: "The order may have arrived; it is looked up before it is sent again.",
                TransferJob.Status.QUEUED: "Nothing had been sent; it is tried again.",
                TransferJob.Status.FAILED: "This happened too often; a person has to look.",
            }[status]
            record(job.order, "worker_lost", by=None, via="sweep", text=f"The worker stopped. {then}")
            if not hopeless:
                wake("orders.tasks.settle_transfer" if left else "orders.tasks.transfer_order", job.pk)
    return bool(moved)
