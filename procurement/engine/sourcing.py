"""Who delivers what is needed: one call over all due items of a site.

Whether an item is due was decided before, by its reference offer (see `reference`). It is then bought from one offer
or, where stock on offer runs out, from several: the cheapest landed price a line, within what each has on offer.
"""

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from procurement.engine.data import exact
from procurement.engine.landed import delivery_shares, money_obstacle, worth_of
from procurement.engine.needs import Needs
from procurement.engine.params import PlanningParams
from suppliers.packing import pack_down, pack_up, plain

PRICE = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Step:
    """One change of the quantity on its way from what is needed to what is ordered."""

    start: Decimal
    end: Decimal
    why: str


@dataclass(frozen=True, slots=True)
class Quote:
    """One offer as it was weighed for one line. `offer` and `level_of` are rows of Offers."""

    offer: int
    level_of: int  # whose order-up-to level the quantity fills
    needed: Decimal
    quantity: Decimal  # 0: cannot deliver
    steps: tuple[Step, ...]
    on_offer: Decimal | None
    tier_from: Decimal | None
    unit_price: Decimal | None
    landed_price: Decimal | None  # in the plan's currency
    obstacle: str = ""  # why it cannot deliver; empty if it can


@dataclass(frozen=True, slots=True)
class Choice:
    """One line to order, and the quotes it was chosen from: cheapest first, last those that cannot deliver."""

    chosen: Quote
    quotes: tuple[Quote, ...]
    ordered_before: Decimal  # from other suppliers, for the same item in the same plan


@dataclass(frozen=True, slots=True)
class Sourced:
    choices: tuple[Choice, ...]
    quotes: tuple[Quote, ...]  # the last look around: why nobody delivers the rest
    shortfall: Decimal


@dataclass(frozen=True, slots=True)
class Sourcing:
    """What is bought for a site, decided for all its due items together."""

    items: tuple[Sourced, ...]  # one an item, in the order of the needs


def source(needs: Needs, params: PlanningParams) -> Sourcing:
    """Buy what is needed: one call over all due items of a site."""
    greedy = _Greedy(needs, params)
    return Sourcing(tuple(greedy.source(item) for item in range(len(needs))))


class _Greedy:
    """Buys due items one by one. Holds what is the same for all of them."""

    def __init__(self, needs: Needs, params: PlanningParams) -> None:
        self._needs = needs
        self._params = params
        self._begins = np.searchsorted(needs.offers.item, np.arange(len(needs) + 1)).tolist()
        self._share = delivery_shares(needs, params)

    def source(self, item: int) -> Sourced:
        """Order until the position reaches the reference's level, cheapest landed price first.

        An offer fills its own order-up-to level: a slower supplier must bridge a longer time. A quicker one
        is asked for no less than the reference's level, or the item would be due again at once.
        """
        needs = self._needs
        offers = range(self._begins[item], self._begins[item + 1])
        reference, position = int(needs.reference[item]), exact(needs.position[item])
        due_below = exact(needs.due_below[item])
        choices: list[Choice] = []
        taken: set[int] = set()
        bought = Decimal(0)
        quotes: tuple[Quote, ...] = ()
        while position + bought < due_below:
            quotes = tuple(
                sorted(
                    (self._quote(k, reference, position + bought, sold=k in taken) for k in offers),
                    key=self._rank,
                )
            )
            if not quotes or quotes[0].obstacle:
                break
            choices.append(Choice(quotes[0], quotes, bought))
            taken.add(quotes[0].offer)
            bought += quotes[0].quantity
        shortfall = max(Decimal(0), due_below - position - bought)
        return Sourced(tuple(choices), quotes, shortfall)

    def _rank(self, quote: Quote) -> tuple[bool, Decimal, int, str]:
        offers = self._needs.offers
        code = self._needs.suppliers[offers.supplier[quote.offer]].code
        landed = quote.landed_price if quote.landed_price is not None else Decimal("Infinity")
        return bool(quote.obstacle), landed, int(offers.lead_time_days[quote.offer]), code

    def _quote(self, k: int, reference: int, position: Decimal, *, sold: bool) -> Quote:
        offers = self._needs.offers
        levels = self._needs.level
        level_of = k if levels[k] > levels[reference] else reference
        needed = exact(levels[level_of]) - position
        on_offer = None
        if not np.isnan(offers.stock[k]):
            on_offer = max(Decimal(0), exact(offers.stock[k]) - exact(offers.asked[k]))
        nothing = Quote(k, level_of, needed, Decimal(0), (), on_offer, None, None, None)
        worth = worth_of(self._needs, self._params, offers.currency[k])
        if obstacle := money_obstacle(self._needs, self._params, k):
            return _with_obstacle(nothing, obstacle)
        if not np.isfinite(offers.tier_from[k]).any():
            return _with_obstacle(nothing, "no price known")
        if sold:
            return _with_obstacle(nothing, "all it has on offer is ordered in this plan already")
        steps = self._steps(k, needed, on_offer)
        quantity = steps[-1].end if steps else needed
        tier_from, unit_price = self._tier(k, quantity)
        landed = (unit_price * (worth or 1) * (1 + self._share[offers.supplier[k]])).quantize(PRICE)
        obstacle = ""
        if not quantity:
            obstacle = "nothing on offer" if not on_offer else f"only {plain(on_offer)} on offer"
        return Quote(k, level_of, needed, quantity, steps, on_offer, tier_from, unit_price, landed, obstacle)

    def _steps(self, k: int, needed: Decimal, on_offer: Decimal | None) -> tuple[Step, ...]:
        """From the need over minimum and pack to what the stock on offer allows."""
        offers = self._needs.offers
        pack, least = exact(offers.pack_size[k]), exact(offers.minimum_quantity[k])
        steps: list[Step] = []
        if least > needed:
            steps.append(Step(needed, least, f"minimum {plain(least)}"))
        wanted = max(needed, least)
        packed = pack_up(needed, pack_size=pack, minimum=least).quantity
        if packed != wanted:
            steps.append(Step(wanted, packed, f"pack of {plain(pack)}" if pack != 1 else "whole units"))
        if on_offer is not None and packed > on_offer:
            limited = pack_down(on_offer, pack_size=pack, minimum=least)
            steps.append(Step(packed, limited, f"only {plain(on_offer)} on offer"))
        return tuple(steps)

    def _tier(self, k: int, quantity: Decimal) -> tuple[Decimal, Decimal]:
        """(from_quantity, unit price) of this quantity: all-units discount; below the first tier, its price."""
        starts = self._needs.offers.tier_from[k]
        at = max(int((starts <= float(quantity)).sum()) - 1, 0)
        return exact(starts[at]), exact(self._needs.offers.tier_price[k, at])


def _with_obstacle(quote: Quote, obstacle: str) -> Quote:
    return Quote(
        quote.offer, quote.level_of, quote.needed, Decimal(0), (), quote.on_offer, None, None, None, obstacle
    )
