"""Order-up-to levels: the forecast over the protection interval and the buffer its past errors ask for."""

from dataclasses import dataclass, fields
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from procurement.engine.data import Bools, Floats, Ints, PlanningData
from procurement.engine.demand import cumulative, first_demand
from procurement.engine.forecast import IntervalErrors, interval_errors, smoothed_levels
from procurement.engine.params import PlanningParams


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """What is computed once an item, whatever the horizon."""

    first: Ints  # (n,)
    totals: Floats  # (n, T+1)
    levels: Floats  # (n, T)
    variance: Floats  # (n,) of daily demand since the first, units squared

    @classmethod
    def of(cls, demand: NDArray[np.floating], params: PlanningParams) -> "History":
        first = first_demand(demand)
        totals = cumulative(demand)
        days = np.maximum(demand.shape[1] - first, 1)
        mean = totals[:, -1] / days
        squares = np.einsum("ij,ij->i", demand, demand, dtype=np.float64)
        variance = np.maximum(squares / days - mean**2, 0.0)
        return cls(first, totals, smoothed_levels(demand, first, params.smoothing), variance)

    def take(self, rows: Ints) -> "History":
        return History(self.first[rows], self.totals[rows], self.levels[rows], self.variance[rows])


@dataclass(frozen=True, slots=True, eq=False)
class OrderUpTo:
    """One row an item. forecast + buffer == level exactly, also after conversion to Decimal."""

    daily: Floats
    forecast: Floats
    buffer: Floats
    level: Floats
    errors: Ints  # how many past intervals the buffer comes from
    short_history: Bools  # the buffer comes from the fallback

    @classmethod
    def empty(cls, rows: int) -> "OrderUpTo":
        daily, forecast, buffer, level = np.zeros((4, rows))
        counted, short = np.zeros(rows, dtype=np.int64), np.zeros(rows, dtype=np.bool_)
        return cls(daily, forecast, buffer, level, counted, short)


def order_up_to(history: History, params: PlanningParams, *, horizon: int) -> OrderUpTo:
    """Periodic review, order-up-to (R, S): S = forecast over lead time + review period, plus a buffer.

    Silver, Pyke & Thomas, Inventory and Production Management in Supply Chains, 4th ed., ch. 6.7. Instead of
    a normal distribution the buffer is read off the errors the same forecast made (see `buffer_of`). horizon
    in days; quantities in the item's unit.
    """
    last = history.levels[:, -1]
    # Rounded first and added after, so that the numbers a person reads add up: 2 decimals from 1 a day, else
    # 4.
    coarse = last >= 1
    daily = np.where(coarse, np.round(last, 2), np.round(last, 4))
    forecast = np.round(daily * horizon, 4)
    errors = interval_errors(
        history.levels,
        history.totals,
        history.first,
        horizon=horizon,
        warmup=params.warmup_days,
        max_errors=params.max_errors,
    )
    service = float(params.service_level)
    short = errors.count < params.min_errors
    raw = np.where(short, _fallback(history, service, horizon, last), buffer_of(errors, service))
    buffer = np.where(coarse, np.round(raw, 2), np.round(raw, 4))
    level = np.round(forecast + buffer, 4)
    return OrderUpTo(daily, forecast, buffer, level, errors.count, short)


@dataclass(frozen=True, slots=True, eq=False)
class Cases:
    """Every (item, horizon) a plan looks at: one an offer, in their order, then one an item without offer."""

    item: Ints  # (c,)
    horizon_days: Ints  # (c,)
    need: OrderUpTo  # rows are cases


def cases_of(data: PlanningData, history: History, params: PlanningParams) -> Cases:
    """Offers of one item differ in lead time, so each has its own order-up-to level. c = m + items without
    offer.
    """
    offers = data.offers
    bare = np.setdiff1d(np.arange(len(data)), offers.item)
    item = np.concatenate([offers.item, bare])
    lead = np.concatenate([offers.lead_time_days, np.full(len(bare), params.lead_time_without_offer_days)])
    horizon = lead + params.review_period_days
    need = OrderUpTo.empty(len(item))
    for days in np.unique(horizon):
        at = np.flatnonzero(horizon == days)
        rows, back = np.unique(item[at], return_inverse=True)
        found = order_up_to(history.take(rows), params, horizon=int(days))
        for column in fields(OrderUpTo):
            getattr(need, column.name)[at] = getattr(found, column.name)[back]
    return Cases(item, horizon, need)


def buffer_of(errors: IntervalErrors, service_level: float) -> Floats:
    """The ceil(q * (m + 1))-th smallest of an item's m errors, at least 0. (n, K) -> (n,)

    That order statistic covers the next error with probability q or more if errors are exchangeable
    (Vovk, Gammerman & Shafer, Algorithmic Learning in a Random World, 2005); capped at the largest error.
    """
    count = errors.count
    rank = np.ceil(service_level * (count + 1)).astype(np.int64)
    at = np.clip(np.minimum(rank, count) - 1, 0, None)
    ordered = np.sort(errors.errors, axis=1)
    picked = ordered[np.arange(len(count)), at]
    return np.where(count > 0, np.maximum(np.where(np.isfinite(picked), picked, 0.0), 0.0), 0.0)


def _fallback(history: History, service_level: float, horizon: int, level: Floats) -> Floats:
    """For a short history: z * sqrt(horizon * variance a day), the variance at least that of a Poisson
    demand.
    """
    z = NormalDist().inv_cdf(service_level)
    spread: Floats = z * np.sqrt(horizon * np.maximum(history.variance, level))
    return spread
