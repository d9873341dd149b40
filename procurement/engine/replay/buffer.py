"""Where our plan's buffer goes in a replay: the service level of each item for one that is asked of all."""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from procurement.engine.allocation import filling_service, spread_service
from procurement.engine.data import Floats
from procurement.engine.params import LEAST_SERVICE, MOST_SERVICE

LEAST, MOST = float(LEAST_SERVICE), float(MOST_SERVICE)
FINE = np.unique(np.concatenate([np.linspace(LEAST, 0.9, 21), 1 - np.geomspace(0.1, 1 - MOST, 25)]))


class Allocation(StrEnum):
    SPREAD = "spread"  # the service level is the items' mean: more where it is cheap
    FILL = "fill"  # the same, for the fewest units short instead of the fewest stock-outs
    EQUAL = "equal"  # the same for every item


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Buffer:
    """`least` and `most` bound what an item's level may come to where it is found by what its stock costs."""

    allocation: Allocation = Allocation.SPREAD
    least: float = LEAST
    most: float = MOST
    usual: float = 0.95  # the site's own level
    by_hand: Floats | None = None  # (n,) levels set for an item or its class; NaN where there is none

    @property
    def set_by_hand(self) -> int:
        return 0 if self.by_hand is None else int(np.isfinite(self.by_hand).sum())

    def take(self, rows: NDArray[np.int64]) -> "Buffer":
        return self if self.by_hand is None else replace(self, by_hand=self.by_hand[rows])

    def levels(self, quantiles: Floats, price: Floats, selling: Floats, wanted: float) -> Floats:
        """quantiles (n, P) at FINE; price, selling (n,) -> (n,)

        A level set by hand keeps its distance, in odds, from what is asked of all: with the site's own level asked it
        is as it was set. Such items play no part in the mean.
        """
        if self.allocation is Allocation.FILL:
            return filling_service(price, wanted)
        levels = np.full(len(price), wanted)
        free = np.ones(len(price), dtype=np.bool_) if self.by_hand is None else np.isnan(self.by_hand)
        if self.allocation is Allocation.SPREAD:
            least, most = min(self.least, wanted), max(self.most, wanted)
            grid = np.unique([least, most, *FINE[(least < FINE) & (most > FINE)]])
            stock = at(quantiles[free], grid)
            levels[free] = spread_service(grid, stock, price[free], wanted, selling[free])
        if self.by_hand is not None:
            moved = _odds(self.by_hand[~free]) * _odds(wanted) / _odds(self.usual)
            levels[~free] = np.clip(moved / (1 + moved), LEAST, MOST)
        return levels


def at(quantiles: Floats, probabilities: Floats) -> Floats:
    """Every row, given at FINE, at the same probabilities. (n, P), (k,) -> (n, k)"""
    return np.column_stack([read(quantiles, np.full(len(quantiles), one)) for one in probabilities.tolist()])


def read(quantiles: Floats, service: Floats) -> Floats:
    """Each row, given at FINE, at its own probability. (n, P), (n,) -> (n,)"""
    above = np.clip(np.searchsorted(FINE, service), 1, len(FINE) - 1)
    share = np.clip((service - FINE[above - 1]) / (FINE[above] - FINE[above - 1]), 0.0, 1.0)
    rows = np.arange(len(quantiles))
    low, high = quantiles[rows, above - 1], quantiles[rows, above]
    return np.asarray(low + share * (high - low))


def _odds(level: Floats | float) -> Floats:
    return np.asarray(level) / (1 - np.asarray(level))
