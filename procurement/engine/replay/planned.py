"""Our own policy: the forecast and the levels of a plan, made anew on every review from what is seen by then."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from procurement.engine.allocation import selling_weeks
from procurement.engine.data import Bools, Floats
from procurement.engine.forecast import Weeks, forecast
from procurement.engine.forecast.own import learn
from procurement.engine.forecast.weeks import closed_days, promotion_classes
from procurement.engine.replay.buffer import FINE, Allocation, Buffer, read
from procurement.engine.replay.world import Seen, World

KNOTS = np.array([0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.925, 0.95, 0.965, 0.975, 0.985, 0.99, 0.995, 0.999])
HISTORY_DAYS = 546  # a year to judge forecasts by, and half a year before
HORIZONS = 3  # that are computed; quantiles between them lie on a line
TAIL = 0.85  # where the tail begins
TAIL_SIZE, TAIL_POWER = 0.5, 4.0  # it falls like size ** -power, in spreads: what suited best in tuning
DEVIATION_WEEKS = 54
ENOUGH_DELIVERIES = 5
UNKNOWN_LEAD_TIMES = np.arange(1, 8)


@dataclass(frozen=True, slots=True, eq=False)
class Outlook:
    horizons: NDArray[np.int64]  # (h,) days
    knots: Floats  # (h, n, P) quantiles at KNOTS
    spread: Floats  # (n,) how far a fortnight's demand lies from its mean; at least as chance alone has it
    selling: Floats  # (n,) share of weeks in which the item sells


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """By day, to be shared by policies that see the same: the forecasts, and with the lead times of one world."""

    outlooks: dict[int, Outlook] = field(default_factory=dict)
    quantiles: dict[int, Floats] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Planned:
    """The factor it is swept over is `service`."""

    world: World  # its terms: prices, suppliers, review period; never its demand
    service: float
    buffer: Buffer = field(default_factory=Buffer)
    known: Known = field(default_factory=Known)

    def levels(self, seen: Seen) -> Floats:
        told, quantiles = self._told(seen)
        service = self.buffer.levels(quantiles, self.world.price, told.selling, self.service)
        if self.buffer.allocation is Allocation.FILL:
            return read(quantiles, np.minimum(service, TAIL)) + told.spread * _beyond(service)
        return read(quantiles, service)

    def _told(self, seen: Seen) -> tuple[Outlook, Floats]:
        known = self.known
        if seen.day not in known.outlooks:
            known.outlooks[seen.day] = outlook(seen, self.world)
        told = known.outlooks[seen.day]
        if seen.day not in known.quantiles:
            known.quantiles[seen.day] = over_lead_times(told, seen, self.world)
        return told, known.quantiles[seen.day]

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
    fortnights = whole[:, 1:] + whole[:, :-1]
    spread = fortnights.std(axis=1) + np.sqrt(fortnights.mean(axis=1))
    return Outlook(horizons, knots, spread, selling_weeks(weeks.demand.reshape(len(demand), -1)))


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


def _beyond(service: Floats) -> Floats:
    """How far the tail reaches beyond the quantile at TAIL, in spreads.

    Few past errors say how large a rare order is. Large ones of a wholesaler are rarer by a power of their size, not
    exponentially (a Pareto tail): twice as safe costs more the safer an item is.
    """
    rarer = (1 - TAIL) / np.minimum(1 - service, 1 - TAIL)
    return np.asarray(TAIL_SIZE * TAIL_POWER * (rarer ** (1 / TAIL_POWER) - 1))


def _learned(past: NDArray[np.int64]) -> NDArray[np.int64]:
    return past if len(past) >= ENOUGH_DELIVERIES else UNKNOWN_LEAD_TIMES


def _at(horizons: NDArray[np.int64], knots: Floats, days: int) -> Floats:
    """Between the horizons that were computed. (h, r, P) -> (r, P)"""
    above = int(np.clip(np.searchsorted(horizons, days), 1, max(len(horizons) - 1, 1)))
    if len(horizons) == 1:
        return np.asarray(knots[0])
    share = (days - horizons[above - 1]) / (horizons[above] - horizons[above - 1])
    return np.asarray(knots[above - 1] + share * (knots[above] - knots[above - 1]))
