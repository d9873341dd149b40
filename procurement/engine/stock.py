"""Inventory position: what is, or will be, ours to sell."""

from dataclasses import dataclass

import numpy as np

from procurement.engine.arrays import Bools, Floats, Ints


@dataclass(frozen=True, slots=True, eq=False)
class FirmOrders:
    """Open customer orders of n items by due day, in the item's unit."""

    overdue: Floats  # (n,)
    due: Floats  # (n, K) column k: due k days after the plan's day
    later: Floats  # (n,) due after the last column

    @classmethod
    def overdue_only(cls, committed: Floats) -> "FirmOrders":
        """Where no order has a day: all of them are wanted now."""
        return cls(committed, np.zeros((len(committed), 0)), np.zeros(len(committed)))

    @property
    def total(self) -> Floats:
        return np.asarray(np.round(self.overdue + self.due.sum(axis=1) + self.later, 4), dtype=np.float64)

    def of(self, planned: Bools) -> "FirmOrders":
        """With none of items that are not planned."""
        if planned.all():
            return self
        return FirmOrders(self.overdue * planned, self.due * planned[:, None], self.later * planned)

    def take(self, rows: Ints | slice) -> "FirmOrders":
        return FirmOrders(self.overdue[rows], self.due[rows], self.later[rows])


def inventory_position(on_hand: Floats, on_order: Floats, committed: Floats, reserved: Floats) -> Floats:
    """on hand + scheduled receipts - committed to customers - put aside, in the item's unit. (n,) each -> (n,)

    committed: what should have left already; what is due later uses the forecast up (see `firm_orders`).
    Orders are placed on the position, not on the stock on hand, or goods on their way would be ordered again.
    Silver, Pyke & Thomas, Inventory and Production Management in Supply Chains, 4th ed., ch. 6.
    """
    position: Floats = np.round(on_hand + on_order - committed - reserved, 4)
    return position
