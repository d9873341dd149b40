"""Who delivers what is needed: the cheapest landed price a line, within what the supplier has on offer.

Two steps. `reference_offers` says, whatever the stock of the day, by which offer an item is planned: its lead
time sets the level below which the item is due. `source` then buys a due item, from one offer or, where stock
on offer runs out, from several. Because the level depends on history and price lists only, what a plan
ordered is never below it in the next plan of the same day, and nothing is proposed twice.
"""

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from procurement.engine.data import Floats, Ints, PlanningData, SupplierTerms, exact
from procurement.engine.params import PlanningParams
from procurement.engine.requirements import Cases
from suppliers.packing import pack_down, pack_up, plain

PRICE = Decimal("0.0001")


def delivery_share(terms: SupplierTerms, params: PlanningParams, worth: Decimal = Decimal(1)) -> Decimal:
    """Delivery fee as a share of goods value: landed price = tier price * (1 + share).

    The fee is spread over the value from which delivery is free, else over the minimum order value, else over
    `order_value_without_minimum`, which is in the plan's currency; `worth`: a unit of the supplier's, in that.
    """
    if not terms.delivery_fee or terms.free_delivery_from == 0:
        return Decimal(0)
    usual = params.order_value_without_minimum / worth
    return terms.delivery_fee / (terms.free_delivery_from or terms.minimum_order_value or usual)


def worth_of(data: PlanningData, params: PlanningParams, currency: str) -> Decimal | None:
    """A unit of that currency in the plan's; None where it is not known."""
    if currency == params.currency:
        return Decimal(1)
    rate = data.rates.get(currency)
    return rate.value if rate else None


def delivery_shares(data: PlanningData, params: PlanningParams) -> list[Decimal]:
    """Of each supplier."""
    return [
        delivery_share(terms, params, worth_of(data, params, terms.currency or params.currency) or Decimal(1))
        for terms in data.suppliers
    ]


def money_obstacle(data: PlanningData, params: PlanningParams, k: int) -> str:
    """Why the price of an offer cannot be compared; empty if it can."""
    priced_in = data.offers.currency[k]
    ordered_in = data.suppliers[data.offers.supplier[k]].currency or priced_in
    if priced_in != ordered_in:
        return f"priced in {priced_in}, while its orders are in {ordered_in}"
    if worth_of(data, params, priced_in) is None:
        return f"sold in {priced_in}, and {data.rate_problems.get(priced_in, 'no exchange rate is known')}"
    return ""


def comparable(data: PlanningData, params: PlanningParams) -> Floats:
    """What a unit of each offer's currency is worth in the plan's; NaN where prices cannot be compared. -> (m,)"""
    seen: dict[tuple[str, int], float] = {}
    for k, (currency, supplier) in enumerate(
        zip(data.offers.currency, data.offers.supplier.tolist(), strict=True)
    ):
        if (currency, supplier) not in seen:
            worth = None if money_obstacle(data, params, k) else worth_of(data, params, currency)
            seen[currency, supplier] = np.nan if worth is None else float(worth)
    pairs = zip(data.offers.currency, data.offers.supplier.tolist(), strict=True)
    return np.array([seen[pair] for pair in pairs], dtype=np.float64)


def reference_offers(data: PlanningData, cases: Cases, params: PlanningParams) -> Ints:
    """The offer each item is planned by; -1 where nobody offers it. -> (n,)

    The cheapest landed price for the whole order-up-to level, of the offers that can deliver at all by the
    supplier's own stock figure; if none can, of all that have a price; else the first to arrive. Ties:
    shorter lead time, then the supplier's code. Our own open orders play no part, so that a plan does not
    change the next one's reference.
    """
    offers = data.offers
    reference = np.full(len(data), -1, dtype=np.int64)
    if not len(offers):
        return reference
    worth = comparable(data, params)
    usable = np.isfinite(data.offers.tier_from).any(axis=1) & np.isfinite(worth)
    wanted = np.maximum(cases.need.level[: len(offers)], offers.minimum_quantity)
    quantity = np.ceil(np.round(wanted / offers.pack_size, 9)) * offers.pack_size
    share = np.array([float(share) for share in delivery_shares(data, params)])
    landed = np.full(len(offers), np.inf)
    if offers.tier_from.shape[1]:
        tier = np.maximum((offers.tier_from <= quantity[:, None]).sum(axis=1) - 1, 0)
        price = offers.tier_price[np.arange(len(offers)), tier]
        landed = np.where(usable, np.round(price * worth * (1 + share[offers.supplier]), 4), np.inf)
    sellable = np.floor(np.round(offers.stock / offers.pack_size, 9)) * offers.pack_size
    # False where the stock is not said (NaN).
    empty = sellable < np.maximum(offers.minimum_quantity, offers.pack_size)
    codes = np.argsort(np.argsort([terms.code for terms in data.suppliers]))
    order = np.lexsort((codes[offers.supplier], offers.lead_time_days, landed, empty, ~usable, offers.item))
    items, begins = np.unique(offers.item[order], return_index=True)
    reference[items] = order[begins]
    return reference


@dataclass(frozen=True, slots=True)
class Step:
    """One change of the quantity on its way from what is needed to what is ordered."""

    start: Decimal
    end: Decimal
    why: str


@dataclass(frozen=True, slots=True)
class Quote:
    """One offer as it was weighed for one line. `offer` and `case` are rows of Offers and Cases."""

    offer: int
    case: int  # whose order-up-to level the quantity fills
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


class Sourcing:
    """Buys due items one by one. Holds what is the same for all of them."""

    def __init__(self, data: PlanningData, cases: Cases, params: PlanningParams) -> None:
        self._data = data
        self._params = params
        self._levels = cases.need.level
        self._share = delivery_shares(data, params)

    def source(self, offers: range, reference: int, position: Decimal) -> Sourced:
        """Order until the position reaches the reference's level, cheapest landed price first.

        An offer fills its own order-up-to level: a slower supplier must bridge a longer time. A quicker one
        is asked for no less than the reference's level, or the item would be due again at once.
        """
        due_below = exact(self._levels[reference])
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
        offers = self._data.offers
        code = self._data.suppliers[offers.supplier[quote.offer]].code
        landed = quote.landed_price if quote.landed_price is not None else Decimal("Infinity")
        return bool(quote.obstacle), landed, int(offers.lead_time_days[quote.offer]), code

    def _quote(self, k: int, reference: int, position: Decimal, *, sold: bool) -> Quote:
        offers = self._data.offers
        case = k if self._levels[k] > self._levels[reference] else reference
        needed = exact(self._levels[case]) - position
        on_offer = None
        if not np.isnan(offers.stock[k]):
            on_offer = max(Decimal(0), exact(offers.stock[k]) - exact(offers.asked[k]))
        nothing = Quote(k, case, needed, Decimal(0), (), on_offer, None, None, None)
        worth = worth_of(self._data, self._params, offers.currency[k])
        if obstacle := money_obstacle(self._data, self._params, k):
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
        return Quote(k, case, needed, quantity, steps, on_offer, tier_from, unit_price, landed, obstacle)

    def _steps(self, k: int, needed: Decimal, on_offer: Decimal | None) -> tuple[Step, ...]:
        """From the need over minimum and pack to what the stock on offer allows."""
        offers = self._data.offers
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
        starts = self._data.offers.tier_from[k]
        at = max(int((starts <= float(quantity)).sum()) - 1, 0)
        return exact(starts[at]), exact(self._data.offers.tier_price[k, at])


def _with_obstacle(quote: Quote, obstacle: str) -> Quote:
    return Quote(
        quote.offer, quote.case, quote.needed, Decimal(0), (), quote.on_offer, None, None, None, obstacle
    )
