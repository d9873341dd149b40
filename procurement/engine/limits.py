"""How much of an item there may be at all: what sells before it spoils, what its place holds, the longest cover.

Each limit is one on the position, so what may still be ordered is limit - position. Shelf life and storage are hard:
nothing goes above them, even if then nothing can be ordered. The longest cover is soft: it never keeps the smallest
quantity that a supplier sells from being ordered.
"""

from dataclasses import dataclass
from decimal import Decimal
from statistics import NormalDist

import numpy as np

from procurement.engine.data import Floats, PlanningData, exact
from procurement.engine.forecast import Forecast
from procurement.engine.item_policies import ItemPolicies
from procurement.engine.params import PlanningParams
from suppliers.packing import pack_down, pack_up

COVER, SHELF_LIFE, STORAGE, AREA = range(4)
KINDS = ("cover", "shelf_life", "storage", "storage_area")
TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit as it bears on one offer: at most `room` more may be ordered now."""

    kind: str  # of KINDS
    room: Decimal
    words: str

    @property
    def hard(self) -> bool:
        return self.kind != KINDS[COVER]


@dataclass(frozen=True, slots=True, eq=False)
class Limits:
    """Rows are offers, columns KINDS. Where nothing is limited there are no rows."""

    most: Floats  # (m, 4) of the position, in the item's unit; inf: no limit
    days: Floats  # (m, 4) the shelf life or cover that the limit comes from; NaN for the others
    areas: dict[int, str]  # by row, the place that several items share

    @classmethod
    def none(cls) -> "Limits":
        return cls(np.zeros((0, len(KINDS))), np.zeros((0, len(KINDS))), {})

    def of(self, offer: int, position: Decimal) -> tuple[Limit, ...]:
        """Those of one offer, at this position; soft ones first."""
        if not len(self.most):
            return ()
        most = self.most[offer]
        return tuple(
            Limit(KINDS[at], max(Decimal(0), exact(most[at]) - position), self._words(offer, int(at)))
            for at in np.flatnonzero(np.isfinite(most))
        )

    def _words(self, offer: int, kind: int) -> str:
        days = self.days[offer, kind]
        match kind:
            case 0:  # COVER
                return f"at most {days:.0f} days of cover"
            case 1:  # SHELF_LIFE
                return f"shelf life {days:.0f} days: more would spoil"
            case 2:  # STORAGE
                return "no room for more in its place"
            case _:
                return f"no room for more in {self.areas[offer]}"


def limited(quantity: Decimal, limit: Limit, *, pack_size: Decimal, minimum: Decimal) -> Decimal:
    """The most that can be ordered of `quantity` within a limit: whole packs, 0 where not even the minimum fits.

    A soft limit leaves the smallest sellable quantity.
    """
    if quantity <= limit.room:
        return quantity
    within = pack_down(limit.room, pack_size=pack_size, minimum=minimum)
    if within or limit.hard:
        return within
    return min(quantity, pack_up(minimum, pack_size=pack_size, minimum=minimum).quantity)


def limits_of(
    data: PlanningData,
    expected: Forecast,
    policies: ItemPolicies,
    params: PlanningParams,
    beyond: Floats,
    committed: Floats,
) -> Limits:
    """Of every offer. beyond (m,): firm orders above the forecast, which sell as well; committed (n,): overdue."""
    offers = data.offers
    item, m = offers.item, len(offers)
    life = policies.shelf_life_days[item]
    for at, key in enumerate(offers.key.tolist() if policies.offered_shelf_life else ()):
        life[at] = policies.offered_shelf_life.get(key, life[at])
    cover, storage = policies.maximum_cover_days[item], policies.maximum_stock[item]
    if not np.isfinite([life, cover, storage]).any():
        return Limits.none()
    most, days = np.full((m, len(KINDS)), np.inf), np.full((m, len(KINDS)), np.nan)
    days[:, COVER], days[:, SHELF_LIFE] = cover, life
    for value, rows in _groups(cover):
        most[rows, COVER] = expected.take(item[rows]).total(int(value)) + beyond[rows]
    for value, rows in _groups(life + offers.lead_time_days):
        sure = sells_surely(expected.take(item[rows]), int(value), float(params.shelf_life_certainty))
        most[rows, SHELF_LIFE] = sure + beyond[rows]
    # What is promised or put aside lies there, too, until it leaves.
    most[:, STORAGE] = storage - (committed + policies.reserved)[item]
    return Limits(np.floor(np.round(most, 6) * 1e4) / 1e4, days, {})


def sells_surely(expected: Forecast, horizon_days: int, certainty: float) -> Floats:
    """What demand of the horizon exceeds with this probability. (n,)

    The lower quantile of a gamma distribution with the forecast as its mean and the spread of daily demand, at least
    that of a Poisson demand: never negative, and low for demand that is seldom and large. Burgin, "The gamma
    distribution and inventory control", Operational Research Quarterly 26 (1975); by the cube-root approximation of
    Wilson & Hilferty, PNAS 17 (1931).
    """
    mean = np.maximum(expected.total(horizon_days), 0.0)
    variance = np.maximum(horizon_days * expected.weeks.variance, mean)
    ninth = variance / np.maximum(9.0 * mean**2, TINY)  # 1 / (9 k), k = mean^2 / variance
    root = 1.0 - ninth - NormalDist().inv_cdf(certainty) * np.sqrt(ninth)
    found = mean * np.maximum(root, 0.0) ** 3
    return np.asarray(np.round(found, 6))


def _groups(values: Floats) -> list[tuple[float, np.ndarray]]:
    return [(value, np.flatnonzero(values == value)) for value in np.unique(values[np.isfinite(values)])]
