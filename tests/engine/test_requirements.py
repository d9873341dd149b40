"""Order-up-to levels: the buffer comes from past errors, one's own and those of like items."""

import itertools
from decimal import Decimal
from statistics import NormalDist

import numpy as np
import pytest

from procurement.engine.forecast import Forecast, Weeks, experience_of, forecast
from procurement.engine.forecast.spread import ENOUGH, GRID, GROUPS, Shape, buffers_of
from procurement.engine.params import PlanningParams
from procurement.engine.requirements import order_up_to
from tests.engine.factories import PARAMS


def expected(demand: np.ndarray) -> Forecast:
    return forecast(Weeks.of(demand), experience_of(demand))


def quantile(errors: list[float], probability: float, *, pooled: float = 0.0) -> float:
    """Of one item that expects 1 and whose like items' standardised quantile is `pooled` for any probability."""
    shape = Shape(0.0, -30.0, np.full(GROUPS - 1, np.inf), np.full((GROUPS, len(GRID)), pooled))
    values, ones = np.array([errors]), np.ones((1, len(errors)))
    asked = np.array([probability])
    return float(buffers_of(values, ones, np.isfinite(values), np.ones(1), shape, asked)[0, 0])


def test_own_half_of_the_buffer_is_the_order_statistic_that_covers_the_service_level():
    # 29 errors at 0.9: the ceil(0.9 * 30) = 27th smallest
    assert quantile([float(e) for e in range(29)], 0.9) == pytest.approx(26 / 2)


def test_own_half_is_the_largest_error_when_there_are_too_few_for_the_service_level():
    assert quantile([1.0] * (ENOUGH - 1) + [5.0], 0.99) == pytest.approx(5 / 2)


def test_few_errors_leave_the_buffer_to_like_items():
    spread = 4.0 * 3 / (3 + 8)  # the mean of 2**2 / 1, shrunk by 8 forecasts' worth of belief in none
    assert quantile([2.0, -2.0, 2.0], 0.9, pooled=1.5) == pytest.approx(1.5 * spread**0.5, rel=1e-6)


def test_buffer_is_never_negative():
    assert quantile([-4.0] * 40, 0.9) == 0


def test_steady_demand_needs_no_buffer():
    found = order_up_to(expected(np.full((1, 200), 2.0)), PARAMS, horizon=10)
    assert (found.forecast[0], found.buffer[0], found.level[0]) == (20, 0, 20)
    assert found.errors[0] >= PARAMS.min_errors
    assert not found.short_history[0]


def test_buffer_comes_from_the_spread_of_demand_when_history_is_short():
    demand = np.array([[0.0] * 90 + [3.0, 0.0, 6.0, 3.0]])
    found = order_up_to(expected(demand), PARAMS, horizon=9)
    z = NormalDist().inv_cdf(0.95)
    assert found.short_history[0]
    assert found.daily[0] == pytest.approx(3, rel=0.1)
    assert found.buffer[0] == pytest.approx(z * (9 * 4.5) ** 0.5, abs=0.005)  # variance of 3, 0, 6, 3


def test_buffer_of_a_single_sale_is_that_of_poisson_demand():
    steady = np.array([[0.0] * 99 + [56.0], [1.0] * 100])  # the second item shows that the site is older
    found = order_up_to(expected(steady), PARAMS, horizon=9)
    assert found.daily[0] == 4  # one sale tells of a fortnight
    assert found.buffer[0] == pytest.approx(NormalDist().inv_cdf(0.95) * (9 * 4) ** 0.5, abs=0.005)


def test_higher_service_level_never_lowers_the_buffer():
    rng = np.random.default_rng(3)
    demand = np.where(rng.random((50, 500)) < 0.3, rng.integers(1, 20, (50, 500)), 0).astype(float)
    levels = [
        order_up_to(
            expected(demand), PlanningParams(currency="GBP", service_level=Decimal(q)), horizon=9
        ).buffer
        for q in ("0.8", "0.9", "0.95", "0.99")
    ]
    assert all((low <= high).all() for low, high in itertools.pairwise(levels))


def test_stock_lasts_as_often_as_the_service_level_says_on_unseen_demand():
    """Independent days: the share of later intervals within the level is the service level, within sampling error."""
    rng = np.random.default_rng(11)
    demand = rng.poisson(0.4, (400, 700)) * rng.integers(1, 9, (400, 700)).astype(float)
    found = order_up_to(expected(demand[:, :690]), PARAMS, horizon=10)
    lasted = (demand[:, 690:].sum(axis=1) <= found.level).mean()
    assert 0.91 <= lasted <= 0.985


def test_a_day_of_history_is_rounded_alike_whatever_is_computed_beside_it():
    alone, beside = np.array([[1.0]]), np.array([[1.0], [11.0]])
    learned = experience_of(beside)
    found = [
        order_up_to(forecast(Weeks.of(demand, closed=learned.closed), learned), PARAMS, horizon=14).level[0]
        for demand in (alone, beside)
    ]
    assert found[0] == found[1]
