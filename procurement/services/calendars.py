"""Writing calendars: working weekdays, closures and order days of suppliers and sites."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, time

from django.db import transaction

from orders.models import OrderDay, Site
from procurement.calendar_places import Place
from suppliers.models import Closure, Supplier, WorkingWeek


@dataclass(slots=True)
class ClosuresLoaded:
    added: int = 0
    known: int = 0
    errors: list[str] = field(default_factory=list)  # with any, nothing was written


def week_save(*, week: WorkingWeek) -> None:
    week.full_clean()
    week.save()


def closure_add(*, place: Place, first: date, last: date, name: str) -> bool:
    """Whether it was new; one of the same days gets the new name."""
    closures = place.closures()
    _, added = closures.model._default_manager.update_or_create(
        **place.key, first=first, last=last, defaults={"name": name}
    )
    return bool(added)


@transaction.atomic
def closures_add(*, place: Place, rows: Iterable[tuple[date, date, str]]) -> ClosuresLoaded:
    loaded = ClosuresLoaded()
    for first, last, name in rows:
        if closure_add(place=place, first=first, last=last, name=name):
            loaded.added += 1
        else:
            loaded.known += 1
    return loaded


def closure_delete(*, closure: Closure) -> None:
    closure.delete()


@transaction.atomic
def order_days_add(*, supplier: Supplier, site: Site | None, weekdays: Iterable[int], until: time) -> int:
    """How many of them are new."""
    return sum(
        OrderDay.objects.get_or_create(supplier=supplier, site=site, weekday=weekday, until=until)[1]
        for weekday in weekdays
    )


def order_day_delete(*, day: OrderDay) -> None:
    day.delete()
