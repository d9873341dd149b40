"""How long deliveries take, learned from those that came. Pure: counts of working days in, figures out.

An item's few deliveries are believed as far as they go; beside them count the supplier's other deliveries, by how much
they differed from what it stated for them, and beside those its statement. All three make one weighted distribution,
and what is told (the usual time, how late it gets, how long nearly all take) is read off that, so all of it agrees.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

ENOUGH = 5  # deliveries; with fewer the statement stands
BELIEF = 10.0  # deliveries' worth of belief in the supplier's others, and in its statement
NEARLY_ALL = 0.9
# Further from the median counts as that far: a receipt booked months later
OUTLIER_DAYS, OUTLIER_SPREADS = (10.0, 3.0)
Histogram = Mapping[int, float]  # how many deliveries, by working days


@dataclass(frozen=True, slots=True)
class LeadTime:
    """In the supplier's working days."""

    days: int  # the median
    spread: float  # of a symmetric distribution whose late half is this one's: 2 x mean square of lateness, its root
    late: int  # 9 of 10 deliveries take no longer


@dataclass(frozen=True, slots=True)
class LearnedLead:
    """Of one offer: what was learned, from how many deliveries, and what is stated."""

    time: LeadTime
    stated: int
    own: int  # deliveries of this item
    others: int  # of others by the same supplier

    @property
    def spread(self) -> float:
        return self.time.spread

    @property
    def words(self) -> str:
        """“3 working days, learned from 14 deliveries, up to 5 in 1 of 10; stated 2”"""
        days = f"{self.time.days} working day{'s' if self.time.days != 1 else ''}"
        late = f", up to {self.time.late} in 1 of 10" if self.time.late > self.time.days else ""
        return f"{days}, learned from {self._sample}{late}; stated {self.stated}"

    @property
    def _sample(self) -> str:
        own = f"{self.own} deliver{'ies' if self.own != 1 else 'y'}"
        if not self.own:
            return f"{self.others} deliveries of the supplier"
        return (
            own if self.own >= ENOUGH or not self.others else f"{own} of it and {self.others} of the supplier"
        )


def learned(*, stated: int, own: Histogram, others: Histogram) -> LeadTime:
    """`own`: how long deliveries of the item took. `others`: by how much deliveries of the supplier differed from what
    it stated for them, negative where they were quicker. Empty where there are none; both empty: as stated.

    Only lateness counts for the spread: goods that come early are on the shelf all the same.
    """
    own, others = clipped(own), clipped(others)
    count = sum(others.values())
    belief = BELIEF * count / (count + BELIEF)  # the rest of it is the statement's
    weights: dict[int, float] = defaultdict(float, {stated: BELIEF - belief})
    for day, number in others.items():
        weights[max(0, stated + day)] += belief * number / count
    for day, number in own.items():
        weights[day] += number
    days = np.array(sorted(weights), dtype=np.int64)
    weight = np.array([weights[day] for day in days.tolist()])
    reached = np.cumsum(weight / weight.sum()) + 1e-9
    median = int(days[np.searchsorted(reached, 0.5)])
    lateness = np.maximum(days - median, 0)
    spread = float(np.sqrt(2 * (lateness**2 @ weight) / weight.sum()))
    return LeadTime(median, round(spread, 2), int(days[np.searchsorted(reached, NEARLY_ALL)]))


def lead_of(stated: int, own: Histogram, others: Histogram) -> LearnedLead | None:
    """None where fewer than `ENOUGH` deliveries are known."""
    of_item, of_supplier = int(sum(own.values())), int(sum(others.values()))
    if max(of_item, of_supplier) < ENOUGH:
        return None
    return LearnedLead(learned(stated=stated, own=own, others=others), stated, of_item, of_supplier)


def clipped(counts: Histogram) -> dict[int, float]:
    """With what is out of all proportion brought back to the edge of it."""
    if not counts:
        return {}
    days = np.array(sorted(counts), dtype=np.float64)
    reached = np.cumsum([counts[int(day)] for day in days])
    low, median, high = (days[np.searchsorted(reached, share * reached[-1])] for share in (0.25, 0.5, 0.75))
    most = max(OUTLIER_DAYS, OUTLIER_SPREADS * (high - low))
    kept: dict[int, float] = defaultdict(float)
    for day, number in counts.items():
        kept[round(min(max(day, median - most), median + most))] += number
    return dict(kept)
