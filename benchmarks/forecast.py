"""Bars 1 to 3: our forecast against statsforecast's panel, on the last 40 % of a data folder's time.

The planning bucket is a week, the protection interval a fortnight (a week's lead time and a week to the next review).
At the end of each week of the test window both sides forecast the next two weeks from all that was known then. The peer
is the member of the panel that was best on the tuning window, the weeks between 36 % and 60 % of the time.

Bar 1: RMSSE an item over all origins and both weeks; mean over items. Bar 2: pinball loss of the fortnight's demand;
the peer's quantile is its mean + z * sigma of its own errors of the fortnight in all weeks before. Bar 3: series a
second on the same daily series, a forecast of a fortnight each, AutoETS with two jobs.

Needs the extra `bench`: pip install -e '.[bench]'.
"""

import argparse
import itertools
import math
import os
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from benchmarks.bars import Bar, parser, report
from benchmarks.folders import Folder, read
from procurement.engine.forecast import Weeks, experience_of, forecast
from procurement.engine.forecast.weeks import closed_days, promotion_classes

WEEKS_AHEAD = 2
QUANTILES = (0.90, 0.95, 0.99)
BEFORE, TUNING, TEST = 0.20, 0.36, 0.60
MOST_ITEMS = 1_500  # evenly drawn, the same for both sides
LEAST_WEEKS = 8  # with demand, before the test window
SHORTEST = 20  # weeks of a folder
BLOCKS = 5  # of the test window, for the spread of a ratio
SEED = 1
NOTHING = 1e-9  # a ratio of nothing has no logarithm
SAMPLE = Path(__file__).parents[1] / "procurement" / "sample" / "online_retail"

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Task:
    """Whole weeks of the items that take part."""

    folder: Folder
    rows: NDArray[np.int64]
    demand: Floats  # (n, J * 7)
    weekly: Floats  # (n, J)

    @classmethod
    def of(cls, folder: Folder) -> "Task":
        days = folder.demand.shape[1]
        demand = folder.demand[:, days % 7 :]
        weekly = demand.reshape(len(demand), -1, 7).sum(axis=2)
        if weekly.shape[1] < SHORTEST:
            raise SystemExit(
                f"{folder.name} covers {days} days; forecasts are compared over {SHORTEST * 7} or more."
            )
        before = weekly[:, : int(weekly.shape[1] * TEST)]
        # What is the same each week has no scale to measure errors by.
        rows = np.flatnonzero(((before > 0).sum(axis=1) >= LEAST_WEEKS) & (np.ptp(before, axis=1) > 0))
        if not len(rows):
            raise SystemExit(
                f"{folder.name} has no item with demand, not always the same, in {LEAST_WEEKS} of its first"
                f" {before.shape[1]} weeks."
            )
        if len(rows) > MOST_ITEMS:
            rows = np.sort(np.random.default_rng(SEED).choice(rows, MOST_ITEMS, replace=False))
        return cls(folder, rows, demand, weekly[rows])

    def origins(self, start: float, end: float) -> range:
        weeks = self.weekly.shape[1]
        return range(int(weeks * start), min(int(weeks * end), weeks - WEEKS_AHEAD + 1))

    def actual(self, origins: range) -> Floats:
        """(origins, n, weeks ahead)"""
        return np.array([self.weekly[:, at : at + WEEKS_AHEAD] for at in origins])

    def scale(self, power: int) -> Floats:
        """Mean of |change from week to week| ** power before the test window. (n,)"""
        before = self.weekly[:, : int(self.weekly.shape[1] * TEST)]
        steps = [np.abs(np.diff(series[np.argmax(series > 0) :])) ** power for series in before]
        return np.array([step.mean() if len(step) else np.nan for step in steps])


@dataclass(frozen=True)
class Foretold:
    weeks: Floats  # (origins, n, weeks ahead)
    quantiles: Floats  # (origins, n, quantiles) of the fortnight


def ours(task: Task, origins: range) -> Foretold:
    weeks, quantiles = [], []
    for at in origins:
        known = task.demand[:, : at * 7]
        closed, learned = closed_days(known), experience_of(known)
        flags = task.folder.promotion
        kinds = None
        if flags is not None:  # promotions are planned: those of the days to be forecast are known
            off = task.folder.demand.shape[1] % 7
            kinds = promotion_classes(flags[task.rows, off : off + (at + WEEKS_AHEAD) * 7])
        expected = forecast(Weeks.of(known[task.rows], closed=closed, promotion=kinds), learned)
        first, both = expected.total(7), expected.total(7 * WEEKS_AHEAD)
        weeks.append(np.stack([first, both - first], axis=1))
        quantiles.append(np.stack([both + expected.buffer(7 * WEEKS_AHEAD, q)[0] for q in QUANTILES], axis=1))
    return Foretold(np.array(weeks), np.array(quantiles))


def panel(task: Task, origins: range) -> dict[str, Floats]:
    """By member of the panel: (origins, n, weeks ahead)."""
    import pandas as pd
    from statsforecast import StatsForecast
    from statsforecast.models import ADIDA, IMAPA, TSB, AutoETS, CrostonSBA, Naive, SeasonalNaive

    models = [AutoETS(season_length=1), CrostonSBA(), TSB(0.1, 0.1), ADIDA(), IMAPA(), SeasonalNaive(52)]
    found: dict[str, list[Floats]] = {}
    for at in origins:
        parts = []
        for row, series in enumerate(task.weekly[:, :at]):
            begun = series[np.argmax(series > 0) :]
            parts.append(pd.DataFrame({"unique_id": row, "ds": np.arange(len(begun)), "y": begun}))
        told = StatsForecast(models=models, freq=1, n_jobs=2, fallback_model=Naive()).forecast(
            df=pd.concat(parts), h=WEEKS_AHEAD
        )
        told = told.sort_values(["unique_id", "ds"])
        for name in told.columns.drop(["unique_id", "ds"]):
            found.setdefault(name, []).append(told[name].to_numpy().reshape(len(task.weekly), WEEKS_AHEAD))
    return {name: np.nan_to_num(np.array(values)) for name, values in found.items()}


def rmsse(task: Task, origins: range, weeks: Floats) -> float:
    squares = ((task.actual(origins) - weeks) ** 2).mean(axis=(0, 2))
    each = np.sqrt(squares / task.scale(2))
    return float(each[np.isfinite(each)].mean())


def pinball(task: Task, origins: range, quantiles: Floats, number: int) -> float:
    """Of one quantile, each item's in units of its usual change from week to week."""
    missed = task.actual(origins).sum(axis=2) - quantiles[:, :, number]
    q = QUANTILES[number]
    each = np.maximum(q * missed, (q - 1) * missed).mean(axis=0) / task.scale(1)
    return float(each[np.isfinite(each)].mean())


def blocks(origins: range) -> list[slice]:
    edges = np.linspace(0, len(origins), BLOCKS + 1).astype(int)
    return [slice(a, b) for a, b in itertools.pairwise(edges) if b > a]


def accuracy(task: Task, window: str) -> list[Bar]:
    tuning, test = task.origins(TUNING, TEST), task.origins(TEST, 1.0)
    if window == "tuning":
        tuning, test = task.origins(BEFORE, TUNING), tuning
    tuned, told = panel(task, tuning), panel(task, test)
    best = min(tuned, key=lambda name: rmsse(task, tuning, tuned[name]))
    our, peer = ours(task, test), told[best]
    name = task.folder.name
    past = np.concatenate([tuned[best], peer]).sum(axis=2)
    happened = np.concatenate([task.actual(tuning), task.actual(test)]).sum(axis=2)
    sigma = np.array(
        [
            # Of forecasts whose fortnight was over when this one was made.
            np.sqrt(((happened - past)[: len(tuning) + at - WEEKS_AHEAD + 1] ** 2).mean(axis=0))
            for at in range(len(test))
        ]
    )
    normal = NormalDist()
    spread = np.stack([peer.sum(axis=2) + normal.inv_cdf(q) * sigma for q in QUANTILES], axis=2)

    def bar(number: int, what: str, against: str, limit: float, measure, mine: Floats, theirs: Floats) -> Bar:  # noqa: ANN001
        parts = [
            ratio(measure(test[part], mine[part]), measure(test[part], theirs[part])) for part in blocks(test)
        ]
        all_of_it = measure(test, mine), measure(test, theirs)
        return Bar(
            number, f"{name}: {what}", against, ratio(*all_of_it), min(parts), max(parts), limit, True,
            *all_of_it, "",
        )  # fmt: skip

    bars = [
        bar(
            1,
            f"RMSSE a week of {len(task.rows)} items",
            best,
            1.03,
            lambda o, v: rmsse(task, o, v),
            our.weeks,
            peer,
        )
    ]
    for at, q in enumerate(QUANTILES):
        bars.append(
            bar(
                2,
                f"pinball loss at {q} of a fortnight",
                f"{best} + normal sigma",
                0.92,
                lambda o, v, at=at: pinball(task, o, v, at),
                our.quantiles,
                spread,
            )
        )
    return bars


def ratio(ours: float, theirs: float) -> float:
    """Of two errors; 1 where neither side makes any."""
    return ours / theirs if theirs else math.inf if ours else 1.0


def speed(task: Task, repeats: int) -> Bar:
    """The items of the accuracy bars, all days of them."""
    import pandas as pd
    from statsforecast import StatsForecast
    from statsforecast.models import AutoETS, Naive

    demand = task.demand[task.rows]
    some = demand[:: max(1, len(demand) // 40)]  # AutoETS takes a second a series
    frame = pd.concat(
        pd.DataFrame({"unique_id": row, "ds": np.arange(len(series)), "y": series})
        for row, series in enumerate(some)
    )
    mine, theirs = [], []
    for _ in range(repeats):
        started = time.perf_counter()
        learned = experience_of(demand)
        expected = forecast(Weeks.of(demand, closed=learned.closed), learned)
        expected.buffer(7 * WEEKS_AHEAD, 0.95)
        mine.append(len(demand) / (time.perf_counter() - started))
        started = time.perf_counter()
        models = [AutoETS(season_length=7)]
        StatsForecast(models=models, freq=1, n_jobs=2, fallback_model=Naive()).forecast(
            df=frame, h=7 * WEEKS_AHEAD
        )
        theirs.append(len(some) / (time.perf_counter() - started))
    return Bar.of(
        3, f"{task.folder.name}: series a second", "AutoETS, 2 jobs", ours=mine, theirs=theirs, limit=20,
        at_most=False, unit="series/s",
    )  # fmt: skip


def over_sets(bars: list[Bar]) -> list[Bar]:
    """The geometric means that the limits of bars 1 and 2 are set for."""
    found = []
    for number, limit in ((1, 0.98), (2, 0.92)):
        own = [bar for bar in bars if bar.bar == number]
        values = [
            math.exp(np.mean([math.log(max(getattr(bar, field), NOTHING)) for bar in own]))
            for field in ("ratio", "min", "max")
        ]
        what = "RMSSE" if number == 1 else "pinball loss"
        found.append(
            Bar(
                number,
                f"all sets: {what}, geometric mean",
                "the same peers",
                *values,
                limit,
                True,
                values[0],
                1.0,
                "",
            )
        )
    return found


def arguments() -> argparse.Namespace:
    options = parser(__doc__)
    options.add_argument(
        "--data", type=Path, action="append", help="a data folder; may be given several times"
    )
    options.add_argument(
        "--window",
        choices=("test", "tuning"),
        default="test",
        help="tuning: 36 to 60 %% of the time, which changes are tried on; test: the last 40 %%, for the end",
    )
    return options.parse_args()


def main() -> None:
    options = arguments()
    os.environ["NIXTLA_ID_AS_COL"] = "1"
    warnings.simplefilter("ignore")
    bars: list[Bar] = []
    folders = options.data or [SAMPLE]
    for folder in folders:
        task = Task.of(read(folder))
        bars += [*accuracy(task, options.window), speed(task, options.repeats)]
    bars += over_sets(bars)
    report(
        "forecast", sorted(bars, key=lambda bar: bar.bar), data=", ".join(folder.name for folder in folders),
        packages=["numpy", "statsforecast"], as_json=options.json,
    )  # fmt: skip


if __name__ == "__main__":
    main()
