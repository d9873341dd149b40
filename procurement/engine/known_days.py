"""What is known of days besides what was sold: promotions, closing days, empty shelves; past ones and those to come.

Days are columns of the demand matrix, which has T of them; what lies ahead goes on from T.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

# Of its own that weigh as much as a likeness that a person said, and one that was found
SAID_DAYS, FOUND_DAYS = (14, 7)


@dataclass(frozen=True, slots=True)
class PromotedDays:
    """A promotion of one item, from `start` until before `stop`."""

    item: int
    start: int
    stop: int
    name: str


@dataclass(frozen=True, slots=True)
class Likeness:
    """Whom an item is expected to sell like while it is new, and what that one sold a day in its own first weeks."""

    sku: str
    daily: float
    days: int = SAID_DAYS  # of its own that weigh as much
    by: tuple[str, ...] = ()  # what they have in common, where nobody said so: "name", "supplier", "price"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class KnownDays:
    promotions: Sequence[PromotedDays] = ()
    closed: NDArray[np.bool_] | None = None  # (T + days ahead,) the whole site, as its calendar says
    # (T + days ahead,) holidays and closures of its calendar, also where the site sells on them
    holidays: NDArray[np.bool_] | None = None
    censored: NDArray[np.bool_] | None = None  # (n, T) the shelf was empty: nothing sold says nothing
    like: Mapping[int, Likeness] = field(default_factory=dict)  # by item
    _of_item: Mapping[int, list[PromotedDays]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        of_item: dict[int, list[PromotedDays]] = defaultdict(list)
        for one in sorted(self.promotions, key=lambda one: (one.start, one.stop, one.name)):
            of_item[one.item].append(one)
        object.__setattr__(self, "_of_item", dict(of_item))

    def of_site(self) -> "KnownDays":
        """What is so for all its items alike."""
        return KnownDays(closed=self.closed, holidays=self.holidays)

    def rows(self, start: int, stop: int) -> "KnownDays":
        """Of the items start..stop-1, numbered from 0."""
        return KnownDays(
            promotions=[
                replace(one, item=one.item - start) for one in self.promotions if start <= one.item < stop
            ],
            closed=self.closed,
            holidays=self.holidays,
            censored=None if self.censored is None else self.censored[start:stop],
            like={item - start: like for item, like in self.like.items() if start <= item < stop},
        )

    def within(self, item: int, start: int, stop: int) -> list[PromotedDays]:
        """Promotions of an item that touch the days start..stop-1, by their beginning."""
        return [one for one in self._of_item.get(item, ()) if one.start < stop and one.stop > start]

    def promoted(self, items: int, days: int) -> NDArray[np.bool_] | None:
        """(items, T + as many days ahead as are promoted); None where nothing is."""
        if not self.promotions:
            return None
        flags = np.zeros((items, max(days, *(one.stop for one in self.promotions))), dtype=np.bool_)
        for one in self.promotions:
            flags[one.item, max(one.start, 0) : max(one.stop, 0)] = True
        return flags
