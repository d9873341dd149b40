"""What customers take on the days beside public holidays and closures: they stock up before, and fill up after.

A factor for each kind of day: the two selling days before and the two after, and the holiday itself where the site
sells on it; beside short and beside long ones. It is that of all items, corrected by the item's own as far as these
tell more, each from days of a month before and earlier; damped like seasons, and used only where it would have
foretold such days of the past better.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from procurement.engine.data import Bools, Floats, Ints
from procurement.engine.forecast.choice import WARM_UP
from procurement.engine.forecast.seasons import damped_errors, exponents, gained
from procurement.engine.forecast.weeks import Weeks

BEFORE, ITSELF, AFTER = (1, 2), 3, (4, 5)  # kinds; of two days the nearer one first
LONG = 5  # more of such days in a row have kinds of their own, this much higher
LONG_DAYS = 5
EARLIER = 28  # days: nearer ones may lie in the interval that is foretold
ENOUGH = 8  # such days of an item with others of their kind before; with fewer all is left as it is
CHANCE = 1.0  # of such a day's worth of belief that it is a day like any other
SHARPNESS = 16.0  # as for seasons, but most of a single day's error is chance whatever was foretold
OWN = 20.0  # usual days' worth of belief in what is so for all items
LEAST, MOST = 0.3, 4.0
TINY = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """What holds for all items. E such days, of the history and ahead, in columns of the weeks laid end to end."""

    day: Ints  # (E,) ascending
    kind: Ints  # (E,)
    pooled: Floats  # (E,) factor, as it could be known a month before
    squares: Floats  # relative squared errors for each of `seasons.DAMPED`

    def until(self, stop: int) -> "Beside":
        """Days before `stop` only: of what was learned, the calendar may have lost days ahead meanwhile."""
        within = self.day < stop
        return replace(self, day=self.day[within], kind=self.kind[within], pooled=self.pooled[within])


@dataclass(frozen=True, slots=True, eq=False)
class Holidays:
    """Of n items."""

    day: Ints  # (E,)
    kind: Ints  # (E,)
    factors: Floats  # (n, E) what a usual day's demand is multiplied by

    def take(self, rows: Ints) -> "Holidays":
        return replace(self, factors=self.factors[rows])

    def weighed(self, weeks: Weeks, weights: Floats) -> Floats:
        """What each past day weighs, so that no such day is taken for a new level. (n, 7) -> (n, J, 7)"""
        days = np.repeat(weights[:, None, :], len(weeks), axis=1)
        past = self.day < 7 * len(weeks)
        days[:, self.day[past] // 7, self.day[past] % 7] *= self.factors[:, past]
        return days

    def extra_days(self, weeks: Weeks, weights: Floats, horizon_days: int) -> Floats:
        """Usual days' worth that such days add to the `horizon_days` after each week; promoted ones nothing. (n, J)"""
        extra = np.zeros(weeks.demand.shape[:2])
        for column, day in enumerate(self.day.tolist()):
            week, weekday = divmod(day, 7)
            first, last = max(-(-(day - horizon_days + 1) // 7) - 1, 0), min(week, len(weeks))
            if first < last and not weeks.closed[week, weekday]:
                more = weights[:, weekday] * (self.factors[:, column] - 1.0)
                extra[:, first:last] += np.where(weeks.promotion[:, week, weekday] == 0, more, 0.0)[:, None]
        return extra

    def ahead(self, item: int, weeks: Weeks, horizon_days: int) -> Sequence[tuple[int, float]]:
        """Of the days to come, the first being 0, those that are not left to a promotion: (day, factor)."""
        today = 7 * len(weeks)
        columns = range(*np.searchsorted(self.day, [today, today + horizon_days]).tolist())
        days = [(int(self.day[at]), float(self.factors[item, at])) for at in columns]
        return [(day - today, factor) for day, factor in days if not weeks.promotion[item, day // 7, day % 7]]


def beside_of(
    weeks: Weeks, levels: Floats, weights: Floats, dispersion: Floats, day: Ints, kind: Ints
) -> Beside | None:
    """Learned from all items or a part of them; None where nothing is gained.

    levels (n, J): of one memory, without these days; weights (n, 7); dispersion (n,); day, kind (E,): `special_days`
    """
    seen = _Seen.of(weeks, levels, weights, day, kind)
    size = np.maximum(weeks.demand.sum(axis=(1, 2)) / np.maximum(weeks.known.sum(axis=(1, 2)), 1), TINY)
    got, expected = (np.where(seen.judged, values, 0.0).T @ (1 / size) for values in (seen.taken, seen.usual))
    some = expected > 0
    belief = CHANCE * (expected[some].mean() if some.any() else 1.0)
    pooled = (seen.earlier @ got + belief) / (seen.earlier @ expected + belief)
    beside = Beside(day, kind, pooled, np.ones(1))
    told = seen.told
    squares = damped_errors(seen.taken, seen.usual, seen.own(pooled, dispersion)[:, : len(told[0])], told)
    gain = gained(squares, told, ENOUGH)
    return None if gain is None else replace(beside, squares=gain)


def holidays_of(
    weeks: Weeks, levels: Floats, weights: Floats, dispersion: Floats, beside: Beside
) -> Holidays:
    """levels (n, J): of one memory, without these days."""
    seen = _Seen.of(weeks, levels, weights, beside.day, beside.kind)
    factors, told = seen.own(beside.pooled, dispersion), seen.told
    squares = damped_errors(seen.taken, seen.usual, factors[:, : told.shape[1]], told)
    damped = exponents(squares, told, beside.squares, SHARPNESS)
    return Holidays(beside.day, beside.kind, factors ** damped[:, None])


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """P of the E days are past."""

    taken: Floats  # (n, P)
    usual: Floats  # (n, P) what a day like any other would have taken
    judged: Bools  # (n, P)
    earlier: Floats  # (E, P) 1 where that day was of the same kind, and known a month before

    @classmethod
    def of(cls, weeks: Weeks, levels: Floats, weights: Floats, day: Ints, kind: Ints) -> "_Seen":
        today = 7 * len(weeks)
        past = day[day < today]
        week, weekday = past // 7, past % 7
        known = weeks.known[:, week, weekday] & (weeks.promotion[:, week, weekday] == 0)
        known_until = np.where(day < today, day - EARLIER, today)
        return cls(
            taken=weeks.demand[:, week, weekday],
            usual=levels[:, np.maximum(week - 1, 0)] * weights[:, weekday],
            judged=known & (week > weeks.first[:, None] + WARM_UP),
            earlier=((kind[:, None] == kind[: len(past)]) & (past <= known_until[:, None])).astype(
                np.float64
            ),
        )

    @property
    def told(self) -> Bools:
        """Those that others of their kind came before. (n, P)"""
        return np.asarray(self.judged & (self.earlier[: self.judged.shape[1]].sum(axis=1) > 0))

    def own(self, pooled: Floats, dispersion: Floats) -> Floats:
        """Each item's factors, undamped. (E,), (n,) -> (n, E)"""
        got, expected = (
            np.where(self.judged, values, 0.0) @ self.earlier.T for values in (self.taken, self.usual)
        )
        belief = OWN * dispersion[:, None]
        return np.clip((got + belief * pooled) / (expected + belief), LEAST, MOST)


def special_days(weeks: Weeks, pattern: Floats) -> tuple[Ints, Ints]:
    """Columns and kinds of the days beside the calendar's holidays. -> (E,), (E,)"""
    if weeks.holidays is None:
        none = np.zeros(0, dtype=np.int64)
        return none, none
    return days_beside(weeks.holidays.ravel(), np.asarray((weeks.closed | (pattern == 0)).ravel()))


def days_beside(holidays: Bools, never: Bools) -> tuple[Ints, Ints]:
    """Columns and kinds of the days beside holidays, and of holidays on which something is sold. (D,), (D,) -> (E,) 2x

    `never`: days on which nothing is sold, for whatever reason. Holidays and such days in a row are one occasion.
    """
    kinds = np.zeros(len(holidays), dtype=np.int64)
    selling = np.flatnonzero(~(holidays | never))
    edges = np.diff(np.concatenate([[0], (holidays | never).astype(np.int8), [0]]))
    spans = list(zip(np.flatnonzero(edges == 1).tolist(), np.flatnonzero(edges == -1).tolist(), strict=True))
    for far in (True, False):  # the nearer one tells what a day between two is
        for start, end in spans:
            if not holidays[start:end].any():
                continue
            longer = LONG if holidays[start:end].sum() >= LONG_DAYS else 0
            kinds[start:end][holidays[start:end] & ~never[start:end]] = ITSELF + longer
            at = int(np.searchsorted(selling, start))
            for step, kind in ((at + far, AFTER[far]), (at - 1 - far, BEFORE[far])):
                if 0 <= step < len(selling):
                    kinds[selling[step]] = kind + longer
    day = np.flatnonzero(kinds)
    return day, kinds[day]
