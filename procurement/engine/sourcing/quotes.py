"""One offer as it is weighed for one line: quantity, price and what keeps it from delivering, exactly."""

from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from procurement.engine.data import exact
from procurement.engine.landed import delivery_shares, money_obstacle, worth_of
from procurement.engine.limits import Limit
from procurement.engine.lot_sizing import Lots
from procurement.engine.needs import Needs
from procurement.engine.params import PlanningParams
from procurement.engine.screening import LARGEST_STOCK
from procurement.engine.terms import comparison_factor, terms_of
from suppliers.packing import pack_down, pack_up, plain
from suppliers.prices import unit_price

PRICE = Decimal("0.0001")
TOO_LARGE = "its pack or minimum is larger than anybody can believe"


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
    compared_price: Decimal | None = None  # the landed price, with what `terms` adds and takes
    ahead: str = ""  # why it comes before cheaper ones, whatever they cost; empty if it does not
    limit: Limit | None = None  # what kept it from being asked for all that is needed: see `limits`
    merit: str = ""  # why it was chosen though another is cheaper for this line; empty if none is
    dearer_by: Decimal = Decimal(0)  # than that one, delivered, as a share
    lost_to: str = ""  # the merit of the one chosen against this one; empty if it has none


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
    shortfall: Decimal  # what nobody delivers, or a limit keeps from being ordered: `limit`

    @property
    def limit(self) -> Limit | None:
        """What keeps the rest from being ordered, where suppliers would deliver it."""
        chosen = [choice.chosen.limit for choice in self.choices if choice.chosen.limit]
        looked_at = [quote.limit for quote in self.quotes if quote.limit]
        return next(iter((*looked_at, *chosen)), None)


class Quoting:
    """Weighs offers of due items. Holds what is the same for all of them."""

    def __init__(self, needs: Needs, params: PlanningParams, lots: Lots) -> None:
        self._needs = needs
        self._lots = lots
        self._params = params
        self._share = delivery_shares(needs, params)

    def rank(self, quote: Quote, *, last: bool) -> tuple[bool, Decimal, bool, Decimal, int, str]:
        """`last`: nobody may be asked after this one, so that what it lacks of the need counts first."""
        offers = self._needs.offers
        code = self._needs.suppliers[offers.supplier[quote.offer]].code
        compared = quote.compared_price if quote.compared_price is not None else Decimal("Infinity")
        lacking = max(Decimal(0), quote.needed - quote.quantity) if last else Decimal(0)
        lead = int(self._needs.arrival_days[quote.offer])
        return bool(quote.obstacle), lacking, not quote.ahead, compared, lead, code

    def quote(self, k: int, reference: int, position: Decimal, *, sold: bool) -> Quote:
        """Of offer k at this position; `sold`: it was asked for all it has, or may deliver, already."""
        offers, levels = self._needs.offers, self._needs.level
        level_of = k if levels[k] > levels[reference] else reference
        needed = exact(levels[level_of]) - position
        on_offer = None
        if not np.isnan(offers.stock[k]):
            on_offer = max(Decimal(0), exact(offers.stock[k]) - exact(offers.asked[k]))
        nothing = Quote(k, level_of, needed, Decimal(0), (), on_offer, None, None, None)
        terms = terms_of(self._needs, k)
        if terms.blocked:
            return with_obstacle(nothing, terms.blocked)
        if obstacle := money_obstacle(self._needs, self._params, k):
            return with_obstacle(nothing, obstacle)
        if not np.isfinite(offers.tier_from[k]).any():
            return with_obstacle(nothing, "no price known")
        if max(offers.pack_size[k], offers.minimum_quantity[k]) > LARGEST_STOCK:
            return with_obstacle(nothing, TOO_LARGE)
        if sold:
            return with_obstacle(nothing, "all it may deliver is ordered in this plan already")
        steps, limit = self._steps(k, needed, on_offer, position)
        quantity = steps[-1].end if steps else needed
        if limit and not quantity:
            return replace(with_obstacle(nothing, self._too_small(k, limit, position)), limit=limit)
        obstacle = ""
        if not quantity:
            obstacle = "nothing on offer" if not on_offer else f"only {plain(on_offer)} on offer"
        return self.priced(
            replace(
                nothing, quantity=quantity, steps=steps, obstacle=obstacle, ahead=terms.ahead, limit=limit
            )
        )

    def priced(self, quote: Quote) -> Quote:
        """With the prices of its quantity."""
        k, terms = quote.offer, terms_of(self._needs, quote.offer)
        supplier = self._needs.offers.supplier[k]
        worth = worth_of(self._needs, self._params, self._needs.offers.currency[k]) or Decimal(1)
        tier_from, price = self._tier(k, quote.quantity, incremental=terms.incremental)
        landed = (price * worth * (1 + self._share[supplier])).quantize(PRICE)
        trouble = self._needs.suppliers[supplier].unreliability
        compared = (landed * comparison_factor(terms, trouble)).quantize(PRICE)
        return replace(
            quote, tier_from=tier_from, unit_price=price, landed_price=landed, compared_price=compared
        )

    def _too_small(self, k: int, limit: Limit, position: Decimal) -> str:
        offers = self._needs.offers
        least = max(exact(offers.pack_size[k]), exact(offers.minimum_quantity[k]))
        room = limit.room(position)
        return f"its smallest quantity is {plain(least)}, room is for {plain(room)}: {limit.words}"

    def _steps(
        self, k: int, needed: Decimal, on_offer: Decimal | None, position: Decimal
    ) -> tuple[tuple[Step, ...], Limit | None]:
        """From the need over minimum, pack and economic quantity to what limits and stock allow; which limit did."""
        offers = self._needs.offers
        pack, least = exact(offers.pack_size[k]), exact(offers.minimum_quantity[k])
        steps: list[Step] = []
        if least > needed:
            steps.append(Step(needed, least, f"minimum {plain(least)}"))
        wanted = max(needed, least)
        packed = pack_up(needed, pack_size=pack, minimum=least).quantity
        if packed != wanted:
            steps.append(Step(wanted, packed, f"pack of {plain(pack)}" if pack != 1 else "whole units"))
        limits = self._needs.limits.get(k, ())
        more = self._lots.larger(self._needs, k, packed, position=position, on_offer=on_offer, limits=limits)
        if more:
            steps.append(Step(packed, *more))
            packed = more[0]
        reached: Limit | None = None
        for limit in limits:
            within = limit.of(packed, position, pack_size=pack, minimum=least)
            if within < packed:
                steps.append(Step(packed, within, limit.words))
                packed = within
                if within < needed:
                    reached = limit
        if on_offer is not None and packed > on_offer:
            limited = pack_down(on_offer, pack_size=pack, minimum=least)
            steps.append(Step(packed, limited, f"only {plain(on_offer)} on offer"))
            reached = None
        return tuple(steps), reached

    def _tier(self, k: int, quantity: Decimal, *, incremental: bool) -> tuple[Decimal, Decimal]:
        """(from_quantity of the tier reached, unit price) of this quantity; below the first tier, its price."""
        starts, prices = self._needs.offers.tier_from[k], self._needs.offers.tier_price[k]
        at = max(int((starts <= float(quantity)).sum()) - 1, 0)
        if not incremental or not quantity:
            return exact(starts[at]), exact(prices[at])
        tiers = [(exact(starts[tier]), exact(prices[tier])) for tier in range(at + 1)]
        return exact(starts[at]), unit_price(tiers, quantity, incremental=True)


def with_obstacle(quote: Quote, obstacle: str) -> Quote:
    return Quote(
        quote.offer, quote.level_of, quote.needed, Decimal(0), (), quote.on_offer, None, None, None, obstacle
    )
