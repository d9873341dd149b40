"""The cut-offs that a site's plans should be ready for: the first of each day, of suppliers that it may order from."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from heapq import merge
from itertools import groupby
from operator import itemgetter

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from orders.models import OrderDay, Site
from orders.order_times import order_times
from suppliers.models import Supplier, SupplierProduct
from suppliers.order_times import OrderTimes
from suppliers.terms_in_force import Kind, decisions_in_force


@dataclass(frozen=True, slots=True)
class FirstCutOff:
    at: datetime  # UTC
    suppliers: tuple[str, ...]  # names of those whose cut-off it is

    @property
    def of(self) -> str:
        others = len(self.suppliers) - 1
        return self.suppliers[0] + (f" and {others} other{'s' if others > 1 else ''}" if others else "")

    @property
    def words(self) -> str:
        return f"the cut-off of {self.of} on {timezone.localtime(self.at):%a %-d %b at %H:%M}"


def first_cut_offs(*, site: Site, after: datetime) -> Iterator[FirstCutOff]:
    """Those behind `after`, the first first, a year ahead. Days are ours.

    Days on which the site does not work are left out: nobody is there to approve what a plan proposes.
    """
    suppliers = _suppliers(site)
    times = order_times(site=site, suppliers=suppliers)
    zone = timezone.get_default_timezone()
    # From midnight on, as what comes next may not be the first of its day.
    begin = datetime.combine(after.astimezone(zone).date(), time.min, zone) - timedelta(microseconds=1)
    cut_offs = merge(*(_of(one, times[one.pk], begin) for one in suppliers))
    works = times[suppliers[0].pk].site.works if suppliers else bool
    for day, of_day in groupby(cut_offs, key=lambda one: one[0].astimezone(zone).date()):
        at, first = next(groupby(of_day, key=itemgetter(0)))
        if at > after and works(day):
            yield FirstCutOff(at, tuple(name for _, name in first))


def _of(supplier: Supplier, times: OrderTimes, begin: datetime) -> Iterator[tuple[datetime, str]]:
    return ((one.until, supplier.name) for one in times.cut_offs_from(begin) if one.until)


def _suppliers(site: Site) -> list[Supplier]:
    """Active, not blocked today, with something to sell and order days that count for the site."""
    decided = decisions_in_force(day=timezone.localdate(), within=Q(pk__in=())).of_suppliers
    blocked = [supplier for supplier, kind in decided if kind == Kind.BLOCKED]
    days = OrderDay.objects.filter(Q(site=site) | Q(site=None), supplier=OuterRef("pk"))
    sold = SupplierProduct.objects.filter(supplier=OuterRef("pk"), active=True)
    found = Supplier.objects.filter(Exists(days), Exists(sold), active=True).exclude(pk__in=blocked)
    return list(found.order_by("name", "pk"))
