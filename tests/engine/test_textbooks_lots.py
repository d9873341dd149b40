"""Lot sizes of textbooks: what they publish, and what the planner computes."""

from collections.abc import Sequence

import numpy as np
import pytest

from procurement.engine.lot_sizing import economic_quantity, in_packs, yearly_cost


def wagner_whitin(
    demand: Sequence[float], order_costs: Sequence[float], holding: float
) -> tuple[float, list[int]]:
    """The least cost of any way to buy for known demand, and the periods (from 1) in which it orders.

    Wagner & Whitin, "Dynamic version of the economic lot size model", Management Science 5 (1958). Stock that is left
    at the end of a period costs `holding` a unit. No rule that has to decide without knowing demand can cost less, so
    the economic quantity is measured by it.
    """
    least, ordered_in = [0.0], [0]
    for last in range(1, len(demand) + 1):
        found = [
            least[first - 1]
            + order_costs[first - 1]
            + holding * sum((k - first) * demand[k - 1] for k in range(first, last + 1))
            for first in range(1, last + 1)
        ]
        least.append(min(found))
        ordered_in.append(1 + int(np.argmin(found)))
    orders, last = [], len(demand)
    while last:
        orders.append(ordered_in[last])
        last = ordered_in[last] - 1
    return least[-1], orders[::-1]


def bought_as_it_runs_out(demand: Sequence[float], order_cost: float, holding: float, lot: float) -> float:
    """What the same costs where each time that stock does not last the period `lot` is bought, or what is missing."""
    stock = cost = 0.0
    for needed in demand:
        if stock < needed:
            cost += order_cost
            stock += max(lot, needed - stock)
        stock -= needed
        cost += holding * stock
    return cost


@pytest.mark.parametrize(
    ("yearly", "order_cost", "holding", "quantity", "cost"),
    [
        # Nahmias & Olsen, Production and Operations Analysis, 7th ed., example 4.1: pencils, 60 a week at 0.02, 12.00
        # to order, 25 % interest a year: 3,870, and 9.675 a year each for ordering and holding.
        (3120, 12.0, 0.25 * 0.02, 3870, 19.35),
        # Silver, Pyke & Thomas, 4th ed., ch. 4: resistors, 2,400 a year at 0.40, 3.20 to order, 24 % a year: 400, and
        # 38.40 a year.
        (2400, 3.20, 0.24 * 0.40, 400, 38.40),
    ],
)
def test_economic_quantity_is_the_textbook_s(yearly, order_cost, holding, quantity, cost):
    demand, each = np.array([float(yearly)]), np.array([holding])
    found = economic_quantity(demand, order_cost, each)
    assert found[0] == pytest.approx(quantity, abs=0.5)
    assert yearly_cost(found, demand, order_cost, each)[0] == pytest.approx(cost, abs=0.005)
    # There ordering costs as much as holding.
    assert demand[0] / found[0] * order_cost == pytest.approx(found[0] / 2 * holding)


@pytest.mark.parametrize("share", [-0.5, -0.2, 0.1, 0.5, 1.0])
def test_buying_more_or_less_costs_as_little_more_as_the_textbook_says(share):
    """Silver, Pyke & Thomas, 4th ed., ch. 4: a quantity (1 + p) times the best costs p^2 / (2 (1 + p)) more."""
    demand, each = np.array([2400.0]), np.array([0.096])
    best = economic_quantity(demand, 3.20, each)
    dearer = yearly_cost(best * (1 + share), demand, 3.20, each) / yearly_cost(best, demand, 3.20, each)
    assert dearer[0] - 1 == pytest.approx(share**2 / (2 * (1 + share)))


def test_whole_packs_are_the_best_of_all_numbers_of_packs():
    rng = np.random.default_rng(5)
    demand, each = rng.uniform(1, 5000, 200), rng.uniform(0.01, 9, 200)
    pack = rng.integers(1, 200, 200).astype(float)
    found = in_packs(economic_quantity(demand, 4.0, each), pack, demand, 4.0, each)
    costs = np.array([yearly_cost(packs * pack, demand, 4.0, each) for packs in range(1, 2000)])
    assert (found % pack == 0).all()
    assert yearly_cost(found, demand, 4.0, each) == pytest.approx(costs.min(axis=0))


def test_nothing_is_bought_ahead_where_keeping_it_costs_nothing_or_nothing_sells():
    nothing, some = np.zeros(1), np.ones(1)
    assert economic_quantity(some, 4.0, nothing)[0] == 0
    assert economic_quantity(nothing, 4.0, some)[0] == 0
    assert in_packs(nothing, some, nothing, 4.0, some)[0] == 0


WHITIN = [69, 29, 36, 61, 61, 26, 34, 67, 45, 67, 79, 56]
SET_UPS = [85, 102, 102, 101, 98, 114, 105, 86, 119, 110, 98, 114]
# Silver, Pyke & Thomas, 4th ed., ch. 5: boxes a month, 54.00 to order, 0.40 a box and month (20.00 at 2 %).
PYKE = [10, 62, 12, 130, 154, 129, 88, 52, 124, 160, 238, 41]


def test_dynamic_lot_sizes_are_those_of_wagner_and_whitin():
    """Their own example: twelve months, set-up costs that change, holding 1 a unit and month; the optimum is 864."""
    assert wagner_whitin(WHITIN, SET_UPS, 1) == (864, [1, 3, 5, 8, 10, 11])
    # And month by month, as in their table.
    firsts = [wagner_whitin(WHITIN[:months], SET_UPS, 1)[0] for months in range(1, 13)]
    assert firsts == [85, 114, 186, 277, 348, 400, 469, 555, 600, 710, 789, 864]
    assert wagner_whitin(PYKE, [54] * 12, 0.40)[0] == pytest.approx(501.20)


def test_economic_quantity_is_the_optimum_where_demand_is_steady():
    """100 a month, 450 an order, 1 a unit and month: 300, every third month. Both count the same cost, but for the half
    a month's demand that lies there within a month and is gone at its end.
    """
    monthly, order_cost = 100.0, 450.0
    lot = economic_quantity(np.array([12 * monthly]), order_cost, np.array([12.0]))
    assert lot[0] == pytest.approx(300)
    optimum, orders = wagner_whitin([monthly] * 12, [order_cost] * 12, 1)
    assert (optimum, orders) == (3000, [1, 4, 7, 10])
    assert bought_as_it_runs_out([monthly] * 12, order_cost, 1, 300) == optimum
    through_the_year = yearly_cost(lot, np.array([12 * monthly]), order_cost, np.array([12.0]))[0]
    assert through_the_year - 12 * monthly / 2 == pytest.approx(optimum)


@pytest.mark.parametrize(("varies", "most"), [(0.0, 1.0), (0.2, 1.3), (0.5, 1.4)])
def test_economic_quantity_never_costs_less_than_the_optimum_that_knows_all_demand(varies, most):
    """Nor much more: nothing where demand is steady, about a third where it varies, some of it for what is left."""
    rng = np.random.default_rng(11)
    lot = float(economic_quantity(np.array([1200.0]), 450.0, np.array([12.0]))[0])
    dearer = []
    for _ in range(40):
        demand = (100 * rng.gamma(1 / varies**2, varies**2, 48)).tolist() if varies else [100.0] * 48
        optimum, _ = wagner_whitin(demand, [450.0] * 48, 1)
        dearer.append(bought_as_it_runs_out(demand, 450.0, 1, lot) / optimum)
    assert min(dearer) >= 1 - 1e-9
    assert np.mean(dearer) <= most + 1e-9
