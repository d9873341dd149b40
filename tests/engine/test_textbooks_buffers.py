"""How much to have: the newsvendor's critical ratio, and (R, S) with normal demand, against our buffers."""

from decimal import Decimal
from statistics import NormalDist

import numpy as np
import pytest

from procurement.engine.forecast import Weeks, experience_of, forecast
from procurement.engine.forecast.spread import GRID, GROUPS, Shape, buffers_of, shape_of
from procurement.engine.params import PlanningParams
from procurement.engine.requirements import OrderUpTo, order_up_to

# Mac's newsstand, Nahmias & Olsen, Production and Operations Analysis, 7th ed., ch. 5: copies of a weekly asked for, a
# year long. A copy costs 0.25 and sells for 0.75; unsold ones are bought back for 0.10.
COPIES = [
    15, 19, 9, 12, 9, 22, 4, 7, 8, 11, 14, 11, 6, 11, 9, 18, 10, 0, 14, 12, 8, 9, 5, 4, 4, 17,
    18, 14, 15, 8, 6, 7, 12, 15, 15, 19, 9, 10, 9, 16, 8, 11, 11, 18, 15, 17, 19, 14, 14, 17, 13, 12,
]  # fmt: skip
SHORT, OVER = 0.50, 0.15
RATIO = SHORT / (SHORT + OVER)


def planned(demand: np.ndarray, service: float, horizon: int) -> OrderUpTo:
    params = PlanningParams(currency="GBP", service_level=Decimal(str(service)))
    return order_up_to(forecast(Weeks.of(demand), experience_of(demand)), params, horizon=horizon)


def expected_cost(quantity: np.ndarray, mean: float, spread: float) -> np.ndarray:
    """Of one period, where demand is normal."""
    normal = NormalDist()
    z = (quantity - mean) / spread
    lost = spread * np.array([normal.pdf(one) - one * (1 - normal.cdf(one)) for one in z])
    return SHORT * lost + OVER * (quantity - mean + lost)


def test_newsstand_is_the_textbook_s():
    assert (round(np.mean(COPIES), 2), round(np.std(COPIES, ddof=1), 2)) == (11.73, 4.74)
    assert round(RATIO, 2) == 0.77
    # Z of 0.77 by its table: 0.74
    assert NormalDist(11.73, 4.74).inv_cdf(RATIO) == pytest.approx(15.24, abs=0.03)


def test_own_errors_stop_at_the_quantity_that_would_have_cost_least():
    """The book's answer, 15 copies, is the critical ratio's quantile of what was asked for, and so is our buffer for
    that service level, of what a forecast of nothing missed. (Of like items, the other half, nothing is known.)
    """
    asked = np.array(COPIES, dtype=float)
    costs = [
        SHORT * np.maximum(asked - copies, 0).sum() + OVER * np.maximum(copies - asked, 0).sum()
        for copies in range(30)
    ]
    unknown = Shape(0.0, -30.0, np.full(GROUPS - 1, np.inf), np.zeros((GROUPS, len(GRID))))
    errors, judged = asked[None], np.ones((1, len(asked)), dtype=np.bool_)
    found = (
        2 * buffers_of(errors, np.ones((1, len(asked))), judged, np.ones(1), unknown, np.array([RATIO]))[0, 0]
    )
    assert int(np.argmin(costs)) == 15
    assert found == pytest.approx(15)


def test_order_up_to_level_costs_hardly_more_than_the_newsvendor_s_who_knows_the_distribution():
    """80 newsstands of three years, each forecast from its own past; the level is for the critical ratio's service."""
    rng = np.random.default_rng(1)
    weekly = np.maximum(rng.normal(11.73, 4.74, (80, 156)), 0)
    level = planned(np.repeat(weekly / 7, 7, axis=1), round(RATIO, 4), horizon=7).level
    best = NormalDist(11.73, 4.74).inv_cdf(RATIO)
    assert level.mean() == pytest.approx(best, rel=0.08)
    least = expected_cost(np.array([best]), 11.73, 4.74)[0]
    assert expected_cost(level, 11.73, 4.74).mean() <= 1.06 * least


@pytest.mark.parametrize("service", [0.8, 0.9, 0.95, 0.99])
def test_buffer_of_known_normal_errors_is_z_sigma_root_of_the_interval(service):
    """Silver, Pyke & Thomas, 4th ed., ch. 6 (R, S): z * sigma * sqrt(R + L), within 4 % for the mean of 50 items."""
    spread = 20 * np.sqrt(7 + 3)
    errors = np.random.default_rng(2).normal(0, spread, (50, 400))
    now = np.linspace(500.0, 2000.0, 50)
    forecasts = np.broadcast_to(now[:, None], errors.shape)
    judged = np.ones(errors.shape, dtype=np.bool_)
    shape = shape_of(errors, forecasts, judged)
    found = buffers_of(errors, forecasts, judged, now, shape, np.array([service]))[:, 0]
    wanted = NormalDist().inv_cdf(service) * spread
    assert found.mean() == pytest.approx(wanted, rel=0.04)
    assert found == pytest.approx(np.full(50, wanted), rel=0.25)


@pytest.mark.parametrize("service", [0.8, 0.9, 0.95, 0.99])
def test_buffer_of_a_long_normal_history_is_z_sigma_root_of_the_interval(service):
    """The same from three years of daily sales; that the mean has to be forecast as well makes it up to 15 % more."""
    demand = np.maximum(np.random.default_rng(1).normal(100, 20, (60, 1100)), 0)
    found = planned(demand, service, horizon=7 + 3)
    wanted = NormalDist().inv_cdf(service) * 20 * np.sqrt(7 + 3)
    assert found.forecast.mean() == pytest.approx(1000, rel=0.01)
    assert 0.97 * wanted <= found.buffer.mean() <= 1.15 * wanted
