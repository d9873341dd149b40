"""A place that several items share: where all that is needed does not fit, the least urgent items are cut back."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from procurement.engine.limits import AREA, Limit

UNIT = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Stored:
    """One due item of the place."""

    item: int
    position: Decimal
    needed: Decimal  # to reach its order-up-to level
    daily_demand: Decimal
    size: Decimal  # what a unit takes of the place, in its measure
    pack: Decimal  # the smallest on offer: what rounding up may add

    @property
    def cover(self) -> Decimal:
        """Days that it lasts: the fewer, the more urgent."""
        return self.position / self.daily_demand if self.daily_demand else Decimal("Infinity")


def area_limits(items: Sequence[Stored], free: Decimal, name: str) -> dict[int, Limit]:
    """By item, up to which position there is room; none where everything fits. free: in the place's measure.

    The most urgent item has its need first, then the next one; what is left then is for rounding up to whole packs, in
    the same order. So what is cut is what would last longest without it.
    """
    if sum(((one.needed + one.pack) * one.size for one in items), Decimal(0)) <= free:
        return {}
    left = max(free, Decimal(0))
    urgent = sorted(items, key=lambda one: (one.cover, one.item))
    given = dict.fromkeys((one.item for one in items), Decimal(0))
    for what in ("needed", "pack"):
        for one in urgent:
            part = min(left, getattr(one, what) * one.size)
            given[one.item] += part
            left -= part
    return {
        one.item: Limit(AREA, one.position + _units(given[one.item], one.size), f"no room for more in {name}")
        for one in items
    }


def _units(room: Decimal, size: Decimal) -> Decimal:
    return (room / size).quantize(UNIT, rounding=ROUND_DOWN)
