"""A plan's due items as one sourcing problem."""

from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from procurement.engine.data import Bools, Floats, Ints, exact
from procurement.engine.landed import comparable, worth_of
from procurement.engine.lot_sizing import Lots
from procurement.engine.needs import Needs
from procurement.engine.params import PlanningParams
from procurement.engine.screening import LARGEST_STOCK
from procurement.engine.sourcing.prices import filled, packed_down, packed_up
from procurement.engine.sourcing.problem import Seller, SourcingProblem
from procurement.engine.terms import Standing, terms_of

KEPT = 0.98  # of its price, what a unit bought before it is needed is worth
NOBODY_ELSE = 100  # suppliers a line where the policy does not say


@dataclass(frozen=True, slots=True, eq=False)
class DueProblem:
    problem: SourcingProblem
    items: Ints  # (L,) row in the needs of each line
    offers: Ints  # (m,) row in the needs' offers of each of the problem's


def due_problem(needs: Needs, params: PlanningParams, lots: Lots) -> DueProblem:
    """Items that are due, and offers that can be compared and are not blocked.

    An offer fills its own order-up-to level, and at least that of the reference: see `due_items`. Where a limit on
    the position allows less than that, the offer counts as having no more, and nobody needs more than all of them may
    deliver. Where the economic quantity is more than fills the level, that is what the offer is asked for.
    """
    offers, position = needs.offers, needs.position
    worth, standing = comparable(needs, params), Standing.of(needs)
    due = np.flatnonzero((position < needs.due_below) & (needs.reference >= 0))
    known = (
        np.isfinite(offers.tier_from).any(axis=1)
        if offers.tier_from.shape[1]
        else np.zeros(len(offers), bool)
    )
    believable = np.maximum(offers.pack_size, offers.minimum_quantity) <= LARGEST_STOCK
    comparable_ones = known & believable & np.isfinite(worth) & ~standing.blocked
    usable = np.flatnonzero(comparable_ones & np.isin(offers.item, due) & ~_closed(needs))
    codes = np.argsort(np.argsort([terms.code for terms in needs.suppliers]))
    # Of equal ones the quicker, then the first by code: as quotes are ranked.
    rows = usable[
        np.lexsort((codes[offers.supplier[usable]], needs.arrival_days[usable], offers.item[usable]))
    ]
    item, supplier = offers.item[rows], offers.supplier[rows]
    need = np.round(needs.due_below - position, 4)
    fills = np.round(np.maximum(needs.level[rows], needs.due_below[item]) - position[item], 4)
    on_offer = np.maximum(0.0, offers.stock[rows] - offers.asked[rows])
    stock = np.where(np.isnan(offers.stock[rows]), np.inf, on_offer)
    most, capped, enough = _limited(needs, rows, fills)
    stock = np.minimum(stock, capped)
    fills = _economic(needs, lots, rows, fills, np.minimum(stock, most))
    if needs.limits:
        at_all = np.zeros(len(needs))
        np.maximum.at(at_all, item, np.minimum(enough, need[item]))
        need = np.where(np.isin(np.arange(len(needs)), item), np.minimum(need, at_all), need)
    rates = _rates(needs, params, rows)
    problem = SourcingProblem(
        need=need[due],
        shortage_cost=np.zeros(len(due)),  # unavoidable where there is one, so it decides nothing
        spare_value=np.zeros(len(due)),
        need_by_days=needs.need_by_days[due],
        line=np.searchsorted(due, item),
        supplier=supplier,
        fills=fills,
        pack=offers.pack_size[rows],
        minimum=offers.minimum_quantity[rows],
        stock=stock,
        most=most,
        lead_time_days=needs.arrival_days[rows].astype(np.float64),
        tier_from=offers.tier_from[rows],
        tier_price=_prices(offers.tier_price[rows], worth[rows], rates, supplier),
        incremental=standing.incremental[rows],
        contract=standing.at_any_price[rows] | _behind(needs)[rows],
        dearer_by=_dearer_by(needs)[rows],
        sellers=tuple(
            Seller(
                name=terms.name,
                minimum_order_value=terms.minimum_order_value,
                below_minimum_costs=terms.below_minimum_costs,
                delivery_fee=terms.delivery_fee,
                free_delivery_from=terms.free_delivery_from,
                rate=rate,
                unreliability=terms.unreliability,
            )
            for terms, rate in zip(needs.suppliers, rates, strict=True)
        ),
        late_cost_a_day=params.late_cost_a_day,
        suppliers_a_line=params.most_suppliers_a_line or NOBODY_ELSE,
    )
    return DueProblem(replace(problem, spare_value=_spare_value(problem)), due, rows)


def _spare_value(problem: SourcingProblem) -> Floats:
    """A unit more than needed saves one of the next order, at the cheapest price there is, less what it costs to keep.

    -> (L,)
    """
    every = np.arange(len(problem.line))
    found = filled(problem, every, problem.fills, np.full(len(every), np.inf))
    lowest = np.full(len(problem), np.inf)
    np.minimum.at(lowest, problem.line, found.goods / found.quantity)
    return np.asarray(np.round(np.where(np.isfinite(lowest), lowest, 0.0) * KEPT, 4))


def _limited(needs: Needs, rows: Ints, fills: Floats) -> tuple[Floats, Floats, Floats]:
    """How far a price break may take each quantity, what it is cut to where a limit allows less, and how much of that
    is wanted: of two packs that reach the longest cover, the larger one brings nothing more. -> (m,), (m,), (m,)
    """
    offers = needs.offers
    most, capped, enough = np.full((3, len(rows)), np.inf)
    for at in np.flatnonzero(np.isin(rows, list(needs.limits))).tolist() if needs.limits else ():
        k = int(rows[at])
        pack, least = exact(offers.pack_size[k]), exact(offers.minimum_quantity[k])
        position = exact(needs.position[offers.item[k]])
        wanted = np.array([max(fills[at], offers.minimum_quantity[k])])
        plain = quantity = exact(packed_up(wanted, offers.pack_size[[k]])[0])
        for limit in needs.limits[k]:
            quantity = limit.of(quantity, position, pack_size=pack, minimum=least)
            most[at] = min(most[at], float(limit.room(position)))
        if quantity < plain:
            capped[at] = float(quantity)
        soft = [float(limit.room(position)) for limit in needs.limits[k] if not limit.hard]
        enough[at] = min([capped[at], *soft])
    return most, capped, enough


def _economic(needs: Needs, lots: Lots, rows: Ints, fills: Floats, room: Floats) -> Floats:
    """`fills`, or the economic quantity as far as there is room where that is more than whole packs of it. (m,)"""
    pack, minimum = needs.offers.pack_size[rows], needs.offers.minimum_quantity[rows]
    lot = np.minimum(lots.quantity[rows], packed_down(room, pack))
    return np.where(lot > packed_up(np.maximum(fills, minimum), pack), lot, fills)


def _rates(needs: Needs, params: PlanningParams, rows: Ints) -> list[Decimal]:
    """What a unit of each supplier's money is worth; one that names no currency is paid in that of its price lists."""
    listed = {int(needs.offers.supplier[k]): needs.offers.currency[k] for k in rows[::-1].tolist()}
    return [
        worth_of(needs, params, terms.currency or listed.get(at, params.currency)) or Decimal(1)
        for at, terms in enumerate(needs.suppliers)
    ]


def _prices(prices: Floats, worth: Floats, rates: list[Decimal], supplier: Ints) -> Floats:
    """In the supplier's money; only price lists of a supplier without a currency of its own can differ from it."""
    share = worth / np.array([float(rate) for rate in rates])[supplier]
    return np.where(share[:, None] == 1.0, prices, np.round(prices * share[:, None], 4))


def _behind(needs: Needs) -> Bools:
    """Which offers have had less than was agreed. -> (m,)"""
    behind = np.zeros(len(needs.offers), dtype=np.bool_)
    for k in _special(needs):
        behind[k] = terms_of(needs, k).behind
    return behind


def _dearer_by(needs: Needs) -> Floats:
    """(m,)"""
    usual = [float(terms.standing.dearer_by or 0) * terms.standing.preferred for terms in needs.suppliers]
    found = np.array(usual, dtype=np.float64)[needs.offers.supplier]
    for k in _special(needs):
        terms = terms_of(needs, k)
        found[k] = float(terms.dearer_by or 0) if terms.preferred else 0.0
    return found


def full_lines(needs: Needs) -> dict[int, str]:
    """By row of the offer, why its supplier may not join those of the item's drafts; of few."""
    return {k: words for k in _special(needs) if (words := terms_of(needs, k).full)}


def _closed(needs: Needs) -> Bools:
    """(m,)"""
    closed = np.zeros(len(needs.offers), dtype=np.bool_)
    closed[list(full_lines(needs))] = True
    return closed


def _special(needs: Needs) -> list[int]:
    """Rows of the offers that something was decided or agreed about."""
    if not needs.offer_terms:
        return []
    found: list[int] = np.flatnonzero(np.isin(needs.offers.key, list(needs.offer_terms))).tolist()
    return found
