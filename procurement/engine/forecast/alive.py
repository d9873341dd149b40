"""Whether an item still sells at all: how long nothing was taken, against how long that usually took.

After `waited` days without demand, where demand used to come every `gap` days, an item that still sells had this happen
with probability exp(-waited / gap). Against an item that died out, which each wait has the chance DEATH of being the
end of, that leaves (Bayes)

    alive = (1 - DEATH) exp(-waited / gap) / ((1 - DEATH) exp(-waited / gap) + DEATH)

A probability of demand that fades while there is none is the idea of Teunter, Syntetos & Babai (2011, "Intermittent
demand: linking forecasting to inventory obsolescence"); theirs fades by the same share whatever the usual wait.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from procurement.engine.data import Bools, Floats, Ints
from procurement.engine.forecast.weeks import Weeks

DEATH = 0.05
GONE = 0.02  # less alive than that: nothing is bought any more
NEWEST_GAP = 0.3  # weight of the last wait in the usual one
LEAST_SALES = 3  # days with demand before the usual wait is known
LEAST_WAIT = 28  # days; a shorter one ends nothing
YEAR_DAYS = 364
SEASON_DAYS = 56  # before and after the day a year ago
SEASONAL = 0.7  # of a year's days with demand within these


@dataclass(frozen=True, slots=True, eq=False)
class Waits:
    """As it stands at the end of the history, in days on which the item could be bought. (n,)"""

    waited: Ints
    gap: Floats  # NaN where nothing hangs on it: the wait is short, or too few sales are known
    alive: Floats

    @property
    def gone(self) -> Bools:
        return np.asarray(self.alive < GONE, dtype=np.bool_)

    @property
    def alive_still(self) -> Floats:
        """What the level is multiplied by."""
        return np.where(self.gone, 0.0, self.alive)

    def take(self, rows: Ints) -> "Waits":
        return Waits(self.waited[rows], self.gap[rows], self.alive[rows])


def waits_of(weeks: Weeks) -> Waits:
    n = weeks.demand.shape[0]
    sold, known = weeks.demand > 0, weeks.known
    if weeks.empty is not None:  # what is counted as usual then was neither sold nor waited for
        sold, known = sold & ~weeks.empty, known & ~weeks.empty
    sold, known = sold.reshape(n, -1), known.reshape(n, -1)
    passed = np.cumsum(known, axis=1, dtype=np.int32)
    some, newest = sold.any(axis=1), sold.shape[1] - 1 - sold[:, ::-1].argmax(axis=1)
    waited = passed[:, -1] - np.where(some, passed[np.arange(n), newest], 0)
    unsure = (waited < LEAST_WAIT) | (sold.sum(axis=1) < LEAST_SALES) | _of_this_season(sold)
    gap, alive = np.full(n, np.nan), np.ones(n)
    rows = np.flatnonzero(~unsure)
    gap[rows] = _usual_gap(sold[rows], passed[rows])
    chance = np.exp(-waited[rows] / np.maximum(gap[rows], 1.0)) * (1 - DEATH)
    alive[rows] = chance / (chance + DEATH)
    return Waits(waited.astype(np.int64), gap, alive)


def _usual_gap(sold: Bools, passed: NDArray[np.integer]) -> Floats:
    """Of items that sold twice or more: waits from sale to sale, smoothed exponentially from the first one on. (n,)"""
    item, day = np.nonzero(sold)
    at = passed[item, day]
    later = np.flatnonzero(item[1:] == item[:-1]) + 1  # all but each item's first sale
    waits, of = (at[later] - at[later - 1]).astype(np.float64), item[later]
    ends = np.searchsorted(of, np.arange(len(sold)), side="right")
    first = np.searchsorted(of, np.arange(len(sold)))[of] == np.arange(len(of))
    weights = (1 - NEWEST_GAP) ** (ends[of] - 1 - np.arange(len(of))) * np.where(first, 1.0, NEWEST_GAP)
    return np.bincount(of, weights=weights * waits, minlength=len(sold)).astype(np.float64, copy=False)


def _of_this_season(sold: Bools) -> Bools:
    """Sold a year ago and little outside these weeks: what sells in one season waits ten months for the next. (n,)"""
    then = sold.shape[1] - YEAR_DAYS
    if then < 0:
        return np.zeros(len(sold), dtype=np.bool_)
    season = sold[:, max(then - SEASON_DAYS, 0) : then + SEASON_DAYS].sum(axis=1)
    year = sold[:, max(then - YEAR_DAYS // 2, 0) : then + YEAR_DAYS // 2].sum(axis=1)
    return np.asarray((season > 0) & (season >= SEASONAL * year))
