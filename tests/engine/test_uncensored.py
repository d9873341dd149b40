"""With an empty shelf customers wanted at least the usual; where nobody knows what is usual, nothing is made up."""

import numpy as np
import pytest

from procurement.engine.forecast import Weeks, experience_of, forecast
from procurement.engine.forecast.uncensored import uncensored

DAYS = 60 * 7


def test_an_empty_day_counts_as_its_weekday_around_or_as_what_was_sold():
    demand = np.tile([1.0, 2, 3, 4, 5, 6, 7], 10)[None].repeat(2, axis=0)
    empty = np.zeros(demand.shape, dtype=bool)
    empty[:, [30, 33]] = True
    demand[0, 30], demand[0, 33] = 0.0, 11.0  # sold out after a large order
    demand[1, 30], demand[1, 33] = 1.0, 0.0
    wanted, unknown = uncensored(demand, empty)
    assert wanted[:, 30].tolist() == [3, 3]
    assert wanted[:, 33].tolist() == [11, 6]
    assert not unknown.any()
    rest = np.delete(np.arange(70), [30, 33])
    assert wanted[:, rest].tolist() == demand[:, rest].tolist()


def test_within_a_long_outage_nothing_is_made_up():
    demand = np.full((1, DAYS), 2.0)
    empty = np.zeros(demand.shape, dtype=bool)
    empty[:, 200:300] = True
    demand[empty] = 0
    wanted, unknown = uncensored(demand, empty)
    assert unknown.sum() == 100 - 2 * 28
    assert wanted[0, 200:228].tolist() == [2.0] * 28
    assert wanted[unknown].tolist() == [0.0] * 44


def test_an_item_out_of_stock_until_yesterday_is_expected_as_before():
    demand = np.random.default_rng(1).poisson(3.0, (30, DAYS)).astype(float)
    empty = np.zeros(demand.shape, dtype=bool)
    empty[:15, -70:] = True
    demand[empty] = 0
    found = forecast(Weeks.of(demand, empty=empty), experience_of(demand)).total(7)
    assert found[:15].mean() == pytest.approx(21, rel=0.12)


def test_large_orders_that_emptied_the_shelf_still_count_for_the_buffer():
    """Each sixth week somebody takes 30 and nothing is left for a week. Left out, no error would tell of it."""
    demand = np.random.default_rng(2).poisson(1.0, (30, DAYS)).astype(float)
    empty = np.zeros(demand.shape, dtype=bool)
    for start in range(20, DAYS, 42):
        demand[:, start], demand[:, start + 1 : start + 8] = 30.0, 0.0
        empty[:, start + 1 : start + 8] = True
    found = forecast(Weeks.of(demand, empty=empty), experience_of(demand))
    assert (found.buffer(14, 0.95)[0] > 12).all()


@pytest.mark.parametrize("days", [1, 5, 29])
def test_histories_shorter_than_the_weeks_around(days: int):
    wanted, unknown = uncensored(np.zeros((3, days)), np.ones((3, days), dtype=bool))
    assert unknown.all()
    assert not wanted.any()


def test_before_its_first_sale_an_item_without_stock_was_wanted_by_nobody():
    """Loaded with nothing on hand 40 days ago, delivered 12 days ago; 28 of the 40 days nobody could buy."""
    demand = np.zeros((1, 84))
    demand[:, -12:] = 5.0
    empty = np.zeros(demand.shape, dtype=bool)
    empty[:, -40:-12] = True
    wanted, unknown = uncensored(demand, empty)
    assert wanted.tolist() == demand.tolist()
    assert unknown.tolist() == empty.tolist()
    assert Weeks.of(demand, empty=empty).known.sum() == 12
