"""Items that die out are bought no more, and items that only sell rarely, or at this season, are."""

import numpy as np
import pytest

from procurement.engine.explain import sentence
from procurement.engine.forecast import Weeks
from procurement.engine.forecast.alive import waits_of
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


def test_what_died_out_is_still_bought_for_customers_who_wait():
    found = plan(data([selling(5, until=500)], [offer()], committed=[7]), PARAMS)
    assert [line.quantity for line in found.lines] == [7]
