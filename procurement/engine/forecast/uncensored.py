"""Demand on days on which the shelf was empty: more than was sold, nobody knows how much."""

import numpy as np
from numpy.typing import NDArray

from procurement.engine.data import Bools, Floats

AROUND_WEEKS = 4  # looked at on both sides, as far as they are known


def uncensored(demand: NDArray[np.floating], sold_out: Bools) -> tuple[Floats, Bools]:
    """What customers would have taken: with an empty shelf at least the mean of the same weekday around; and where
    none of these is known, so that the day says nothing. (n, T), (n, T) -> (n, T), (n, T)

    Leaving all such days out instead would also leave out the large orders that emptied the shelf.
    """
    wanted, unknown = demand.astype(np.float64), np.zeros(demand.shape, dtype=np.bool_)
    rows, days = np.nonzero(sold_out)
    total, count = np.zeros((2, len(rows)))
    for weeks in range(1, AROUND_WEEKS + 1):
        for there in (days - 7 * weeks, days + 7 * weeks):
            inside = (there >= 0) & (there < demand.shape[1])
            at = rows, np.where(inside, there, 0)
            known = inside & ~sold_out[at]
            total += np.where(known, demand[at], 0.0)
            count += known
    first = (~np.logical_or.accumulate(demand > 0, axis=1)).sum(axis=1)
    begun = days >= first[rows]  # an item loaded with no stock yet waits for its first delivery
    usual = np.where(begun, total / np.maximum(count, 1.0), 0.0)
    wanted[rows, days] = np.maximum(wanted[rows, days], usual)
    unknown[rows, days] = (count == 0) | ~begun
    return wanted, unknown
