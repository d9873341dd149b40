"""What has happened to a site's items since they were planned last, that asks for another look at just these.

Nothing is sent or remembered: what happened is the difference between how things stand and how the last plan of an
item saw them. So the same cause is found once, however often one looks, and everything since the last look together.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import F, Q, Sum
from django.utils import timezone

from orders.models import OrderEvent, OrderException, PurchaseOrderLine, Site, Status
from orders.selectors import late_lines
from procurement.models import CustomerOrderLine, PlanningPolicy, PlanRun, Requirement
from procurement.selectors import newest_plan
from suppliers.packing import plain

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class ReplanCause:
    product: int
    words: str


@dataclass(frozen=True, slots=True)
class PlannedLast:
    committed: Decimal
    daily: Decimal
    days: int
    as_of: date
    at: datetime


def replan_causes(*, site: Site, policy: PlanningPolicy) -> list[ReplanCause]:
    """Of items that were planned before; the rest belongs into a plan of all items."""
    full = newest_plan(site=site)
    if full is None:
        return []
    return [
        *_large_orders(site, policy, full),
        *_rejected(site, full),
        *_late(site, full),
        *_later(site, full),
    ]


def _planned_last(full: PlanRun, products: Collection[int]) -> dict[int, PlannedLast]:
    """By the last plan that looked at each of these items."""
    rows = Requirement.objects.filter(
        run__site=full.site_id, run__status=PlanRun.Status.DONE, run__gte=full.pk, product__in=products
    ).order_by("run_id")
    return {
        product: PlannedLast(committed, daily, days, as_of, at)
        for product, committed, daily, days, as_of, at in rows.values_list(
            "product", "committed", "daily_demand", "horizon_days", "run__as_of", "run__started_at"
        )
    }


def _large_orders(site: Site, policy: PlanningPolicy, full: PlanRun) -> Iterator[ReplanCause]:
    lines = CustomerOrderLine.objects.filter(order__site=site, order__open=True)
    left = lines.order_by().values("product").annotate(left=Sum(F("quantity") - F("shipped_quantity")))
    wanted: dict[int, Decimal] = dict(left.values_list("product", "left"))
    last = _planned_last(full, wanted)
    large: dict[int, tuple[Decimal, Decimal, int]] = {}
    for product, then in last.items():
        more, usual = wanted[product] - then.committed, then.daily * then.days
        if more > max(ZERO, policy.large_order_share * usual):
            large[product] = more, usual, then.days
    largest: dict[int, CustomerOrderLine] = {}
    for line in lines.filter(product__in=large).select_related("order", "product").order_by("quantity"):
        largest[line.product_id] = line
    for product, (more, usual, days) in sorted(large.items()):
        line = largest[product]
        yield ReplanCause(
            product,
            f"Customers have ordered {plain(more)} more of {line.product.name}; {line.order.number} wants"
            f" {plain(line.quantity)}. In {days} days {plain(usual)} usually sell.",
        )


def _rejected(site: Site, full: PlanRun) -> Iterator[ReplanCause]:
    events = OrderEvent.objects.filter(
        Q(order__site=site) | Q(order__lines__shares__site=site),
        to_status=Status.REJECTED,
        at__gt=full.started_at,
    )
    at = dict(events.order_by("at").values_list("order", "at"))
    lines = PurchaseOrderLine.objects.filter(order__in=at).select_related("order__supplier", "product")
    last = _planned_last(full, {line.product_id for line in lines})
    for line in lines.order_by("pk"):
        if line.product_id in last and last[line.product_id].at < at[line.order_id]:
            yield ReplanCause(
                line.product_id,
                f"{line.order.supplier.name} rejected {line.order.number}, with {plain(line.quantity)} of"
                f" {line.product.name}.",
            )


def _late(site: Site, full: PlanRun) -> Iterator[ReplanCause]:
    """The day has passed since the last plan: until then the goods were counted on."""
    lines = (
        late_lines()
        .filter(Q(order__site=site) | Q(shares__site=site))
        .select_related("order__supplier", "product")
        .distinct()
    )
    found = list(lines.order_by("pk"))
    last = _planned_last(full, {line.product_id for line in found})
    for line in found:
        day = line.promised_date or line.requested_date
        if line.product_id in last and day and last[line.product_id].as_of <= day:
            expected = line.quantity if line.confirmed_quantity is None else line.confirmed_quantity
            left = expected - line.received_quantity
            yield ReplanCause(
                line.product_id,
                f"{line.order.supplier.name} has not delivered {plain(left)} of {line.product.name} that were due on"
                f" {_day(day)} ({line.order.number}).",
            )


def _later(site: Site, full: PlanRun) -> Iterator[ReplanCause]:
    """The supplier has moved the day behind the one that was asked for."""
    told = OrderException.objects.filter(
        Q(order__site=site) | Q(line__shares__site=site),
        kind=OrderException.Kind.DATE,
        opened_at__gt=full.started_at,
    )
    at = dict(told.exclude(line=None).order_by("opened_at").values_list("line", "opened_at"))
    lines = PurchaseOrderLine.objects.filter(
        pk__in=at, promised_date__gt=F("requested_date"), promised_date__gte=timezone.localdate()
    ).exclude(order__status__in=(Status.REJECTED, Status.CANCELLED))
    last = _planned_last(full, {line.product_id for line in lines})
    for line in lines.select_related("order__supplier", "product").order_by("pk"):
        if line.product_id in last and line.promised_date and last[line.product_id].at < at[line.pk]:
            yield ReplanCause(
                line.product_id,
                f"{line.order.supplier.name} delivers {line.product.name} of {line.order.number} on"
                f" {_day(line.promised_date)}, later than asked.",
            )


def _day(day: date) -> str:
    return f"{day.day} {day:%B}"
