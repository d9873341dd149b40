"""Whose turn it is to talk to a supplier: nobody's while it is down, and not more at once than it is asked for.

A supplier that hangs for as long as its timeout allows holds its own orders up, never those of the others.
"""

from typing import Any

from django.conf import settings
from django.db.models import Count, QuerySet
from django.utils import timezone

from orders.models import Amendment, PurchaseOrder, Status, TransferJob
from orders.wakeups import wake
from suppliers.exceptions import ConnectorError
from suppliers.models import Supplier
from suppliers.services.breaker import supplier_answered, supplier_failed, supplier_probe
from suppliers.services.pace import calls_wait

WAITS = "waits_its_turn"


def sendable_orders() -> QuerySet[PurchaseOrder]:
    """Drafts whose supplier is not busy. Counting is no lock: for a moment there may be one call more."""
    now = timezone.now()
    running = TransferJob.objects.filter(status=TransferJob.Status.RUNNING, lease_until__gt=now)
    busy = (
        running.order_by()
        .values("order__supplier")
        .annotate(calls=Count("pk"))
        .filter(calls__gte=settings.SUPPLIER_MOST_AT_ONCE)
        .values("order__supplier")
    )
    return PurchaseOrder.objects.filter(status=Status.DRAFT, supplier__paused_reason="").exclude(
        supplier__in=busy
    )


def supplier_busy(supplier: Supplier) -> bool:
    """Whether as many orders as it is asked for at once are being placed with it now."""
    running = TransferJob.objects.filter(
        status=TransferJob.Status.RUNNING, lease_until__gt=timezone.now(), order__supplier=supplier
    )
    return running.count() >= settings.SUPPLIER_MOST_AT_ONCE


def turn_taken(job_id: int) -> bool:
    """Whether the job's supplier may be talked to by this caller."""
    supplier = Supplier.objects.filter(orders__transfers=job_id).first()
    if supplier is None:
        return False
    job = TransferJob.objects.filter(pk=job_id)
    return calls_left(supplier, job) and supplier_probe(supplier)


def calls_left(supplier: Supplier, job: QuerySet[Any]) -> bool:
    """Whether the supplier may be called this minute; if not, the job comes back when it may, its attempts kept."""
    wait = calls_wait(supplier)
    if not wait:
        return True
    now = timezone.now()
    job.filter(status__in=("queued", "unknown"), next_run_at__lte=now).update(next_run_at=now + wait)
    return False


def turn_missed(job_id: int) -> None:
    """The job's wake-up came while its supplier was busy: it is woken again when a turn ends."""
    due = TransferJob.objects.filter(
        pk=job_id, status=TransferJob.Status.QUEUED, next_run_at__lte=timezone.now()
    )
    due.update(error_kind=WAITS)


def turn_ended(supplier: Supplier, *, error: Exception | None) -> None:
    """Note how it went. The next one waiting for this supplier has its turn; all of them, if it was down until now."""
    for pk in Amendment.objects.filter(
        status=Amendment.Status.QUEUED, next_run_at__lte=timezone.now(), order__supplier=supplier
    ).values_list("pk", flat=True):
        wake("orders.tasks.send_amendment", pk)
    answered = error is None
    if isinstance(error, ConnectorError):
        supplier_failed(supplier, error)
    waiting = TransferJob.objects.filter(
        status=TransferJob.Status.QUEUED, order__supplier=supplier, order__supplier__paused_reason=""
    )
    if answered and supplier_answered(supplier):
        now = timezone.now()
        waiting.filter(next_run_at__gt=now).update(next_run_at=now)
        for pk in waiting.values_list("pk", flat=True):
            wake("orders.tasks.transfer_order", pk)
        return
    following = waiting.filter(error_kind=WAITS).order_by("next_run_at", "pk").first()
    if following is not None:
        wake("orders.tasks.transfer_order", following.pk)
