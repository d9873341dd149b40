"""Levels, weekdays, promotions and the choice of a memory, by hand or on demand whose law is known."""

import numpy as np
import pytest

from procurement.engine.demand import weekly_totals
from procurement.engine.forecast import Weeks, experience_of, forecast
from procurement.engine.forecast.choice import memory_weights
from procurement.engine.forecast.levels import Lifts, capped, levels_of
from procurement.engine.forecast.weeks import closed_days, promotion_classes
from procurement.engine.forecast.windows import happened, just_before

RNG = np.random.default_rng(5)


def expected(demand: np.ndarray, days: int, **known: np.ndarray) -> np.ndarray:
    return forecast(Weeks.of(demand, **known), experience_of(demand)).total(days)


def poisson(items: int, days: int, mean: object) -> np.ndarray:
    return RNG.poisson(mean, (items, days)).astype(float)


def test_level_is_a_ratio_of_fading_sums_by_hand():
    weeks = Weeks.of(np.array([[2.0, 0.0, 4.0]]))
    weights, lifts = np.ones((1, 1, 7)), Lifts(np.ones((1, 1, 3)))
    # Memory of 2 days: a day ago counts half. (2/4 + 0/2 + 4) / (1/4 + 1/2 + 1)
    levels = levels_of(weeks, weeks.demand, weights, lifts, [2, 2], first_days=6)
    # By each memory, the same whatever stands beside it
    assert levels.tolist() == [[[pytest.approx(4.5 / 1.75)]]] * 2


def test_few_days_since_the_first_sale_tell_of_a_fortnight_by_hand():
    rows = np.ones((50, 200))  # steady but for the first three
    rows[:3] = 0
    rows[0, -1] = 40
    rows[1, [-4, -1]] = 4
    rows[2, -4:] = 3
    found = forecast(Weeks.of(rows), experience_of(rows))
    once, twice, daily = found.total(14)[:3]
    assert once == pytest.approx(40, rel=0.03)  # one sale in 14 days
    assert twice == pytest.approx(14 * 2 * (4 * 2 / 14), rel=0.1)  # 2 a day on 4 days, which count as 7
    assert daily == pytest.approx(14 * 3, rel=0.03)


def test_a_site_of_few_days_knows_no_fortnight_and_is_taken_at_its_word():
    rows = np.array([[0.0] * 100 + [3.0, 3.0], [0.0] * 100 + [0.0, 3.0]])
    found = forecast(Weeks.of(rows), experience_of(rows))
    assert found.total(1) == pytest.approx([3.0, 1.5])  # two days of the site's; one sale tells of both


def test_days_before_the_first_sale_say_nothing_and_those_after_it_do():
    weeks = Weeks.of(np.array([[0.0] * 9 + [3.0, 0.0, 0.0, 0.0, 0.0]]))
    assert weeks.known[0].sum(axis=1).tolist() == [0, 5]
    assert weeks.first.tolist() == [1]


def test_an_item_without_demand_is_expected_to_have_none():
    assert expected(np.zeros((3, 40)), 14).tolist() == [0, 0, 0]


@pytest.mark.parametrize("days", [1, 3, 6, 7, 8, 30])
def test_any_length_of_history_gives_a_finite_forecast(days: int):
    found = expected(np.ones((2, days)), 10)
    assert found.tolist() == [pytest.approx(10)] * 2


def test_weekdays_are_learned_so_that_three_days_are_not_three_sevenths_of_a_week():
    pattern = np.array([3.0, 1, 1, 1, 1, 0, 0])
    demand = poisson(40, 70 * 7, np.tile(pattern, 70) * 4)
    found = expected(demand, 3)
    assert found.mean() == pytest.approx(4 * (3 + 1 + 1), rel=0.05)
    assert expected(demand, 7).mean() == pytest.approx(4 * 7, rel=0.05)


def test_a_day_on_which_nobody_of_many_buys_is_closed_and_one_of_few_is_not():
    busy = np.ones((30, 8))
    busy[:, 3] = 0
    assert closed_days(busy).tolist() == [False] * 3 + [True] + [False] * 4
    assert not closed_days(busy[:5]).any()


def test_closed_weeks_and_empty_shelves_are_not_taken_for_missing_demand():
    demand = poisson(40, 40 * 7, 5.0)
    demand[:, -7:] = 0  # closed: nobody sells
    assert expected(demand, 7).mean() == pytest.approx(35, rel=0.1)
    demand = poisson(40, 40 * 7, 5.0)
    demand[:20, -14:] = 0  # half the items run out
    empty = np.zeros(demand.shape, dtype=bool)
    empty[:20, -14:] = True
    assert expected(demand, 7, empty=empty)[:20].mean() == pytest.approx(35, rel=0.1)
    assert expected(demand, 7)[:20].mean() < 30


def test_days_known_to_be_closed_ahead_are_not_bought_for():
    demand = poisson(40, 40 * 7, 5.0)
    closed = np.zeros(41 * 7, dtype=bool)
    closed[-3:] = True
    assert expected(demand, 7, closed=closed).mean() == pytest.approx(20, rel=0.1)
    assert expected(demand, 14, closed=closed).mean() == pytest.approx(20 + 35, rel=0.1)


def test_promotions_do_not_raise_the_usual_level_and_their_lift_is_known_for_the_next_one():
    flags = np.zeros((40, 60 * 7), dtype=bool)
    for start in range(3, 60, 6):
        flags[:, start * 7 : start * 7 + 7] = True
    demand = poisson(40, 60 * 7, np.where(flags, 20.0, 4.0))
    weeks = Weeks.of(demand, promotion=promotion_classes(flags))
    found = forecast(weeks, experience_of(demand))
    assert found.total(7).mean() == pytest.approx(28, rel=0.1)
    assert found.lifts.values[:, -1, 1].mean() == pytest.approx(5, rel=0.15)

    ahead = np.zeros((40, 61 * 7), dtype=bool)
    ahead[:, : 60 * 7], ahead[:, 60 * 7 :] = flags, True
    promoted = forecast(Weeks.of(demand, promotion=promotion_classes(ahead)), experience_of(demand))
    assert promoted.total(7).mean() == pytest.approx(140, rel=0.2)
    assert promoted.total(14).mean() == pytest.approx(promoted.total(7).mean() + 28, rel=0.1)


def test_a_promotion_of_a_week_and_one_of_a_season_are_not_of_a_kind():
    flags = np.array([[True] * 5 + [False] * 5 + [True] * 4 + [False] + [True] * 20])
    kinds = promotion_classes(flags)[0]
    assert kinds[:5].tolist() == [1] * 5
    assert kinds[10:14].tolist() == [2] * 4  # one day's gap does not end it
    assert kinds[14] == 0


def test_one_huge_order_is_no_new_level():
    demand = np.full((1, 70), 2.0)
    demand[0, 60] = 500
    assert capped(Weeks.of(demand))[0].max() == 10  # five times the usual day


def test_what_a_memory_would_have_missed_decides_how_much_it_counts():
    judged = np.ones((1, 400), dtype=bool)
    weights = memory_weights(np.array([[1.0], [4.0]]), judged, np.ones(2))
    assert weights.sum() == pytest.approx(1)
    assert weights[0, 0] > 0.9
    unjudged = memory_weights(np.array([[1.0], [4.0]]), ~judged, np.ones(2))
    assert unjudged[:, 0].tolist() == [0.5, 0.5]  # what holds for all items


def test_a_level_that_moved_is_followed_and_a_steady_one_is_not_chased():
    moved = np.concatenate([poisson(60, 300, 2.0), poisson(60, 60, 8.0)], axis=1)
    assert expected(moved, 7).mean() == pytest.approx(56, rel=0.1)
    steady = poisson(60, 360, 2.0)
    assert np.abs(expected(steady, 7) - 14).mean() < np.abs(steady[:, -7:].sum(axis=1) - 14).mean() / 2


def test_repeating_the_last_days_wins_where_they_do_repeat_and_loses_on_noise():
    fortnightly = np.zeros((30, 60 * 7))
    fortnightly[:, 4::14] = 50  # every other week a standing order, twice as large since lately
    fortnightly[:, -150:] *= 2
    demand = np.concatenate([fortnightly, poisson(60, 60 * 7, 3.0)])
    found = forecast(Weeks.of(demand), experience_of(demand))
    assert found.naive[:30].all()
    assert found.total(14)[0] == 100
    assert not found.naive[30:].any()
    assert (found.against_naive[30:] < 0.95).all()


def test_an_items_forecast_does_not_depend_on_which_others_are_computed_beside_it():
    demand = poisson(50, 300, 1.0)
    learned = experience_of(demand)
    together = forecast(Weeks.of(demand, closed=learned.closed), learned)
    alone = forecast(Weeks.of(demand[7:8], closed=learned.closed), learned)
    assert alone.total(10)[0] == pytest.approx(together.total(10)[7])
    assert alone.buffer(10, 0.95)[0][0] == pytest.approx(together.buffer(10, 0.95)[0][7])


def test_windows_by_hand():
    weeks = Weeks.of(np.arange(21.0)[None, :])
    assert happened(weeks, 9)[0, 0] == sum(range(7, 16))
    assert np.isnan(happened(weeks, 9)[0, 1])
    assert just_before(weeks, 9)[0, 1] == sum(range(5, 14))
    assert np.isnan(just_before(weeks, 9)[0, 0])


def test_weekly_totals_are_whole_weeks_up_to_yesterday():
    assert weekly_totals(np.arange(16.0)[None, :]).tolist() == [[35.0, 84.0]]  # days 2-8 and 9-15
    assert weekly_totals(np.ones((2, 400))).shape == (2, 26)
    assert weekly_totals(np.ones((1, 3))).shape == (1, 0)


def test_eight_of_ten_cases_lie_in_the_range():
    demand = poisson(200, 80 * 7, 3.0)
    found = forecast(Weeks.of(demand[:, : 78 * 7]), experience_of(demand[:, : 78 * 7]))
    low, high = found.band(14)
    total = found.total(14)
    assert (low <= total).all()
    assert (total <= high).all()
    happened_then = demand[:, 78 * 7 :].sum(axis=1)
    inside = (low <= happened_then) & (happened_then <= high)
    assert inside.mean() == pytest.approx(0.8, abs=0.1)


def test_the_range_of_an_item_without_demand_is_small_and_begins_at_nothing():
    low, high = forecast(Weeks.of(np.zeros((1, 200))), experience_of(poisson(30, 200, 1.0))).band(14)
    assert low.tolist() == [0]
    assert high[0] < 3
