"""Order-up-to levels: the forecast over the protection interval and the buffer its past errors ask for."""

from dataclasses import dataclass, fields
from statistics import NormalDist

import numpy as np

from procurement.engine.data import Bools, Floats, Ints, PlanningData
from procurement.engine.deliveries import deliveries_of, lateness
from procurement.engine.firm_orders import Consumed, FirmOrders, consumed, usual_sale
from procurement.engine.forecast import Forecast
from procurement.engine.params import PlanningParams


@dataclass(frozen=True, slots=True, eq=False)
class OrderUpTo:
    """One row an item. forecast + beyond + buffer == level exactly, also after conversion to Decimal."""

    daily: Floats
    forecast: Floats
    buffer: Floats
    level: Floats
    due: Floats  # firm orders within the interval; beyond, unusual, later: see `firm_orders`
    unusual: Floats
    beyond: Floats
    later: Floats
    errors: Ints  # how many past intervals the buffer comes from
    short_history: Bools  # the buffer comes from the fallback
    shelf: Bools  # the buffer is what the shelf should always hold
    low: Floats  # the range the demand lies in, in eight of ten cases
    high: Floats

    @classmethod
    def empty(cls, rows: int) -> "OrderUpTo":
        short, shelf = np.zeros((2, rows), dtype=np.bool_)
        daily, forecast, buffer, level, due, unusual, beyond, later, low, high = np.zeros((10, rows))
        counted = np.zeros(rows, dtype=np.int64)
        return cls(
            daily, forecast, buffer, level, due, unusual, beyond, later, counted, short, shelf, low, high
        )


def order_up_to(
    expected: Forecast,
    params: PlanningParams,
    *,
    horizon: int,
    service_level: float | None = None,
    firm: FirmOrders | None = None,
    usual: Floats | None = None,
    presentation: Floats | None = None,
) -> OrderUpTo:
    """Periodic review, order-up-to (R, S): S = forecast over lead time + review period, plus a buffer, plus what firm
    orders ask beyond the forecast.

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
    service = float(params.service_level) if service_level is None else service_level
    learned, counted = expected.buffer(horizon, service)
    short = counted < params.min_errors
    raw = np.where(short, np.maximum(learned, short_buffer(expected, service, horizon, mean)), learned)
    steady = np.round(raw, 8)
    buffer = np.where(coarse, np.round(steady, 2), np.round(steady, 4))
    shelf = np.zeros(len(buffer), dtype=np.bool_) if presentation is None else presentation > buffer
    buffer = buffer if presentation is None else np.maximum(buffer, presentation)
    none = Consumed.none(len(forecast))
    asked = none if firm is None or usual is None else consumed(firm, forecast, usual, horizon=horizon)
    level = np.round(forecast + asked.beyond + buffer, 4)
    return OrderUpTo(
        daily,
        forecast,
        buffer,
        level,
        asked.due,
        asked.unusual,
        asked.beyond,
        asked.later,
        counted,
        short,
        shelf,
        *(
            np.where(coarse, np.round(np.round(end, 6), 1), np.round(np.round(end, 8), 2))
            for end in expected.band(horizon)
        ),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Cases:
    """Every (item, horizon) a plan looks at: one an offer, in their order, then one an item without offer."""

    item: Ints  # (c,)
    horizon_days: Ints  # (c,)
    need: OrderUpTo  # rows are cases
    arrival_days: Ints  # (c,) until the next delivery
    lateness: Floats  # (c,) what of the buffer is for late deliveries


def horizons_of(data: PlanningData, params: PlanningParams) -> list[int]:
    """The protection intervals of all cases, in days."""
    without = params.lead_time_without_offer_days + params.review_period_days
    return sorted({*deliveries_of(data, 0, params).protected_days.tolist(), without})


def cases_of(data: PlanningData, expected: Forecast, params: PlanningParams) -> Cases:
    """Offers of one item differ in lead time, so each has its own order-up-to level. c = m + items without
    offer.
    """
    offers = data.offers
    bare = np.setdiff1d(np.arange(len(data)), offers.item)
    item = np.concatenate([offers.item, bare])
    delivered = deliveries_of(data, len(bare), params)
    horizon = delivered.protected_days
    need = OrderUpTo.empty(len(item))
    policies, firm = data.policies_or(params), data.firm_orders()
    usual = usual_sale(data.demand)
    service = policies.service_level[item]
    for days, level in sorted({*zip(horizon.tolist(), service.tolist(), strict=True)}):
        at = np.flatnonzero((horizon == days) & (service == level))
        rows, back = np.unique(item[at], return_inverse=True)
        found = order_up_to(
            expected.take(rows),
            params,
            horizon=int(days),
            service_level=level,
            firm=firm.take(rows),
            usual=usual[rows],
            presentation=policies.presentation[rows],
        )
        for column in fields(OrderUpTo):
            getattr(need, column.name)[at] = getattr(found, column.name)[back]
    late = _cover_lateness(need, delivered.spread_days, service)
    if data.planned is not None:  # nothing is needed of what cannot be planned
        for amount in (need.daily, need.forecast, need.buffer, need.beyond, need.level, late):
            amount[~data.planned[item]] = 0.0
    return Cases(item, horizon, need, delivered.arrival_days, late)


def _cover_lateness(need: OrderUpTo, spread_days: Floats, service: Floats) -> Floats:
    """Raise buffers, in place, where deliveries are late now and then; what the shelf should hold anyway stays."""
    late = np.where(need.shelf, 0.0, lateness(need.buffer, need.daily, spread_days, service))
    late = np.where(need.daily >= 1, np.round(late, 2), np.round(late, 4))
    need.buffer[:] = np.round(need.buffer + late, 4)
    need.level[:] = np.round(need.level + late, 4)
    return late


def short_buffer(expected: Forecast, service_level: float, horizon: int, daily: Floats) -> Floats:
    """For a short history: z * sqrt(horizon * variance a day), the variance at least that of a Poisson
    demand.
    """
    z = NormalDist().inv_cdf(service_level)
    spread: Floats = z * np.sqrt(horizon * np.maximum(expected.weeks.variance, daily))
    return spread
