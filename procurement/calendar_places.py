"""Suppliers and sites as places with a calendar: what the pages and forms of calendars read of either."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils import timezone

from orders.models import OrderDay, Site, SiteCalendar, SiteClosure
from suppliers.calendars import EVERY_DAY, WEEKDAYS
from suppliers.models import Closure, Supplier, SupplierCalendar, SupplierClosure, WorkingWeek

HOLIDAYS_SHOWN = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Place:
    of: Supplier | Site

    @property
    def is_supplier(self) -> bool:
        return isinstance(self.of, Supplier)

    @property
    def key(self) -> dict[str, Any]:
        """What its rows are looked up by."""
        return {"supplier" if self.is_supplier else "site": self.of}

    @property
    def address(self) -> str:
        return reverse("supplier-calendar" if self.is_supplier else "site-calendar", args=[self.of.code])

    @property
    def permission(self) -> str:
        return "suppliers.change_suppliercalendar" if self.is_supplier else "orders.change_sitecalendar"

    @property
    def week(self) -> WorkingWeek:
        """As it is kept, or a new one on which every day is worked."""
        kind: type[WorkingWeek] = SupplierCalendar if self.is_supplier else SiteCalendar
        return kind._default_manager.filter(**self.key).first() or kind(**self.key)

    def closures(self) -> QuerySet[Closure]:
        kind: type[Closure] = SupplierClosure if self.is_supplier else SiteClosure
        return kind._default_manager.filter(**self.key)

    def holidays(self) -> dict[date, str]:
        today = timezone.localdate()
        return self.week.holidays(today, today + HOLIDAYS_SHOWN)

    def order_days(self) -> QuerySet[OrderDay]:
        return OrderDay.objects.filter(**self.key).select_related("supplier", "site")


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A line of the list of calendars."""

    place: Place
    works: str
    holidays: str
    next_closure: Closure | None
    order_days: str


def place_rows(kind: type[Supplier] | type[Site]) -> list[PlaceRow]:
    """Of all active suppliers, or of all our sites. Three queries."""
    ahead = (SupplierClosure if kind is Supplier else SiteClosure)._default_manager.filter(
        last__gte=timezone.localdate()
    )
    of = {"active": True} if kind is Supplier else {"of_customer": False}
    found = kind._default_manager.filter(**of).select_related("calendar")
    return [
        _row(place) for place in found.prefetch_related(Prefetch("closures", ahead, "ahead"), "order_days")
    ]


def _row(of: Any) -> PlaceRow:
    week: WorkingWeek | None = getattr(of, "calendar", None)
    closed = "-".join(filter(None, [week.holiday_country, week.holiday_region])) if week else ""
    shared = [day for day in of.order_days.all() if isinstance(of, Supplier) and day.site_id is None]
    own = len({day.site_id for day in of.order_days.all()} - {None}) if isinstance(of, Supplier) else 0
    said = [
        order_day_words(shared),
        f"{own} site{'s' if own != 1 else ''} with days of their own" if own else "",
    ]
    return PlaceRow(
        Place(of),
        weekday_words(week.weekdays) if week else "every day",
        closed,
        next(iter(of.ahead), None),
        "; ".join(filter(None, said)),
    )


def weekday_words(weekdays: str) -> str:
    """`1111100` is Monday to Friday; days that do not follow each other are listed."""
    worked = [at for at, sign in enumerate(weekdays) if sign == "1"]
    if weekdays == EVERY_DAY:
        return "every day"
    if len(worked) > 2 and worked == list(range(worked[0], worked[-1] + 1)):
        return f"{WEEKDAYS[worked[0]]} to {WEEKDAYS[worked[-1]]}"
    return _listed([WEEKDAYS[at] for at in worked])


def order_day_words(days: Sequence[OrderDay]) -> str:
    """“Monday, Wednesday and Friday until 10:30”, of one supplier and one site."""
    by_time: dict[str, list[str]] = {}
    for day in days:
        by_time.setdefault(f"{day.until:%H:%M}", []).append(WEEKDAYS[day.weekday])
    return "; ".join(f"{_listed(names)} until {until}" for until, names in by_time.items())


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if names else ""
