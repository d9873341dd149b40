"""What people decided about each item of a plan: how safe it should be, how much there may be, what is put aside."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from procurement.engine.arrays import Bools, Floats, InvalidPlanningData
from procurement.engine.params import LEAST_SERVICE, MOST_SERVICE


def _unlimited(rows: int) -> Floats:
    return np.full(rows, np.inf)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ItemPolicies:
    """One value an item. Quantities in the item's unit; inf: no limit."""

    service_level: Floats  # (n,)
    cell: tuple[str, ...]  # AX to CZ; empty: not classed
    why: tuple[str, ...]  # where the service level comes from, in words
    class_by_hand: tuple[str, ...]  # what of the class was set, in words; empty: history says so
    value: Floats  # (n,) of a year's demand, in the plan's currency; 0: not known
    variation: Floats  # (n,) coefficient of weekly demand; NaN: not known
    reserved: Floats  # (n,) on hand, but put aside
    presentation: Floats  # (n,) the shelf should never hold less; 0: nothing said
    shelf_life_days: Floats  # (n,) on arrival
    maximum_stock: Floats  # (n,)
    maximum_cover_days: Floats  # (n,)
    # Items whose level was found by what their stock costs; None: none was.
    spread: Bools | None = None  # (n,)
    # By the offer's key, where a supplier's goods keep longer or less long than the item's.
    offered_shelf_life: Mapping[int, int] = field(default_factory=dict)

    @classmethod
    def none(cls, rows: int, service_level: float) -> "ItemPolicies":
        """The site's own service level, and no limits."""
        return cls(
            service_level=np.full(rows, service_level),
            cell=("",) * rows,
            why=("",) * rows,
            class_by_hand=("",) * rows,
            value=np.zeros(rows),
            variation=np.full(rows, np.nan),
            reserved=np.zeros(rows),
            presentation=np.zeros(rows),
            shelf_life_days=_unlimited(rows),
            maximum_stock=_unlimited(rows),
            maximum_cover_days=_unlimited(rows),
        )

    def __post_init__(self) -> None:
        n = len(self.cell)
        levels = self.service_level
        if not len(self.why) == len(self.class_by_hand) == len(self.variation) == n:
            raise InvalidPlanningData("reasons of classes do not have one value an item")
        for name in _ARRAYS:
            values = getattr(self, name)
            if values.shape != (n,):
                raise InvalidPlanningData(f"{name} does not have one value an item")
            if np.isnan(values).any() or (values < 0).any():
                raise InvalidPlanningData(f"{name} holds a value below 0 or none at all")
        if n and not (float(LEAST_SERVICE) <= levels.min() and levels.max() <= float(MOST_SERVICE)):
            raise InvalidPlanningData(f"a service level is not between {LEAST_SERVICE} and {MOST_SERVICE}")

    def take(self, rows: slice) -> "ItemPolicies":
        arrays = {name: getattr(self, name)[rows] for name in _ARRAYS}
        words = {name: getattr(self, name)[rows] for name in ("cell", "why", "class_by_hand", "variation")}
        spread = None if self.spread is None else self.spread[rows]
        return replace(self, **words, **arrays, spread=spread)


_ARRAYS = (
    "service_level",
    "value",
    "reserved",
    "presentation",
    "shelf_life_days",
    "maximum_stock",
    "maximum_cover_days",
)
