"""The calendars of suppliers and sites, read into the pure `OrderTimes`. Five queries, however many suppliers."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from orders.models import OrderDay, Site, SiteCalendar, SiteClosure
from suppliers.calendars import ALWAYS, WorkingDays
from suppliers.models import Closure, Supplier, SupplierCalendar, SupplierClosure, WorkingWeek
from suppliers.order_times import CutOff, OrderTimes

KNOWN_BACK, KNOWN_AHEAD = timedelta(days=800), timedelta(days=800)  # closures further away count for nothing


def working_days(week: WorkingWeek | None, closures: Iterable[Closure], *, today: date) -> WorkingDays:
    first, last = today - KNOWN_BACK, today + KNOWN_AHEAD
    closed = set(week.holidays(first, last)) if week else set()
    for closure in closures:
        begins, ends = max(closure.first, first), min(closure.last, last)
        closed |= {begins + timedelta(days=n) for n in range((ends - begins).days + 1)}
    if week is None and not closed:
        return ALWAYS
    return WorkingDays(week.weekdays if week else ALWAYS.weekdays, frozenset(closed))


def order_times(*, site: Site, suppliers: Collection[Supplier]) -> dict[int, OrderTimes]:
    """By supplier id."""
    today = timezone.localdate()
    weeks = {week.supplier_id: week for week in SupplierCalendar.objects.filter(supplier__in=suppliers)}
    closures: dict[int, list[Closure]] = defaultdict(list)
    for closure in SupplierClosure.objects.filter(supplier__in=suppliers):
        closures[closure.supplier_id].append(closure)
    own = SiteCalendar.objects.filter(site=site).first()
    receiving = working_days(own, SiteClosure.objects.filter(site=site), today=today)
    cut_offs = _cut_offs(site, suppliers)
    return {
        supplier.pk: OrderTimes(
            supplier=working_days(weeks.get(supplier.pk), closures[supplier.pk], today=today),
            site=receiving,
            zone=zone_of(weeks.get(supplier.pk)),
            cut_offs=cut_offs.get(supplier.pk, ()),
        )
        for supplier in suppliers
    }


def zone_of(week: WorkingWeek | None) -> ZoneInfo:
    return ZoneInfo(week.time_zone if week and week.time_zone else settings.TIME_ZONE)


def _cut_offs(site: Site, suppliers: Collection[Supplier]) -> dict[int, tuple[CutOff, ...]]:
    """The site's own order days with a supplier, else those for all sites."""
    found: dict[tuple[int, int | None], list[CutOff]] = defaultdict(list)
    days: list[tuple[int, int | None, int, time]] = list(
        OrderDay.objects.filter(supplier__in=suppliers).values_list("supplier", "site", "weekday", "until")
    )
    for supplier, of_site, weekday, until in days:
        found[supplier, of_site].append(CutOff(weekday, until))
    keys = {supplier for supplier, *_ in days}
    return {key: tuple(found.get((key, site.pk)) or found[key, None]) for key in keys}
