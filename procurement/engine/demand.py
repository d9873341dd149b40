"""Views of the demand matrix: when an item began, what it sold over intervals and weeks."""

import numpy as np
from numpy.typing import NDArray

from procurement.engine.data import Floats, Ints


def first_demand(demand: NDArray[np.floating]) -> Ints:
    """Column of each item's first demand; T where there is none. (n, T) -> (n,)

    Days before it are not days without demand: the item was not sold yet.
    """
    sold = demand > 0
    return np.where(sold.any(axis=1), sold.argmax(axis=1), demand.shape[1]).astype(np.int64)


def cumulative(demand: NDArray[np.floating]) -> Floats:
    """Running totals from a leading 0: days a..b-1 sold out[:, b] - out[:, a]. (n, T) -> (n, T+1)"""
    total = np.zeros((demand.shape[0], demand.shape[1] + 1))
    np.cumsum(demand, axis=1, dtype=np.float64, out=total[:, 1:])
    return total


def weekly_totals(demand: NDArray[np.floating], weeks: int = 26) -> Floats:
    """Demand of the last whole weeks, oldest first, as far as history goes. (n, T) -> (n, <= weeks)"""
    n, days = demand.shape
    whole = min(days // 7, weeks)
    recent = demand[:, days - whole * 7 :].astype(np.float64)
    totals: Floats = recent.reshape(n, whole, 7).sum(axis=2)
    return totals
