"""What holds for every plan, whatever the data."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from procurement.engine.data import PlanningData
from procurement.engine.exceptions import Kind
from procurement.engine.item_policies import ItemPolicies
from procurement.engine.plan import Plan, plan
from tests.engine.factories import PARAMS, data, offer, terms

QUANTITIES = st.sampled_from(["0.5", "1", "2", "6", "12", "0.25", "24"])
PRICES = st.decimals("0.01", "99", places=2)


@st.composite
def offers(draw, item, supplier):
    pack = Decimal(draw(QUANTITIES))
    first = draw(PRICES)
    tiers = [("1", str(first))]
    if draw(st.booleans()):
        tiers.append((str(draw(st.integers(2, 60))), str(first * Decimal("0.9"))))
    return offer(
        supplier,
        item=item,
        tiers=tiers,
        pack=str(pack),
        minimum=draw(QUANTITIES),
        lead_time_days=draw(st.integers(0, 12)),
        stock=draw(st.none() | st.integers(0, 80).map(str)),
        currency=draw(st.sampled_from(["GBP", "GBP", "GBP", "EUR"])),
    )


@st.composite
def worlds(draw):
    n = draw(st.integers(1, 4))
    days = draw(st.integers(1, 120))
    seed = draw(st.integers(0, 10_000))
    rng = np.random.default_rng(seed)
    demand = np.where(rng.random((n, days)) < rng.random((n, 1)), rng.integers(0, 40, (n, days)), 0)
    rows = [draw(offers(item, supplier)) for item in range(n) for supplier in range(4) if draw(st.booleans())]
    fees = st.sampled_from(["0", "5", "12.50"])
    return data(
        demand.tolist(),
        rows,
        on_hand=draw(st.lists(st.integers(-5, 300), min_size=n, max_size=n)),
        on_order=draw(st.lists(st.integers(0, 50), min_size=n, max_size=n)),
        committed=draw(st.lists(st.integers(0, 50), min_size=n, max_size=n)),
        suppliers=[
            terms(code, fee=draw(fees), minimum=draw(st.sampled_from(["0", "100"])))
            for code in ("alpha", "beta", "gamma", "delta")
        ],
    )


def ordered(found: Plan, item: int) -> Decimal:
    return sum((line.quantity for line in found.lines if line.item == item), Decimal(0))


def after(world: PlanningData, found: Plan) -> PlanningData:
    """The world when all lines are drafts: on order, and no longer on offer."""
    asked = world.offers.asked.copy()
    for line in found.lines:
        at = np.flatnonzero((world.offers.key == line.offer_key) & (world.offers.item == line.item))
        asked[at] += float(line.quantity)
    more = np.array([float(ordered(found, item)) for item in range(len(world))])
    return replace(world, on_order=world.on_order + more, offers=replace(world.offers, asked=asked))


@settings(max_examples=40, deadline=None)
@given(worlds())
def test_quantities_are_sellable_and_cover_the_need_unless_stock_is_short(world):
    found = plan(world, PARAMS)
    assert len(found.requirements) == len(world)
    for line in found.lines:
        at = int(np.flatnonzero((world.offers.key == line.offer_key) & (world.offers.item == line.item))[0])
        assert line.quantity > 0
        assert line.quantity % Decimal(str(world.offers.pack_size[at])) == 0
        assert line.quantity >= Decimal(str(world.offers.minimum_quantity[at]))
        assert np.isnan(world.offers.stock[at]) or float(line.quantity) <= world.offers.stock[at]
    for item, need in enumerate(found.requirements):
        position = need.on_hand + need.on_order - need.committed
        assert need.buffer >= 0
        assert need.order_up_to.is_finite()
        assert need.net_requirement == max(Decimal(0), need.order_up_to - position)
        assert position + ordered(found, item) + need.shortfall >= need.order_up_to
        assert need.shortfall <= need.net_requirement
        if not need.net_requirement:
            assert not ordered(found, item)


@settings(max_examples=40, deadline=None)
@given(worlds())
def test_second_plan_proposes_nothing_when_the_first_one_is_on_order(world):
    assert plan(after(world, plan(world, PARAMS)), PARAMS).lines == ()


@settings(max_examples=40, deadline=None)
@given(worlds(), st.integers(1, 3))
def test_plan_is_the_same_whatever_the_size_of_chunks(world, size):
    assert plan(world, replace(PARAMS, chunk_items=size)) == plan(world, PARAMS)


@settings(max_examples=40, deadline=None)
@given(worlds())
def test_numbers_in_the_reason_add_up(world):
    for line in plan(world, PARAMS).lines:
        why = line.reason
        stock, demand = why["stock"], why["demand"]
        position = Decimal(stock["on_hand"]) + Decimal(stock["on_order"]) - Decimal(stock["committed"])
        assert Decimal(stock["position"]) == position
        assert demand["horizon_days"] == demand["lead_time_days"] + demand["review_period_days"]
        assert Decimal(why["forecast"]) == Decimal(demand["daily"]) * demand["horizon_days"]
        assert Decimal(why["order_up_to"]) == Decimal(why["forecast"]) + Decimal(why["buffer"]["quantity"])
        net = Decimal(why["order_up_to"]) - position - Decimal(why["ordered_before"])
        assert Decimal(why["net_requirement"]) == net > 0
        at = net
        for step in why["rounding"]:
            assert Decimal(step["from"]) == at
            at = Decimal(step["to"])
        assert at == Decimal(why["quantity"]) == line.quantity
        chosen = [quote for quote in why["quotes"] if quote["chosen"]]
        assert len(chosen) == 1
        assert Decimal(chosen[0]["unit_price"]) == line.unit_price
        landed = [Decimal(q["landed_price"]) for q in why["quotes"] if Decimal(q["quantity"])]
        # The cheapest for the line, or it says what makes the orders together cheaper.
        assert Decimal(chosen[0]["landed_price"]) == min(landed) or "by itself, but" in chosen[0]["why"]


def lasting(**sold_as: str) -> list[str]:
    """Of an item that sells 5 every fifty days, and of which the shelf should always hold 100."""
    rare = [([0.0] * 49 + [5.0]) * 8]
    policies = replace(ItemPolicies.none(1, 0.95), presentation=np.array([100.0]))
    (need,) = plan(data(rare, [offer(**sold_as)], policies=policies), PARAMS).requirements
    assert need.order_up_to / need.daily_demand > 365
    return [told.words for told in need.exceptions if told.kind == Kind.LASTS_LONG]


def test_smallest_quantity_is_blamed_only_where_it_lasts_long_by_itself():
    assert lasting() == []
    assert lasting(pack="12") == []
    (words,) = lasting(pack="250")
    assert words.startswith("The smallest quantity that is sold makes it last 1,6")
