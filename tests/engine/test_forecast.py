"""The smoothed level and the errors it would have made."""

import numpy as np
import pytest

from procurement.engine.demand import cumulative, first_demand, weekly_totals
from procurement.engine.forecast import interval_errors, smoothed_levels


def test_level_is_a_plain_mean_when_history_is_young():
    demand = np.array([[0.0, 0.0, 4.0, 8.0, 0.0]])
    levels = smoothed_levels(demand, first_demand(demand), alpha=0.05)
    assert levels[0].tolist() == pytest.approx([0, 0, 4, 6, 4])  # days before the first sale do not count


def test_level_moves_by_alpha_when_history_is_long():
    demand = np.array([[10.0] * 100 + [30.0]])
    levels = smoothed_levels(demand, first_demand(demand), alpha=0.1)
    assert levels[0, 99] == pytest.approx(10)
    assert levels[0, 100] == pytest.approx(12)


def test_level_of_an_item_without_demand_is_zero():
    demand = np.zeros((1, 30))
    assert first_demand(demand).tolist() == [30]
    assert smoothed_levels(demand, first_demand(demand), alpha=0.1).max() == 0


def test_errors_are_demand_minus_forecast_by_hand():
    demand = np.array([[1.0, 1.0, 1.0, 4.0, 1.0, 1.0]])
    first = first_demand(demand)
    levels = smoothed_levels(demand, first, alpha=0.01)  # the plain mean: 1, 1, 1, 1.75, 1.6, 1.5
    found = interval_errors(levels, cumulative(demand), first, horizon=2, warmup=2, max_errors=10)
    # Origins 1, 2, 3: (1+4)-2*1, (4+1)-2*1, (1+1)-2*1.75
    assert found.count.tolist() == [3]
    assert found.errors[0, :3].tolist() == pytest.approx([3, 3, -1.5])
    assert np.isinf(found.errors[0, 3:]).all()


def test_errors_are_spread_over_the_whole_history_when_there_are_more_days_than_asked_for():
    demand = np.arange(1.0, 401.0)[None, :]
    first = first_demand(demand)
    levels = smoothed_levels(demand, first, alpha=0.05)
    found = interval_errors(levels, cumulative(demand), first, horizon=10, warmup=20, max_errors=50)
    oldest = demand[0, 20:30].sum() - 10 * levels[0, 19]
    newest = demand[0, 390:400].sum() - 10 * levels[0, 389]
    assert found.count.tolist() == [50]
    assert found.errors[0, 0] == pytest.approx(oldest)
    assert found.errors[0, -1] == pytest.approx(newest)


def test_no_errors_when_history_is_shorter_than_the_interval():
    demand = np.ones((1, 12))
    first = first_demand(demand)
    levels = smoothed_levels(demand, first, alpha=0.05)
    found = interval_errors(levels, cumulative(demand), first, horizon=10, warmup=5, max_errors=50)
    assert found.count.tolist() == [0]


def test_weekly_totals_are_whole_weeks_up_to_yesterday():
    assert weekly_totals(np.arange(16.0)[None, :]).tolist() == [[35.0, 84.0]]  # days 2-8 and 9-15
    assert weekly_totals(np.ones((2, 400))).shape == (2, 26)
    assert weekly_totals(np.ones((1, 3))).shape == (1, 0)
