"""The main job, step by step, as a person and the background worker would do it together. `manage.py demo` shows it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from django.contrib.auth.models import User
from django.db.models import F, Q

from orders.models import OrderEvent, PurchaseOrder, Status, TransferJob
from orders.selectors import order_list, order_standing_approval
from orders.services.approval import order_approve
from orders.services.live_check import order_preview
from suppliers.exceptions import ConnectorError

LEFT_FOR_YOU = 1  # drafts nobody approves, so that there is something to try


@dataclass(slots=True)
class LiveChecks:
    asked: int = 0
    repriced_lines: int = 0
    unavailable_lines: int = 0
    failures: list[str] = field(default_factory=list)


def drafts_waiting() -> list[PurchaseOrder]:
    """Drafts without a decision, the dearest first."""
    drafts = order_list().filter(status=Status.DRAFT).order_by(F("value").desc())
    return [order for order in drafts if order_standing_approval(order) is None]


def drafts_left() -> int:
    """Orders that wait for a person: nobody decided yet, or the transfer came to nothing."""
    return PurchaseOrder.objects.filter(status=Status.DRAFT).count()


def drafts_check(drafts: list[PurchaseOrder], advance: Callable[[], None]) -> LiveChecks:
    """Ask every supplier what its draft would cost now, as a buyer does before approving."""
    result = LiveChecks()
    for order in drafts:
        try:
            check = order_preview(order=order)
        except ConnectorError as error:
            result.failures.append(f"{order.supplier.name}: {error}")
        else:
            result.asked += 1
            result.repriced_lines += len(check.repriced)
            result.unavailable_lines += len(check.unavailable)
        advance()
    return result


def drafts_approve(drafts: list[PurchaseOrder], *, by: User) -> list[PurchaseOrder]:
    """Approve all but the last, which stays for whoever looks at the demo, and all but those below a minimum."""
    big_enough = [order for order in drafts if order.value >= order.supplier.minimum_order_value]  # type: ignore[attr-defined]
    chosen = big_enough[:-LEFT_FOR_YOU]
    for order in chosen:
        order_approve(order=order, by=by, version=order.version, comment="Approved in the demo.", via="demo")
    return chosen


def unsettled(orders: list[int]) -> int:
    """How many of these still wait for the worker or for their supplier's next word."""
    waiting = PurchaseOrder.objects.filter(pk__in=orders).filter(
        Q(status__in=(Status.TRANSFERRED, Status.CONFIRMED))
        | Q(
            status=Status.DRAFT, transfers__status__in=(TransferJob.Status.QUEUED, TransferJob.Status.RUNNING)
        )
        | Q(
            status=Status.DRAFT,
            transfers__status=TransferJob.Status.UNKNOWN,
            transfers__next_run_at__isnull=False,
        )
    )
    return waiting.distinct().count()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of some orders. `changed`: confirmed otherwise than asked; values in the orders' currency."""

    suggested: int
    approved: int
    transferred: int
    confirmed: int
    changed: int
    rejected: int
    shipped: int
    left: int
    value: Decimal


def outcome(orders: list[PurchaseOrder]) -> Outcome:
    """Counts every order at each stage it has been through, by the audit trail."""
    pks = [order.pk for order in orders]

    def been(kind: str) -> int:
        return OrderEvent.objects.filter(order__in=pks, kind=kind).values("order").distinct().count()

    now = list(order_list().filter(pk__in=pks))
    changed = PurchaseOrder.objects.filter(pk__in=pks, status__in=(Status.CONFIRMED, Status.SHIPPED))
    return Outcome(
        suggested=len(now),
        approved=been("approved"),
        transferred=been(Status.TRANSFERRED.value),
        confirmed=been(Status.CONFIRMED.value),
        changed=sum(
            any(line.is_changed for line in order.lines.all()) for order in changed.prefetch_related("lines")
        ),
        rejected=been(Status.REJECTED.value),
        shipped=been(Status.SHIPPED.value),
        left=sum(order.status == Status.DRAFT for order in now),
        value=sum((order.value for order in now), Decimal(0)).quantize(Decimal("0.01")),  # type: ignore[attr-defined]
    )
