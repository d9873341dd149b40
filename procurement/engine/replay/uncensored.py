"""Demand on days on which the shelf was empty: more than was sold, nobody knows how much."""

import numpy as np

from procurement.engine.data import Bools, Floats

AROUND_WEEKS = 4  # looked at on both sides, as far as they are known


def uncensored(demand: Floats, sold_out: Bools) -> Floats:
    """What customers would have taken: with an empty shelf at least the mean of the same weekday around. (n, T)

    Leaving such days out instead would also leave out the large orders that emptied the shelf.
    """
    total, count = np.zeros((2, *demand.shape))
    known = np.where(sold_out, 0.0, 1.0)
    for weeks in range(1, AROUND_WEEKS + 1):
        days = 7 * weeks
        for here, there in ((slice(days, None), slice(None, -days)), (slice(None, -days), slice(days, None))):
            total[:, here] += (demand * known)[:, there]
            count[:, here] += known[:, there]
    usual = total / np.maximum(count, 1.0)
    return np.where(sold_out, np.maximum(demand, usual), demand)
