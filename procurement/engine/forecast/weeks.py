"""Daily history seen as whole weeks that end with it: what every part of the forecast works on.

n items, J weeks, 7 days a week; the last day of the last week is the last day of the history. A week's first day is
whatever weekday tomorrow is, so that no day is left out at the recent end.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from procurement.engine.data import Bools, Floats, Ints
from procurement.engine.forecast.uncensored import uncensored
from procurement.engine.known_days import KnownDays

# Items that sell on a usual day: then a day on which nothing sells is a day on which nobody could buy.
CROWD = 20
SHORT_PROMOTION_DAYS = 14
PROMOTION_CLASSES = 3  # none, short, long


@dataclass(frozen=True, eq=False)  # without slots, as it remembers what it was asked
class Weeks:
    """`promotion`, `closed` and `holidays` may go on beyond the history, A weeks, as far as that is known ahead."""

    demand: Floats  # (n, J, 7) >= 0; with an empty shelf at least the usual of that weekday
    known: Bools  # (n, J, 7) False: not sold yet, the site was closed, or an empty shelf for so long that none is usual
    promotion: NDArray[np.int8]  # (n, J + A, 7) class of promotion, 0 none
    closed: Bools  # (J + A, 7) the whole site
    empty: Bools | None = None  # (n, J, 7) the shelf was empty; None where it never was
    censored: Bools | None = None  # (n, J, 7) of these, days that say nothing; None where each does
    # (J + A, 7) the calendar's, whether or not anything is sold; None: it has none
    holidays: Bools | None = None

    @classmethod
    def known_of(cls, demand: NDArray[np.floating], days: KnownDays, closed: Bools) -> "Weeks":
        """`closed` (T,): as it shows in the demand; what the calendar says comes on top. demand (n, T)"""
        shut = closed
        if days.closed is not None:
            shut = days.closed.copy()
            shut[: len(closed)] |= closed
        flags = days.promoted(*demand.shape)
        return cls.of(
            demand,
            closed=shut,
            empty=days.censored,
            promotion=None if flags is None else promotion_classes(flags),
            holidays=days.holidays,
        )

    @classmethod
    def of(
        cls,
        demand: NDArray[np.floating],
        *,
        closed: Bools | None = None,
        empty: Bools | None = None,
        promotion: NDArray[np.int8] | None = None,
        holidays: Bools | None = None,
    ) -> "Weeks":
        """demand, empty (n, T), the shelf was; promotion (n, T + days ahead); closed, holidays (T + days ahead,).

        Closed days are seen from demand where nobody says them.
        """
        n, days = demand.shape
        missing = -days % 7 if days else 7  # days before the history began fill its first week
        shut = closed_days(demand) if closed is None else closed
        ends = (
            shut.shape[0],
            0 if promotion is None else promotion.shape[1],
            0 if holidays is None else len(holidays),
        )
        ahead = max(ends) - days
        ahead += -ahead % 7

        def weekly(values: NDArray, length: int) -> NDArray:
            lead, trail = (
                np.zeros((*values.shape[:-1], size), values.dtype)
                for size in (missing, length - values.shape[-1])
            )
            padded = np.concatenate([lead, values, trail], axis=-1)
            return padded.reshape(*values.shape[:-1], -1, 7)

        unknown = None
        if empty is not None:
            demand, unknown = uncensored(demand, empty & ~shut[:days])
        known = (np.cumsum(demand, axis=1) > 0) & (~shut[:days] | (demand > 0))
        if unknown is not None:
            known &= ~unknown
        kinds = np.zeros((n, days), dtype=np.int8) if promotion is None else promotion
        return cls(
            demand=weekly(demand.astype(np.float64, copy=False), days),
            known=weekly(known, days),
            promotion=weekly(kinds, days + ahead),
            closed=weekly(shut, days + ahead),
            empty=None if empty is None else weekly(empty, days),
            censored=None if unknown is None or not unknown.any() else weekly(unknown, days),
            holidays=None if holidays is None or not holidays.any() else weekly(holidays, days + ahead),
        )

    def __len__(self) -> int:
        return int(self.demand.shape[1])

    @cached_property
    def first(self) -> Ints:
        """Week of each item's first known day; J where there is none. (n,)"""
        some = np.asarray(self.known.any(axis=2))
        return np.where(some.any(axis=1), some.argmax(axis=1), len(self)).astype(np.int64)

    @cached_property
    def promoted(self) -> tuple[Ints, Ints, Ints, Ints]:
        """Item, week, day and class of each promoted day on which the site is open."""
        item, week, day = np.nonzero((self.promotion > 0) & ~self.closed)
        return item, week, day, self.promotion[item, week, day].astype(np.int64)

    @cached_property
    def running(self) -> Floats:
        """Totals from a leading 0 on: days a..b-1 took out[:, b] - out[:, a]. (n, 7 J + 1)"""
        n, number = self.demand.shape[:2]
        total = np.zeros((n, number * 7 + 1))
        np.cumsum(self.demand.reshape(n, -1), axis=1, out=total[:, 1:])
        return total

    @cached_property
    def variance(self) -> Floats:
        """Of daily demand since each item's first, in units squared. (n,)"""
        counts = self.known.sum(axis=(1, 2))
        days = np.maximum(counts, 1)
        taken = self.demand * self.known
        mean = taken.sum(axis=(1, 2)) / days
        return np.maximum(np.einsum("njd,njd->n", taken, taken) / days - mean**2, 0.0)

    def take(self, rows: Ints) -> "Weeks":
        empty, censored = (None if days is None else days[rows] for days in (self.empty, self.censored))
        taken = Weeks(
            self.demand[rows],
            self.known[rows],
            self.promotion[rows],
            self.closed,
            empty,
            censored,
            self.holidays,
        )
        for name in ("first", "running", "variance"):
            if name in self.__dict__:  # known already; copying costs a fraction
                taken.__dict__[name] = self.__dict__[name][rows]
        return taken


def closed_days(demand: NDArray[np.floating]) -> Bools:
    """Days on which nothing at all was sold, where so much sells on others that this is no chance. (n, T) -> (T,)"""
    selling = (demand > 0).sum(axis=0)
    crowd = float(np.median(selling[selling > 0])) if selling.any() else 0.0
    closed: Bools = (selling == 0) & (crowd >= CROWD)
    return closed


def promotion_classes(flags: Bools) -> NDArray[np.int8]:
    """1 for the days of a promotion of up to a fortnight, 2 for those of a longer one, 0 for others. (n, T) -> (n, T)

    A short promotion empties shelves, a long one becomes the usual price. One day's gap does not end a promotion.
    """
    n, days = flags.shape
    bridged = flags.copy()
    bridged[:, 1:-1] |= flags[:, :-2] & flags[:, 2:]
    edge = np.zeros((n, 1), dtype=np.int8)
    steps = np.diff(np.concatenate([edge, bridged.astype(np.int8), edge], axis=1), axis=1)
    classes = np.zeros((n, days), dtype=np.int8)
    for (row, start), (_, end) in zip(np.argwhere(steps == 1), np.argwhere(steps == -1), strict=True):
        classes[row, start:end] = 1 if end - start <= SHORT_PROMOTION_DAYS else 2
    classes[~flags] = 0
    return classes
