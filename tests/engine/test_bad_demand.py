"""Whatever a history holds: a finite, sensible forecast, no warning, and the other items as if it were not there."""

import numpy as np
import pytest

from procurement.engine.data import InvalidPlanningData
from procurement.engine.forecast import Weeks, experience_of, forecast
from procurement.engine.known_days import KnownDays, PromotedDays
from procurement.engine.plan import plan
from tests.engine.factories import PARAMS, data, offer

DAYS = 500
USUAL = np.random.default_rng(3).poisson(2.0, (30, DAYS)).astype(float)
ODD = {
    "nothing": np.zeros(DAYS),
    "one sale, yesterday": np.eye(1, DAYS, DAYS - 1)[0],
    "one sale, long ago": np.eye(1, DAYS, 3)[0],
    "a million million a day": np.full(DAYS, 1e12),
    "a million million once": np.eye(1, DAYS, 100)[0] * 1e12,
    "crumbs": np.full(DAYS, 1e-4),
    "every other year": np.eye(1, DAYS, 0)[0] + np.eye(1, DAYS, DAYS - 1)[0],
}
LEARNED = experience_of(USUAL)


def told(demand: np.ndarray, days: KnownDays | None = None) -> list[np.ndarray]:
    weeks = Weeks.known_of(demand, days or KnownDays(), LEARNED.closed)
    found = forecast(weeks, LEARNED)
    return [
        found.total(horizon) + part
        for horizon in (1, 10, 90)
        for part in (0, found.buffer(horizon, 0.5)[0], found.buffer(horizon, 0.999)[0])
    ]


@pytest.mark.parametrize("kind", ODD)
def test_an_odd_history_has_a_finite_forecast_and_changes_no_other(kind: str):
    with_it = told(np.vstack([USUAL[:5], ODD[kind], USUAL[5:]]))
    without = told(USUAL)
    for one, other in zip(with_it, without, strict=True):
        assert np.isfinite(one).all()
        assert (one >= 0).all()
        assert np.delete(one, 5).tolist() == pytest.approx(other.tolist(), rel=1e-12)
    most = 90 * ODD[kind].max() * 5 + 100
    assert with_it[-1][5] <= most


def test_beside_an_odd_history_the_plan_of_the_others_is_the_same_to_the_last_digit():
    def planned(rows: list[np.ndarray]) -> list[tuple]:
        found = plan(data(rows, [offer(item=item) for item in range(len(rows))]), PARAMS, experience=LEARNED)
        return [(str(need.buffer), need.reason["order_up_to"]) for need in found.requirements]

    usual = planned(list(USUAL))
    assert (
        planned([*USUAL, *(row for kind, row in ODD.items() if "a day" not in kind)])[: len(usual)] == usual
    )


@pytest.mark.parametrize("kind", ODD)
def test_a_site_whose_items_are_all_like_that_is_planned(kind: str):
    rows = np.tile(ODD[kind], (25, 1))
    if kind == "a million million a day":
        rows = rows / 100  # what the database can hold
    found = plan(data(rows.tolist(), [offer(item=item) for item in range(25)]), PARAMS)
    assert len(found.requirements) == 25
    assert all(need.daily_demand.is_finite() and need.order_up_to >= 0 for need in found.requirements)


def test_shelves_that_were_always_empty_say_nothing():
    empty = np.zeros(USUAL.shape, dtype=bool)
    empty[3] = True
    found = told(USUAL, KnownDays(censored=empty))
    assert all(np.isfinite(values).all() for values in found)
    assert found[0][3] == 0
    clean = told(USUAL)
    assert np.delete(found[4], 3).tolist() == np.delete(clean[4], 3).tolist()


def test_a_promotion_of_all_days_is_the_usual_course_of_things():
    always = [PromotedDays(0, -50, DAYS + 50, "ever")]
    found = told(USUAL, KnownDays(promotions=always))
    assert found[3][0] == pytest.approx(told(USUAL)[3][0], rel=0.5)


@pytest.mark.parametrize("days", [1, 2, 6, 8])
@pytest.mark.parametrize("value", [0.0, 1.0, 1e9])
def test_a_history_of_days_is_enough_to_plan(days: int, value: float):
    found = plan(data([[value] * days] * 3, [offer(item=item) for item in range(3)]), PARAMS)
    assert [float(need.daily_demand) for need in found.requirements] == [value] * 3


@pytest.mark.parametrize("value", [np.nan, np.inf, -1.0])
def test_what_cannot_be_a_quantity_is_refused_before_anything_is_computed(value: float):
    with pytest.raises(InvalidPlanningData):
        data([[1.0, value]], [])
