"""Sums over the days that follow the end of each past week: what happened, and what a level would have foretold."""

import numpy as np
from numpy.typing import NDArray

from procurement.engine.data import Floats
from procurement.engine.forecast.levels import Lifts
from procurement.engine.forecast.weeks import Weeks


def happened(weeks: Weeks, horizon_days: int, since: int = 0) -> Floats:
    """Demand of the `horizon_days` after each week from `since` on; NaN where they are not over yet. (n, J - since)"""
    return _after(weeks.running[:, 7 * since :], horizon_days)


def counted_after(daily: NDArray, horizon_days: int) -> Floats:
    """Sum of the `horizon_days` after each week; NaN where they are not over yet. (n, J, 7) -> (n, J)"""
    n, number = daily.shape[:2]
    running = np.zeros((n, number * 7 + 1))
    np.cumsum(daily.reshape(n, -1), axis=1, out=running[:, 1:])
    return _after(running, horizon_days)


def _after(running: Floats, horizon_days: int) -> Floats:
    n, number = running.shape[0], running.shape[1] // 7
    out = np.full((n, number), np.nan)
    ends = running[:, 7 + horizon_days :: 7]
    over = ends.shape[1]
    np.subtract(ends, running[:, 7::7][:, :over], out=out[:, :over])
    return out


def just_before(weeks: Weeks, horizon_days: int) -> Floats:
    """Demand of the `horizon_days` that end with each week; NaN where the history is shorter. (n, J)"""
    n, number = weeks.demand.shape[:2]
    out = np.full((n, number), np.nan)
    short = -(-horizon_days // 7) - 1  # weeks whose end has too little before it
    ends = weeks.running[:, 7::7][:, short:]
    starts = weeks.running[:, 7 * (short + 1) - horizon_days :: 7]
    np.subtract(ends, starts[:, : ends.shape[1]], out=out[:, short:])
    return out


def ordinary_days(weights: Floats, horizon_days: int) -> Floats:
    """The same where the site is open and nothing is promoted. (n, 7) -> (n,)"""
    weeks, days = divmod(horizon_days, 7)
    worth: Floats = weeks * weights.sum(axis=1) + weights[:, :days].sum(axis=1)
    return worth


def usual_days(weeks: Weeks, weights: Floats, lifts: Lifts, horizon_days: int) -> Floats:
    """How many usual days' demand the `horizon_days` after each week are worth, by what was known then. (n, J)

    Closing days and promotions are known ahead; beyond what is known every week is an ordinary one.
    """
    number = len(weeks)
    worth = np.zeros((number, 7))  # of each weekday, how many are open
    for ahead in range(-(-horizon_days // 7)):
        days = min(7, horizon_days - 7 * ahead)
        # Weeks whose `ahead` + 1th next is known
        within = max(min(number, weeks.closed.shape[0] - 1 - ahead), 0)
        worth[:within, :days] += ~weeks.closed[ahead + 1 : ahead + 1 + within, :days]
        worth[within:, :days] += 1.0
    # A product of matrices this small only wakes threads
    total: Floats = np.einsum("nd,jd->nj", weights, worth)
    return total + _promoted(weeks, weights, lifts, horizon_days) if len(weeks.promoted[0]) else total


def _promoted(weeks: Weeks, weights: Floats, lifts: Lifts, horizon_days: int) -> Floats:
    """What promotions add to that. (n, J)"""
    n, number = weeks.demand.shape[:2]
    item, week, day, kind = weeks.promoted
    total = np.zeros(n * number)
    for ahead in range(-(-horizon_days // 7)):
        origin = week - 1 - ahead
        at = np.flatnonzero((origin >= 0) & (origin < number) & (day < horizon_days - 7 * ahead))
        row, then = item[at], origin[at]
        more = weights[row, day[at]] * (lifts.values[row, then, kind[at]] - 1.0)
        total += np.bincount(row * number + then, weights=more, minlength=n * number)
    return total.reshape(n, number)
