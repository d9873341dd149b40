"""Customer orders that are known already, against the forecast: they use it up instead of adding to it.

The forecast is of everything that leaves in the days to come, and orders due in them are a part of that. So within the
protection interval only what firm orders ask beyond the forecast adds to it (forecast consumption: Vollmann, Berry,
Whybark & Jacobs, Manufacturing Planning and Control for Supply Chain Management, ch. on demand management).

    overdue   due before the plan's day, or at no day: should have left already, so no forecast of days to come
              holds it. Taken off the position in full
    due       from the plan's day to the end of the interval: uses the forecast up; what exceeds it adds to it
    unusual   the part of a day's due above five times a usual day's sale: the forecast leaves such days out when it
              learns, so this part adds to it in full
    later     due after the interval: not counted yet
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from procurement.engine.arrays import Floats
from procurement.engine.forecast.levels import OUTLIER, OUTLIER_AFTER
from procurement.engine.stock import FirmOrders


@dataclass(frozen=True, slots=True, eq=False)
class Consumed:
    """What firm orders do to the forecast of one interval. due + later + overdue are all open orders. (n,) each"""

    due: Floats  # within the interval
    unusual: Floats  # the part of it that no forecast holds
    beyond: Floats  # adds to the forecast: unusual + what else is due above the forecast
    later: Floats

    @classmethod
    def none(cls, rows: int) -> "Consumed":
        return cls(*np.zeros((4, rows)))


def usual_sale(demand: NDArray[np.floating]) -> Floats:
    """Mean of the days on which something was sold; inf where those are too few to tell. (n, T) -> (n,)"""
    sold = (demand > 0).sum(axis=1)
    mean = demand.sum(axis=1, dtype=np.float64) / np.maximum(sold, 1)
    return np.where(sold >= OUTLIER_AFTER, mean, np.inf)


def consumed(firm: FirmOrders, forecast: Floats, usual: Floats, *, horizon: int) -> Consumed:
    """beyond = unusual + max(0, due - unusual - forecast). forecast, usual (n,); horizon in days"""
    if not firm.due.shape[1]:
        nothing = np.zeros(len(forecast))
        return Consumed(nothing, nothing, nothing, firm.later)
    within = firm.due[:, :horizon]
    due = within.sum(axis=1)
    above = np.maximum(within - OUTLIER * np.where(np.isfinite(usual), usual, 0.0)[:, None], 0.0)
    unusual = np.where(np.isfinite(usual), above.sum(axis=1), 0.0)
    due, unusual = (np.asarray(np.round(one, 4), dtype=np.float64) for one in (due, unusual))
    beyond: Floats = np.round(unusual + np.maximum(0.0, due - unusual - forecast), 4)
    later: Floats = np.round(firm.later + firm.due[:, horizon:].sum(axis=1), 4)
    return Consumed(due, unusual, beyond, later)
