"""Until when a draft must be approved to come on the day it asks for, and when an order comes that was sent later than
that; told only of suppliers with order days.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from orders.models import OrderDay, PurchaseOrder, Status
from orders.order_times import order_times
from suppliers.calendars import as_date
from suppliers.models import Supplier
from suppliers.order_times import OrderTimes


@dataclass(frozen=True, slots=True)
class ApproveBy:
    until: datetime
    delivery: date | None
    missed: date | None = None  # the day that was asked for, where it is too late for it

    @property
    def words(self) -> str:
        at = timezone.localtime(self.until)
        today = at.date() == timezone.localdate()
        when = f"{at:%H:%M}" if today else f"{at:%H:%M} on {at:%a %-d %b}"
        what = f" for delivery on {self.delivery:%a %-d %b}" if self.delivery else ""
        late = f"Too late for {self.missed:%a %-d %b}: approve" if self.missed else "Approve"
        return f"{late} before {when}{what}"


def approve_by(orders: Iterable[PurchaseOrder]) -> dict[int, ApproveBy]:
    """By order, of drafts. Two queries where no supplier has order days, else a few for each site."""
    drafts = [order for order in orders if order.status == Status.DRAFT]
    choosy = set(
        OrderDay.objects.filter(supplier__in={order.supplier_id for order in drafts}).values_list(
            "supplier", flat=True
        )
    )
    of_site: dict[int, list[PurchaseOrder]] = defaultdict(list)
    for order in drafts:
        if order.supplier_id in choosy:
            of_site[order.site_id].append(order)
    now = timezone.now()
    found: dict[int, ApproveBy] = {}
    for same in of_site.values():
        suppliers: dict[int, Supplier] = {order.supplier_id: order.supplier for order in same}
        times = order_times(site=same[0].site, suppliers=list(suppliers.values()))
        for order in same:
            if told := _of(order, times[order.supplier_id], now):
                found[order.pk] = told
    return found


def sent_late(order: PurchaseOrder, *, approved: bool) -> str:
    """Of an order that missed the cut-off it was planned for, until its supplier has answered: when it arrives now.

    `approved`: a draft that only has to be sent. Empty: it is in time, or nothing is known.
    """
    planned, sent = order.approve_before, None
    if order.status == Status.TRANSFERRED:
        sent = order.transferred_at
    elif order.status == Status.DRAFT and approved:
        sent = timezone.now()
    if planned is None or sent is None or sent < planned:
        return ""
    found = _of(order, order_times(site=order.site, suppliers=[order.supplier])[order.supplier_id], sent)
    if found is None or found.missed is None:
        return ""
    passed, next_one = timezone.localtime(planned), timezone.localtime(found.until)
    how = "Sent after" if order.status == Status.TRANSFERRED else "Not sent before"
    return (
        f"{how} the cut-off of {passed:%a %-d %b at %H:%M}, too late for {found.missed:%a %-d %b}. By the calendar of"
        f" {order.supplier.name} it goes with its orders of {next_one:%a %-d %b at %H:%M} and arrives on"
        f" {found.delivery:%a %-d %b}."
    )


def _of(order: PurchaseOrder, times: OrderTimes, now: datetime) -> ApproveBy | None:
    planned, asked = order.approve_before, order.requested_date
    if planned and planned > now:
        return ApproveBy(planned, asked)
    moment = times.next_moment(now)
    if moment.until is None:
        return None
    if planned is None or asked is None:
        return ApproveBy(moment.until, asked)
    # As long as it was planned to take, from the moment that has passed.
    passed = as_date(times.supplier.first_from(planned.astimezone(times.zone).date()))
    lead = int(times.supplier.between(passed, asked)) if asked >= passed else 0
    delivery = max(as_date(times.delivered(moment, lead)), asked)
    return ApproveBy(moment.until, delivery, missed=asked if delivery > asked else None)
