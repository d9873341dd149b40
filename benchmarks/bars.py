"""A bar: our figure against a peer's or a limit, as the median of ratios taken in turn, with their spread."""

import argparse
import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from statistics import median
from typing import Any

REPEATS = 5


@dataclass(frozen=True)
class Bar:
    bar: int | str  # its number, or its name where it has none
    what: str
    against: str
    ratio: float  # median over the repeats
    min: float
    max: float
    limit: float
    at_most: bool  # the limit is a ceiling; otherwise a floor
    ours: float
    theirs: float
    unit: str

    @classmethod
    def of(
        cls, bar: int | str, what: str, against: str, *, ours: Sequence[float], theirs: Sequence[float], limit: float,
        at_most: bool, unit: str,
    ) -> "Bar":  # fmt: skip
        ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
        figures = (median(ratios), min(ratios), max(ratios))
        return cls(bar, what, against, *figures, limit, at_most, median(ours), median(theirs), unit)

    @property
    def passed(self) -> bool:
        return self.ratio <= self.limit if self.at_most else self.ratio >= self.limit

    def line(self) -> str:
        bound = "at most" if self.at_most else "at least"
        return (
            f"[{'pass' if self.passed else 'MISS'}] bar {self.bar} {self.what}: {self.ratio:.2f} "
            f"({self.min:.2f} to {self.max:.2f}), {bound} {self.limit:g} against {self.against}; "
            f"ours {self.ours:.4g} {self.unit}, theirs {self.theirs:.4g} {self.unit}"
        )


def machine() -> str:
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def parser(description: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    parser.add_argument("--repeats", type=int, default=REPEATS)
    return parser


def arguments(description: str | None) -> argparse.Namespace:
    return parser(description).parse_args()


def report(bench: str, bars: list[Bar], *, data: str, packages: Sequence[str], as_json: bool) -> None:
    for bar in bars:
        print(bar.line())
    if as_json:
        rows: list[dict[str, Any]] = [asdict(bar) | {"pass": bar.passed} for bar in bars]
        versions = {name: version(name) for name in packages}
        print(
            json.dumps(
                {"bench": bench, "data": data, "machine": machine(), "versions": versions, "bars": rows}
            )
        )
    sys.stdout.flush()
