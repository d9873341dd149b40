"""A new item sells in a week what its like sold in one, also where some days of it are closed."""

import numpy as np
import pytest

from procurement.engine.forecast import Weeks, experience_of, forecast
from procurement.engine.known_days import Likeness


@pytest.mark.parametrize("open_days", [7, 6, 5])
def test_closed_days_of_the_week_take_nothing_from_what_the_like_sold(open_days: int):
    week = np.array([4.0] * open_days + [0.0] * (7 - open_days))
    demand = np.random.default_rng(6).poisson(np.tile(week, (40, 52))).astype(float)
    demand[0] = 0.0
    plain = forecast(Weeks.of(demand), experience_of(demand))
    found = plain.with_like({0: Likeness("OLD", daily=3.0)})
    assert found.total(7)[0] == pytest.approx(21, rel=0.02)
