"""Which memory suits an item: those that would have foretold its past best count most."""

import numpy as np

from procurement.engine.data import Bools, Floats
from procurement.engine.forecast.weeks import Weeks
from procurement.engine.forecast.windows import counted_after

TINY = 1e-9
EVIDENCE = 50.0  # past forecasts' worth of belief in what suits all items
SHARPNESS = 4.0  # weight = (squared error / smallest) ** -SHARPNESS
OUTLIER = 3.0  # times the mean absolute error: a larger one counts as that much
LOOKED_AT = 52  # past weeks at most
WARM_UP = 4  # weeks after an item's first day before its forecasts count


def origins(weeks: Weeks, horizon_days: int) -> Bools:
    """Which past weeks' forecasts can be judged: warmed up, over, not long ago, never sold out meanwhile. (n, J)"""
    number = len(weeks)
    week = np.arange(number)
    newest = number - 1 - -(-horizon_days // 7)
    judged: Bools = (
        (week >= (weeks.first + WARM_UP - 1)[:, None]) & (week <= newest) & (week > newest - LOOKED_AT)
    )
    if weeks.censored is not None:
        judged &= counted_after(weeks.censored, horizon_days) == 0
    return judged


def judged_since(weeks: Weeks, horizon_days: int) -> int:
    """The first week that `origins` can tell to be judged: what was before need not be computed."""
    return max(0, len(weeks) - LOOKED_AT - -(-horizon_days // 7))


def squared_errors(errors: Floats, judged: Bools) -> Floats:
    """Mean of each memory's squared errors (0 where not judged), outliers tamed. (k, n, J), (n, J) -> (k, n)"""
    count = np.maximum(judged.sum(axis=1), 1)
    missed = np.abs(errors)
    most = OUTLIER * missed.sum(axis=2) / count
    np.minimum(missed, most[:, :, None], out=missed)
    return np.asarray(np.einsum("knj,knj->kn", missed, missed) / count)


def relative(squares: Floats) -> Floats:
    """Against the mean of all memories, so that items of any size can be compared. (k, n)"""
    return (squares + TINY) / (squares + TINY).mean(axis=0)


def memory_weights(squares: Floats, judged: Bools, pooled: Floats) -> Floats:
    """(k, n), adding up to 1. `pooled` (k,): what `relative` comes to for all items."""
    count = judged.sum(axis=1)
    believed = (count * relative(squares) + EVIDENCE * pooled[:, None]) / (count + EVIDENCE)
    weights = (believed / believed.min(axis=0)) ** -SHARPNESS
    return np.asarray(weights / weights.sum(axis=0))
