"""Who delivers what is needed: one call over all due items of a site.

Whether an item is due was decided before, by its reference offer (see `reference`). All due items are then decided
together (`solve`); what is ordered of each, and why, is told offer by offer (`quotes`).
"""

from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from procurement.engine.data import exact_each
from procurement.engine.lot_sizing import Lots
from procurement.engine.needs import Needs
from procurement.engine.params import PlanningParams
from procurement.engine.sourcing.due_problem import due_problem, full_lines
from procurement.engine.sourcing.exact import Limits
from procurement.engine.sourcing.merits import Merits
from procurement.engine.sourcing.order_words import order_exceptions
from procurement.engine.sourcing.quotes import Choice, Quote, Quoting, Sourced, Step, with_obstacle
from procurement.engine.sourcing.solve import Figures, solve
from procurement.engine.terms import no_more_than
from suppliers.packing import plain

NO_FIGURES = Figures()
Planned = list[tuple[int, Decimal]]  # offers of the needs, with quantities


@dataclass(frozen=True, slots=True)
class Sourcing:
    """What is bought for a site, decided for all its due items together."""

    items: tuple[Sourced, ...]  # one an item, in the order of the needs
    figures: Figures = NO_FIGURES
    exceptions: tuple[str, ...] = ()  # orders below their minimum, with what to do


def source(needs: Needs, params: PlanningParams) -> Sourcing:
    """Buy what is needed: one call over all due items of a site."""
    lots = Lots.of(needs, params)
    due = due_problem(needs, params, lots)
    found = solve(due.problem, Limits(seconds=params.sourcing_seconds))
    planned: dict[int, Planned] = {}
    for purchase in found.purchases:
        item = int(due.items[due.problem.line[purchase.offer]])
        planned.setdefault(item, []).append((int(due.offers[purchase.offer]), purchase.quantity))
    buying = _Buying(needs, params, lots, Merits(needs, due, found.plan, params.currency))
    items = tuple(buying.source(item, planned.get(item, [])) for item in range(len(needs)))
    return Sourcing(items, found.figures, order_exceptions(needs, due.problem.sellers, items))


class _Buying:
    """Buys one due item after the other as it was planned. Holds what is the same for all of them."""

    def __init__(self, needs: Needs, params: PlanningParams, lots: Lots, merits: Merits) -> None:
        self._needs = needs
        self._most = params.most_suppliers_a_line
        self._reference = needs.reference.tolist()
        self._position, self._due_below = exact_each(needs.position), exact_each(needs.due_below)
        self._begins = np.searchsorted(needs.offers.item, np.arange(len(needs) + 1)).tolist()
        self._quoting = Quoting(needs, params, lots)
        self._merits = merits
        self._full = full_lines(needs)

    def source(self, item: int, planned: Planned) -> Sourced:
        """Order until the position reaches the reference's level, as planned; beyond the plan, cheapest first.

        An offer fills its own order-up-to level: a slower supplier must bridge a longer time. A quicker one
        is asked for no less than the reference's level, or the item would be due again at once.
        """
        offers = range(self._begins[item], self._begins[item + 1])
        reference, position = self._reference[item], self._position[item]
        due_below = self._due_below[item]
        most = self._most or len(offers)
        choices: list[Choice] = []
        taken: set[int] = set()
        bought = Decimal(0)
        quotes: tuple[Quote, ...] = ()
        while position + bought < due_below:
            quote = self._quoting.quote
            found = [quote(k, reference, position + bought, sold=k in taken) for k in offers]
            if len(choices) == most or self._full:
                words = no_more_than(most) if len(choices) == most else ""
                found = [self._joining(quote, taken, words) for quote in found]
            last = len(choices) + 1 == most < len(offers)
            quotes = tuple(sorted(found, key=lambda quote: self._quoting.rank(quote, last=last)))
            if not quotes or quotes[0].obstacle:
                break
            quotes, chosen = self._choice(quotes, planned[len(choices) :], position + bought)
            choices.append(Choice(chosen, quotes, bought))
            taken.add(chosen.offer)
            bought += chosen.quantity
        shortfall = max(Decimal(0), due_below - position - bought)
        return Sourced(tuple(choices), quotes, shortfall)

    def _choice(
        self, quotes: tuple[Quote, ...], planned: Planned, position: Decimal
    ) -> tuple[tuple[Quote, ...], Quote]:
        """The quote that was planned, and all of them with it; the cheapest where none was or it cannot deliver."""
        offer, quantity = planned[0] if planned else (quotes[0].offer, quotes[0].quantity)
        wanted = next((quote for quote in quotes if quote.offer == offer and not quote.obstacle), quotes[0])
        chosen = wanted
        if wanted.offer == offer and wanted.needed <= wanted.quantity < quantity <= self._room(
            wanted, position
        ):
            chosen = self._quoting.priced(_topped_up(wanted, quantity))
        if wanted is not quotes[0]:
            dearer = _dearer(chosen.landed_price, quotes[0].landed_price)
            chosen = replace(chosen, merit=self._merits.of(wanted, quotes[0]), dearer_by=dearer)
        if chosen is wanted:  # as most are: the cheapest, for what is needed
            return quotes, chosen
        return tuple(chosen if quote is wanted else self._beside(quote, chosen) for quote in quotes), chosen

    def _joining(self, quote: Quote, taken: set[int], words: str) -> Quote:
        """A quote that would make one supplier too many. `words`: why no other may join those of this plan."""
        why = words or self._full.get(quote.offer, "")
        if not why or quote.obstacle or quote.offer in taken:
            return quote
        return replace(with_obstacle(quote, why), one_too_many=True)

    def _beside(self, quote: Quote, chosen: Quote) -> Quote:
        """Another quote, with what speaks for the chosen one against it."""
        if quote.obstacle or not chosen.merit:
            return quote
        return replace(quote, lost_to=self._merits.of(chosen, quote))

    def _room(self, quote: Quote, position: Decimal) -> Decimal:
        """How much of it limits allow at this position, for a price break at which more costs less."""
        limits = self._needs.limits.get(quote.offer, ())
        return min((limit.room(position) for limit in limits), default=Decimal("Infinity"))


def _dearer(price: Decimal | None, than: Decimal | None) -> Decimal:
    return price / than - 1 if price is not None and than else Decimal(0)


def _topped_up(quote: Quote, quantity: Decimal) -> Quote:
    why = f"{plain(quantity)} cost less than {plain(quote.quantity)}"
    return replace(quote, quantity=quantity, steps=(*quote.steps, Step(quote.quantity, quantity, why)))
