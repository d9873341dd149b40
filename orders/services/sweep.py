"""Finding what was lost: jobs whose worker died, wake-ups that never came. Safe to run twice and at the same time."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from orders.models import Amendment, InboundMessage, OrderMail, TransferJob, WorkerHeartbeat
from orders.services.notifications import transfer_note
from orders.state import record
from orders.wakeups import wake
from suppliers.services.breaker import reachable

# A wake-up normally comes within a second; what is older is woken again.
GRACE = timedelta(seconds=15)
# What sends a job, and what finds out where nobody knows whether it arrived.
TRANSFER_TASKS = ("orders.tasks.transfer_order", "orders.tasks.settle_transfer")
AMENDMENT_TASKS = ("orders.tasks.send_amendment", "orders.tasks.settle_amendment")


@dataclass(frozen=True, slots=True)
class SweepResult:
    expired: int
    woken: int


def transfer_sweep() -> SweepResult:
    now = timezone.now()
    expired = TransferJob.objects.filter(status=TransferJob.Status.RUNNING, lease_until__lt=now)
    count = sum(_expire(job, TRANSFER_TASKS) for job in expired.select_related("order"))
    dead = Amendment.objects.filter(status=Amendment.Status.RUNNING, lease_until__lt=now)
    count += sum(_expire(job, AMENDMENT_TASKS) for job in dead.select_related("order"))
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
    waiting = Q(status=Amendment.Status.QUEUED, next_run_at__lt=now)
    unclear = Q(status=Amendment.Status.UNKNOWN, next_run_at__lt=now)
    amendments = Amendment.objects.filter(
        answering, free, waiting | unclear, order__supplier__paused_reason=""
    )
    for pk, status in amendments.values_list("pk", "status"):
        wake(AMENDMENT_TASKS[status == Amendment.Status.UNKNOWN], pk)
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


def _expire(job: TransferJob | Amendment, tasks: tuple[str, str]) -> bool:
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
        rows: Any = type(job)._default_manager
        ours = rows.filter(pk=job.pk, fence=job.fence, status=TransferJob.Status.RUNNING)
        moved = ours.update(
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
                TransferJob.Status.UNKNOWN: "It may have arrived; it is looked up before it is sent again.",
                TransferJob.Status.QUEUED: "Nothing had been sent; it is tried again.",
                TransferJob.Status.FAILED: "This happened too often; a person has to look.",
            }[status]
            if hopeless and isinstance(job, TransferJob):
                transfer_note(job)
            record(job.order, "worker_lost", by=None, via="sweep", text=f"The worker stopped. {then}")
            if not hopeless:
                wake(tasks[left], job.pk)
    return bool(moved)
