"""Season of the year and trend: damped factors on the level, used only where they would have foretold the past better.

Season: what the days to come were like a year ago, against the level of then. Trend: how the level moved in the last
quarter, carried on. Both are those of all items, corrected by the item's own as far as it tells more. A factor f is
used as f ** d; which d of DAMPED suits is read off past forecasts, for all items (`Yearly`) and for each (`Seasons`).
"""

from dataclasses import dataclass

import numpy as np

from procurement.engine.data import Bools, Floats, Ints
from procurement.engine.forecast.choice import EVIDENCE, SHARPNESS, origins, relative, squared_errors
from procurement.engine.forecast.weeks import Weeks
from procurement.engine.forecast.windows import happened

YEAR, QUARTER = 52, 13  # weeks
DAMPED = (0.0, 0.5, 1.0)
GAIN = 0.97  # squared error against none, for all items; a smaller gain may be chance
ENOUGH = 26  # weeks with a year before them; with fewer all is left as it is
OWN = 20.0  # usual days' worth of belief in what is so for all items
LEAST, MOST = 0.3, 3.0
SLOWEST, FASTEST = 0.7, 1.5
BEHIND = 4.0  # weeks that a level lies behind
TINY = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """All items together, in units of each item's usual day: what was taken in each week, and the level at its end."""

    taken: Floats  # (J,)
    level: Floats  # (J,) a usual week's worth


@dataclass(frozen=True, slots=True, eq=False)
class Yearly:
    """What holds for all items: relative squared errors for each of DAMPED; None where nothing is gained."""

    course: Course
    season: Floats | None
    trend: Floats | None


@dataclass(frozen=True, slots=True, eq=False)
class Seasons:
    """Of n items: how far each follows the two factors."""

    yearly: Yearly
    dispersion: Floats  # (n,) of a day's demand
    season: Floats  # (n,) exponents from 0 to 1
    trend: Floats

    def take(self, rows: Ints) -> "Seasons":
        return Seasons(self.yearly, self.dispersion[rows], self.season[rows], self.trend[rows])

    def factors(self, weeks: Weeks, levels: Floats, horizon_days: int) -> Floats:
        """On the level, for the `horizon_days` after each week. (n, J)"""
        factors = np.ones_like(levels)
        about = (weeks, levels, self.dispersion, self.yearly.course, horizon_days)
        if self.season.any():
            factors *= season_factors(*about) ** self.season[:, None]
        if self.trend.any():
            factors *= trend_factors(*about) ** self.trend[:, None]
        return factors


def yearly_of(
    weeks: Weeks, levels: Floats, totals: Floats, dispersion: Floats, horizon_days: int
) -> Yearly | None:
    """Learned from all items or a part of them; None where neither season nor trend gains anything. totals (n, J)"""
    if len(weeks) < YEAR + ENOUGH:
        return None
    course = course_of(weeks, levels)
    about = (weeks, levels, dispersion, course, horizon_days)
    season, trend, judged = season_factors(*about), trend_factors(*about), _judged(weeks, horizon_days)
    actual = happened(weeks, horizon_days)
    by_season = gained(damped_errors(actual, totals, season, judged), judged)
    if by_season is not None:
        totals = totals * season ** DAMPED[int(by_season.argmin())]
    by_trend = gained(damped_errors(actual, totals, trend, judged), judged)
    return None if by_season is None and by_trend is None else Yearly(course, by_season, by_trend)


def seasons_of(
    weeks: Weeks, levels: Floats, totals: Floats, dispersion: Floats, yearly: Yearly, horizon_days: int
) -> Seasons:
    about = (weeks, levels, dispersion, yearly.course, horizon_days)
    judged, actual = _judged(weeks, horizon_days), happened(weeks, horizon_days)
    season = trend = np.zeros(len(levels))
    if yearly.season is not None:
        factors = season_factors(*about)
        season = exponents(damped_errors(actual, totals, factors, judged), judged, yearly.season)
        totals = totals * factors ** season[:, None]
    if yearly.trend is not None:
        errors = damped_errors(actual, totals, trend_factors(*about), judged)
        trend = exponents(errors, judged, yearly.trend)
    return Seasons(yearly, dispersion, season, trend)


def course_of(weeks: Weeks, levels: Floats) -> Course:
    """levels (n, J)"""
    sold = np.where(weeks.known, weeks.demand, 0.0).sum(axis=(1, 2))
    size = np.maximum(sold / np.maximum(weeks.known.sum(axis=(1, 2)), 1), TINY)[:, None]
    begun = np.arange(len(weeks)) >= weeks.first[:, None]
    share = np.where(begun & (sold[:, None] > 0), 1 / size, 0.0)
    return Course(
        (weeks.demand.sum(axis=2) * share).sum(axis=0) / len(weeks.demand),
        (7 * levels * share).sum(axis=0) / len(weeks.demand),
    )


def season_factors(
    weeks: Weeks, levels: Floats, dispersion: Floats, course: Course, horizon_days: int
) -> Floats:
    """Of the `horizon_days` after each week; 1 where no year is known before. (n, J)"""
    number = len(weeks)
    if number <= YEAR:
        return np.ones_like(levels)
    weeks_ahead = -(-horizon_days // 7)
    pooled = np.ones(number)
    for week in range(YEAR, number):
        then = week - YEAR
        days = course.taken[then + 1 : then + 1 + weeks_ahead]
        pooled[week] = days.mean() / course.level[then] if len(days) and course.level[then] > TINY else 1.0
    # A week more on both sides: an own week a year ago is one roll of the dice.
    wide = happened(weeks, horizon_days + 14)
    got, expected = np.zeros((2, *levels.shape))
    got[:, YEAR:] = np.nan_to_num(wide[:, : number - YEAR][:, np.r_[0, 0 : number - YEAR - 1]])
    expected[:, YEAR:] = levels[:, : number - YEAR] * (horizon_days + 14)
    known = weeks.first[:, None] + 4 <= np.arange(number) - YEAR
    got, expected = np.where(known, got, 0.0), np.where(known, expected, 0.0)
    belief = OWN * dispersion[:, None]
    return np.clip((got + belief * pooled) / (expected + belief), LEAST, MOST)


def trend_factors(
    weeks: Weeks, levels: Floats, dispersion: Floats, course: Course, horizon_days: int
) -> Floats:
    """Of the `horizon_days` after each week; 1 where no quarter is known before. (n, J)"""
    number = len(weeks)
    if number <= QUARTER:
        return np.ones_like(levels)
    pooled = np.ones(number)
    before = np.maximum(course.level[:-QUARTER], TINY)
    pooled[QUARTER:] = np.where(course.level[:-QUARTER] > TINY, course.level[QUARTER:] / before, 1.0)
    now, then = np.zeros((2, *levels.shape))
    now[:, QUARTER:], then[:, QUARTER:] = 56 * levels[:, QUARTER:], 56 * levels[:, :-QUARTER]
    known = weeks.first[:, None] + 8 <= np.arange(number) - QUARTER
    now, then = np.where(known, now, 0.0), np.where(known, then, 0.0)
    belief = OWN * dispersion[:, None]
    quarter = np.clip((now + belief * pooled) / (then + belief), 0.2, 5.0)
    ahead = ((horizon_days / 7 + 1) / 2 + BEHIND) / QUARTER
    return np.clip(quarter**ahead, SLOWEST, FASTEST)


def _judged(weeks: Weeks, horizon_days: int) -> Bools:
    """Past forecasts with a year before them. (n, J)"""
    return origins(weeks, horizon_days) & (weeks.first[:, None] + YEAR + 4 <= np.arange(len(weeks)))


def damped_errors(actual: Floats, totals: Floats, factors: Floats, judged: Bools) -> Floats:
    """Squared errors for each of DAMPED. (n, J) -> (d, n)"""
    seen = np.flatnonzero(judged.any(axis=0))
    since = int(seen[0]) if len(seen) else 0  # of what was before nothing counts
    actual, totals, factors = (told[:, since:] for told in (actual, totals, factors))
    late = judged[:, since:]
    errors = np.stack([np.where(late, actual - totals * factors**d, 0.0) for d in DAMPED])
    return squared_errors(errors, late)


def gained(squares: Floats, judged: Bools, enough: int = ENOUGH) -> Floats | None:
    """What holds for all items; None where it gains too little, or too little is known. (d, n) -> (d,)"""
    some = (judged.sum(axis=1) >= enough) & (squares.sum(axis=0) > 0)
    if not some.any():
        return None
    pooled = np.asarray(relative(squares)[:, some].mean(axis=1))
    return pooled if pooled.min() < GAIN * pooled[0] else None


def exponents(squares: Floats, judged: Bools, pooled: Floats, sharpness: float = SHARPNESS) -> Floats:
    """How far each item is to follow the factor: DAMPED, weighed by how well each would have done. (n,)"""
    count = judged.sum(axis=1)
    believed = (count * relative(squares) + EVIDENCE * pooled[:, None]) / (count + EVIDENCE)
    weights = (believed / believed.min(axis=0)) ** -sharpness
    return np.asarray((weights * np.array(DAMPED)[:, None]).sum(axis=0) / weights.sum(axis=0))
