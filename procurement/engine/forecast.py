"""Exponentially smoothed demand, and the errors it made on the item's own past."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from procurement.engine.data import Bools, Floats, Ints


def smoothed_levels(demand: NDArray[np.floating], first: Ints, alpha: float) -> Floats:
    """Daily level after each day, in units a day. (n, T), (n,) -> (n, T)

    level[t] = level[t-1] + g * (demand[t] - level[t-1]),  g = max(alpha, 1 / (days since first demand + 1))

    The gain starts as a plain mean and settles at alpha, so no first guess of the level weighs on a short
    history. Simple exponential smoothing: Silver, Pyke & Thomas, ch. 3; the starting gain is that of Brown
    (1963).
    """
    n, days = demand.shape
    levels = np.zeros((n, days))
    level = np.zeros(n)
    for day in range(days):
        age = day - first
        gain = np.where(age >= 0, np.maximum(alpha, 1.0 / (np.maximum(age, 0) + 1.0)), 0.0)
        level = level + gain * (demand[:, day] - level)
        levels[:, day] = level
    return levels


@dataclass(frozen=True, slots=True, eq=False)
class IntervalErrors:
    """Demand minus forecast over past intervals of one length. K = max_errors columns."""

    errors: Floats  # (n, K); +inf where there is no interval
    valid: Bools  # (n, K)

    @property
    def count(self) -> Ints:
        counted: Ints = self.valid.sum(axis=1)
        return counted


def interval_errors(
    levels: Floats, totals: Floats, first: Ints, *, horizon: int, warmup: int, max_errors: int
) -> IntervalErrors:
    """What the forecast would have missed, had it been made at `max_errors` days spread over the past.

    error[o] = sum(demand[o+1 .. o+horizon]) - horizon * level[o]
    Origins o run from `warmup` days after the first demand to `horizon` days before the end, evenly spread.
    levels (n, T), totals (n, T+1) from `demand.cumulative`, first (n,), horizon in days -> (n, K)
    """
    n, days = levels.shape
    oldest = first + warmup - 1
    newest = days - 1 - horizon
    room = np.maximum(newest - oldest + 1, 0)
    number = np.minimum(room, max_errors)
    column = np.arange(max_errors)
    # Evenly spread, both ends included; with fewer days than columns every day once.
    span = np.maximum(room - 1, 0)[:, None] * column / np.maximum(number - 1, 1)[:, None]
    origin = oldest[:, None] + np.rint(span).astype(np.int64)
    valid = column < number[:, None]
    origin = np.where(valid, origin, 0)
    row = np.arange(n)[:, None]
    after = np.minimum(origin + 1 + horizon, days)
    happened = totals[row, after] - totals[row, np.minimum(origin + 1, days)]
    missed = happened - horizon * levels[row, origin]
    return IntervalErrors(np.where(valid, missed, np.inf), valid)
