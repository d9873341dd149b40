"""Levels of several memories, weighed by how well they would have foretold the item's past; errors against naive.

What holds for all items (what a weekday does, which memory suits, what errors look like) is learned once, from all of
them or from a part, and given to every part of a plan, so that an item's forecast does not depend on which others are
computed beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from procurement.engine.data import Bools, Floats, Ints
from procurement.engine.forecast.alive import Waits, waits_of
from procurement.engine.forecast.choice import judged_since, memory_weights, origins, relative, squared_errors
from procurement.engine.forecast.holidays import Beside, Holidays, beside_of, holidays_of, special_days
from procurement.engine.forecast.levels import (
    FIRST_DAYS,
    REFERENCE_MEMORY,
    Lifts,
    capped,
    levels_of,
    lifts_of,
)
from procurement.engine.forecast.seasons import Seasons, Yearly, seasons_of, yearly_of
from procurement.engine.forecast.spread import Shape, buffers_of, low_error, shape_of
from procurement.engine.forecast.weekdays import Weekdays, pattern_of, weekdays_of
from procurement.engine.forecast.weeks import Weeks, closed_days
from procurement.engine.forecast.windows import happened, just_before, ordinary_days, usual_days
from procurement.engine.known_days import KnownDays, Likeness

MEMORIES = (7, 14, 28, 56, 112, 300)  # days
JUDGED_DAYS = 14  # the horizon at which memories are compared
EVIDENCE = 60.0  # past forecasts' worth of belief that an item is like the others
WORST = 4.0  # times the naive forecast's error: more is told as that much
TINY = 1e-12
ENOUGH = 12  # past forecasts before naive may win
USUAL_LIFTS = np.array([1.0, 3.0, 1.5])  # by class of promotion, before an item's own say more
NEW_DAYS = 56  # with fewer known an item is new
OUTSIDE = 0.1  # of the cases lie below what is told as the range, as many above
SAMPLE = 2_000  # items that experience is learned from


@dataclass(frozen=True, slots=True, eq=False)
class Experience:
    """What holds for all items of a site."""

    closed: Bools  # (T,) days of the history on which the site was closed
    pattern: Floats  # (7,) what a weekday does
    memories: Floats  # (k,) relative squared errors
    share: float  # of the naive forecast's error; the median item's
    shape: Shape
    yearly: Yearly | None = None  # season and trend, where they would have foretold the past better
    beside: Beside | None = None  # days beside holidays, likewise
    site_days: int | None = None  # since the site's first sale, where that was in the last FIRST_DAYS


@dataclass(frozen=True, slots=True, eq=False)
class Forecast:
    """Of n items with J weeks of history. Quantities in the item's unit, horizons in days from tomorrow on."""

    weeks: Weeks
    weights: Floats  # (n, 7)
    lifts: Lifts
    levels: Floats  # (n, J) as each past week would have had it
    suited: Floats  # (k, n) weight of each memory
    against_naive: Floats  # (n,) error / naive's; NaN where too little is known
    naive: Bools  # (n,) the naive forecast was not beaten and is used
    shape: Shape
    waits: Waits
    seasons: Seasons | None = None
    holidays: Holidays | None = None
    # Of the horizon asked for last: `total` and `buffer` of one horizon are asked for together.
    _last: dict[int, Floats] = field(default_factory=dict, init=False)
    _errors: dict[int, tuple[Floats, Bools]] = field(default_factory=dict, init=False)

    def take(self, rows: Ints) -> "Forecast":
        return Forecast(
            self.weeks.take(rows),
            self.weights[rows],
            Lifts(self.lifts.values[rows]),
            self.levels[rows],
            self.suited[:, rows],
            self.against_naive[rows],
            self.naive[rows],
            self.shape,
            self.waits.take(rows),
            self.seasons.take(rows) if self.seasons else None,
            self.holidays.take(rows) if self.holidays else None,
        )

    def with_like(self, like: Mapping[int, Likeness]) -> "Forecast":
        """New items by what others sold in their first weeks, as far as days of their own do not tell yet.

        Those sold so much a calendar day, of which some are closed; a level is of a day that is open.
        """
        levels, open_days = self.levels.copy(), self.weights.mean(axis=1)
        for item, other in like.items():
            if (days := int(self.weeks.known[item].sum())) < NEW_DAYS:
                level = other.daily / open_days[item] if open_days[item] > 0 else 0.0
                levels[item, -1] = (days * levels[item, -1] + other.days * level) / (days + other.days)
        return replace(self, levels=levels)

    def total(self, horizon_days: int) -> Floats:
        """Expected demand of the days to come. (n,)"""
        return self._totals(horizon_days)[:, -1]

    def buffer(self, horizon_days: int, probability: float) -> tuple[Floats, Ints]:
        """What the demand stays below with this probability, less `total`; and of how many past errors. (n,)"""
        _, _, judged = self._judged(horizon_days)
        return self._buffers(horizon_days, np.array([probability]))[:, 0], judged.sum(axis=1)

    def band(self, horizon_days: int) -> tuple[Floats, Floats]:
        """Between which the demand lies in eight of ten cases. (n,), (n,)"""
        totals, errors, judged = self._judged(horizon_days)
        now, above = totals[:, -1], self._buffers(horizon_days, np.array([1 - OUTSIDE]))[:, 0]
        below = np.where(judged.sum(axis=1) >= ENOUGH, -low_error(errors, judged, OUTSIDE), above)
        below = np.where(self.waits.alive < 1 - OUTSIDE, now, below)
        return np.where(self._nothing, now, np.clip(now - below, 0.0, now)), now + above

    def elsewhere(self, item: int) -> bool:
        """Whether another forecaster's word is used for it (`forecast.plugged`)."""
        return False

    def failed(self, item: int) -> str:
        """Why another forecaster's word, which was asked for, is not used; else empty."""
        return ""

    def method(self, item: int) -> str:
        return "gone" if self.waits.gone[item] else "naive" if self.naive[item] else "levels"

    def lift(self, item: int, days_ahead: int) -> float:
        """What demand is multiplied by on that day: 1 on a usual one."""
        week, day = divmod(days_ahead, 7)
        kind = int(self.weeks.promotion[item, len(self.weeks) + week, day])
        return float(self.lifts.values[item, -1, kind])

    def quantiles(self, horizon_days: int, probabilities: Floats) -> Floats:
        """`total` + `buffer` for several ascending probabilities; never falling. (n, P)"""
        levels = self._totals(horizon_days)[:, -1:] + self._buffers(horizon_days, probabilities)
        return np.maximum.accumulate(levels, axis=1)

    def _buffers(self, horizon_days: int, probabilities: Floats) -> Floats:
        """(n, P)"""
        totals, errors, judged = self._judged(horizon_days)
        nothing = self._nothing
        alive = np.where(nothing, 1.0, self.waits.alive)
        found = buffers_of(errors, totals, judged, totals[:, -1], self.shape, probabilities, alive)
        return np.where(nothing[:, None], 0.0, found)

    @property
    def _nothing(self) -> Bools:
        """Died out, or never sold and like no other: then nothing is kept for it either. (n,)"""
        never = (self.weeks.first == len(self.weeks)) & (self.levels[:, -1] == 0)
        return self.waits.gone | never

    def _judged(self, horizon_days: int) -> tuple[Floats, Floats, Bools]:
        """Forecasts of the last weeks, what they missed, and which of them can be judged. (n, weeks)"""
        since = judged_since(self.weeks, horizon_days)
        totals = self._totals(horizon_days)[:, since:]
        if horizon_days not in self._errors:
            self._errors.clear()
            judged = origins(self.weeks, horizon_days)[:, since:]
            errors = np.where(judged, happened(self.weeks, horizon_days, since) - totals, 0.0)
            self._errors[horizon_days] = errors, judged
        return totals, *self._errors[horizon_days]

    def _totals(self, horizon_days: int) -> Floats:
        if horizon_days not in self._last:
            self._last.clear()
            self._last[horizon_days] = self._foretold(horizon_days)
        return self._last[horizon_days]

    def _foretold(self, horizon_days: int) -> Floats:
        worth = _worth(self.weeks, self.weights, self.lifts, self.holidays, horizon_days)
        totals = self.levels * worth
        if self.seasons:
            totals *= self.seasons.factors(self.weeks, self.levels, horizon_days)
        if (rows := np.flatnonzero(self.naive)).size:
            before = just_before(self.weeks.take(rows), horizon_days)
            # Days that are known to differ from the last ones do not repeat them.
            usual = np.isclose(worth[rows], ordinary_days(self.weights[rows], horizon_days)[:, None])
            totals[rows] = np.where(np.isfinite(before) & usual, before, totals[rows])
        totals[:, -1] *= self.waits.alive_still
        return totals


def forecast(weeks: Weeks, experience: Experience) -> Forecast:
    usual = _usual(weeks, experience.pattern)
    holidays = _holidays(weeks, usual, experience.beside) if experience.beside else None
    levels = _levels(weeks, usual, holidays, experience.site_days)
    judged, squares, worth = _judge(weeks, usual, holidays, levels)
    suited = memory_weights(squares, judged, experience.memories)
    combined = np.einsum("kn,knj->nj", suited, levels)
    totals = combined * worth
    dispersion, seasons = usual.weekdays.dispersion, None
    if experience.yearly:
        seasons = seasons_of(weeks, combined, totals, dispersion, experience.yearly, JUDGED_DAYS)
        totals = totals * seasons.factors(weeks, combined, JUDGED_DAYS)
    share = _against_naive(weeks, totals, judged)
    loses = _believed(share, judged, experience.share) > 1.0
    return Forecast(
        weeks,
        usual.weekdays.weights,
        usual.lifts,
        combined,
        suited,
        share,
        loses,
        experience.shape,
        waits_of(weeks),
        seasons,
        holidays,
    )


def experience_of(demand: NDArray[np.floating], days: KnownDays | None = None) -> Experience:
    """Learned from these items, or from a part of them that is spread evenly. (n, T)

    `days`: what is known of the site's days; of those of single items nothing is looked at.
    """
    closed = closed_days(demand)
    some = demand[:: -(-len(demand) // SAMPLE)]
    return learn(Weeks.known_of(some, (days or KnownDays()).of_site(), closed), closed)


def learn(weeks: Weeks, closed: Bools) -> Experience:
    pattern = pattern_of(weeks)
    usual = _usual(weeks, pattern)
    dispersion, beside = usual.weekdays.dispersion, None
    if weeks.holidays is not None:
        day, kind = special_days(weeks, pattern)
        level = usual.level(weeks, day)
        beside = beside_of(weeks, level, usual.weekdays.weights, dispersion, day, kind)
    holidays = _holidays(weeks, usual, beside) if beside else None
    site_days = _site_days(weeks)
    levels = _levels(weeks, usual, holidays, site_days)
    judged, squares, worth = _judge(weeks, usual, holidays, levels)
    some = judged.any(axis=1) & (squares.sum(axis=0) > 0)
    memories = relative(squares)[:, some].mean(axis=1) if some.any() else np.ones(len(MEMORIES))
    combined = np.einsum("kn,knj->nj", memory_weights(squares, judged, memories), levels)
    totals = combined * worth
    if yearly := yearly_of(weeks, combined, totals, dispersion, JUDGED_DAYS):
        seasons = seasons_of(weeks, combined, totals, dispersion, yearly, JUDGED_DAYS)
        totals = totals * seasons.factors(weeks, combined, JUDGED_DAYS)
    errors = np.where(judged, happened(weeks, JUDGED_DAYS) - totals, 0.0)
    shares = _against_naive(weeks, totals, judged)
    share = float(np.nanmedian(shares)) if np.isfinite(shares).any() else 1.0
    shape = shape_of(errors, totals, judged)
    return Experience(closed, pattern, memories, share, shape, yearly, beside, site_days)


def _site_days(weeks: Weeks) -> int | None:
    some = weeks.known.any(axis=0).ravel()
    days = some.size - int(some.argmax())
    return days if some.any() and days < FIRST_DAYS else None


@dataclass(frozen=True, slots=True, eq=False)
class _Usual:
    """What is known of items' days before any level."""

    weekdays: Weekdays
    taken: Floats  # (n, J, 7) without outliers
    lifts: Lifts

    def level(self, weeks: Weeks, but: Ints) -> Floats:
        """Of one memory, without the days `but`, for what is learned of these. (n, J)"""
        ordinary = np.ones(weeks.closed.shape)
        ordinary.ravel()[but] = 0.0
        ordinary = ordinary[: len(weeks)]
        days = _all_days(weeks, self.weekdays) * ordinary
        return np.asarray(levels_of(weeks, self.taken * ordinary, days, self.lifts, (REFERENCE_MEMORY,))[0])


def _usual(weeks: Weeks, pattern: Floats) -> _Usual:
    weekdays, taken = weekdays_of(weeks, pattern), capped(weeks)
    lifts = lifts_of(weeks, taken, _all_days(weeks, weekdays), weekdays.dispersion, USUAL_LIFTS)
    return _Usual(weekdays, taken, lifts)


def _all_days(weeks: Weeks, weekdays: Weekdays) -> Floats:
    """What each day weighs by its weekday alone. (n, J, 7)"""
    return np.broadcast_to(weekdays.weights[:, None, :], weeks.demand.shape)


def _holidays(weeks: Weeks, usual: _Usual, beside: Beside) -> Holidays:
    beside = beside.until(weeks.closed.size)
    level = usual.level(weeks, beside.day)
    return holidays_of(weeks, level, usual.weekdays.weights, usual.weekdays.dispersion, beside)


def _levels(weeks: Weeks, usual: _Usual, holidays: Holidays | None, site_days: int | None) -> Floats:
    """(k, n, J)"""
    days = holidays.weighed(weeks, usual.weekdays.weights) if holidays else _all_days(weeks, usual.weekdays)
    return levels_of(weeks, usual.taken, days, usual.lifts, MEMORIES, site_days or FIRST_DAYS)


def _worth(
    weeks: Weeks, weights: Floats, lifts: Lifts, holidays: Holidays | None, horizon_days: int
) -> Floats:
    """How many usual days' demand the `horizon_days` after each week are worth. (n, J)"""
    worth = usual_days(weeks, weights, lifts, horizon_days)
    return worth + holidays.extra_days(weeks, weights, horizon_days) if holidays else worth


def _judge(
    weeks: Weeks, usual: _Usual, holidays: Holidays | None, levels: Floats
) -> tuple[Bools, Floats, Floats]:
    """Which weeks' forecasts count, each memory's squared errors, and the usual days that were to come."""
    judged, since = origins(weeks, JUDGED_DAYS), judged_since(weeks, JUDGED_DAYS)
    worth = _worth(weeks, usual.weekdays.weights, usual.lifts, holidays, JUDGED_DAYS)
    late, foretold = judged[:, since:], levels[:, :, since:] * worth[:, since:]
    errors = np.where(late, happened(weeks, JUDGED_DAYS, since) - foretold, 0.0)
    return judged, squared_errors(errors, late), worth


def _against_naive(weeks: Weeks, totals: Floats, judged: Bools) -> Floats:
    """Our error's share of the one that "the next days are like the last ones" made. totals (n, J) -> (n,)"""
    since = judged_since(weeks, JUDGED_DAYS)
    actual, before = happened(weeks, JUDGED_DAYS, since), just_before(weeks, JUDGED_DAYS)[:, since:]
    totals, judged = totals[:, since:], judged[:, since:] & np.isfinite(before)
    ours = np.where(judged, (actual - totals) ** 2, 0.0).sum(axis=1)
    theirs = np.where(judged, (actual - before) ** 2, 0.0).sum(axis=1)
    enough = (judged.sum(axis=1) >= ENOUGH) & (ours + theirs > 0)
    share = np.sqrt(ours / np.maximum(theirs, ours / WORST**2 + TINY))
    return np.where(enough, share, np.nan)


def _believed(share: Floats, judged: Bools, pooled: float) -> Floats:
    """The share as far as so few forecasts tell: by chance alone naive wins for some of a thousand items."""
    count = judged.sum(axis=1)
    return np.where(np.isfinite(share), (count * share + EVIDENCE * pooled) / (count + EVIDENCE), np.nan)
