"""Which items matter most and which vary most: ABC by value of demand, XYZ by variability.

ABC: items in order of what their demand of a year is worth; A together make up the first share of it (80 % by
default), B the next (15 %), C the rest. Pareto analysis, Dickie, "ABC inventory analysis shoots for dollars, not
pennies", Factory Management and Maintenance 109 (1951); Silver, Pyke & Thomas, ch. 2.

XYZ: the coefficient of variation of weekly demand, standard deviation / mean, since the item's first sale. X is
steady, Y varies, Z is erratic. Scholz-Reiter et al., "Integration of demand forecasts in ABC-XYZ analysis",
International Journal of Productivity and Performance Management 61 (2012).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from procurement.engine.arrays import Floats, Ints

YEAR = 364  # days whose demand is valued: whole weeks
LEAST_WEEKS = 4  # with fewer nobody knows how much an item varies
VALUES, VARIATIONS = "ABC", "XYZ"
CELLS = tuple(value + variation for value in VALUES for variation in VARIATIONS)
# A value this close to where a class begins belongs to it: float32 sums differ in the last digits
SAME = 1e-6


class InvalidClassRules(ValueError):
    """The limits of the classes are out of order; says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRules:
    """Shares of the value of all demand, and limits of the coefficient of variation."""

    share_a: Decimal = Decimal("0.80")
    share_b: Decimal = Decimal("0.15")  # C has what is left
    x_up_to: Decimal = Decimal("0.5")
    y_up_to: Decimal = Decimal("1.0")  # Z is above

    def __post_init__(self) -> None:
        if not (self.share_a > 0 and self.share_b > 0 and self.share_a + self.share_b <= 1):
            raise InvalidClassRules("the shares of A and B must be above 0 and together at most 1")
        if not 0 < self.x_up_to < self.y_up_to:
            raise InvalidClassRules("X must end above 0, and Y above X")


@dataclass(frozen=True, slots=True)
class ValueCuts:
    """From which value on an item is A, and from which B. Items of one value are of one class."""

    a_from: float
    b_from: float


def value_cuts(values: Floats, rules: ClassRules) -> ValueCuts:
    """Of all items of a site. values (n,) >= 0: demand of a year times price, in any one currency."""
    worth = np.sort(values[values > 0])[::-1]
    if not len(worth):
        return ValueCuts(np.inf, np.inf)
    before = np.concatenate([[0.0], np.cumsum(worth)[:-1]]) / worth.sum()

    def lowest(share: Decimal) -> float:
        """The item that reaches the share still belongs to it. Shares are compared to nine digits."""
        return float(worth[np.flatnonzero(np.round(before, 9) < float(share))[-1]])

    return ValueCuts(lowest(rules.share_a), lowest(rules.share_a + rules.share_b))


def value_classes(values: Floats, cuts: ValueCuts) -> NDArray[np.str_]:
    """A, B or C of each item; what sells nothing, or has no price, is C. (n,) -> (n,)"""
    near = values * (1 + SAME)
    return np.select(
        [(near >= cuts.a_from) & (values > 0), (near >= cuts.b_from) & (values > 0)], ["A", "B"], "C"
    )


def variation(demand: NDArray[np.floating]) -> tuple[Floats, Ints]:
    """Coefficient of variation of weekly demand of the last year, and of how many weeks. (n, T) -> (n,), (n,)

    Weeks end with the history; only whole ones since the item's first sale count: before it, it was not sold yet. NaN
    where nothing was sold or fewer than four weeks are known.
    """
    n, days = demand.shape
    whole = min(days // 7, YEAR // 7)
    weekly = demand[:, days - whole * 7 :].reshape(n, whole, 7).sum(axis=2, dtype=np.float64)
    first = np.where((demand > 0).any(axis=1), (demand > 0).argmax(axis=1), days)
    begun = days - whole * 7 + 7 * np.arange(whole) >= first[:, None]
    weeks = begun.sum(axis=1)
    counted = np.maximum(weeks, 1)
    mean = np.where(begun, weekly, 0.0).sum(axis=1) / counted
    squares = np.where(begun, (weekly - mean[:, None]) ** 2, 0.0).sum(axis=1) / counted
    known = (weeks >= LEAST_WEEKS) & (mean > 0)
    found = np.where(known, np.sqrt(squares) / np.where(mean > 0, mean, 1.0), np.nan)
    return np.asarray(np.round(found, 6), dtype=np.float64), weeks.astype(np.int64)


def variation_classes(varies: Floats, rules: ClassRules) -> NDArray[np.str_]:
    """X, Y or Z of each item; where nobody knows, Z. (n,) -> (n,)"""
    known = np.where(np.isfinite(varies), varies, np.inf)
    return np.select([known <= float(rules.x_up_to), known <= float(rules.y_up_to)], ["X", "Y"], "Z")


def service_levels(
    cells: NDArray[np.str_], levels: Mapping[str, Decimal], otherwise: Decimal
) -> NDArray[np.float64]:
    """Of each item by its cell; a cell without one has the site's. (n,) -> (n,)"""
    found = np.full(len(cells), float(otherwise))
    for cell, level in levels.items():
        found[cells == cell] = float(level)
    return found
