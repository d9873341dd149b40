"""What holds for every plan with limits, firm orders, classes and stock put aside, whatever the data."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from procurement.engine.data import PlanningData
from procurement.engine.exceptions import Kind
from procurement.engine.item_policies import ItemPolicies
from procurement.engine.plan import Plan, plan
from procurement.engine.stock import FirmOrders
from tests.engine.factories import PARAMS, STEADY, data, offer
from tests.engine.test_plan_properties import after, ordered, worlds

BELOW_NEED = {
    Kind.LIMITED,
    Kind.MINIMUM_TOO_LARGE,
    Kind.SHORT_SUPPLY,
    Kind.NO_SUPPLIER,
    Kind.NO_RATE,
    Kind.NO_PRICE,
}
FEW = settings(max_examples=12, deadline=None)


@st.composite
def ruled(draw) -> PlanningData:
    world = draw(worlds())
    n = len(world)

    def some(values: st.SearchStrategy, otherwise: float) -> np.ndarray:
        return np.array([draw(st.just(otherwise) | values) for _ in range(n)], dtype=np.float64)

    policies = replace(
        ItemPolicies.none(n, 0.95),
        service_level=some(st.sampled_from([0.8, 0.99]), 0.95),
        reserved=some(st.integers(0, 20), 0.0),
        presentation=some(st.integers(1, 30), 0.0),
        shelf_life_days=some(st.integers(1, 20), np.inf),
        maximum_stock=some(st.integers(1, 200), np.inf),
        maximum_cover_days=some(st.integers(1, 40), np.inf),
    )
    due = np.array([[draw(st.integers(0, 30)) for _ in range(4)] for _ in range(n)], dtype=np.float64)
    firm = FirmOrders(world.committed, due, some(st.integers(0, 50), 0.0))
    return replace(world, policies=policies, firm=firm, committed=firm.total)


def most_of(found: Plan, item: int, kind: str) -> Decimal | None:
    """The highest of a limit among the item's lines, as it was told."""
    told = [
        Decimal(limit["most"])
        for line in found.lines
        if line.item == item
        for limit in line.reason.get("limits", [])
        if limit["kind"] == kind
    ]
    return max(told, default=None)


@FEW
@given(ruled())
def test_never_below_the_need_without_saying_so(world):
    found = plan(world, PARAMS)
    for item, need in enumerate(found.requirements):
        lacking = need.net_requirement - ordered(found, item)
        if lacking > 0:
            assert BELOW_NEED & {one.kind for one in need.exceptions}
            withheld = Decimal(need.reason.get("withheld", {}).get("quantity", 0))
            assert need.shortfall + withheld == lacking


@FEW
@given(ruled())
def test_never_above_shelf_life_or_storage(world):
    found = plan(world, PARAMS)
    for item, need in enumerate(found.requirements):
        bought = ordered(found, item)
        if not bought:
            continue
        for kind in ("shelf_life", "storage"):
            most = most_of(found, item, kind)
            assert most is None or need.position + bought <= most
        room = world.policies.maximum_stock[item]
        assert float(need.on_hand + need.on_order + bought) <= room


@FEW
@given(ruled())
def test_quantities_are_whole_packs_within_every_limit(world):
    for line in plan(world, PARAMS).lines:
        at = int(np.flatnonzero((world.offers.key == line.offer_key) & (world.offers.item == line.item))[0])
        assert line.quantity > 0
        assert line.quantity % Decimal(str(world.offers.pack_size[at])) == 0
        assert line.quantity >= Decimal(str(world.offers.minimum_quantity[at]))


@FEW
@given(ruled(), st.integers(1, 50))
def test_more_stock_never_raises_the_need(world, more):
    before = plan(world, PARAMS)
    richer = plan(replace(world, on_hand=world.on_hand + more), PARAMS)
    for item, need in enumerate(richer.requirements):
        assert need.net_requirement <= before.requirements[item].net_requirement


@FEW
@given(ruled())
def test_numbers_of_a_reason_add_up_to_its_quantity(world):
    for line in plan(world, PARAMS).lines:
        why = line.reason
        stock, firm = why["stock"], why.get("firm", {})
        position = Decimal(stock["on_hand"]) + Decimal(stock["on_order"]) - Decimal(stock["committed"])
        position -= Decimal(stock.get("reserved", 0))
        assert Decimal(stock["position"]) == position
        level = Decimal(why["forecast"]) + Decimal(firm.get("beyond", 0)) + Decimal(why["buffer"]["quantity"])
        assert Decimal(why["order_up_to"]) == level
        at = level - position - Decimal(why["ordered_before"])
        assert Decimal(why["net_requirement"]) == at
        for step in why["rounding"]:
            assert Decimal(step["from"]) == at
            at = Decimal(step["to"])
        assert at == Decimal(why["quantity"]) == line.quantity
        if firm:
            due, unusual, beyond = (Decimal(firm[name]) for name in ("due", "unusual", "beyond"))
            assert beyond == unusual + max(Decimal(0), due - unusual - Decimal(why["forecast"]))


@FEW
@given(ruled())
def test_second_plan_proposes_nothing_when_the_first_one_is_on_order(world):
    assert plan(after(world, plan(world, PARAMS)), PARAMS).lines == ()


@FEW
@given(st.lists(st.decimals("0.50", "99", places=2), min_size=1, max_size=4), st.integers(1, 90), st.data())
def test_a_cheaper_quote_never_raises_what_an_item_costs(prices, percent, draw):
    """Of suppliers that differ in nothing but their price."""
    at = draw.draw(st.integers(0, len(prices) - 1))
    reduced = [*prices]
    reduced[at] = (prices[at] * (100 - percent) / 100).quantize(Decimal("0.01"))
    assert cost(reduced) <= cost(prices)


def cost(prices: list[Decimal]) -> Decimal:
    offers = [offer(supplier, price=str(price), pack="6") for supplier, price in enumerate(prices)]
    lines = plan(data(STEADY, offers), PARAMS).lines
    return sum((line.quantity * line.unit_price for line in lines), Decimal(0))
