"""One policy on one world, day by day, all items at once.

A day: what is due arrives; on a review day, position = on hand + on order is raised to the policy's level in whole
packs; customers come; what spoils is thrown away; the evening's stock is counted. A stock-out item-day is a day on
which customers wanted more than was there.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from procurement.engine.data import Bools, Floats
from procurement.engine.replay.outcome import Outcome
from procurement.engine.replay.shelf import Shelf
from procurement.engine.replay.world import Policy, Seen, Unmet, World

COUNTED = ("short_days", "filled", "same_day", "bought", "ordered", "lines", "received", "wasted")
EVEN = 1e-9  # of a pack: float noise is no reason for one more


def replay(world: World, policy: Policy, *, progress: Callable[[int], None] = lambda day: None) -> Outcome:
    """Each policy begins with a full level on the shelf and nothing on order. `progress` gets each day."""
    n, days = world.demand.shape
    state = _State(world)
    counts = {name: np.zeros(n) for name in (*COUNTED, "value")}
    orders, emergencies, daily, opening = 0, 0, [], np.zeros(n)
    for day in range(world.begin, days):
        if day == world.measured:
            opening = state.shelf.on_hand.copy()
        received = state.receive(day)
        placed = np.zeros(n)
        if world.is_review(day):
            levels = policy.levels(state.seen(day))
            if day == world.begin:
                first = in_packs(levels, world.pack)
                state.shelf.put(first)
                opening = first.copy()
            else:
                placed = state.order(day, levels, policy.missed(day))
        filled, bought = state.sell(day)
        wasted = state.shelf.end_day()
        if day >= world.measured:
            today = (state.short[:, day], filled, bought > 0, bought, placed, placed > 0, received, wasted)
            for name, values in zip(COUNTED, today, strict=True):
                counts[name] += np.asarray(values, dtype=np.float64)
            value = state.shelf.on_hand * world.price
            counts["value"] += value
            daily.append(float(value.sum()))
            orders += len(np.unique(world.supplier[placed > 0]))
            emergencies += len(np.unique(world.supplier[bought > 0]))
        progress(day)
    value = counts.pop("value") / len(daily)
    return Outcome(
        **counts,
        demand_days=(world.demand[:, world.measured :] > 0).sum(axis=1).astype(np.float64),
        demanded=world.demand[:, world.measured :].sum(axis=1),
        opening=opening,
        closing=state.shelf.on_hand,
        stock_value=value,
        waste=float((counts["wasted"] * world.price).sum()),
        spend=float(((counts["ordered"] + counts["bought"]) * world.price).sum()),
        orders=float(orders),
        emergency_orders=float(emergencies),
        order_costs=float((orders + emergencies) * world.order_cost),
        daily_value=np.array(daily),
    )


def in_packs(quantity: Floats, pack: Floats) -> Floats:
    """Up to whole packs; nothing below 0."""
    return np.asarray(np.ceil(np.maximum(quantity, 0.0) / pack - EVEN) * pack)


class _State:
    """Stock, what is on its way, and what has been seen so far."""

    def __init__(self, world: World) -> None:
        self.world = world
        n, days = world.demand.shape
        self.shelf = Shelf(world.shelf_life)
        self.on_order = np.zeros(n)
        # By day of arrival, a ring
        self.due: NDArray[np.float64] = np.zeros((int(world.lead_time.max()) + 1, n))
        self.sold = world.demand.copy()
        self.short: Bools = np.zeros((n, days), dtype=np.bool_)
        if world.censored is not None:
            self.short[:, : world.begin] = world.censored[:, : world.begin]

    def receive(self, day: int) -> Floats:
        arrived = self.due[day % len(self.due)].copy()
        self.shelf.put(arrived)
        self.on_order -= arrived
        self.due[day % len(self.due)] = 0.0
        return arrived

    def order(self, day: int, levels: Floats, missed: Bools) -> Floats:
        world = self.world
        wanted = in_packs(levels - self.shelf.on_hand - self.on_order, world.pack)
        placed = np.where(missed[world.supplier], 0.0, wanted)
        arrival = (day + world.lead_time[world.supplier, day]) % len(self.due)
        self.due[arrival, np.arange(len(placed))] += placed
        self.on_order += placed
        return placed

    def sell(self, day: int) -> tuple[Floats, Floats]:
        """Filled from the shelf; and bought the same day for the rest, in packs, of which the surplus stays."""
        world = self.world
        wanted = world.demand[:, day]
        filled = self.shelf.take(wanted)
        missing = wanted - filled
        self.short[:, day] = missing > 0
        if world.unmet is Unmet.LOST:
            self.sold[:, day] = filled
            return filled, np.zeros(len(filled))
        bought = in_packs(missing, world.pack)
        self.shelf.put(bought - missing)
        return filled, bought

    def seen(self, day: int) -> Seen:
        """Copies of nothing that is still to come."""
        world = self.world
        arrived = tuple(
            past[(np.arange(day) + past <= day)][-MOST_DELIVERIES:] for past in world.lead_time[:, :day]
        )
        hidden = self.short[:, :day]
        if world.unmet is Unmet.BOUGHT:
            hidden = np.zeros_like(hidden)
            if world.censored is not None:
                hidden[:, : world.begin] = world.censored[:, : world.begin]
        flags = world.promotion
        ahead = None if flags is None else flags[:, : day + world.known_ahead]
        return Seen(day, self.sold[:, :day], hidden, arrived, ahead)


MOST_DELIVERIES = 100  # of a supplier, the newest: what its lead time is learned from
