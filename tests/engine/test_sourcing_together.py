"""Lines decided together: what an order's minimum and fee change, and what the reason says of it."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from procurement.engine.item_policies import ItemPolicies
from procurement.engine.plan import plan
from procurement.engine.sourcing import exact
from procurement.engine.sourcing.cost import orders
from procurement.engine.sourcing.solve import solve
from tests.engine.factories import PARAMS, STEADY, data, offer, terms
from tests.engine.problems import any_problem, problem, seller, sold

SOLVED = replace(PARAMS, sourcing_seconds=60)


def two_items(*, minimum: str = "0", fee: str = "0"):
    """Twenty of each; alpha sells both at 2.00, beta the second for 1.95."""
    offers = [offer(0), offer(0, item=1), offer(1, item=1, price="1.95")]
    sold_by = [terms("alpha", minimum=minimum), terms("beta", fee=fee)]
    return data(STEADY * 2, offers, suppliers=sold_by)


def bought(world):
    return [(line.item, line.supplier, line.quantity) for line in plan(world, SOLVED).lines]


def why(world, item: int = 1) -> str:
    line = next(line for line in plan(world, SOLVED).lines if line.item == item)
    return next(quote["why"] for quote in line.reason["quotes"] if quote["chosen"])


def test_line_goes_where_it_is_cheapest_when_no_order_costs_anything():
    assert bought(two_items()) == [(0, 0, 20), (1, 1, 20)]
    assert why(two_items()) == "cheapest delivered"


def test_line_saves_an_order_whose_delivery_costs_more_than_it_is_cheaper():
    """1.00 cheaper in all, and 1.50 for the delivery of a separate order."""
    world = two_items(fee="1.50")
    assert bought(world) == [(0, 0, 20), (1, 0, 20)]
    quotes = {q["supplier"]: q for q in plan(world, SOLVED).lines[1].reason["quotes"]}
    assert quotes["alpha"]["why"] == "2.3% dearer by itself, but saves an order from Beta (delivery 1.50)"
    assert (
        quotes["beta"]["why"]
        == "2.2% cheaper delivered, but the chosen one saves an order from Beta (delivery 1.50)"
    )


def test_line_keeps_an_order_above_its_minimum():
    world = two_items(minimum="60")
    assert bought(world) == [(0, 0, 20), (1, 0, 20)]
    assert why(world) == "2.6% dearer by itself, but keeps Alpha's order above its minimum of 60.00"


def test_order_that_no_choice_brings_to_its_minimum_is_made_and_what_is_missing_counted():
    """Also padded to its minimum it is cheaper than the other's price and a second order."""
    needs = two_items(minimum="100")
    assert bought(needs) == [(0, 0, 20), (1, 0, 20)]
    found = problem([40], [sold(0, 0, "2.00")], [seller("100", name="Alpha")])
    (purchase,) = solve(found).purchases
    cost = orders(found, [purchase])[0]
    assert (cost.goods, cost.to_minimum, cost.total) == (80, 20, 100)


def test_quick_plan_stands_and_says_so_when_the_solver_fails(monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("no memory left")

    monkeypatch.setattr(exact.highspy, "Highs", broken)
    seed = next(
        s for s in range(100) if solve(any_problem(s, lines=6), exact.Limits(seconds=0)).figures.gap > 0
    )
    found = solve(any_problem(seed, lines=6), exact.Limits())
    assert found.figures.total == found.figures.quick
    assert found.figures.note == "The exact search failed (no memory left); the quick plan stands."


@pytest.mark.parametrize("nothing", [[], [[0.0] * 50]])
def test_nothing_needed_costs_nothing(nothing):
    if nothing:
        assert plan(data(nothing, [offer()], on_hand=[5]), SOLVED).lines == ()
    assert solve(problem([], [], [])).figures.total == 0


def test_a_part_that_runs_out_is_not_said_to_cost_less_than_the_whole_line():
    """13 are needed: two packs of 12 at 2.00, or one of them and the single one that beta has."""
    offers = [offer(0, pack="12"), offer(1, price="2.10", stock="1")]
    world = data(STEADY, offers, on_hand=[7])
    assert bought(world) == [(0, 1, 1), (0, 0, 12)]
    first = plan(world, SOLVED).lines[0].reason
    told = {quote["supplier"]: quote["why"] for quote in first["quotes"]}
    assert told["beta"] == "5.0% dearer by itself, but makes all orders together cost least"
    assert told["alpha"] == "4.8% cheaper delivered, but the chosen one makes all orders together cost least"


def test_why_a_supplier_of_other_lines_wins_is_a_sentence():
    """Gamma's list is as dear in all, as its free delivery is far; alpha brings another line anyway."""
    offers = [offer(0), offer(0, item=1), offer(1, item=1, price="1.99"), offer(2, item=1, price="1.98")]
    world = data(
        STEADY * 2, offers, suppliers=[terms("alpha"), terms("beta", fee="1"), terms("gamma", fee="2")]
    )
    line = next(line for line in plan(world, SOLVED).lines if line.item == 1)
    told = {quote["supplier"]: quote["why"] for quote in line.reason["quotes"]}
    assert line.supplier == 0
    assert told["beta"].endswith("but the chosen one saves an order from Beta (delivery 1.00)")
    assert told["gamma"].endswith("but the chosen one saves an order from Gamma (delivery 2.00)")


def test_same_price_and_a_later_choice_is_not_called_the_same_lead_time():
    """Beta would be there at once for the same price, and its delivery costs something: alpha delivers anyway."""
    offers = [offer(0), offer(0, item=1), offer(1, item=1, lead_time_days=1, price="1.90")]
    world = data(
        STEADY * 2, offers, on_hand=[0, 10], suppliers=[terms("alpha"), terms("beta", fee="2", minimum="38")]
    )
    line = next(line for line in plan(world, SOLVED).lines if line.item == 1)
    told = {quote["supplier"]: quote["why"] for quote in line.reason["quotes"]}
    assert line.supplier == 0
    assert (
        told["beta"]
        == "same price delivered, but the chosen one saves an order from Beta (delivery 2.00, minimum 38.00)"
    )


def test_most_suppliers_a_line_do_not_make_the_last_one_the_cheapest():
    """Only one may be asked: beta is cheaper and has 4, alpha has all 20."""
    world = data(STEADY, [offer(0), offer(1, price="1.50", stock="4")])
    (line,) = plan(world, replace(SOLVED, most_suppliers_a_line=1)).lines
    told = {quote["supplier"]: quote["why"] for quote in line.reason["quotes"]}
    assert told["alpha"] == "has more of it than cheaper ones, and nobody may be asked after it"
    assert told["beta"] == "25.0% cheaper delivered, but it has only 4"
    assert "is the cheapest" not in line.reason["sentence"]


def test_cheaper_and_less_reliable_one_leaves_the_other_not_the_cheapest():
    offers = [offer(0), offer(1, price="1.98")]
    trouble = replace(terms("beta"), unreliability=Decimal("0.05"), reliability="2 of 9 deliveries late")
    (line,) = plan(data(STEADY, offers, suppliers=[terms("alpha"), trouble]), SOLVED).lines
    told = {quote["supplier"]: quote["why"] for quote in line.reason["quotes"]}
    assert told["alpha"] == "cheapest with what unreliable deliveries cost"
    assert told["beta"] == "1.0% cheaper delivered, but less reliable: 2 of 9 deliveries late"


def test_room_that_whole_packs_leave_is_filled_at_once_or_never():
    """Room for 15: 12 in a pack of alpha's, and 3 of beta's in the same plan, so that the next one asks for nothing."""
    policies = replace(ItemPolicies.none(1, 0.95), maximum_stock=np.array([15.0]))
    offers = [offer(0, pack="12"), offer(1, price="3.00")]
    world = data(STEADY, offers, policies=policies)
    assert bought(world) == [(0, 0, 12), (0, 1, 3)]
    assert plan(replace(world, on_order=np.array([15.0])), SOLVED).lines == ()


def test_stock_for_one_day_is_told_in_the_singular():
    """What gamma saves a unit, its lateness costs more than."""
    offers = [offer(0), offer(1, price="1.99", lead_time_days=9)]
    (line,) = plan(data(STEADY, offers, on_hand=[2]), SOLVED).lines
    told = {quote["supplier"]: quote["why"] for quote in line.reason["quotes"]}
    assert told["alpha"].endswith("is there 6 days earlier, as the stock lasts 1 day")


def test_a_larger_pack_over_the_longest_cover_is_not_worth_a_dearer_supplier():
    """20 are needed and 14 allowed, which are 18 in packs of 6 and 24 in packs of 12: six more are no merit."""
    policies = replace(ItemPolicies.none(1, 0.95), maximum_cover_days=np.array([7.0]))
    offers = [offer(0, price="2.00", pack="6"), offer(1, price="2.40", pack="12")]
    world = data(STEADY, offers, policies=policies)
    for most in (None, 1):
        (line,) = plan(world, replace(SOLVED, most_suppliers_a_line=most)).lines
        assert (line.supplier, line.quantity) == (0, 18)
        assert [quote["why"] for quote in line.reason["quotes"]] == [
            "cheapest delivered",
            "20.0% dearer delivered",
        ]
