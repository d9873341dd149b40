"""Where a pound of buffer prevents the most: by hand for two items, and what holds for any."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from procurement.engine.allocation import filling_service, selling_weeks, spread_service

GRID = np.array([0.5, 0.8, 0.9, 0.95, 0.99])


def test_a_pound_goes_where_it_prevents_the_most_stock_outs_by_hand():
    # From 0.5 up a step costs the first item 1, 2, 4, 8 and the second ten times that. Mean 0.9: (0.5 + 0.99) / 2 is
    # too little; 0.8 for the second prevents 0.3 for 10, more a pound than any later step.
    quantiles = np.array([[0.0, 1, 3, 7, 15], [0.0, 10, 30, 70, 150]])
    price = np.ones(2)
    assert spread_service(GRID, quantiles, price, 0.895, np.ones(2)).tolist() == pytest.approx([0.99, 0.8])


def test_items_alike_are_as_safe_as_each_other():
    quantiles = np.tile(np.array([0.0, 1, 3, 7, 15]), (4, 1))
    assert spread_service(GRID, quantiles, np.full(4, 2.5), 0.9, np.ones(4)) == pytest.approx(0.9)
    assert filling_service(np.full(4, 2.5), 0.9) == pytest.approx(0.9)


def test_goods_without_a_price_are_as_safe_as_is_asked():
    assert spread_service(GRID, np.ones((3, 5)), np.zeros(3), 0.9, np.ones(3)).tolist() == [0.9] * 3
    assert filling_service(np.zeros(3), 0.9).tolist() == [0.9] * 3
    assert len(spread_service(GRID, np.ones((0, 5)), np.zeros(0), 0.9, np.ones(0))) == 0


def test_an_item_that_is_rarely_asked_for_is_less_safe_for_the_same_money():
    quantiles = np.tile(np.array([0.0, 1, 3, 7, 15]), (2, 1))
    often, rarely = spread_service(GRID, quantiles, np.ones(2), 0.9, np.array([1.0, 0.2]))
    assert often > 0.9 > rarely


def test_the_chance_of_a_sale_in_a_week_by_hand():
    demand = np.zeros((3, 14))
    demand[0] = 2.0
    demand[1, -1] = 9.0
    # (days with sales + 1) / (days + 7): 15 / 21, 2 / 21 and 1 / 21.
    expected = [1 - (6 / 21) ** 7, 1 - (19 / 21) ** 7, 1 - (20 / 21) ** 7]
    assert selling_weeks(demand) == pytest.approx(expected)
    assert selling_weeks(np.zeros((2, 0))) == pytest.approx(1 - (6 / 7) ** 7)


def test_the_chance_of_a_shortage_grows_with_the_price_where_units_are_to_be_filled():
    service = filling_service(np.array([1.0, 2.0, 4.0]), 0.93)
    assert (1 - service).tolist() == pytest.approx([0.03, 0.06, 0.12])


@given(st.integers(2, 30), st.floats(0.55, 0.98), st.integers(0, 10_000))
def test_the_mean_is_met_and_costs_no_more_than_equal_levels(items: int, mean: float, seed: int):
    random = np.random.default_rng(seed)
    # Quantiles that bend upwards, as those of any demand do beyond its mode.
    quantiles = random.gamma(1, 10, (items, 1)) * -np.log(1 - GRID)
    price = random.gamma(1, 5, items) + 0.01
    service = spread_service(GRID, quantiles, price, mean, np.ones(items))
    assert service.mean() == pytest.approx(mean, abs=1e-6)

    def cost(levels: np.ndarray) -> float:
        return sum(v * np.interp(p, GRID, row) for v, p, row in zip(price, levels, quantiles, strict=True))

    assert cost(service) <= cost(np.full(items, mean)) * (1 + 1e-9)
