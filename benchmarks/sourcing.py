"""Bars 7 and 8: what the lines cost as we buy them, and how soon that is known.

Ours and a plain HiGHS model of the same problem in turn, one instance after the other: `benchmarks.instances` makes
them from seeds that nothing was tuned on. `--data FOLDER`: list prices are drawn from those of the folder's
items.csv.
"""

import argparse
import time
from pathlib import Path

import numpy as np

from benchmarks import plain_model
from benchmarks.bars import Bar, parser, report
from benchmarks.folders import read
from benchmarks.instances import SIZES, instance
from procurement.engine.sourcing.exact import Limits
from procurement.engine.sourcing.problem import SourcingProblem
from procurement.engine.sourcing.solve import solve

SEED = 1001  # the first one reported; those below were for trying things out
CLOSE = 1.01
AGAINST_CHEAPEST = {"50x5": 0.98, "200x8": 0.985, "200x20": 0.90}


def ours(problem: SourcingProblem, seconds: float) -> tuple[list[tuple[float, float]], float, float]:
    """(seconds since it was begun, total) of each better plan; the last one's total; cheapest per line, padded."""
    begun, course = time.perf_counter(), []

    def better(total: float) -> None:
        course.append((time.perf_counter() - begun, total))

    found = solve(problem, Limits(seconds=seconds), on_better=better).figures
    course.append((time.perf_counter() - begun, float(found.total)))
    return course, float(found.total), float(found.each_line_cheapest)


def bars_of(size: str, prices: np.ndarray, options: argparse.Namespace) -> list[Bar]:
    cost, cheapest, incumbent, soon, their_time = [], [], [], [], []
    for seed in range(SEED, SEED + options.repeats):
        problem = instance(*SIZES[size], seed, prices=prices)
        theirs = plain_model.solve(problem, seconds=options.peer_seconds)
        course, total, padded = ours(problem, options.seconds)
        cost.append(total)
        cheapest.append(padded)
        incumbent.append(theirs.best)
        goal = CLOSE * theirs.best
        soon.append(next((at for at, reached in course if reached <= goal), options.seconds))
        their_time.append(theirs.seconds_to(goal))
    return [
        Bar.of(
            7, f"{size}: cost", "cheapest per line padded to the order minimums", ours=cost, theirs=cheapest,
            limit=AGAINST_CHEAPEST[size], at_most=True, unit="",
        ),
        Bar.of(
            7, f"{size}: cost after {options.seconds:g} s", f"HiGHS's incumbent after {options.peer_seconds:g} s",
            ours=cost, theirs=incumbent, limit=1.005, at_most=True, unit="",
        ),
        Bar.of(
            8, f"{size}: time to within 1 % of that incumbent", "the plain model's own time to it", ours=soon,
            theirs=their_time, limit=0.2, at_most=True, unit="s",
        ),
    ]  # fmt: skip


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--data", type=Path, help="a data folder with prices in items.csv")
    options.add_argument("--seconds", type=float, default=10, help="ours may take")
    options.add_argument("--peer-seconds", type=float, default=60, help="the plain model may take")
    chosen = options.parse_args()
    prices = np.zeros(0)
    if chosen.data:
        known = read(chosen.data).price
        prices = known[known > 0]
    # What either side loads at its first use is not what is measured.
    ours(instance(5, 2, 40.0, 1), 1)
    plain_model.solve(instance(5, 2, 40.0, 1), seconds=1)
    bars = [bar for size in SIZES for bar in bars_of(size, prices, chosen)]
    data = f"made from seeds {SEED} to {SEED + chosen.repeats - 1}"
    report(
        "sourcing", sorted(bars, key=lambda bar: bar.bar),
        data=f"{data}, prices of {chosen.data.name}" if chosen.data else data, packages=["numpy", "highspy"],
        as_json=chosen.json,
    )  # fmt: skip


if __name__ == "__main__":
    main()
