"""What a policy is replayed on, and how much of it the policy may see."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from procurement.engine.data import Bools, Floats, InvalidPlanningData


class Unmet(StrEnum):
    """What becomes of a day's demand beyond the stock."""

    LOST = "lost"  # nobody sees how much it would have been
    BOUGHT = "bought"  # an emergency order the same day: customers get it all


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class World:
    """History with terms, and the draws every policy meets alike. n items, T days, s suppliers."""

    demand: Floats  # (n, T) units customers wanted
    price: Floats  # (n,) of a unit
    pack: Floats  # (n,) > 0
    shelf_life: NDArray[np.int64]  # (n,) days it can be sold, that of its arrival counted; 0: it keeps
    supplier: NDArray[np.int64]  # (n,) row of the supplier
    lead_time: NDArray[np.int64]  # (s, T) days, >= 1, of what is ordered that day
    order_cost: float  # of each order, whatever is on it
    begin: int  # first day that is replayed; what is before is history
    measured: int  # first day that counts
    review_days: int = 7  # from `begin` on
    unmet: Unmet = Unmet.LOST
    # (n, T) days whose demand was seen in part only; `demand` is corrected already
    censored: Bools | None = None
    promotion: Bools | None = None  # (n, T) known `known_ahead` days before
    known_ahead: int = 21

    def __post_init__(self) -> None:
        n, days = self.demand.shape
        suppliers = self.lead_time.shape[0]
        for fits, message in (
            (n > 0, "no item to replay"),
            (0 < self.begin <= self.measured < days, "no day of history before, or none after the beginning"),
            (
                self.lead_time.shape == (suppliers, days),
                "lead times do not have one value a supplier and day",
            ),
            (bool((self.lead_time >= 1).all()), "a lead time is below a day"),
            (bool((self.pack > 0).all()), "a pack size is not above 0"),
            (
                bool(np.isfinite(self.demand).all() and (self.demand >= 0).all()),
                "demand is not a number from 0 up",
            ),
            (bool((self.price >= 0).all()), "a price is negative"),
            (bool((self.supplier < suppliers).all()), "an item is of a supplier that is not there"),
            (self.review_days >= 1, "the review period is below a day"),
        ):
            if not fits:
                raise InvalidPlanningData(message)

    def is_review(self, day: int) -> bool:
        return (day - self.begin) % self.review_days == 0


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What is known in the morning of `day`: nothing of that day or later, but promotions that are planned."""

    day: int
    demand: Floats  # (n, day) sold, or wanted where all of it was seen
    censored: Bools  # (n, day) the shelf was empty before the day was over
    lead_times: tuple[NDArray[np.int64], ...]  # by supplier: of what has arrived by now
    promotion: Bools | None  # (n, day + known ahead)


class Policy(Protocol):
    def levels(self, seen: Seen) -> Floats:
        """Order-up-to levels. (n,)"""

    def missed(self, day: int) -> Bools:
        """Suppliers nobody looks at on this review day. (s,)"""
