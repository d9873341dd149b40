"""How much there may be of an item."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from procurement.engine.forecast import Forecast, Weeks, experience_of, forecast
from procurement.engine.item_policies import ItemPolicies
from procurement.engine.limits import Limit, sells_surely
from procurement.engine.plan import plan
from tests.engine.factories import PARAMS, data, offer


def expected(demand: np.ndarray) -> Forecast:
    return forecast(Weeks.of(demand), experience_of(demand))


@pytest.mark.parametrize(
    ("quantity", "room", "pack", "minimum", "kind", "left"),
    [
        ("60", "100", "12", "12", "shelf_life", "60"),
        ("60", "50", "12", "12", "shelf_life", "48"),
        ("60", "50", "12", "60", "shelf_life", "0"),  # not even the minimum fits: none
        ("60", "0", "12", "12", "storage", "0"),
        ("84", "50", "12", "12", "cover", "60"),  # a soft limit ends with the pack that goes over it
        ("60", "5", "12", "1", "cover", "12"),
        ("60", "5", "12", "40", "cover", "48"),
        ("60", "0", "12", "1", "cover", "0"),
    ],
)
def test_quantity_within_a_limit_is_whole_packs(quantity, room, pack, minimum, kind, left):
    limit = Limit(kind, Decimal(room) + 7, "")
    found = limit.of(Decimal(quantity), Decimal(7), pack_size=Decimal(pack), minimum=Decimal(minimum))
    assert found == Decimal(left)


def test_steady_demand_sells_nearly_all_of_its_forecast():
    found = sells_surely(expected(np.full((1, 200), 40.0)), 10, 0.75)[0]
    # mean 400 and variance 400, as of Poisson demand: the gamma distribution's quantile at 0.25 is 386.34
    assert found == pytest.approx(386.34, abs=0.05)


def test_erratic_demand_sells_surely_far_less_than_expected():
    rng = np.random.default_rng(4)
    demand = np.where(rng.random((1, 400)) < 0.1, 30.0, 0.0)
    asked = expected(demand)
    assert sells_surely(asked, 7, 0.75)[0] < 0.5 * asked.total(7)[0]


def test_the_surer_it_should_be_the_less_sells():
    asked = expected(np.random.default_rng(5).poisson(3.0, (30, 300)).astype(float))
    found = [sells_surely(asked, 9, certainty) for certainty in (0.5, 0.75, 0.95)]
    assert (found[0] >= found[1]).all()
    assert (found[1] >= found[2]).all()
    assert (found[2] >= 0).all()


def test_nothing_sells_of_what_nobody_wants():
    assert sells_surely(expected(np.zeros((2, 50))), 9, 0.75).tolist() == [0, 0]


def test_line_tells_the_limits_of_who_delivers_and_not_of_whose_level_is_filled():
    """The slow one comes first and sets the level; of the quick one's goods more sells before they spoil."""
    rng = np.random.default_rng(8)
    demand = [rng.integers(0, 12, 120).astype(float).tolist()]
    offers = [
        offer(0, price="1.00", lead_time_days=4, minimum="100"),
        offer(1, price="2.00", lead_time_days=0),
    ]
    policies = replace(ItemPolicies.none(1, 0.95), shelf_life_days=np.array([3.0]))
    found = plan(replace(data(demand, offers), policies=policies), PARAMS)
    (line,), (need,) = found.lines, found.requirements
    told = {level.offer_key: level.told["limits"] for level in need.levels}
    assert line.offer_key == 1
    assert line.reason["demand"]["covers"] == "alpha"
    assert line.reason["limits"] == told[1] != told[0]
