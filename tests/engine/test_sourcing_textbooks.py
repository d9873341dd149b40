"""Purchase costs of textbook price lists, and problems small enough to be solved on paper."""

from decimal import Decimal

import pytest

from procurement.engine.sourcing.cost import Purchase, order_cost, orders, total
from procurement.engine.sourcing.exact import Limits
from procurement.engine.sourcing.solve import solve
from tests.engine.problems import problem, seller, sold

# Trash bags, Nahmias & Olsen, Production and Operations Analysis, 7th ed., section 4.7: 0.30 each below 500, 0.29 from
# 500 and 0.28 from 1,000.
BAGS = [("1", "0.30"), ("500", "0.29"), ("1000", "0.28")]


@pytest.mark.parametrize(
    ("incremental", "quantity", "cost"),
    [
        (False, 400, "120"),
        (False, 500, "145"),
        (False, 1000, "280"),
        (True, 400, "120"),
        (True, 500, "150"),  # C(Q) = 5 + 0.29 Q
        (True, 700, "208"),
        (True, 1000, "295"),  # C(Q) = 15 + 0.28 Q
        (True, 1200, "351"),
    ],
)
def test_goods_cost_what_the_textbook_says(incremental, quantity, cost):
    at = problem([quantity], [sold(0, 0, BAGS, incremental=incremental)], [seller()])
    (purchase,) = solve(at).purchases
    assert (purchase.quantity, total(at, [purchase]).goods) == (quantity, Decimal(cost))


@pytest.mark.parametrize(
    ("need", "bought"),
    [(483, 483), (484, 500), (966, 1000), (965, 965)],
)
def test_all_units_discount_is_topped_up_to_where_more_costs_less(need, bought):
    """484 * 0.30 = 145.20 is more than 500 * 0.29 = 145.00; 966 * 0.29 = 280.14 more than 1,000 * 0.28 = 280.00."""
    (purchase,) = solve(problem([need], [sold(0, 0, BAGS)], [seller()])).purchases
    assert purchase.quantity == bought
    (kept,) = solve(problem([need], [sold(0, 0, BAGS, most=need)], [seller()])).purchases
    assert kept.quantity == need


def test_incremental_discount_is_never_topped_up():
    for need in (484, 499, 966, 999):
        (purchase,) = solve(problem([need], [sold(0, 0, BAGS, incremental=True)], [seller()])).purchases
        assert purchase.quantity == need


def test_items_share_the_major_set_up_cost_of_an_order():
    """Joint replenishment (Silver, Pyke & Thomas, 4th ed., ch. 10): the fixed cost of an order is paid once for all its
    items, so three items go together although each is 2.00 cheaper somewhere else.
    """
    offers = [sold(line, 0, "10") for line in range(3)] + [sold(line, line + 1, "8") for line in range(3)]
    sellers = [seller(fee="5"), *(seller(fee="5") for _ in range(3))]
    found = solve(problem([1, 1, 1], offers, sellers), Limits(gap=0.0))
    # Together 3 * 10 + 5; apart 3 * (8 + 5).
    assert found.cost.total == 35
    assert {purchase.offer for purchase in found.purchases} == {0, 2, 4}
    assert found.figures.each_line_cheapest == 39


@pytest.mark.parametrize(
    ("goods", "minimum", "free_delivery", "delivery"),
    [("30", "20", "0", "7"), ("50", "0", "0", "7"), ("75", "0", "5", "0"), ("73", "0", "7", "0"),
     ("72", "0", "0", "7"), ("80", "0", "0", "0")],
)  # fmt: skip
def test_order_costs_its_minimum_and_delivery_or_what_makes_it_free(goods, minimum, free_delivery, delivery):
    """Minimum 50, delivery 7, free from 80: topping up pays from 73 on."""
    cost = order_cost(Decimal(goods), seller("50", "7", "80"))
    assert (cost.to_minimum, cost.to_free_delivery, cost.delivery) == (
        Decimal(minimum), Decimal(free_delivery), Decimal(delivery),
    )  # fmt: skip


def test_surcharge_is_paid_where_it_is_less_than_what_the_minimum_lacks():
    alpha = seller("50", below_minimum_costs=Decimal(4))
    assert order_cost(Decimal(45), alpha).total == 49
    assert order_cost(Decimal(47), alpha).total == 50


def test_two_suppliers_minimums_are_filled_by_moving_a_line():
    """Alpha 60 and beta 40 of goods; both want 50. One line of 10 moves although it costs 1 more there."""
    offers = [sold(0, 0, "50"), sold(1, 0, "10"), sold(1, 1, "11"), sold(2, 1, "40")]
    at = problem([1, 1, 1], offers, [seller("50"), seller("50")])
    found = solve(at, Limits(gap=0.0))
    assert [int(at.supplier[purchase.offer]) for purchase in found.purchases] == [0, 1, 1]
    assert (found.cost.total, found.cost.to_minimum) == (101, 0)
    assert (
        orders(at, [Purchase(0, Decimal(1)), Purchase(1, Decimal(1)), Purchase(3, Decimal(1))])[1].to_minimum
        == 10
    )
