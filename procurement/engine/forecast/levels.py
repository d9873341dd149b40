"""How much of an item is taken on a usual day, as it was seen at the end of each week of its past.

level = sum of what was taken, older days counting less / sum of what those days weigh, older days counting less

A ratio of sums takes days without demand, closed days and empty shelves as they are, needs no first guess, and is
exponential smoothing for an item that sells every day (Brown 1963). A day's weight is its weekday's share, times what a
promotion of its kind does to this item.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from procurement.engine.data import Bools, Floats
from procurement.engine.forecast.weeks import PROMOTION_CLASSES, Weeks

TINY = 1e-9
LIFT_MEMORY_DAYS = 50  # of promotion; older ones count less
LIFT_EVIDENCE = 2.0  # usual days' worth of belief in what promotions do to other items
REFERENCE_MEMORY = 56  # days; of the level that lifts are measured against
LEAST_LIFT, MOST_LIFT = 0.5, 12.0  # beyond that it is the usual level that is not known
PROMOTED_WEIGHT = 0.3  # what a promotion day says about the usual level: less than a usual day
OUTLIER = 5.0  # times the usual size of a day with demand: more is taken as that much
OUTLIER_AFTER = 5  # days with demand
FIRST_DAYS = 14  # that one sale tells of at least; two sales tell of half of them each, and so on


@dataclass(frozen=True, slots=True, eq=False)
class Lifts:
    """What a promotion multiplies an item's demand by, known at the end of each week."""

    values: Floats  # (n, J, classes)

    def known_in(self, week: int | slice) -> Floats:
        """When that week began, or each of all. (n, [J,] classes)"""
        before = np.maximum(np.arange(self.values.shape[1]) - 1, 0)
        found: Floats = self.values[:, before[week]]
        return found


def capped(weeks: Weeks) -> Floats:
    """Demand without outliers: one huge order is no new level, but a promotion may sell so much. (n, J, 7)"""
    usual = weeks.promotion[:, : len(weeks)] == 0
    counted = (weeks.demand > 0) & weeks.known & usual
    weekly, days = (weeks.demand * counted).sum(axis=2), counted.sum(axis=2)
    # Where nothing is above what it would be capped to without any capping, nothing is capped.
    most = _most(np.cumsum(weekly, axis=1) - weekly, np.cumsum(days, axis=1) - days)
    rows = np.flatnonzero(((weeks.demand > most[:, :, None]) & usual).any(axis=(1, 2)))
    if not len(rows):
        return weeks.demand
    out = weeks.demand.copy()
    out[rows] = _capped(weeks.demand[rows], usual[rows], counted[rows])
    return out


def _capped(demand: Floats, usual: Bools, counted: Bools) -> Floats:
    total, days = np.zeros((2, len(demand)))
    out = np.empty_like(demand)
    for week in range(demand.shape[1]):
        most = _most(total, days)[:, None]
        now = np.where(usual[:, week], np.minimum(demand[:, week], most), demand[:, week])
        out[:, week] = now
        total += (now * counted[:, week]).sum(axis=1)
        days += counted[:, week].sum(axis=1)
    return out


def _most(total: Floats, days: NDArray) -> Floats:
    """Of which an item's demand of a day is an outlier, after so much on so many days with demand."""
    return np.where(days >= OUTLIER_AFTER, OUTLIER * total / np.maximum(days, 1), np.inf)


def lifts_of(weeks: Weeks, taken: Floats, weights: Floats, dispersion: Floats, pooled: Floats) -> Lifts:
    """taken, weights (n, J, 7): capped demand, weekdays' weights; dispersion (n,); pooled (classes,): of all items."""
    n = taken.shape[0]
    values = np.broadcast_to(pooled, (n, len(weeks), PROMOTION_CLASSES))
    if not weeks.promotion.any():
        return Lifts(values)
    lifts = Lifts(values.copy())
    got, expected = np.zeros((2, n, PROMOTION_CLASSES))
    belief = LIFT_EVIDENCE * dispersion[:, None]
    for week, level in enumerate(_levels(weeks, taken, weights, REFERENCE_MEMORY, lifts)):
        kinds, known = weeks.promotion[:, week], weeks.known[:, week]
        kept = np.exp(-((kinds > 0) & known).sum(axis=1) / LIFT_MEMORY_DAYS)[:, None]
        got, expected = kept * got, kept * expected
        usual = level[:, None] * weights[:, week]
        for kind in range(1, PROMOTION_CLASSES):
            at = known & (kinds == kind)
            got[:, kind] += (weeks.demand[:, week] * at).sum(axis=1)
            expected[:, kind] += (usual * at).sum(axis=1)
        lift = np.clip((got + belief * pooled) / (expected + belief), LEAST_LIFT, MOST_LIFT)
        lift[:, 0] = 1.0
        lifts.values[:, week] = lift
    return lifts


def levels_of(
    weeks: Weeks,
    taken: Floats,
    weights: Floats,
    lifts: Lifts,
    memories: Sequence[float],
    first_days: int = FIRST_DAYS,
) -> Floats:
    """Units a usual day, at the end of each week, by each memory (k, in days). -> (k, n, J)"""
    kept = 1.0 - 1.0 / np.array(memories, dtype=np.float64)
    fading = kept ** np.arange(6, -1, -1)[:, None]  # (7, k)
    now, counts = _counted(weeks, taken, lifts, slice(None))
    # What each week brings, for all memories in one product; then what is left of the weeks before.
    # (J, n, k)
    above, below = (np.matmul(days.transpose(1, 0, 2), fading) for days in (now * counts, weights * counts))
    for week in range(1, len(weeks)):
        above[week] += kept**7 * above[week - 1]
        below[week] += kept**7 * below[week - 1]
    np.maximum(below, TINY, out=below)
    above /= below
    _at_first(weeks, above, first_days)
    return np.ascontiguousarray(above.transpose(2, 1, 0))


def _at_first(weeks: Weeks, levels: Floats, first_days: int) -> None:
    """What is known begins with a sale, so that the first days tell too high a level. levels (J, n, k), in place

    One sale is taken for what comes once in `first_days`; a sale every day is believed from the fourth on.
    """
    items = np.flatnonzero(weeks.first < len(weeks))
    days, sales = np.zeros((2, len(items)))
    for later in range(-(-first_days // 7)):
        inside = weeks.first[items] + later < len(weeks)
        items, days, sales = items[inside], days[inside], sales[inside]
        week = weeks.first[items] + later
        days += weeks.known[items, week].sum(axis=1)
        sales += (weeks.known[items, week] & (weeks.demand[items, week] > 0)).sum(axis=1)
        levels[week, items] *= np.minimum(days * sales / first_days, 1.0)[:, None]


def _counted(weeks: Weeks, taken: Floats, lifts: Lifts, at: slice | int) -> tuple[Floats, Floats]:
    """What was taken as if nothing were promoted, and how far that counts. (n, [J,] 7) each"""
    classes, counts = weeks.promotion[:, : len(weeks)][:, at], weeks.known[:, at].astype(np.float64)
    if not classes.any():
        return taken[:, at], counts
    kinds = classes.astype(np.int64)
    lifted = np.take_along_axis(lifts.known_in(at), kinds, axis=-1)
    return taken[:, at] / np.maximum(lifted, 0.1), counts * np.where(kinds > 0, PROMOTED_WEIGHT, 1.0)


def _levels(
    weeks: Weeks, taken: Floats, weights: Floats, memory_days: float, lifts: Lifts
) -> Iterator[Floats]:
    """Week by week, for lifts that are learned meanwhile."""
    kept = 1.0 - 1.0 / memory_days
    fading = kept ** np.arange(6, -1, -1)
    n = taken.shape[0]
    above, below = np.zeros((2, n))
    for week in range(len(weeks)):
        now, counts = _counted(weeks, taken, lifts, week)
        above = kept**7 * above + (now * counts) @ fading
        below = kept**7 * below + (weights[:, week] * counts) @ fading
        yield above / np.maximum(below, TINY)
