"""Days beside holidays are bought for where the past shows that they differ, and left alone where it does not."""

from dataclasses import replace

import numpy as np
import pytest

from procurement.engine.forecast import Weeks, experience_of, forecast
from procurement.engine.forecast.holidays import AFTER, BEFORE, ITSELF, LONG, days_beside
from procurement.engine.forecast_reason import forecast_sentences
from procurement.engine.known_days import KnownDays, PromotedDays
from procurement.engine.plan import plan
from tests.engine.factories import PARAMS, data, offer

DAYS, AHEAD = 104 * 7, 28
WEEK = np.array([1.0, 1.0, 1.0, 1.0, 1.2, 1.4, 0.0])  # closed on the last day of each
EACH = 41  # days from one holiday to the next


def calendar(days: int = DAYS, *, every: int = EACH, first: int = 5) -> np.ndarray:
    """One holiday is three days ahead of the history's end."""
    flags = np.zeros(days + AHEAD, dtype=bool)
    flags[days + 2 :: -every] = True
    flags[:first] = False
    return flags


def usual(rate: float = 4.0, days: int = DAYS) -> np.ndarray:
    return rate * WEEK[np.arange(days + AHEAD) % 7]


def with_effects(
    holidays: np.ndarray, mean: np.ndarray, before: float = 2.0, after: float = 1.4
) -> np.ndarray:
    """What is to be expected of each day where people stock up before a holiday and fill up after it."""
    mean = np.where(holidays, 0.0, mean)
    selling = np.flatnonzero(mean > 0)
    found = mean.copy()
    for day in np.flatnonzero(holidays):
        at = np.searchsorted(selling, day)
        if at > 0:
            found[selling[at - 1]] *= before
        if at < len(selling):
            found[selling[at]] *= after
    return found


def seen(mean: np.ndarray, items: int = 40) -> np.ndarray:
    return np.random.default_rng(5).poisson(np.broadcast_to(mean, (items, len(mean)))).astype(float)


def known(holidays: np.ndarray) -> KnownDays:
    return KnownDays(closed=holidays, holidays=holidays)


def error(mean: np.ndarray, holidays: np.ndarray, *, plain: bool, items: int = 40) -> float:
    """Of the week with a holiday that follows, against what was really to be expected; in shares of that."""
    demand = seen(mean[: len(mean) - AHEAD], items)
    learned = experience_of(demand, known(holidays))
    used = replace(learned, beside=None) if plain else learned
    found = forecast(Weeks.known_of(demand, known(holidays), learned.closed), used).total(7)
    true = mean[demand.shape[1] : demand.shape[1] + 7].sum()
    return float(np.abs(found - true).mean() / true)


def test_what_is_bought_before_and_after_holidays_is_foretold():
    holidays = calendar()
    mean = with_effects(holidays, usual())
    assert error(mean, holidays, plain=False) < 0.5 * error(mean, holidays, plain=True)


def test_where_holidays_are_many_the_other_days_are_not_taken_for_lower_ones():
    """A third of the usual day's mean is bought the day before; what is beside that is as usual."""
    holidays = calendar(40 * 7, every=12)
    demand = seen(with_effects(holidays, usual(days=40 * 7), before=3.0, after=1.0)[: 40 * 7])
    learned = experience_of(demand, known(holidays))
    found = forecast(Weeks.known_of(demand, known(holidays), learned.closed), learned)
    assert found.holidays is not None
    factors = found.holidays.factors.mean(axis=0)
    assert factors[found.holidays.kind == AFTER[0]][-1] == pytest.approx(1.0, abs=0.08)
    assert factors[found.holidays.kind == BEFORE[0]][-1] == pytest.approx(3.0, rel=0.15)


def test_less_than_a_year_tells_it_where_holidays_were_many():
    holidays = calendar(40 * 7, every=20)
    mean = with_effects(holidays, usual(days=40 * 7))
    assert error(mean, holidays, plain=False) < 0.7 * error(mean, holidays, plain=True)


def test_few_items_that_sell_little_follow_all_together():
    """Half a unit a day: no item's own past tells a thing."""
    holidays = calendar()
    mean = with_effects(holidays, usual(0.5), before=3.0)
    demand = seen(mean[:DAYS], 200)
    learned = experience_of(demand, known(holidays))
    found = forecast(Weeks.known_of(demand, known(holidays), learned.closed), learned)
    assert found.holidays is not None
    factors = dict(found.holidays.ahead(0, found.weeks, 4))  # the holiday is on day 2
    assert factors[1] == pytest.approx(3.0, rel=0.25)
    assert factors[3] == pytest.approx(1.4, rel=0.25)


def test_items_follow_as_far_as_their_own_past_does():
    holidays = calendar()
    steady = np.where(holidays, 0.0, usual(8.0))
    demand = np.vstack([seen(with_effects(holidays, usual(8.0), 2.5)[:DAYS], 40), seen(steady[:DAYS], 8)])
    learned = experience_of(demand, known(holidays))
    found = forecast(Weeks.known_of(demand, known(holidays), learned.closed), learned)
    assert found.holidays is not None
    eves = found.holidays.factors[:, found.holidays.kind == BEFORE[0]][:, -1]
    assert eves[:40].min() > 1.8
    assert eves[40:].max() < 1.5


def test_where_holidays_change_nothing_the_forecast_is_the_same_to_the_last_digit():
    holidays = calendar()
    demand = seen(np.where(holidays, 0.0, usual())[:DAYS])
    learned = experience_of(demand, known(holidays))
    assert learned.beside is None
    told = forecast(Weeks.known_of(demand, known(holidays), learned.closed), learned).total(10)
    only_closed = KnownDays(closed=holidays)
    without = experience_of(demand, only_closed)
    found = forecast(Weeks.known_of(demand, only_closed, without.closed), without).total(10)
    assert told.tolist() == found.tolist()


def test_a_holiday_on_which_the_site_sells_has_a_factor_of_its_own():
    holidays = calendar()
    mean = np.where(holidays, 0.4, 1.0) * usual()
    demand = seen(mean[:DAYS])
    days = KnownDays(holidays=holidays)
    learned = experience_of(demand, days)
    found = forecast(Weeks.known_of(demand, days, learned.closed), learned)
    assert found.holidays is not None
    itself = found.holidays.factors[:, found.holidays.kind == ITSELF][:, -1]
    assert itself.mean() == pytest.approx(0.4, abs=0.1)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_few_holidays_say_nothing(number: int):
    holidays = np.zeros(DAYS + AHEAD, dtype=bool)
    holidays[100 : 100 + 200 * number : 200] = True
    demand = seen(with_effects(holidays, usual())[:DAYS])
    learned = experience_of(demand, known(holidays))
    assert learned.beside is None
    found = forecast(Weeks.known_of(demand, known(holidays), learned.closed), learned)
    assert np.isfinite(found.total(14)).all()


@pytest.mark.parametrize("days", [1, 6, 8, 30])
def test_a_history_of_days_with_holidays_is_planned(days: int):
    flags = np.ones(days + AHEAD, dtype=bool)
    flags[::2] = False
    given = data([[3.0] * days] * 2, [offer(item=item) for item in range(2)], days=KnownDays(holidays=flags))
    assert [float(need.daily_demand) for need in plan(given, PARAMS).requirements] == [3.0, 3.0]


def test_a_part_of_the_items_follows_as_all_do():
    holidays = calendar()
    demand = seen(with_effects(holidays, usual())[:DAYS])
    learned = experience_of(demand, known(holidays))
    together = forecast(Weeks.known_of(demand, known(holidays), learned.closed), learned)
    alone = forecast(Weeks.known_of(demand[7:9], known(holidays), learned.closed), learned)
    part = together.take(np.array([7, 8]))
    assert alone.total(20).tolist() == pytest.approx(part.total(20).tolist(), rel=1e-12)
    assert alone.buffer(20, 0.95)[0].tolist() == pytest.approx(part.buffer(20, 0.95)[0].tolist(), rel=1e-9)


def test_promoted_days_are_left_to_their_promotion():
    holidays = calendar()
    mean = with_effects(holidays, usual())
    demand = seen(mean[:DAYS])
    learned = experience_of(demand, known(holidays))
    promoted = replace(known(holidays), promotions=[PromotedDays(0, DAYS, DAYS + 7, "Flyer")])
    first, other = (
        forecast(Weeks.known_of(demand, days, learned.closed), learned)
        for days in (promoted, known(holidays))
    )
    assert first.holidays is not None
    weights = np.ones((len(demand), 7))
    extra = first.holidays.extra_days(first.weeks, weights, 7)[:, -1]
    assert extra[0] == 0
    assert extra[1] > 0.5
    assert other.total(7)[1:].tolist() == first.total(7)[1:].tolist()


def test_kinds_of_days_by_hand():
    # Days 0 and 6 of each week are off (never); holidays on 9, and from 15 to 19.
    never = np.isin(np.arange(35) % 7, (0, 6))
    holidays = np.zeros(35, dtype=bool)
    holidays[[9, 15, 16, 17, 18, 19]] = True
    day, kind = days_beside(holidays, never | holidays)
    near, far = 0, 1
    assert dict(zip(day.tolist(), kind.tolist(), strict=True)) == {
        5: BEFORE[far],  # the days off between do not count
        8: BEFORE[near],
        10: AFTER[near],
        11: LONG + BEFORE[far],  # it is two days after the short one as well
        12: LONG + BEFORE[near],
        22: LONG + AFTER[near],  # from 13 to 21 all is one
        23: LONG + AFTER[far],
    }
    day, kind = days_beside(holidays, never)
    assert day[kind == LONG + ITSELF].tolist() == [15, 16, 17, 18, 19]


def test_the_line_says_which_days_beside_holidays_sell_more_and_which_less():
    holidays = calendar()
    demand = seen(with_effects(holidays, usual(), before=2.0, after=0.5)[:DAYS])
    given = data(demand.tolist(), [offer(item=item) for item in range(len(demand))], days=known(holidays))
    line = plan(given, PARAMS).lines[0]
    told = {one["date"]: float(one["adds"]) for one in line.reason["demand"]["beside_holidays"]}
    eve, after = told["2026-03-03"], told["2026-03-05"]  # the holiday is on the 4th
    assert eve > 0.6
    assert after < -0.3
    assert forecast_sentences(line.reason) == [
        f"As before and after past holidays, {round(100 * eve)} % more than usual is expected on 3 March,"
        f" {round(-100 * after)} % less on 5 March.",
        "The site is closed on one of these days.",
    ]
    assert forecast_sentences(line.reason)[0] in line.reason["sentence"]


@pytest.mark.parametrize("horizon", [7, 60])
def test_holidays_ahead_that_the_calendar_has_lost_since_are_usual_days(horizon: int):
    holidays = calendar()
    mean = with_effects(holidays, usual())
    demand = seen(mean[:DAYS])
    learned = experience_of(demand, known(holidays))
    assert learned.beside is not None and learned.beside.day.max() >= DAYS
    found = forecast(Weeks.known_of(demand, KnownDays(), learned.closed), learned).total(horizon)
    expected = 4.0 * WEEK[np.arange(DAYS, DAYS + horizon) % 7].sum()
    assert found.mean() == pytest.approx(expected, rel=0.06)
