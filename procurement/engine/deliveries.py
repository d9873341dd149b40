"""When each offer arrives, how long stock must last by it, and what its lateness adds to the buffer."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal
from statistics import NormalDist

import numpy as np

from procurement.engine.data import Floats, Ints, PlanningData
from procurement.engine.needs import Reason
from procurement.engine.params import PlanningParams

LONGEST = 3_650  # days; nothing is foretold beyond


@dataclass(frozen=True, slots=True, eq=False)
class Deliveries:
    """One row a case: an offer, or after them an item without any."""

    arrival_days: Ints  # (c,) from the day of the plan to the next delivery
    protected_days: Ints  # (c,) until the delivery after it: the protection interval
    spread_days: Floats  # (c,) of the lead time; 0 where it was not learned


def deliveries_of(data: PlanningData, bare: int, params: PlanningParams) -> Deliveries:
    """By the calendars of suppliers that have one, else lead time + review period in days. `bare`: items no one offers.

    One look at the calendar a supplier, whatever the number of its offers.
    """
    offers = data.offers
    lead = np.concatenate([offers.lead_time_days, np.full(bare, params.lead_time_without_offer_days)])
    protected = lead + params.review_period_days
    arrival, spread = lead.copy(), np.zeros(len(lead))
    if data.lead_times:
        known = [data.lead_times.get(key) for key in offers.key.tolist()]
        spread[: len(offers)] = [lead_time.spread if lead_time else 0.0 for lead_time in known]
    for row, terms in enumerate(data.suppliers):
        if terms.window is None:
            continue
        at = np.flatnonzero(offers.supplier == row)
        arrival[at] = terms.window.arrival_days(lead[at])
        protected[at] = terms.window.protected_days(lead[at])
        spread[at] *= terms.window.days_a_working_day
    return Deliveries(arrival, protected, spread)


def lateness(buffer: Floats, daily: Floats, spread_days: Floats, service_level: Floats) -> Floats:
    """What late deliveries add to a buffer: sqrt(buffer^2 + (z x daily x spread)^2) - buffer. (c,) each -> (c,)

    The demand of a random lead time has variance E[L] var(D) + E[D]^2 var(L): Silver, Pyke & Thomas, Inventory and
    Production Management in Supply Chains, 4th ed., ch. 6. The first part is the buffer, read off errors; only the
    second is taken as normal. Mixtures of demand over each possible lead time were tried: docs/calendars.md.
    """
    levels = np.unique(service_level)
    z = np.array([NormalDist().inv_cdf(level) for level in levels.tolist()])
    beyond = z[np.searchsorted(levels, service_level)] * daily * spread_days
    return np.maximum(np.sqrt(buffer**2 + beyond**2) - buffer, 0.0)


def need_by(as_of: date, *, position: Decimal, daily: Decimal, buffer: Decimal) -> Reason | None:
    """When the stock that is there or on its way is expected to run out, and to fall below the buffer.

    None where no demand is expected: it never does.
    """
    if daily <= 0:
        return None
    runs_out, thins = (_after(as_of, max(Decimal(0), left) / daily) for left in (position, position - buffer))
    return {"date": runs_out.isoformat(), "below_buffer": thins.isoformat()}


def _after(as_of: date, days: Decimal) -> date:
    whole = int(min(days, Decimal(LONGEST)).to_integral_value(ROUND_FLOOR))
    return as_of + timedelta(days=whole)
