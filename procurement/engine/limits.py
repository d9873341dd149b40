"""How much of an item there may be at all: what sells before it spoils, what its place holds, the longest cover.

Each limit is one on the position, so what may still be ordered is limit - position. Shelf life and storage are hard:
nothing goes above them, even if then nothing can be ordered. The longest cover is soft: the pack, or the minimum, with
which it is reached is still ordered.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from statistics import NormalDist

import numpy as np

from procurement.engine.data import Floats, Ints, PlanningData, exact
from procurement.engine.forecast import Forecast
from procurement.engine.item_policies import ItemPolicies
from procurement.engine.params import PlanningParams
from suppliers.packing import pack_down, pack_up, plain

COVER, SHELF_LIFE, STORAGE = range(3)
KINDS = ("cover", "shelf_life", "storage")
AREA = "storage_area"  # shared by items, so known only when all needs are: see `storage`
TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit as it bears on one offer."""

    kind: str  # of KINDS
    most: Decimal  # up to which the position may be ordered
    words: str

    @property
    def hard(self) -> bool:
        return self.kind != KINDS[COVER]

    def room(self, position: Decimal) -> Decimal:
        return max(Decimal(0), self.most - position)

    def of(self, quantity: Decimal, position: Decimal, *, pack_size: Decimal, minimum: Decimal) -> Decimal:
        """The most that may be ordered of `quantity`: whole packs, 0 where not even the minimum fits.

        A soft limit ends with the pack that goes over it, so that nothing more is asked for the next time.
        """
        room = self.room(position)
        if quantity <= room:
            return quantity
        if self.hard:
            return pack_down(room, pack_size=pack_size, minimum=minimum)
        return min(quantity, pack_up(room, pack_size=pack_size, minimum=minimum).quantity) if room else room

    @classmethod
    def read(cls, told: Mapping[str, str]) -> "Limit":
        return cls(told["kind"], Decimal(told["most"]), told["words"])


@dataclass(frozen=True, slots=True, eq=False)
class Limits:
    """Rows are offers, columns KINDS. Where nothing is limited there are no rows."""

    most: Floats  # (m, 3) of the position, in the item's unit; inf: no limit
    days: Floats  # (m, 3) the shelf life or cover that the limit comes from; NaN for the others

    @classmethod
    def none(cls) -> "Limits":
        return cls(np.zeros((0, len(KINDS))), np.zeros((0, len(KINDS))))

    def told(self, offer: int) -> list[dict[str, str]]:
        """Those of one offer, soft ones first; none of an item nobody offers."""
        if offer >= len(self.most):
            return []
        most = self.most[offer]
        return [
            {"kind": KINDS[at], "most": plain(exact(most[at])), "words": self._words(offer, at)}
            for at in np.flatnonzero(np.isfinite(most)).tolist()
        ]

    def _words(self, offer: int, kind: int) -> str:
        days = f"{self.days[offer, kind]:.0f} day{'' if self.days[offer, kind] == 1 else 's'}"
        if kind == COVER:
            return f"at most {days} of cover"
        return (
            f"shelf life {days}: more would spoil" if kind == SHELF_LIFE else "no room for more in its place"
        )


def limits_of(
    data: PlanningData,
    expected: Forecast,
    policies: ItemPolicies,
    params: PlanningParams,
    beyond: Floats,
    committed: Floats,
    arrival_days: Ints,
) -> Limits:
    """Of every offer. beyond (m,): firm orders above the forecast, which sell as well; committed (n,): overdue;
    arrival_days (m,): from the day of the plan, as goods keep from when they arrive.
    """
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
    for value, rows in _groups(life + arrival_days):
        sure = sells_surely(expected.take(item[rows]), int(value), float(params.shelf_life_certainty))
        most[rows, SHELF_LIFE] = sure + beyond[rows]
    # What is promised or put aside lies there, too, until it leaves.
    most[:, STORAGE] = storage - (committed + policies.reserved)[item]
    return Limits(np.floor(np.round(most, 6) * 1e4) / 1e4, days)


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
