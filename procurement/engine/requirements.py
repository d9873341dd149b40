"""Order-up-to levels: the forecast over the protection interval and the buffer its past errors ask for."""

from dataclasses import dataclass, fields
from statistics import NormalDist

import numpy as np

from procurement.engine.data import Bools, Floats, Ints, PlanningData
from procurement.engine.forecast import Forecast
from procurement.engine.params import PlanningParams


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


def order_up_to(expected: Forecast, params: PlanningParams, *, horizon: int) -> OrderUpTo:
    """Periodic review, order-up-to (R, S): S = forecast over lead time + review period, plus a buffer.

    Silver, Pyke & Thomas, Inventory and Production Management in Supply Chains, 4th ed., ch. 6.7. Instead of
    a normal distribution the buffer is read off the errors the same forecast made (see `forecast.spread`). horizon
    in days; quantities in the item's unit.
    """
    total = expected.total(horizon)
    # The last bits of a sum depend on what is computed beside it; whether a mean is 1 must not.
    mean = np.round(total / horizon, 8)
    # Rounded first and added after, so that the numbers a person reads add up: 2 decimals from 1 a day, else 4.
    coarse = mean >= 1
    daily = np.where(coarse, np.round(mean, 2), np.round(mean, 4))
    forecast = np.round(daily * horizon, 4)
    service = float(params.service_level)
    learned, counted = expected.buffer(horizon, service)
    short = counted < params.min_errors
    raw = np.where(short, np.maximum(learned, _fallback(expected, service, horizon, mean)), learned)
    steady = np.round(raw, 8)
    buffer = np.where(coarse, np.round(steady, 2), np.round(steady, 4))
    level = np.round(forecast + buffer, 4)
    return OrderUpTo(daily, forecast, buffer, level, counted, short)


@dataclass(frozen=True, slots=True, eq=False)
class Cases:
    """Every (item, horizon) a plan looks at: one an offer, in their order, then one an item without offer."""

    item: Ints  # (c,)
    horizon_days: Ints  # (c,)
    need: OrderUpTo  # rows are cases


def cases_of(data: PlanningData, expected: Forecast, params: PlanningParams) -> Cases:
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
        found = order_up_to(expected.take(rows), params, horizon=int(days))
        for column in fields(OrderUpTo):
            getattr(need, column.name)[at] = getattr(found, column.name)[back]
    return Cases(item, horizon, need)


def _fallback(expected: Forecast, service_level: float, horizon: int, daily: Floats) -> Floats:
    """For a short history: z * sqrt(horizon * variance a day), the variance at least that of a Poisson
    demand.
    """
    z = NormalDist().inv_cdf(service_level)
    spread: Floats = z * np.sqrt(horizon * np.maximum(expected.weeks.variance, daily))
    return spread
