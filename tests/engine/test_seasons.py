"""Season and trend help clearly where they are, and are left alone where they are not."""

from dataclasses import replace

import numpy as np
import pytest

from procurement.engine.forecast import Weeks, experience_of, forecast
from procurement.engine.forecast.seasons import Seasons, course_of, gained, season_factors

YEARS = 4
AHEAD = 28
WEEK = np.arange(YEARS * 52 * 7) / 7


def seen(mean: np.ndarray, items: int = 40) -> np.ndarray:
    return np.random.default_rng(11).poisson(np.broadcast_to(mean, (items, len(mean)))).astype(float)


def error(demand: np.ndarray, mean: np.ndarray, *, plain: bool) -> float:
    """Of the four weeks after each of the last quarters, against what was really to be expected; in shares of that."""
    missed = []
    for ago in (10, 23, 36):
        end = len(mean) - 7 * ago
        known = demand[:, :end]
        learned = experience_of(known)
        found = forecast(Weeks.of(known), replace(learned, yearly=None) if plain else learned).total(AHEAD)
        true = mean[end : end + AHEAD].sum()
        missed.append(np.abs(found - true).mean() / true)
    return float(np.mean(missed))


def test_a_season_that_comes_back_each_year_is_bought_for_before_it_begins():
    mean = 6 * (1 + 0.7 * np.sin(2 * np.pi * WEEK / 52))
    demand = seen(mean)
    assert error(demand, mean, plain=False) < 0.6 * error(demand, mean, plain=True)


def test_a_trend_is_carried_on_and_damped():
    mean = 3 * 1.02**WEEK
    demand = seen(mean)
    assert error(demand, mean, plain=False) < 0.8 * error(demand, mean, plain=True)
    learned = experience_of(demand)
    found = forecast(Weeks.of(demand), learned)
    assert learned.yearly is not None
    assert found.seasons is not None
    factors = found.seasons.factors(found.weeks, found.levels, AHEAD)[:, -1]
    assert (factors > 1).all()
    assert (factors < 1.3).all()


def test_what_neither_rises_nor_comes_back_is_left_to_the_level():
    assert experience_of(seen(np.full(len(WEEK), 4.0))).yearly is None


def test_two_years_are_too_few_to_tell_and_nothing_is_added():
    short = seen(6 * (1 + 0.7 * np.sin(2 * np.pi * WEEK / 52)))[:, : 70 * 7]
    assert experience_of(short).yearly is None


def test_items_follow_the_season_as_far_as_their_own_past_does():
    mean = 8 * (1 + 0.8 * np.sin(2 * np.pi * WEEK / 52))
    demand = np.concatenate([seen(mean, 40), seen(np.full(len(WEEK), 8.0), 10)])
    found = forecast(Weeks.of(demand), experience_of(demand))
    assert found.seasons is not None
    exponent = found.seasons.season
    assert exponent[:40].min() > exponent[40:].max()


def test_season_factor_by_hand():
    # Two a day, and four a day in week 10 of each year: after week 61 comes week 62, which was week 10.
    daily = np.full((1, 62, 7), 2.0)
    daily[:, 10] = 4.0
    weeks = Weeks.of(daily.reshape(1, -1))
    levels = np.full((1, 62), 2.0)
    course = course_of(weeks, levels)
    factor = season_factors(weeks, levels, np.array([1.0]), course, 7)[0, 61]
    # Pooled: 28 / 14 = 2. Own, with a week on both sides: (14 + 28 + 14) against 3 weeks of 14; belief of 20 days.
    assert factor == pytest.approx((56 + 20 * 2) / (42 + 20))


def test_a_gain_that_may_be_chance_is_none():
    judged = np.ones((2, 40), dtype=bool)
    assert gained(np.array([[1.0, 1.0], [0.99, 0.99], [1.0, 1.0]]), judged) is None
    assert gained(np.array([[1.0, 1.0], [0.7, 0.7], [1.0, 1.0]]), judged) is not None
    assert gained(np.array([[1.0, 1.0], [0.7, 0.7], [1.0, 1.0]]), judged[:, :20]) is None


def test_a_part_of_the_items_follows_as_all_do():
    mean = 6 * (1 + 0.7 * np.sin(2 * np.pi * WEEK / 52))
    demand = seen(mean)
    learned = experience_of(demand)
    together = forecast(Weeks.of(demand, closed=learned.closed), learned)
    alone = forecast(Weeks.of(demand[7:9], closed=learned.closed), learned)
    assert isinstance(alone.seasons, Seasons)
    assert alone.total(20).tolist() == pytest.approx(together.take(np.array([7, 8])).total(20).tolist())
