"""Our own policy: the forecast and the levels of a plan, made anew on every review from what is seen by then."""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from procurement.engine.allocation import filling_service, spread_service
from procurement.engine.data import Bools, Floats
from procurement.engine.forecast import Weeks, forecast
from procurement.engine.forecast.own import learn
from procurement.engine.forecast.weeks import closed_days, promotion_classes
from procurement.engine.replay.world import Seen, World

KNOTS = np.array([0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.925, 0.95, 0.965, 0.975, 0.985, 0.99, 0.995, 0.999])
FINE = np.unique(np.concatenate([np.linspace(0.5, 0.9, 21), 1 - np.geomspace(0.1, 0.001, 25)]))
HISTORY_DAYS = 546  # a year to judge forecasts by, and half a year before
HORIZONS = 3  # that are computed; quantiles between them lie on a line
TAIL, TAIL_SCALE = (
    0.85,
    0.6,
)  # where the tail begins, and its size in standard deviations: what suited best in tuning
DEVIATION_WEEKS = 54
ENOUGH_DELIVERIES = 5
UNKNOWN_LEAD_TIMES = np.arange(1, 8)


class Allocation(StrEnum):
    SPREAD = "spread"  # the service level is the items' mean: more where it is cheap
    FILL = "fill"  # the same, for the fewest units short instead of the fewest stock-outs
    EQUAL = "equal"  # the same for every item


@dataclass(frozen=True, slots=True, eq=False)
class Outlook:
    horizons: NDArray[np.int64]  # (h,) days
    knots: Floats  # (h, n, P) quantiles at KNOTS
    deviation: Floats  # (n,) standard deviation of a fortnight's demand


@dataclass(slots=True, eq=False)
class Planned:
    """The factor it is swept over is `service`. `outlooks`: by day, to be shared by policies that see the same."""

    world: World  # its terms: prices, suppliers, review period; never its demand
    service: float
    allocation: Allocation = Allocation.SPREAD
    outlooks: dict[int, Outlook] = field(default_factory=dict)

    def levels(self, seen: Seen) -> Floats:
        if seen.day not in self.outlooks:
            self.outlooks[seen.day] = outlook(seen, self.world)
        told = self.outlooks[seen.day]
        quantiles = over_lead_times(told, seen, self.world)
        if self.allocation is Allocation.FILL:
            service = filling_service(self.world.price, self.service)
            # Few past errors say how large a rare one is: beyond, an exponential tail of the demand's own deviation.
            rarer = np.log((1 - TAIL) / np.minimum(1 - service, 1 - TAIL))
            return _read(quantiles, np.minimum(service, TAIL)) + TAIL_SCALE * told.deviation * rarer
        if self.allocation is Allocation.EQUAL:
            service = np.full(len(quantiles), self.service)
        else:
            service = spread_service(FINE, quantiles, self.world.price, self.service)
        return _read(quantiles, service)

    def missed(self, day: int) -> Bools:
        return np.zeros(self.world.lead_time.shape[0], dtype=np.bool_)


def outlook(seen: Seen, world: World) -> Outlook:
    """Quantiles of demand over protection intervals of several lengths."""
    start = max(0, seen.day - HISTORY_DAYS)
    demand = seen.demand[:, start:]
    shut = closed_days(demand)
    kinds = None
    if seen.promotion is not None:
        kinds = promotion_classes(seen.promotion[:, start:])
        shut = np.concatenate([shut, np.zeros(kinds.shape[1] - len(shut), dtype=np.bool_)])
    weeks = Weeks.of(demand, closed=shut, promotion=kinds, empty=seen.censored[:, start:])
    expected = forecast(weeks, learn(weeks, shut))
    leads = np.concatenate([_learned(past) for past in seen.lead_times])
    horizons = np.unique(np.linspace(leads.min(), leads.max(), HORIZONS).astype(np.int64)) + world.review_days
    knots = np.array([expected.quantiles(int(days), KNOTS) for days in horizons])
    whole = weeks.demand.sum(axis=2)[:, demand.shape[1] % 7 > 0 :][:, -DEVIATION_WEEKS:]
    return Outlook(horizons, knots, (whole[:, 1:] + whole[:, :-1]).std(axis=1))


def over_lead_times(told: Outlook, seen: Seen, world: World) -> Floats:
    """Quantiles at FINE of demand until the order after next can arrive, a lead time as uncertain as it was. (n, P)"""
    horizons, knots = told.horizons, told.knots
    out = np.zeros((knots.shape[1], len(FINE)))
    edges = np.concatenate([[0.0], (KNOTS[1:] + KNOTS[:-1]) / 2, [1.0]])
    for supplier, past in enumerate(seen.lead_times):
        rows = np.flatnonzero(world.supplier == supplier)
        if not len(rows):
            continue
        days, counts = np.unique(_learned(past), return_counts=True)
        each = np.array([_at(horizons, knots[:, rows], int(day) + world.review_days) for day in days])
        weights = np.multiply.outer(counts / counts.sum(), np.diff(edges)).ravel()
        values = each.transpose(1, 0, 2).reshape(len(rows), -1)
        order = np.argsort(values, axis=1, kind="stable")
        heights = np.take_along_axis(values, order, axis=1)
        below = np.cumsum(weights[order], axis=1) - weights[order] / 2
        for row, height, share in zip(rows, heights, below, strict=True):
            out[row] = np.interp(FINE, share, height)
    return out


def _read(quantiles: Floats, service: Floats) -> Floats:
    return np.array([np.interp(p, FINE, row) for p, row in zip(service, quantiles, strict=True)])


def _learned(past: NDArray[np.int64]) -> NDArray[np.int64]:
    return past if len(past) >= ENOUGH_DELIVERIES else UNKNOWN_LEAD_TIMES


def _at(horizons: NDArray[np.int64], knots: Floats, days: int) -> Floats:
    """Between the horizons that were computed. (h, r, P) -> (r, P)"""
    above = int(np.clip(np.searchsorted(horizons, days), 1, max(len(horizons) - 1, 1)))
    if len(horizons) == 1:
        return np.asarray(knots[0])
    share = (days - horizons[above - 1]) / (horizons[above] - horizons[above - 1])
    return np.asarray(knots[above - 1] + share * (knots[above] - knots[above - 1]))
