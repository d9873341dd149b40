"""What a replay came to, an item a row."""

from dataclasses import dataclass

import numpy as np

from procurement.engine.data import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """Of the days that count. (n,) unless stated; quantities in units, money in the currency of the prices."""

    short_days: Floats  # days on which customers wanted more than was there
    demand_days: Floats  # days on which customers wanted any
    demanded: Floats
    filled: Floats  # from the shelf
    same_day: Floats  # days on which it was bought the same day
    ordered: Floats  # units, without emergencies
    lines: Floats  # order lines, without emergencies
    wasted: Floats  # units
    bought: Floats  # units, by emergency orders
    opening: Floats  # on hand before the first day that counts
    received: Floats  # of what was ordered
    closing: Floats  # on hand after the last day
    stock_value: Floats  # average of the evenings
    waste: float  # money
    spend: float  # on goods, with emergencies
    orders: float  # one a supplier and review with any line
    emergency_orders: float  # one a supplier and day with any same-day buy
    order_costs: float  # of both
    daily_value: Floats  # (days,) of all items

    @property
    def fill_rate(self) -> float:
        """Share of the units wanted that was on the shelf (P2; Silver, Pyke & Thomas ch. 6)."""
        return float(self.filled.sum() / max(self.demanded.sum(), 1e-12))

    @property
    def filled_days(self) -> float:
        """Share of the item-days with demand on which all of it was on the shelf."""
        return float(1 - self.short_days.sum() / max(self.demand_days.sum(), 1.0))

    @property
    def value(self) -> float:
        return float(self.stock_value.sum())

    @property
    def short(self) -> float:
        return float(self.short_days.sum())

    @property
    def same_day_buys(self) -> float:
        return float(self.same_day.sum())

    @property
    def weekly_value(self) -> Floats:
        whole = len(self.daily_value) // 7
        return np.asarray(self.daily_value[: whole * 7].reshape(whole, 7).mean(axis=1))
