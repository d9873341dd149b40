"""Items that die out are bought no more, and items that only sell rarely, or at this season, are."""

import numpy as np
import pytest

from procurement.engine.explain import sentence
from procurement.engine.forecast import Weeks, experience_of, forecast
from procurement.engine.forecast.alive import waits_of
from procurement.engine.forecast.spread import GRID, GROUPS, NORMAL, Shape, buffers_of
from procurement.engine.plan import plan
from tests.engine.factories import PARAMS, data, offer

DAYS = 700


def selling(every: int, *, until: int = DAYS, since: int = 0, each: float = 3.0) -> list[float]:
    row = np.zeros(DAYS)
    row[since:until:every] = each
    return row.tolist()


def alive(rows: list[list[float]]) -> list[float]:
    return waits_of(Weeks.of(np.array(rows))).alive.round(4).tolist()


def test_the_chance_that_an_item_still_sells_by_hand():
    # Every 10 days until day 600; then 99 days without: exp(-9.9) * 0.95 against 0.05.
    chance = np.exp(-9.9) * 0.95
    found = waits_of(Weeks.of(np.array([selling(10, until=601)])))
    assert found.waited.tolist() == [99]
    assert found.gap.tolist() == [pytest.approx(10)]
    assert found.alive.tolist() == [pytest.approx(chance / (chance + 0.05))]
    assert found.gone.tolist() == [True]


def test_rare_sales_slow_sales_and_short_waits_end_nothing():
    slower = np.array(selling(2, until=300))
    slower[[330, 375, 430, 500, 580, 640]] = 3  # from every other day to every other month
    rows = [selling(90), slower.tolist(), selling(1, until=DAYS - 20), selling(30, until=90)]
    found = alive(rows)
    assert found[0] > 0.8
    assert found[1] > 0.4
    assert found[2] == 1  # three weeks without one that sold daily: too short to say so
    assert found[3] < 0.02


def test_what_sold_at_this_time_last_year_is_waited_for():
    row = np.zeros(DAYS)
    row[280:400:2] = 5
    assert alive([row.tolist()]) == [1]


def test_days_on_which_it_could_not_be_bought_are_not_waited():
    demand = np.array([selling(5, until=601)])
    empty = np.zeros(demand.shape, dtype=bool)
    empty[:, 601:] = True
    assert waits_of(Weeks.of(demand, empty=empty)).waited.tolist() == [0]


def test_the_plan_buys_nothing_of_what_died_out_and_says_why():
    rows = [selling(5, until=500), selling(5)]
    found = plan(data(rows, [offer(item=item) for item in range(2)]), PARAMS)
    assert {line.item for line in found.lines} == {1}
    gone = found.requirements[0]
    assert (gone.daily_demand, gone.buffer, gone.order_up_to, gone.net_requirement) == (0, 0, 0, 0)
    assert gone.reason["demand"]["method"] == "gone"
    words = "Nothing was sold for 204 days; it used to sell every 5 days. It is taken to have died out."
    assert words in sentence(gone.reason)
    assert "died out" not in sentence(found.requirements[1].reason)


def test_the_buffer_is_that_of_demand_that_may_have_ended():
    """Of what sells with chance 0.6 nothing is wanted in 4 of 10 cases: 0.95 of all are 0.9167 of those it does."""
    shape = Shape(0.0, 0.0, np.full(GROUPS - 1, np.inf), np.tile(NORMAL, (GROUPS, 1)))
    alive, now = np.array([1.0, 0.6, 0.3, 0.05]), np.array([10.0, 6.0, 3.0, 0.5])  # 10 where they do sell
    none = np.zeros((4, 1))
    found = buffers_of(none, none, none > 0, now, shape, np.array([0.95]), alive)[:, 0]
    above = [10 + 10**0.5 * np.interp(1 - 0.05 / chance, GRID, NORMAL) for chance in (1.0, 0.6, 0.3)]
    assert found == pytest.approx([above[0] - 10, above[1] - 6, above[2] - 3, 0.0])


def test_what_hardly_sells_any_more_is_bought_for_less_than_what_does():
    given = np.array([selling(12), selling(12, until=630)]) * np.random.default_rng(5).integers(1, 20, DAYS)
    expected = forecast(Weeks.of(given), experience_of(given))
    assert 0.02 < expected.waits.alive[1] < 0.05 < 1 == expected.waits.alive[0]
    assert expected.buffer(14, 0.95)[0][1] == 0 < expected.buffer(14, 0.95)[0][0]
    assert expected.band(14)[0][1] == 0
    levels = expected.quantiles(14, np.array([0.5, 0.9, 0.98, 0.999]))[1]
    assert levels[0] == levels[1] == expected.total(14)[1] < levels[3]


def test_what_died_out_is_still_bought_for_customers_who_wait():
    found = plan(data([selling(5, until=500)], [offer()], committed=[7]), PARAMS)
    assert [line.quantity for line in found.lines] == [7]
