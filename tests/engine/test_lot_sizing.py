"""Where an order line costs money, a due item is bought for as many days as is cheapest, and never above a limit."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from procurement.engine.explain import sentence
from procurement.engine.item_policies import ItemPolicies
from procurement.engine.known_days import KnownDays, PromotedDays
from procurement.engine.params import InvalidParameter
from procurement.engine.plan import Plan, plan
from tests.engine.factories import PARAMS, STEADY, data, offer
from tests.engine.test_plan_properties import after, ordered
from tests.engine.test_policy_properties import FEW, most_of, ruled

COSTED = replace(PARAMS, order_line_cost=Decimal("4.00"), holding_cost=Decimal("0.20"))


def steps(found: Plan) -> list[list[str]]:
    return [
        [f"{step['from']} → {step['to']}, {step['why']}" for step in line.reason["rounding"]]
        for line in found.lines
    ]


def limited(kind: str, most: float) -> ItemPolicies:
    return replace(ItemPolicies.none(1, 0.95), **{kind: np.array([most])})


def test_due_item_is_bought_for_the_economic_number_of_days_and_says_so():
    """730 a year at 2.00, 20 % a year: sqrt(2 * 730 * 4 / 0.40) = 120.8; half of 121 cost 0.40 / 12 a month each."""
    world = data(STEADY, [offer()], on_hand=[5])
    found = plan(world, COSTED)
    why = "covers 60 days: ordering costs 4.00 a time, keeping it 2.02 a month"
    assert steps(found) == [[f"15 → 121, {why}"]]
    assert found.lines[0].quantity == 121
    assert f"Needed: 15. 15 → 121, {why}." in sentence(found.lines[0].reason)
    assert found.requirements[0].net_requirement == 15
    assert not found.requirements[0].exceptions


def test_nothing_changes_where_the_cost_of_an_order_line_is_not_known():
    world = data(STEADY, [offer()], on_hand=[5])
    assert steps(plan(world, PARAMS)) == [[]]
    assert "daily_ahead" not in plan(world, PARAMS).lines[0].reason["demand"]
    assert not plan(
        data(STEADY, [offer()], on_hand=[20]), COSTED
    ).lines  # nor is anything bought that is not due


def test_what_is_needed_is_not_made_less():
    world = data(STEADY, [offer()], on_hand=[0], committed=[200])
    assert [line.quantity for line in plan(world, COSTED).lines] == [220]


@pytest.mark.parametrize(
    ("pack", "minimum", "quantity"),
    [("12", "1", "120"), ("50", "1", "100"), ("100", "1", "100"), ("1", "150", "150"), ("500", "1", "500")],
)
def test_whole_packs_and_minimums_stay(pack, minimum, quantity):
    found = plan(data(STEADY, [offer(pack=pack, minimum=minimum)], on_hand=[5]), COSTED)
    assert [line.quantity for line in found.lines] == [Decimal(quantity)]


@pytest.mark.parametrize(
    ("kind", "most", "quantity", "told"),
    [
        ("maximum_cover_days", 30, 48, "covers 24 days: {} 0.80 a month; not more: at most 30 days of cover"),
        ("maximum_stock", 70, 60, "covers 30 days: {} 1.00 a month; not more: no room for more in its place"),
        ("maximum_stock", 40, 24, ""),
        ("shelf_life_days", 40, 72,
         "covers 36 days: {} 1.20 a month; not more: shelf life 40 days: more would spoil"),
    ],
)  # fmt: skip
def test_no_limit_is_exceeded_for_it_not_even_a_soft_one_by_a_pack(kind, most, quantity, told):
    world = replace(data(STEADY, [offer(pack="12")], on_hand=[5]), policies=limited(kind, most))
    why = told.format("ordering costs 4.00 a time, keeping it")
    more = [f"24 → {quantity}, {why}"] if why else []
    assert steps(plan(world, COSTED)) == [["15 → 24, pack of 12", *more]]


def test_no_more_than_is_on_offer_and_no_supplier_is_left_for_it():
    world = data(STEADY, [offer(0, price="2.00", stock="60"), offer(1, price="2.02")], on_hand=[5])
    found = plan(world, COSTED)
    assert [line.supplier for line in found.lines] == [0]
    assert steps(found)[0] == [
        "15 → 60, covers 30 days: ordering costs 4.00 a time, keeping it 1.00 a month; not more: only 60 on offer"
    ]


def test_nothing_is_made_to_last_longer_than_half_a_year():
    cheap = data(STEADY, [offer(price="0.01")], on_hand=[5])
    assert steps(plan(cheap, COSTED)) == [
        [
            "15 → 359, covers 180 days: ordering costs 4.00 a time, keeping it 0.03 a month;"
            " not more: that lasts half a year"
        ]
    ]


def test_a_promotion_does_not_buy_for_months():
    """Days to come on which four times as much is expected raise the need, and not what is bought beyond it."""
    demand = np.full(400, 2.0)
    was = [PromotedDays(0, start, start + 7, "Sale") for start in (100, 160, 220, 280, 340)]
    for one in was:
        demand[one.start : one.stop] = 8.0
    world = data([demand.tolist()], [offer()], on_hand=[5])
    usual = plan(replace(world, days=KnownDays(promotions=was)), COSTED).lines[0]
    promoted = replace(world, days=KnownDays(promotions=[*was, PromotedDays(0, 400, 410, "Sale")]))
    found = plan(promoted, COSTED).lines[0]
    assert Decimal(found.reason["demand"]["daily"]) > 2 * Decimal(usual.reason["demand"]["daily"])
    assert Decimal(found.reason["demand"]["daily_ahead"]) < Decimal("3")
    assert found.quantity < Decimal("1.2") * usual.quantity


def test_price_break_beyond_the_economic_quantity_is_still_taken_where_it_costs_less():
    found = plan(data(STEADY, [offer(tiers=[("1", "2.00"), ("125", "1.80")])], on_hand=[5]), COSTED)
    assert [step.split(",")[0] for step in steps(found)[0]] == ["15 → 121", "121 → 125"]
    assert found.lines[0].unit_price == Decimal("1.80")


def test_costs_out_of_range_are_refused():
    for wrong in ({"order_line_cost": Decimal(-1)}, {"holding_cost": Decimal(2)}):
        settings: dict[str, Any] = wrong
        with pytest.raises(InvalidParameter):
            replace(PARAMS, **settings)


@FEW
@given(ruled())
def test_whatever_the_data_limits_packs_stock_and_sums_hold(world):
    found = plan(world, COSTED)
    plainly = plan(world, PARAMS)
    for item, need in enumerate(found.requirements):
        bought, without = ordered(found, item), ordered(plainly, item)
        assert need.net_requirement == plainly.requirements[item].net_requirement
        assert need.shortfall <= plainly.requirements[item].shortfall
        for kind in ("shelf_life", "storage", "cover"):
            most = most_of(found, item, kind)
            assert most is None or bought <= max(without, most - need.position)
    for line in found.lines:
        at = int(np.flatnonzero((world.offers.key == line.offer_key) & (world.offers.item == line.item))[0])
        assert line.quantity % Decimal(str(world.offers.pack_size[at])) == 0
        assert not float(line.quantity) > world.offers.stock[at]  # NaN: not said
        ends = [Decimal(line.reason["net_requirement"])]
        for step in line.reason["rounding"]:
            assert Decimal(step["from"]) == ends[-1]
            ends.append(Decimal(step["to"]))
        assert ends[-1] == line.quantity
    assert plan(after(world, found), COSTED).lines == ()
