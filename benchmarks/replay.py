"""Bars 4 to 6: our plan replayed day by day against PAR levels set by hand and against AutoETS, on the same draws.

What is replayed and how stands in docs/replay.md. The test window is the last 40 % of a data folder's time; everything
was chosen on the days between 36 % and 60 % of it (--window tuning).

Bar 4: stock-out item-days where unmet demand is lost. Bar 5: same-day buys where all demand is met. Both at the stock
values that PAR comes to with 14, 21 and 28 days of cover: geometric mean, a world (seed) each; median and range over
the seeds. Bar 6: average stock value at a fill rate of 0.97, units, where all demand is met.

Needs the extra `bench`: pip install -e '.[bench]'.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from benchmarks.auto_ets import AutoEts, AutoEtsForecasts
from benchmarks.bars import Bar, parser, report
from benchmarks.folders import read
from procurement.engine.replay import Allocation, Buffer, Outcome, Planned, Policy, Unmet, World, replay
from procurement.engine.replay.history import Scene, TooLittleHistory, scene
from procurement.engine.replay.planned import Known, Outlook
from procurement.engine.replay.study import BASELINES, SHOWN, Rule, Study, ratios, study, value_at
from procurement.folder_history import history_of

SAMPLE = Path(__file__).parents[1] / "procurement" / "sample" / "online_retail"
WINDOWS = {"test": (0.60, 1.0), "tuning": (0.36, 0.60)}
MOST_ITEMS = 1_500  # evenly drawn from all with demand in 8 weeks before; of fewer, a few large orders decide
FILL = 0.97
UNITS = Buffer(allocation=Allocation.FILL)
Z = (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
FILLING = (0.7, 0.85, 0.93, 0.97, 0.985, 0.995, 0.998, 0.9995, 0.9999, 0.99999)
LIMITS = {(4, Rule.NEGLECTED): 0.40, (4, Rule.DISCIPLINED): 0.85, (5, Rule.NEGLECTED): 0.25}


def against_par(found: Study, name: str, number: int) -> list[Bar]:
    what, figure = FIGURES[number]
    bars = []
    for rule in BASELINES:
        ratio = ratios(found, rule, figure)
        ratio = ratio[np.isfinite(ratio)]
        if not len(ratio):
            print(f"{name}: our plan came to none of the stock values of {rule} PAR; nothing to compare.")
            continue
        ours, theirs = _shown(found, rule, figure)
        limit = LIMITS.get((number, rule))
        bars.append(
            Bar(
                number if limit else f"{number}, no limit set",
                f"{name}: {what}", f"{rule} PAR", float(np.median(ratio)), float(ratio.min()), float(ratio.max()),
                limit or 1.0, True, ours, theirs, "",
            )
        )  # fmt: skip
    return bars


def _shown(found: Study, rule: Rule, figure: Callable[[Outcome], float]) -> tuple[float, float]:
    """Of the first draw, at the stock value of the cover nearest to `SHOWN` that our plan came to too."""
    for seed in found.seeds:
        for point in sorted(found.curve(rule, seed), key=lambda point: abs(point.factor - SHOWN)):
            ours = value_at(found.curve(Rule.PLAN, seed), point.outcome.value, figure)
            if np.isfinite(ours):
                return ours, figure(point.outcome)
    raise AssertionError("called without a stock value that both came to")


FIGURES: dict[int, tuple[str, Callable[[Outcome], float]]] = {
    4: ("stock-out item-days at equal stock value", lambda outcome: outcome.short),
    5: ("same-day buys at equal stock value", lambda outcome: outcome.same_day_buys),
}


def at_equal_fill(one: Scene) -> Bar:
    """Stock value at a fill rate, a world each; where a side does not reach it, at the highest that both do."""
    forecasts = AutoEtsForecasts.of(one.worlds[0])
    outlooks: dict[int, Outlook] = {}
    curves = []
    for world in one.worlds:
        known = Known(outlooks)
        ours = _fills(world, [Planned(world, service, UNITS, known) for service in FILLING])
        theirs = _fills(world, [AutoEts(world, forecasts, z) for z in Z])
        curves.append((ours, theirs))
    fill = min([FILL, *(max(rate for rate, _ in side) for pair in curves for side in pair)])
    ours, theirs = ([_value_at(pair[side], fill) for pair in curves] for side in (0, 1))
    return Bar.of(
        6, f"{one.history.name}: stock value at a fill rate of {fill:.3g}", "AutoETS + normal safety stock",
        ours=ours, theirs=theirs, limit=0.92, at_most=True, unit="",
    )  # fmt: skip


def _fills(world: World, policies: Sequence[Policy]) -> list[tuple[float, float]]:
    outcomes = [replay(world, policy) for policy in policies]
    return sorted((outcome.fill_rate, outcome.value) for outcome in outcomes)


def _value_at(curve: list[tuple[float, float]], fill: float) -> float:
    rates, values = zip(*curve, strict=True)
    return float(np.exp(np.interp(fill, rates, np.log(values))))


def measured(path: Path, window: str, seeds: int, wanted: Sequence[int]) -> list[Bar]:
    history = history_of(read(path))
    start, end = WINDOWS[window]

    def staged(unmet: Unmet) -> Scene:
        return scene(history, start=start, end=end, seeds=seeds, unmet=unmet, most_items=MOST_ITEMS)

    lost, bought = staged(Unmet.LOST), staged(Unmet.BOUGHT)
    print(
        f"{history.name}: {len(lost.rows)} of {lost.eligible} items, {history.day(lost.worlds[0].measured)} to"
        f" {history.day(lost.worlds[0].demand.shape[1] - 1)}; " + "; ".join(history.assumed),
        flush=True,
    )
    bars = against_par(study(lost.worlds), history.name, 4) if 4 in wanted else []
    bars += against_par(study(bought.worlds), history.name, 5) if 5 in wanted else []
    return [*bars, at_equal_fill(bought)] if 6 in wanted else bars


def arguments() -> argparse.Namespace:
    options = parser(__doc__)
    options.add_argument(
        "--data", type=Path, action="append", help="a data folder; may be given several times"
    )
    options.add_argument("--window", choices=WINDOWS, default="test")
    options.add_argument("--bars", type=int, nargs="+", choices=(4, 5, 6), default=(4, 5, 6))
    return options.parse_args()


def main() -> None:
    options = arguments()
    bars: list[Bar] = []
    folders = options.data or [SAMPLE]
    for folder in folders:
        try:
            bars += measured(folder, options.window, options.repeats, options.bars)
        except TooLittleHistory as error:
            sys.exit(str(error))
    report(
        "replay", sorted(bars, key=lambda bar: str(bar.bar)), data=", ".join(folder.name for folder in folders),
        packages=["numpy", "statsforecast"], as_json=options.json,
    )  # fmt: skip


if __name__ == "__main__":
    main()
