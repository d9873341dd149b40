"""How much of a due item to buy at once, where writing, receiving and paying an order line costs money of its own.

    yearly cost = yearly demand / quantity * cost of an order line + quantity / 2 * holding cost of a unit a year
    economic quantity = sqrt(2 * yearly demand * cost of an order line / holding cost)

Harris, "How many parts to make at once", Factory 10 (1913); Silver, Pyke & Thomas, Inventory and Production Management
in Supply Chains, 4th ed., ch. 4. Whether an item is due is decided by its order-up-to level as ever; the economic
quantity only makes what is bought of a due item more. It takes demand as steady, so the rate it reckons with is the
lower one of the days that are covered and of the half-year ahead: neither a promotion nor the height of a season buys
for months.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from procurement.engine.data import Bools, Floats, exact
from procurement.engine.landed import comparable
from procurement.engine.limits import Limit
from procurement.engine.needs import Needs
from procurement.engine.params import PlanningParams
from suppliers.packing import pack_down, plain, plain_money

YEAR_DAYS = 365
AHEAD_DAYS = 182  # nothing is made to last longer: what sells after that is a guess


def economic_quantity(yearly_demand: Floats, line_cost: float, holding: Floats) -> Floats:
    """Units. holding: what a unit costs that lies for a year, in the money of line_cost; 0 where that is 0."""
    costs = holding > 0
    return np.where(costs, np.sqrt(2 * yearly_demand * line_cost / np.where(costs, holding, 1.0)), 0.0)


def yearly_cost(quantity: Floats, yearly_demand: Floats, line_cost: float, holding: Floats) -> Floats:
    """Of ordering and holding, where always so much is bought; inf where nothing is."""
    bought = quantity > 0
    orders = yearly_demand / np.where(bought, quantity, 1.0)
    return np.where(bought, orders * line_cost + quantity / 2 * holding, np.inf)


def in_packs(
    quantity: Floats, pack: Floats, yearly_demand: Floats, line_cost: float, holding: Floats
) -> Floats:
    """Whole packs: the cheaper neighbour, which is the best of all as the cost is convex."""
    down = np.floor(np.round(quantity / pack, 9)) * pack
    costs = [yearly_cost(packs, yearly_demand, line_cost, holding) for packs in (down, down + pack)]
    found = np.where(costs[1] < costs[0], down + pack, down)
    return np.asarray(np.round(np.where(quantity > 0, found, 0.0), 4))


@dataclass(frozen=True, slots=True, eq=False)
class Lots:
    """Of m offers."""

    quantity: Floats  # (m,) whole packs; 0: what is needed is bought and no more
    daily: Floats  # (m,) demand a day that it was reckoned with
    holding: Floats  # (m,) of a unit a year, in the plan's currency
    cut: Bools  # (m,) to what lasts AHEAD_DAYS
    line_cost: Decimal  # in the plan's currency

    @classmethod
    def of(cls, needs: Needs, params: PlanningParams) -> "Lots":
        """At the price of the quantity that is needed; none where the cost of an order line is not known."""
        offers = needs.offers
        m, line_cost = len(offers), params.order_line_cost
        if not line_cost or not offers.tier_from.shape[1]:
            return cls(np.zeros(m), np.zeros(m), np.zeros(m), np.zeros(m, dtype=np.bool_), Decimal(0))
        position, daily = needs.position[offers.item], needs.steady_daily
        wanted = np.maximum(needs.level - position, offers.minimum_quantity)
        tier = np.maximum((offers.tier_from <= wanted[:, None]).sum(axis=1) - 1, 0)
        price = offers.tier_price[np.arange(m), tier] * comparable(needs, params)
        holding = np.where(np.isfinite(price), price, 0.0) * float(params.holding_cost)
        terms = (YEAR_DAYS * daily, float(line_cost), holding)
        longest = np.maximum(AHEAD_DAYS * daily - np.maximum(position, 0.0), 0.0)
        best = in_packs(economic_quantity(*terms), offers.pack_size, *terms)
        most = np.floor(np.round(longest / offers.pack_size, 9)) * offers.pack_size
        quantity = np.asarray(np.round(np.minimum(best, most), 4), dtype=np.float64)
        return cls(quantity, daily, holding, np.asarray(most < best), line_cost)

    def larger(
        self,
        needs: Needs,
        k: int,
        quantity: Decimal,
        *,
        position: Decimal,
        on_offer: Decimal | None,
        limits: Sequence[Limit],
    ) -> tuple[Decimal, str] | None:
        """What offer k is asked for instead of `quantity`, and why; None where that is no more.

        position: with what was bought before in the same plan. Never above a limit, not even a soft one by a pack.
        """
        if not self.quantity[k]:
            return None
        bought = position - exact(needs.position[needs.offers.item[k]])
        wanted = exact(self.quantity[k]) - bought
        ends = [(limit.room(position), limit.words) for limit in limits]
        if on_offer is not None:
            ends.append((on_offer, f"only {plain(on_offer)} on offer"))
        room, held = min(ends, default=(wanted, ""))
        if room >= wanted:
            held = "that lasts half a year" if self.cut[k] else ""
        pack, minimum = exact(needs.offers.pack_size[k]), exact(needs.offers.minimum_quantity[k])
        found = pack_down(min(wanted, room), pack_size=pack, minimum=minimum)
        if found <= quantity:
            return None
        return found, self._words(k, found) + (f"; not more: {held}" if held else "")

    def _words(self, k: int, quantity: Decimal) -> str:
        days = float(quantity) / self.daily[k]
        kept = exact(self.holding[k]) * quantity / 2 / 12  # half of it lies there on average
        return (
            f"covers {days:.0f} days: ordering costs {plain_money(self.line_cost)} a time,"
            f" keeping it {plain_money(kept)} a month"
        )
