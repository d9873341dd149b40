"""The service level of each item by what its stock costs, in a plan: see `allocation`.

What a site pays for service is learned once, from an even part of its items (`price_of_service`), and kept with the
plan; then each item finds its own level by it, alone (`spread`), whatever is computed beside it.

Levels set by hand, for an item or its class, stay as they are. An item without a price, that died out, or that sold in
fewer than eight weeks has the site's level: nobody knows what more of it would prevent.
"""

from dataclasses import dataclass, replace

import numpy as np

from procurement.engine.allocation import ServicePrice, selling_weeks, service_price
from procurement.engine.data import Floats, Ints, PlanningData
from procurement.engine.deliveries import deliveries_of
from procurement.engine.demand import weekly_totals
from procurement.engine.forecast import Experience, Forecast, Weeks, forecast
from procurement.engine.item_policies import ItemPolicies
from procurement.engine.landed import comparable
from procurement.engine.params import PlanningParams
from procurement.engine.requirements import short_buffer
from procurement.engine.terms import Standing

GRID = np.array([0.5, 0.6, 0.7, 0.75, 0.8, 0.825, 0.85, 0.875, 0.9, 0.915, 0.93, 0.94, 0.95, 0.96, 0.97, 0.975, 0.98,
                 0.985, 0.99, 0.993, 0.995, 0.997, 0.999])  # fmt: skip
LEAST_WEEKS = 8  # with demand, as in a replay
HALVINGS = 24  # of the price; further ones would hang on the last digits of a forecast
DIGITS = 6  # after the point that quantiles are compared to, as their last bits depend on what is beside them
CHEAP, DEAR = "its stock is cheap for what it prevents", "its stock is dear for what it prevents"


def expected_of(data: PlanningData, experience: Experience) -> Forecast:
    """Our own forecast of all its items."""
    expected = forecast(Weeks.known_of(data.demand, data.days, experience.closed), experience)
    return expected.with_like(data.days.like) if data.days.like else expected


def price_of_service(
    data: PlanningData, params: PlanningParams, experience: Experience
) -> ServicePrice | None:
    """By which these items' mean level is the site's. None: nothing can be spread."""
    asked = _asked(data, expected_of(data, experience), params)
    return service_price(asked.levels, asked.cost, float(params.service_level), HALVINGS)


def spread(
    data: PlanningData, expected: Forecast, params: PlanningParams, price: ServicePrice
) -> ItemPolicies:
    """With the level that each item has by that price, and why in words."""
    policies, asked = data.policies_or(params), _asked(data, expected, params)
    level, why, usual = policies.service_level.copy(), list(policies.why), float(params.service_level)
    level[asked.items] = np.round(price.levels(asked.levels, asked.cost), 4)
    for item in asked.items.tolist():
        if level[item] != usual:
            why[item] = CHEAP if level[item] > usual else DEAR
    chosen = np.zeros(len(data), dtype=np.bool_)
    chosen[asked.items] = True
    return replace(policies, service_level=level, why=tuple(why), spread=chosen)


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    items: Ints  # (k,) rows of those that can be spread
    levels: Floats  # (P,) they may have
    # (k, P) of the stock that each level asks for beyond the lowest, by how often the item sells
    cost: Floats


def _asked(data: PlanningData, expected: Forecast, params: PlanningParams) -> _Asked:
    """Demand until the delivery after next, at the lowest first price; a lead time's lateness is left out."""
    price, horizon = _usual_offer(data, params)
    by_hand = np.array([bool(why) for why in data.policies_or(params).why], dtype=np.bool_)
    sold = (weekly_totals(data.demand, weeks=data.demand.shape[1] // 7) > 0).sum(axis=1)
    open_ = ~by_hand & (price > 0) & (sold >= LEAST_WEEKS) & ~expected.waits.gone
    items, levels = np.flatnonzero(open_), _levels(params)
    quantiles = np.zeros((len(items), len(levels)))
    for days in np.unique(horizon[items]).tolist():
        at = np.flatnonzero(horizon[items] == days)
        quantiles[at] = _stock(expected.take(items[at]), levels, days, params)
    steady = np.round(quantiles, DIGITS)
    by_sales = price[items] / selling_weeks(data.demand[items])
    return _Asked(items, levels, (steady - steady[:, :1]) * by_sales[:, None])


def _stock(expected: Forecast, levels: Floats, days: int, params: PlanningParams) -> Floats:
    """What each level asks for, as `requirements.order_up_to` finds it, unrounded. (n, P)"""
    total = expected.total(days)
    _, counted = expected.buffer(days, float(levels[0]))
    least = np.column_stack([short_buffer(expected, level, days, total / days) for level in levels.tolist()])
    stock = expected.quantiles(days, levels)
    short = (counted < params.min_errors)[:, None]
    return np.where(short, np.maximum(stock, total[:, None] + least), stock)


def _levels(params: PlanningParams) -> Floats:
    """Between the bounds, which give way to a site that wants less, or more, of all its items."""
    wanted = float(params.service_level)
    least, most = (
        min(float(params.least_spread_service), wanted),
        max(float(params.most_spread_service), wanted),
    )
    return np.unique([least, most, wanted, *GRID[(least < GRID) & (most > GRID)]])


def _usual_offer(data: PlanningData, params: PlanningParams) -> tuple[Floats, Ints]:
    """First price of the cheapest offer in the plan's currency, and the days it has to last; 0, 0 without. (n,), (n,)

    Ties: the one that covers fewer days.
    """
    offers = data.offers
    price, horizon = np.zeros(len(data)), np.zeros(len(data), dtype=np.int64)
    if not len(offers) or not offers.tier_price.shape[1]:
        return price, horizon
    first = np.round(offers.tier_price[:, 0] * comparable(data, params), DIGITS)
    days = deliveries_of(data, 0, params).protected_days
    usable = np.flatnonzero(np.isfinite(first) & (first > 0) & ~Standing.of(data).blocked)
    order = usable[np.lexsort((days[usable], first[usable], offers.item[usable]))]
    items, begins = np.unique(offers.item[order], return_index=True)
    price[items], horizon[items] = first[order[begins]], days[order[begins]]
    return price, horizon
