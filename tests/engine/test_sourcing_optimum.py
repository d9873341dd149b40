"""The joint optimisation against looking through everything that may be bought, and what holds for every problem."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procurement.engine.data import exact
from procurement.engine.sourcing.cost import missing, orders, total
from procurement.engine.sourcing.exact import Limits
from procurement.engine.sourcing.solve import solve
from tests.engine.problems import any_problem, cheapest

PROVED = Limits(seconds=60, nodes=2_000, gap=0.0)
QUICK = Limits(seconds=0)
SEEDS = st.integers(0, 100_000)
CENT = Decimal("0.01")


@pytest.mark.parametrize("seed", range(14))
def test_plan_costs_as_little_as_the_best_of_all_combinations(seed):
    problem = any_problem(seed)
    found = solve(problem, PROVED)
    assert found.cost.total == pytest.approx(cheapest(problem), abs=CENT)
    assert found.figures.bound == pytest.approx(found.figures.total, abs=CENT)


@pytest.mark.parametrize("seed", range(40, 46))
def test_plan_of_three_lines_costs_as_little_as_the_best_of_all_combinations(seed):
    problem = any_problem(seed, lines=3, suppliers=2)
    assert solve(problem, PROVED).cost.total == pytest.approx(cheapest(problem), abs=CENT)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(SEEDS, st.integers(1, 12), st.integers(1, 6))
def test_searching_never_makes_a_plan_dearer_and_its_bound_holds(seed, lines, suppliers):
    problem = any_problem(seed, lines=lines, suppliers=suppliers)
    quick, found = solve(problem, QUICK), solve(problem, PROVED)
    assert found.cost.total <= quick.cost.total + CENT
    assert found.figures.bound <= found.figures.total
    assert quick.figures.bound <= found.figures.total
    usual = min(found.figures.each_line_cheapest, found.figures.one_main_supplier)
    assert found.figures.total <= quick.figures.total <= usual + CENT


@settings(max_examples=25, deadline=None, derandomize=True)
@given(SEEDS, st.integers(0, 50), st.sampled_from([0.5, 0.9, 0.99]))
def test_cheaper_quote_never_raises_the_total(seed, at, factor):
    problem = any_problem(seed, lines=4)
    if not len(problem.line):
        return
    price = problem.tier_price.copy()
    price[at % len(price)] = np.round(price[at % len(price)] * factor, 4)
    assert (
        solve(replace(problem, tier_price=price), PROVED).cost.total
        <= solve(problem, PROVED).cost.total + CENT
    )


@settings(max_examples=40, deadline=None, derandomize=True)
@given(SEEDS, st.integers(1, 12), st.integers(1, 6))
def test_quantities_are_whole_packs_within_minimum_and_stock_and_cover_what_is_not_named_short(
    seed, lines, suppliers
):
    problem = any_problem(seed, lines=lines, suppliers=suppliers)
    found = solve(problem, QUICK)
    bought = [Decimal(0)] * len(problem)
    for purchase in found.purchases:
        k = purchase.offer
        assert not problem.sellers[problem.supplier[k]].blocked
        assert purchase.quantity > 0
        assert purchase.quantity % exact(problem.pack[k]) == 0
        assert purchase.quantity >= exact(problem.minimum[k])
        assert float(purchase.quantity) <= problem.stock[k]
        bought[problem.line[k]] += purchase.quantity
    short = missing(problem, found.purchases)
    for line, need in enumerate(problem.need):
        assert bought[line] + short.get(line, 0) >= exact(need)
    assert found.cost.shortage == sum(quantity * 1000 for quantity in short.values())


@settings(max_examples=25, deadline=None, derandomize=True)
@given(SEEDS, st.integers(1, 10))
def test_order_reaches_its_minimum_or_what_is_missing_is_counted(seed, lines):
    problem = any_problem(seed, lines=lines)
    found = solve(problem, QUICK)
    for at, order in orders(problem, found.purchases).items():
        minimum = problem.sellers[at].minimum_order_value
        surcharge = problem.sellers[at].below_minimum_costs
        if order.goods < minimum:
            assert (
                order.to_minimum == min(minimum - order.goods, surcharge or minimum) or order.to_free_delivery
            )
        else:
            assert not order.to_minimum
    assert found.cost == total(problem, found.purchases)


@settings(max_examples=10, deadline=None, derandomize=True)
@given(SEEDS)
def test_same_market_gives_the_same_plan(seed):
    problem = any_problem(seed, lines=8, suppliers=4)
    limits = replace(PROVED, nodes=50)
    assert solve(problem, limits).purchases == solve(problem, limits).purchases
