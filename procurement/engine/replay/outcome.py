"""What a replay came to, an item a row."""

from dataclasses import dataclass

import numpy as np

from procurement.engine.data import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """Of the days that count. (n,) unless stated; quantities in units, money in the currency of the prices."""

    short_days: Floats  # days on which customers wanted more than was there
    demanded: Floats
    filled: Floats  # from the shelf
    emergencies: Floats  # same-day buys
    ordered: Floats  # units, without emergencies
    lines: Floats  # order lines, without emergencies
    wasted: Floats  # units
    bought: Floats  # units, by emergency orders
    opening: Floats  # on hand before the first day that counts
    received: Floats  # of what was ordered
    closing: Floats  # on hand after the last day
    stock_value: Floats  # average of the evenings
    spend: float  # on goods, with emergencies
    orders: float  # one a supplier and review with any line
    order_costs: float  # with emergencies
    daily_value: Floats  # (days,) of all items

    @property
    def fill_rate(self) -> float:
        """Share of the units wanted that was on the shelf (P2; Silver, Pyke & Thomas ch. 6)."""
        return float(self.filled.sum() / max(self.demanded.sum(), 1e-12))

    @property
    def value(self) -> float:
        return float(self.stock_value.sum())

    @property
    def short(self) -> float:
        return float(self.short_days.sum())

    @property
    def emergency_orders(self) -> float:
        return float(self.emergencies.sum())

    @property
    def weekly_value(self) -> Floats:
        whole = len(self.daily_value) // 7
        return np.asarray(self.daily_value[: whole * 7].reshape(whole, 7).mean(axis=1))
