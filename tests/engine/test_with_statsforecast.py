"""The adapter to statsforecast, by the real package."""

import numpy as np
import pytest

from procurement.engine.forecast import experience_of
from procurement.engine.forecast.plugged import PROBABILITIES
from procurement.engine.forecast.with_statsforecast import AutoETS
from procurement.engine.items import requirements_of
from tests.engine.factories import PARAMS, data, offer

# The package warns of its own dependencies; those are not ours to mend.
pytestmark = pytest.mark.filterwarnings("ignore")

RNG = np.random.default_rng(2)
DEMAND = RNG.poisson(np.array([[2.0], [9.0]]), (2, 280)).astype(float)


def test_quantiles_of_a_fortnight_lie_around_a_fortnights_demand():
    found = AutoETS().quantiles(np.vstack([DEMAND, np.zeros(280)]), 14, PROBABILITIES)
    assert found.shape == (3, len(PROBABILITIES))
    middle = np.interp(0.5, PROBABILITIES, found[1])
    assert middle == pytest.approx(14 * 9, rel=0.15)
    low, high = np.interp([0.05, 0.95], PROBABILITIES, found[1])
    # Of Poisson demand: 126 +- 1.64 * 11.2.
    assert high - low == pytest.approx(37, rel=0.5)
    assert not found[2].any()


def test_a_plan_is_made_by_it():
    given = data(DEMAND.tolist(), [offer(item=item) for item in range(2)])
    found = list(requirements_of(given, PARAMS, experience_of(given.demand), AutoETS()))
    assert [need.reason["demand"]["method"] for need in found] == ["statsforecast AutoETS"] * 2
    assert [float(need.daily_demand) for need in found] == pytest.approx([2, 9], rel=0.2)


def test_a_history_of_one_interval_is_left_to_ours():
    given = data([[1.0] * 12], [offer()])
    [found] = requirements_of(given, PARAMS, experience_of(given.demand), AutoETS())
    assert found.reason["demand"]["method"] == "levels"
