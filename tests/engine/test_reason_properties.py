"""A line's numbers add up whatever was agreed, decided and limited: contracts, blocks, tiers, trouble, shared places,
how many suppliers a line has, what a line and a day too late cost.
"""

from dataclasses import replace
from decimal import Decimal

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from procurement.engine.data import PlanningData, exact
from procurement.engine.forecast import experience_of
from procurement.engine.items import requirements_of
from procurement.engine.landed import delivery_share
from procurement.engine.limits import AREA, Limit
from procurement.engine.lines import Settled, due_needs
from procurement.engine.needs import OffersNow, limits_together
from procurement.engine.params import PlanningParams
from procurement.engine.sourcing import source
from procurement.engine.terms import OfferTerms, comparison_factor, terms_of
from suppliers.prices import unit_price
from tests.engine.factories import PARAMS
from tests.engine.test_policy_properties import ruled

SHARES = st.sampled_from([Decimal("0.01"), Decimal("0.3")])
TERMS = st.builds(
    OfferTerms,
    blocked=st.sampled_from(["", "", "blocked: unpaid"]),
    preferred=st.booleans(),
    dearer_by=st.none() | SHARES,
    incremental=st.booleans(),
    contract=st.sampled_from(["", "contract C-1"]),
    agreed_share=st.none() | SHARES,
    full=st.sampled_from(["", "", "a line goes to no more than 1 supplier, and a draft at Alpha has it"]),
)
RULES = st.builds(
    replace,
    st.just(PARAMS),
    most_suppliers_a_line=st.none() | st.integers(1, 3),
    order_line_cost=st.sampled_from([None, Decimal(4)]),
    late_cost_a_day=st.sampled_from([Decimal(0), Decimal("0.02"), Decimal("0.2")]),
)


@st.composite
def bargained(draw) -> PlanningData:
    world = draw(ruled())
    terms = {key: draw(TERMS) for key in world.offers.key.tolist() if draw(st.integers(0, 2))}  # two of three
    suppliers = [replace(one, unreliability=draw(st.just(Decimal(0)) | SHARES)) for one in world.suppliers]
    return replace(world, offer_terms=terms, suppliers=tuple(suppliers))


def bought(world: PlanningData, params: PlanningParams, room: int):
    """Both steps, with items that share a place in which each may have `room` more. -> (needs, requirements, lines)"""
    found = list(requirements_of(world, params, experience_of(world.demand)))
    due = [one for one in found if one.net_requirement > 0]
    rows = np.array([one.item for one in due], dtype=np.int64)
    now = OffersNow(
        offers=world.offers.of_items(rows), suppliers=world.suppliers, offer_terms=world.offer_terms
    )
    needs = due_needs(due, now, params)
    places = {
        row: Limit(AREA, one.position + room, "no room for more in the cold store")
        for row, one in enumerate(due)
        if one.item % 2
    }
    needs = replace(needs, limits=limits_together(needs.limits, places, needs.offers.item.tolist()))
    settled, told = Settled(needs, params), []
    for row, (one, sourced) in enumerate(zip(due, source(needs, params).items, strict=True)):
        levels = {level.offer_key: level.told for level in one.levels}
        lines = list(settled.lines(one.item, one.reason, levels, sourced.choices))
        told.append((row, settled.requirement(row, one, sourced), lines))
    return needs, told


@settings(max_examples=150, deadline=None)
@given(bargained(), RULES, st.integers(0, 60))
def test_every_number_of_a_line_follows_from_those_before_it(world, params, room):
    needs, told = bought(world, params, room)
    for row, need, lines in told:
        before = Decimal(0)
        for line in lines:
            why, stock = line.reason, line.reason["stock"]
            position = Decimal(stock["on_hand"]) + Decimal(stock["on_order"]) - Decimal(stock["committed"])
            position -= Decimal(stock.get("reserved", 0))
            level = Decimal(why["forecast"]) + Decimal(why.get("firm", {}).get("beyond", 0))
            level += Decimal(why["buffer"]["quantity"])
            assert Decimal(why["order_up_to"]) == level
            assert Decimal(why["ordered_before"]) == before
            at = level - position - before
            assert Decimal(why["net_requirement"]) == at
            for step in why["rounding"]:
                assert Decimal(step["from"]) == at
                assert step["why"]
                at = Decimal(step["to"])
            assert at == Decimal(why["quantity"]) == line.quantity > 0
            before += line.quantity
            k = int(np.flatnonzero(needs.offers.key == line.offer_key)[0])
            for limit in needs.limits.get(k, ()):
                assert not limit.hard or position + before <= limit.most
            _prices_follow(needs, params, k, line)
        assert len({line.supplier for line in lines}) <= (params.most_suppliers_a_line or len(lines))
        lacking = exact(needs.due_below[row]) - need.position - before
        withheld = Decimal(need.reason.get("withheld", {}).get("quantity", 0))
        assert need.shortfall + withheld == max(Decimal(0), lacking)
        assert not lacking > 0 or need.exceptions


def _prices_follow(needs, params, k, line) -> None:
    (chosen,) = (quote for quote in line.reason["quotes"] if quote["chosen"])
    terms, supplier = terms_of(needs, k), needs.suppliers[needs.offers.supplier[k]]
    assert not terms.blocked
    assert not terms.full
    known = np.isfinite(needs.offers.tier_from[k])
    tiers = [
        (exact(start), exact(price))
        for start, price in zip(
            needs.offers.tier_from[k][known], needs.offers.tier_price[k][known], strict=True
        )
    ]
    price = unit_price(tiers, line.quantity, incremental=terms.incremental)
    landed = (price * (1 + delivery_share(supplier, params))).quantize(Decimal("0.0001"))
    assert Decimal(chosen["unit_price"]) == line.unit_price == price
    assert Decimal(chosen["landed_price"]) == landed
    compared = (landed * comparison_factor(terms, supplier.unreliability)).quantize(Decimal("0.0001"))
    assert Decimal(chosen.get("compared_price", chosen["landed_price"])) == compared
    assert chosen.get("contract", "") == terms.contract
    late = chosen.get("late_by_days", 0)
    assert Decimal(chosen.get("late_costs_percent", 0)) == 100 * late * params.late_cost_a_day
