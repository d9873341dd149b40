"""Promotions, closing days and empty shelves as a plan needs them: columns of its demand matrix. Reads only."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from orders.models import Site, SiteCalendar, SiteClosure
from procurement.engine.known_days import KnownDays, PromotedDays
from procurement.like_items import likenesses
from procurement.models import DailyDemand, Promotion, StockChange, StockLevel, StockOut

AHEAD = timedelta(days=430)  # more than the longest lead time and review period
SOLD_OUT_HOURS = 12  # from which a day says nothing about demand
OPEN_ALL_THE_SAME = 0.5  # of the past closing days: what is sold on them was wanted on them
STILL_SOLD = 0.5  # of its usual demand: an item ordered like that without stock is waited for, not lost


def known_days(
    *, site: Site, products: Sequence[int], as_of: date, demand: NDArray[np.floating]
) -> KnownDays:
    """`products` ascending, one row of `demand` (n, T) each; the last column is the day before `as_of`."""
    row_of = {product: row for row, product in enumerate(products)}
    first = as_of - timedelta(days=demand.shape[1])
    return replace(
        site_days(site=site, first=first, as_of=as_of),
        promotions=list(_promotions(site, row_of, first, as_of)),
        like=likenesses(site=site, products=products, as_of=as_of, demand=demand),
        censored=_censored(site, row_of, first, as_of, demand),
    )


def site_days(*, site: Site, first: date, as_of: date) -> KnownDays:
    """Closures and public holidays of the site's calendar, from `first` on; and of these, as closed, what stops people
    from buying. Weekdays are not told by it: a site that receives nothing on Saturdays may well sell.
    """
    last = as_of + AHEAD
    calendar = SiteCalendar.objects.filter(site=site).first()
    days = set(calendar.holidays(first, last) if calendar else ())
    for start, end in SiteClosure.objects.filter(site=site, last__gte=first, first__lt=last).values_list(
        "first", "last"
    ):
        start, end = max(start, first), min(end, last)
        days |= {start + timedelta(days=day) for day in range((end - start).days + 1)}
    days = {day for day in days if first <= day < last}
    if not days:
        return KnownDays()
    holidays = np.zeros((last - first).days, dtype=np.bool_)
    holidays[[(day - first).days for day in days]] = True
    past = [day for day in days if day < as_of]
    sold = DailyDemand.objects.filter(site=site, date__in=past, quantity__gt=0)
    open_ = sold.values("date").distinct().count() > OPEN_ALL_THE_SAME * len(past)
    return KnownDays(closed=None if open_ else holidays, holidays=holidays)


def _promotions(site: Site, row_of: dict[int, int], first: date, as_of: date) -> Iterator[PromotedDays]:
    found = Promotion.objects.filter(
        site=site, ends_on__gte=first, starts_on__lt=as_of + AHEAD, **_within(row_of)
    )
    rows = found.order_by().values_list("product", "starts_on", "ends_on", "name")
    for product, starts_on, ends_on, name in rows.iterator():
        if product in row_of:
            stop = min(ends_on + timedelta(days=1), as_of + AHEAD)
            yield PromotedDays(row_of[product], (starts_on - first).days, (stop - first).days, name)


def _within(row_of: dict[int, int]) -> dict[str, int]:
    return {"product__gte": min(row_of), "product__lte": max(row_of)} if row_of else {"product": 0}


def _censored(
    site: Site, row_of: dict[int, int], first: date, as_of: date, demand: NDArray[np.floating]
) -> NDArray[np.bool_] | None:
    """Days on which an item could not be sold; None where there is none."""
    told = StockOut.objects.filter(
        site=site, date__gte=first, date__lt=as_of, hours__gte=SOLD_OUT_HOURS, **_within(row_of)
    )
    empty = np.zeros(demand.shape, dtype=np.bool_)
    for product, start, end in _empty_spells(site, row_of):
        empty[row_of[product], max((start - first).days, 0) : max((end - first).days, 0)] = True
    if empty.any():
        empty &= ~_sold_all_the_same(empty, demand)[:, None]
    for product, day in told.order_by().values_list("product", "date").iterator():
        if product in row_of:
            empty[row_of[product], (day - first).days] = True
    return empty if empty.any() else None


def _empty_spells(site: Site, row_of: dict[int, int]) -> Iterator[tuple[int, date, date]]:
    """Product, first whole day without stock, and the day on which some came or the figure was last confirmed."""
    within = _within(row_of)
    changes = StockChange.objects.filter(site=site, counts=True, **within).order_by("product", "id")
    confirmed = dict(
        StockLevel.objects.filter(site=site, on_hand__lte=0, **within).values_list("product", "as_of")
    )
    rows = changes.values_list("product", "as_of", "on_hand").iterator()
    for product, since, until in _spells(rows):
        if product not in row_of:
            continue
        start = timezone.localdate(since) + timedelta(days=1)
        last = until or confirmed.get(product)
        end = timezone.localdate(last) if last else start
        if end > start:
            yield product, start, end


def _spells(rows: Iterable[tuple[int, datetime, Decimal]]) -> Iterator[tuple[int, datetime, datetime | None]]:
    """Product, since when there was none, and until when; None: to this day. Rows are ordered by product, then time."""
    empty: tuple[int, datetime] | None = None
    for product, at, on_hand in rows:
        if empty and empty[0] != product:
            yield (*empty, None)
            empty = None
        if on_hand <= 0:
            empty = empty or (product, at)
        elif empty:
            yield (*empty, at)
            empty = None
    if empty:
        yield (*empty, None)


def _sold_all_the_same(empty: NDArray[np.bool_], demand: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Items whose customers order and wait while there is none: what they did not order then, nobody wanted. (n,)"""
    begun = np.cumsum(demand, axis=1) > 0
    usual = np.where(begun & ~empty, demand, 0).sum(axis=1) / np.maximum((begun & ~empty).sum(axis=1), 1)
    then = np.where(begun & empty, demand, 0).sum(axis=1) / np.maximum((begun & empty).sum(axis=1), 1)
    waited: NDArray[np.bool_] = then >= STILL_SOLD * np.maximum(usual, 1e-9)
    return waited
