"""Calendars of the sample: order days with cut-offs, public holidays and closing days, as a wholesaler's look.

Weekdays are the same whenever the demo is run; closing days lie a week or two ahead of the first run.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from django.db import transaction
from django.utils import timezone

from orders.models import OrderDay, Site, SiteCalendar, SiteClosure
from suppliers.models import Supplier, SupplierCalendar, SupplierClosure

MONDAY_TO_FRIDAY, MONDAY_TO_SATURDAY = "1111100", "1111110"
WEEKDAYS = range(5)
THURSDAY, FRIDAY = 3, 4


@dataclass(frozen=True, slots=True)
class Said:
    """What a supplier told of its days."""

    order_days: Sequence[int]
    until: time
    weekdays: str = MONDAY_TO_FRIDAY
    country: str = "GB"
    region: str = "ENG"
    zone: str = "Europe/London"
    closed: str = ""  # why, on a Thursday and a Friday soon


SUPPLIERS = {  # fernhollow takes orders at any time
    "alderbrook": Said(WEEKDAYS, time(15), MONDAY_TO_SATURDAY),
    "birchmere": Said((0, 2, 4), time(10, 30)),
    "cedarfell": Said(WEEKDAYS, time(11)),
    "dunmoor": Said((1, 3), time(12), country="DE", region="", zone="Europe/Berlin"),
    "elmswick": Said((0, 2, 4), time(14), closed="Stock-taking"),
}


def calendars_ready(*, site: Site, suppliers: Sequence[Supplier]) -> None:
    """Of those that have none yet; what somebody has changed since stays. Safe to repeat."""
    today = timezone.localdate()
    with transaction.atomic():
        _, new = SiteCalendar.objects.get_or_create(
            site=site,
            defaults={"weekdays": MONDAY_TO_SATURDAY, "holiday_country": "GB", "holiday_region": "ENG"},
        )
        if new:
            day = _soon(FRIDAY, today)
            SiteClosure.objects.get_or_create(
                site=site, first=day, last=day, defaults={"name": "Moving shelves"}
            )
        for supplier in suppliers:
            if said := SUPPLIERS.get(supplier.code):
                _write(supplier, said, today)


def _write(supplier: Supplier, said: Said, today: date) -> None:
    week = {
        "weekdays": said.weekdays,
        "holiday_country": said.country,
        "holiday_region": said.region,
        "time_zone": said.zone,
    }
    if not SupplierCalendar.objects.get_or_create(supplier=supplier, defaults=week)[1]:
        return
    for weekday in said.order_days:
        OrderDay.objects.get_or_create(supplier=supplier, site=None, weekday=weekday, until=said.until)
    if said.closed:
        first = _soon(THURSDAY, today)
        SupplierClosure.objects.get_or_create(
            supplier=supplier, first=first, last=first + timedelta(days=1), defaults={"name": said.closed}
        )


def _soon(weekday: int, today: date) -> date:
    """The next such day that is a week away at least."""
    week_away = today + timedelta(days=7)
    return week_away + timedelta(days=(weekday - week_away.weekday()) % 7)
