"""Order-up-to levels: the buffer is an order statistic of past errors."""

import itertools
from decimal import Decimal
from statistics import NormalDist

import numpy as np
import pytest

from procurement.engine.forecast import IntervalErrors
from procurement.engine.params import PlanningParams
from procurement.engine.requirements import History, buffer_of, order_up_to
from tests.engine.factories import PARAMS


def errors(*rows: list[float]) -> IntervalErrors:
    width = max(len(row) for row in rows)
    values = np.array([row + [np.inf] * (width - len(row)) for row in rows])
    return IntervalErrors(values, np.isfinite(values))


def test_buffer_is_the_order_statistic_that_covers_the_service_level():
    # 19 errors at 0.9: the ceil(0.9 * 20) = 18th smallest
    assert buffer_of(errors([float(e) for e in range(19)]), 0.9).tolist() == [17]


def test_buffer_is_the_largest_error_when_there_are_too_few_for_the_service_level():
    assert buffer_of(errors([1.0, 5.0, 3.0]), 0.99).tolist() == [5]


def test_buffer_is_never_negative():
    assert buffer_of(errors([-4.0, -3.0, -2.0]), 0.9).tolist() == [0]


def test_steady_demand_needs_no_buffer():
    found = order_up_to(History.of(np.full((1, 200), 2.0), PARAMS), PARAMS, horizon=10)
    assert (found.forecast[0], found.buffer[0], found.level[0]) == (20, 0, 20)
    assert found.errors[0] == PARAMS.max_errors
    assert not found.short_history[0]


def test_buffer_comes_from_the_spread_of_demand_when_history_is_short():
    demand = np.array([[0.0] * 90 + [3.0, 0.0, 6.0, 3.0]])
    found = order_up_to(History.of(demand, PARAMS), PARAMS, horizon=9)
    z = NormalDist().inv_cdf(0.95)
    assert found.short_history[0]
    assert found.daily[0] == 3
    assert found.buffer[0] == pytest.approx(z * (9 * 4.5) ** 0.5, abs=0.005)  # variance of 3, 0, 6, 3


def test_buffer_of_a_single_sale_is_that_of_poisson_demand():
    demand = np.array([[0.0] * 99 + [4.0]])
    found = order_up_to(History.of(demand, PARAMS), PARAMS, horizon=9)
    assert found.buffer[0] == pytest.approx(NormalDist().inv_cdf(0.95) * (9 * 4) ** 0.5, abs=0.005)


def test_higher_service_level_never_lowers_the_buffer():
    rng = np.random.default_rng(3)
    demand = np.where(rng.random((50, 500)) < 0.3, rng.integers(1, 20, (50, 500)), 0).astype(float)
    levels = [
        order_up_to(
            History.of(demand, PARAMS), PlanningParams(currency="GBP", service_level=Decimal(q)), horizon=9
        ).buffer
        for q in ("0.8", "0.9", "0.95", "0.99")
    ]
    assert all((low <= high).all() for low, high in itertools.pairwise(levels))


def test_stock_lasts_as_often_as_the_service_level_says_on_unseen_demand():
    """Independent days: the share of later intervals within the level is the service level, within sampling error."""
    rng = np.random.default_rng(11)
    demand = rng.poisson(0.4, (400, 700)) * rng.integers(1, 9, (400, 700)).astype(float)
    found = order_up_to(History.of(demand[:, :690], PARAMS), PARAMS, horizon=10)
    lasted = (demand[:, 690:].sum(axis=1) <= found.level).mean()
    assert 0.91 <= lasted <= 0.985
