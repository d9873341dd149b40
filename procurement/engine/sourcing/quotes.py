"""One offer as it is weighed for one line: quantity, price and what keeps it from delivering, exactly."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from procurement.engine.data import Offers, exact, exact_each
from procurement.engine.landed import delivery_shares, money_obstacle, worth_of
from procurement.engine.limits import Limit
from procurement.engine.lot_sizing import Lots
from procurement.engine.needs import Needs
from procurement.engine.params import PlanningParams
from procurement.engine.screening import LARGEST_STOCK
from procurement.engine.terms import OfferTerms, comparison_factor, terms_of_each
from suppliers.packing import pack_down, packs_up, plain
from suppliers.prices import unit_price

PRICE = Decimal("0.0001")
ZERO, INFINITE = Decimal(0), Decimal("Infinity")
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
    one_too_many: bool = False  # it would deliver, but the line has as many suppliers as it may have


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

    @property
    def too_many(self) -> str:
        """Why no further supplier is asked for the rest, though one would deliver; empty where none would."""
        return next((quote.obstacle for quote in self.quotes if quote.one_too_many), "")

    @property
    def withheld(self) -> str:
        """Why the rest is not ordered where suppliers would deliver it; empty where nobody would."""
        return self.limit.words if self.limit else self.too_many


class Quoting:
    """Weighs offers of due items. What is the same of an offer for all quantities is found once, for all offers."""

    def __init__(self, needs: Needs, params: PlanningParams, lots: Lots) -> None:
        offers = needs.offers
        suppliers = [needs.suppliers[row] for row in offers.supplier.tolist()]
        self._needs = needs
        self._lots = lots
        self._terms = terms_of_each(needs)
        self._obstacle = _obstacles(needs, params, self._terms)
        self._pack, self._least = exact_each(offers.pack_size), exact_each(offers.minimum_quantity)
        self._level, self._level_told = needs.level.tolist(), exact_each(needs.level)
        self._on_offer = _on_offer(offers)
        self._starts, self._prices = offers.tier_from.tolist(), offers.tier_price.tolist()
        self._delivered = _delivered(needs, params)
        self._factor = [
            comparison_factor(terms, supplier.unreliability)
            for terms, supplier in zip(self._terms, suppliers, strict=True)
        ]
        self._rank = list(
            zip(needs.arrival_days.tolist(), (supplier.code for supplier in suppliers), strict=True)
        )

    def rank(self, quote: Quote, *, last: bool) -> tuple[bool, Decimal, bool, Decimal, int, str]:
        """`last`: nobody may be asked after this one, so that what it lacks of the need counts first."""
        compared = quote.compared_price if quote.compared_price is not None else INFINITE
        # Where the longest cover is reached, the rest is not wanted of anybody.
        enough = not last or (quote.limit is not None and not quote.limit.hard)
        lacking = ZERO if enough else max(ZERO, quote.needed - quote.quantity)
        return bool(quote.obstacle), lacking, not quote.ahead, compared, *self._rank[quote.offer]

    def quote(self, k: int, reference: int, position: Decimal, *, sold: bool) -> Quote:
        """Of offer k at this position; `sold`: it was asked for all it has, or may deliver, already."""
        level_of = k if self._level[k] > self._level[reference] else reference
        needed, on_offer = self._level_told[level_of] - position, self._on_offer[k]
        obstacle = self._obstacle[k]
        if not obstacle and sold:
            obstacle = "all it may deliver is ordered in this plan already"
        if obstacle:
            return Quote(k, level_of, needed, ZERO, (), on_offer, None, None, None, obstacle)
        steps, limit = self._steps(k, needed, on_offer, position)
        quantity = steps[-1].end if steps else needed
        if limit and not quantity:
            too_small = self._too_small(k, limit, position)
            return Quote(k, level_of, needed, ZERO, (), on_offer, None, None, None, too_small, limit=limit)
        if not quantity:
            obstacle = "nothing on offer" if not on_offer else f"only {plain(on_offer)} on offer"
        tier_from, price, landed, compared = self._price(k, quantity)
        return Quote(
            k, level_of, needed, quantity, steps, on_offer, tier_from, price, landed, obstacle, compared,
            self._terms[k].ahead, limit,
        )  # fmt: skip

    def priced(self, quote: Quote) -> Quote:
        """With the prices of its quantity."""
        tier_from, price, landed, compared = self._price(quote.offer, quote.quantity)
        return replace(
            quote, tier_from=tier_from, unit_price=price, landed_price=landed, compared_price=compared
        )

    def _price(self, k: int, quantity: Decimal) -> tuple[Decimal, Decimal, Decimal, Decimal]:
        """Start of its tier, unit price, landed price, and that as it is compared."""
        tier_from, price = self._tier(k, quantity)
        landed = (price * self._delivered[k]).quantize(PRICE)
        factor = self._factor[k]
        return tier_from, price, landed, landed if factor == 1 else (landed * factor).quantize(PRICE)

    def _too_small(self, k: int, limit: Limit, position: Decimal) -> str:
        least = max(self._pack[k], self._least[k])
        room = limit.room(position)
        return f"its smallest quantity is {plain(least)}, room is for {plain(room)}: {limit.words}"

    def _steps(
        self, k: int, needed: Decimal, on_offer: Decimal | None, position: Decimal
    ) -> tuple[tuple[Step, ...], Limit | None]:
        """From the need over minimum, pack and economic quantity to what limits and stock allow; which limit did."""
        pack, least = self._pack[k], self._least[k]
        steps: list[Step] = []
        wanted = needed
        if least > needed:
            steps.append(Step(needed, least, f"minimum {plain(least)}"))
            wanted = least
        packed = packs_up(wanted, pack)
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

    def _tier(self, k: int, quantity: Decimal) -> tuple[Decimal, Decimal]:
        """(from_quantity of the tier reached, unit price) of this quantity; below the first tier, its price."""
        starts, prices = self._starts[k], self._prices[k]
        at = max(bisect_right(starts, float(quantity)) - 1, 0)
        if not self._terms[k].incremental or not quantity:
            return exact(starts[at]), exact(prices[at])
        tiers = [(exact(starts[tier]), exact(prices[tier])) for tier in range(at + 1)]
        return exact(starts[at]), unit_price(tiers, quantity, incremental=True)


def _obstacles(needs: Needs, params: PlanningParams, terms: Sequence[OfferTerms]) -> list[str]:
    """What keeps each offer from delivering, whatever is asked of it; empty where nothing does."""
    offers = needs.offers
    priced = np.atleast_1d(np.isfinite(offers.tier_from).any(axis=1)).tolist()
    large = (np.maximum(offers.pack_size, offers.minimum_quantity) > LARGEST_STOCK).tolist()
    money: dict[tuple[int, str], str] = {}
    found = []
    for k, who in enumerate(zip(offers.supplier.tolist(), offers.currency, strict=True)):
        if who not in money:
            money[who] = money_obstacle(needs, params, k)
        obstacle = terms[k].blocked or money[who]
        if not obstacle and not priced[k]:
            obstacle = "no price known"
        found.append(obstacle or (TOO_LARGE if large[k] else ""))
    return found


def _delivered(needs: Needs, params: PlanningParams) -> list[Decimal]:
    """Of each offer: what its prices are multiplied by to be landed prices in the plan's currency."""
    offers, shares = needs.offers, delivery_shares(needs, params)
    known: dict[tuple[int, str], Decimal] = {}
    for supplier, currency in set(zip(offers.supplier.tolist(), offers.currency, strict=True)):
        worth = worth_of(needs, params, currency) or Decimal(1)
        known[supplier, currency] = worth * (1 + shares[supplier])
    return [known[who] for who in zip(offers.supplier.tolist(), offers.currency, strict=True)]


def _on_offer(offers: Offers) -> list[Decimal | None]:
    """What suppliers have left of each; None where they do not say."""
    left = exact_each(np.nan_to_num(np.maximum(offers.stock - offers.asked, 0.0)))
    return [
        None if unknown else much for unknown, much in zip(np.isnan(offers.stock).tolist(), left, strict=True)
    ]


def with_obstacle(quote: Quote, obstacle: str) -> Quote:
    return Quote(
        quote.offer, quote.level_of, quote.needed, Decimal(0), (), quote.on_offer, None, None, None, obstacle
    )
