"""What the errors of a site's items look like, also where hardly any are known."""

from statistics import NormalDist

import numpy as np
import pytest

from procurement.engine.forecast.spread import GRID, GROUPS, buffers_of, shape_of

ERRORS = 30
AT_95 = np.array([0.95])


def errors_of(items: int, spread: float, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, spread, (items, ERRORS))


def test_a_group_without_errors_looks_like_all_items():
    """Two items are of two groups at most; the three others have nobody's errors."""
    errors = errors_of(2, 4.0)
    forecasts, judged = np.full(errors.shape, 10.0), np.ones(errors.shape, dtype=bool)
    shape = shape_of(errors, forecasts, judged)
    assert shape.quantiles.shape == (GROUPS, len(GRID))
    assert (shape.quantiles[:, -1] > 1).all()
    # An item of any size, without errors of its own, has a buffer.
    now = np.array([0.5, 10.0, 1_000.0])
    none = np.zeros((3, ERRORS), dtype=bool)
    assert (buffers_of(np.zeros((3, ERRORS)), np.zeros((3, ERRORS)), none, now, shape, AT_95) > 0).all()


def test_where_no_forecast_was_ever_judged_demand_is_taken_for_poisson():
    none = np.zeros((3, 5), dtype=bool)
    shape = shape_of(np.zeros((3, 5)), np.zeros((3, 5)), none)
    found = buffers_of(np.zeros((3, 5)), np.zeros((3, 5)), none, np.full(3, 16.0), shape, AT_95)[:, 0]
    assert found == pytest.approx(np.full(3, NormalDist().inv_cdf(0.95) * 4))


def test_where_no_forecast_ever_erred_no_buffer_is_kept():
    forecasts, judged = np.full((3, ERRORS), 10.0), np.ones((3, ERRORS), dtype=bool)
    shape = shape_of(np.zeros((3, ERRORS)), forecasts, judged)
    now = np.full(3, 10.0)
    found = buffers_of(np.zeros((3, ERRORS)), forecasts, judged, now, shape, np.array([0.999]))[:, 0]
    assert found == pytest.approx(np.zeros(3), abs=1e-5)


def test_items_of_one_size_tell_no_growth_and_raise_no_warning():
    """Warnings are errors here; a line through points above one another has no slope."""
    errors = errors_of(40, 3.0)
    shape = shape_of(errors, np.full(errors.shape, 9.0), np.ones(errors.shape, dtype=bool))
    assert shape.slope == 0
    assert shape.dispersion(np.array([9.0]))[0] == pytest.approx(1.0, rel=0.15)  # 3 ** 2 / 9


def test_growth_of_the_spread_with_size_is_found():
    size = np.geomspace(1, 1_000, 60)[:, None]
    errors = errors_of(60, 1.0) * size  # a standard deviation as large as the forecast: dispersion = size
    shape = shape_of(errors, np.broadcast_to(size, errors.shape), np.ones(errors.shape, dtype=bool))
    assert shape.slope == pytest.approx(1.0, abs=0.05)
