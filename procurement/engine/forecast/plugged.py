"""Another forecaster in place of ours: what it has to offer, and that a plan survives whatever it does.

It is asked once for each length of interval that a part of a plan has to cover. Items for which it raises, answers with
something that is no distribution, or takes too long are forecast by ours, and each says why.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from threading import Thread
from time import monotonic
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from procurement.engine.data import Floats, Ints
from procurement.engine.exceptions import Kind, PlanException
from procurement.engine.forecast.own import OUTSIDE, Forecast

MIDDLES = np.arange(0.05, 1.0, 0.1)  # of ten equal parts: their mean is that of the distribution
PROBABILITIES = np.concatenate([MIDDLES, [0.975, 0.99, 0.995, 0.999]])
MOST_FAILURES = 20  # calls that raise, before no more is asked
WORDS = 200
REMEDY = "Look at the forecaster that FORECASTER names, or empty the setting."
LARGEST = 1e12


class Forecaster(Protocol):
    name: str  # as a buyer reads it

    def quantiles(self, demand: Floats, horizon_days: int, probabilities: Floats) -> Floats:
        """Of the sum of the next `horizon_days` days' demand.

        demand (n, T): a day a column, the last one yesterday. probabilities (P,): ascending. -> (n, P) >= 0, ascending
        """


@dataclass(slots=True, eq=False)
class Plug:
    """A forecaster and what it said of the items of one part of a plan."""

    forecaster: Forecaster
    demand: Floats  # (n, T)
    seconds: float  # for all it is asked
    told: dict[int, Floats] = field(default_factory=dict)  # by horizon: (n, P), NaN where ours is used
    failures: dict[int, str] = field(default_factory=dict)  # by item, in words

    def ask(self, horizons: Iterable[int]) -> None:
        """All before any is used, so that an item has one forecaster for every horizon."""
        until = monotonic() + self.seconds
        for horizon in horizons:
            self.told[horizon] = np.full((len(self.demand), len(PROBABILITIES)), np.nan)
            asked = np.array(
                [row for row in range(len(self.demand)) if row not in self.failures], dtype=np.int64
            )
            self._ask(asked, horizon, until)
        for values in self.told.values():
            values[list(self.failures)] = np.nan

    def _ask(self, asked: Ints, horizon: int, until: float) -> None:
        parts, raised = [asked] if len(asked) else [], 0
        while parts:
            rows = parts.pop()
            try:
                found = _within(self.forecaster, self.demand[rows], horizon, until - monotonic())
            except TimeoutError:
                self._fail(np.concatenate([rows, *parts]), f"took longer than {self.seconds:g} seconds")
                return
            except Exception as error:
                raised += 1
                if len(rows) > 1 and raised < MOST_FAILURES:
                    parts += np.array_split(rows, 2)
                    continue
                self._fail(rows, f"failed ({type(error).__name__}: {error})")
                if raised >= MOST_FAILURES and parts:
                    self._fail(np.concatenate(parts), "failed too often")
                    return
                continue
            self._take(rows, horizon, found)

    def _take(self, rows: Ints, horizon: int, found: object) -> None:
        try:
            values = np.asarray(found, dtype=np.float64)
        except (TypeError, ValueError):
            values = np.empty(0)
        if values.shape != (len(rows), len(PROBABILITIES)):
            self._fail(rows, "answered with something else than a row of quantiles an item")
            return
        with np.errstate(invalid="ignore"):
            sound = ((values >= 0) & (values <= LARGEST)).all(axis=1) & (np.diff(values, axis=1) >= 0).all(
                axis=1
            )
        self.told[horizon][rows[sound]] = values[sound]
        self._fail(rows[~sound], "answered with something that is no distribution of demand")

    def _fail(self, rows: Ints, why: str) -> None:
        self.failures |= dict.fromkeys(rows.tolist(), f"{self.forecaster.name} {why}"[:WORDS])


def _within(forecaster: Forecaster, demand: Floats, horizon: int, seconds: float) -> object:
    """Its answer. Raises `TimeoutError`; what is late goes on by itself, as nothing can end it, and is not heard."""
    answer: list[object] = []
    raised: list[Exception] = []

    def call() -> None:
        try:
            answer.append(forecaster.quantiles(demand.copy(), horizon, PROBABILITIES.copy()))
        except Exception as error:
            raised.append(error)

    thread = Thread(target=call, daemon=True)
    thread.start()
    thread.join(max(seconds, 0.0))
    if raised:
        raise raised[0]
    if not answer:
        raise TimeoutError
    return answer[0]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Plugged(Forecast):
    """Ours, with another forecaster's word where it has a sound one."""

    plug: Plug
    rows: Ints  # (n,) of the plug's

    def take(self, rows: Ints) -> "Plugged":
        ours = Forecast.take(self, rows)
        values = {one.name: getattr(ours, one.name) for one in fields(Forecast) if one.init}
        return Plugged(**values, plug=self.plug, rows=self.rows[rows])

    def total(self, horizon_days: int) -> Floats:
        ours = Forecast.total(self, horizon_days)
        theirs = self._told(horizon_days)[:, : len(MIDDLES)].mean(axis=1)
        return np.where(np.isfinite(theirs), theirs, ours)

    def buffer(self, horizon_days: int, probability: float) -> tuple[Floats, Ints]:
        buffer, counted = Forecast.buffer(self, horizon_days, probability)
        told = self._told(horizon_days)
        theirs = np.array([np.interp(probability, PROBABILITIES, row) for row in told])
        theirs = np.maximum(theirs - told[:, : len(MIDDLES)].mean(axis=1), 0.0)
        sound = np.isfinite(theirs)
        enough = np.iinfo(np.int64).max  # its quantiles need no errors of ours
        return np.where(sound, theirs, buffer), np.where(sound, enough, counted)

    def band(self, horizon_days: int) -> tuple[Floats, Floats]:
        low, high = Forecast.band(self, horizon_days)
        told = self._told(horizon_days)
        ends = np.array([np.interp((OUTSIDE, 1 - OUTSIDE), PROBABILITIES, row) for row in told]).reshape(
            -1, 2
        )
        sound = np.isfinite(ends).all(axis=1)
        return np.where(sound, ends[:, 0], low), np.where(sound, ends[:, 1], high)

    def elsewhere(self, item: int) -> bool:
        return not self.failed(item)

    def method(self, item: int) -> str:
        return self.plug.forecaster.name if self.elsewhere(item) else Forecast.method(self, item)

    def failed(self, item: int) -> str:
        """Why ours is used for it; empty where theirs is."""
        return self.plug.failures.get(int(self.rows[item]), "")

    def _told(self, horizon_days: int) -> Floats:
        told = self.plug.told.get(horizon_days)
        if told is None:
            return np.full((len(self.rows), len(PROBABILITIES)), np.nan)
        return np.asarray(told[self.rows])


def forecaster_exceptions(expected: Forecast) -> dict[int, tuple[PlanException, ...]]:
    """By row, of items that were to be forecast by another forecaster and are not."""
    if not isinstance(expected, Plugged):
        return {}
    return {
        row: (PlanException(Kind.FORECASTER_FAILED, f"{words}; our own forecast was used.", REMEDY),)
        for row in range(len(expected.rows))
        if (words := expected.failed(row))
    }


def plugged(
    ours: Forecast,
    demand: NDArray[np.floating],
    forecaster: Forecaster,
    horizons: Iterable[int],
    seconds: float,
) -> Plugged:
    """demand (n, T) of the items of `ours`."""
    plug = Plug(forecaster, np.asarray(demand, dtype=np.float64), seconds)
    plug.ask(horizons)
    values = {one.name: getattr(ours, one.name) for one in fields(Forecast) if one.init}
    return Plugged(**values, plug=plug, rows=np.arange(len(demand)))
