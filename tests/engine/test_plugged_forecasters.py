"""Another forecaster in place of ours: used where its word is sound, and a plan survives whatever it does."""

from dataclasses import replace
from datetime import UTC, datetime, time
from threading import Event

import numpy as np
import pytest

from procurement.engine.exceptions import Kind
from procurement.engine.forecast import experience_of
from procurement.engine.items import ItemRequirement, requirements_of
from suppliers.calendars import WorkingDays
from suppliers.order_times import CutOff, DeliveryWindow, OrderTimes
from tests.engine.factories import AS_OF, PARAMS, data, offer, terms

ROWS = [[2.0] * 100, [3.0] * 100, [5.0] * 100]
never = Event()


class Flat:
    """As many a day as on the last one, from half to one and a half times."""

    name = "Flat"

    def quantiles(self, demand: np.ndarray, horizon_days: int, probabilities: np.ndarray) -> np.ndarray:
        return horizon_days * demand[:, -1:] * (0.5 + probabilities)


class Raises(Flat):
    def quantiles(self, demand, horizon_days, probabilities):
        if (demand[:, -1] == 3).any():
            raise ValueError("no threes")
        return super().quantiles(demand, horizon_days, probabilities)


class Hangs(Flat):
    def quantiles(self, demand, horizon_days, probabilities):
        never.wait(30)
        return super().quantiles(demand, horizon_days, probabilities)


class Spoils(Flat):
    def __init__(self, value: float) -> None:
        self.value = value

    def quantiles(self, demand, horizon_days, probabilities):
        found = super().quantiles(demand, horizon_days, probabilities)
        found[demand[:, -1] == 3, 4] = self.value
        return found


class OddShape(Flat):
    def __init__(self, answer: object) -> None:
        self.answer = answer

    def quantiles(self, demand, horizon_days, probabilities):
        return self.answer


class ScribblesIntoWhatItIsGiven(Flat):
    def quantiles(self, demand, horizon_days, probabilities):
        found = super().quantiles(demand, horizon_days, probabilities)
        demand[:], probabilities[:] = np.nan, np.nan
        return found


def planned(forecaster: object | None, *, seconds: float = 30) -> list[ItemRequirement]:
    given = data(ROWS, [offer(item=item) for item in range(3)])
    params = replace(PARAMS, forecaster_seconds=seconds)
    return list(requirements_of(given, params, experience_of(given.demand), forecaster))


def methods(found: list[ItemRequirement]) -> list[str]:
    return [need.reason["demand"]["method"] for need in found]


OURS = planned(None)


@pytest.mark.parametrize("forecaster", [Flat(), ScribblesIntoWhatItIsGiven()])
def test_its_mean_is_the_forecast_and_its_quantile_the_level(forecaster: Flat):
    found = planned(forecaster)
    assert methods(found) == ["Flat"] * 3
    assert [float(need.daily_demand) for need in found] == [2, 3, 5]
    # Ten days at the service level of 0.95: 0.5 + 0.95 times the mean.
    assert [float(need.order_up_to) for need in found] == pytest.approx([29, 43.5, 72.5], abs=0.01)
    assert found[0].reason["buffer"]["rule"] == "its forecaster"
    assert not any(need.exceptions for need in found)


def test_it_is_asked_for_the_intervals_that_calendars_make():
    """Ordered on Monday and Wednesday, delivered three working days later: stock lasts 7 days, not 10."""
    times = OrderTimes(supplier=WorkingDays("1111100"), cut_offs=(CutOff(0, time(10)), CutOff(2, time(10))))
    window = DeliveryWindow.of(times, now=datetime(2026, 3, 2, 9, tzinfo=UTC), as_of=AS_OF, review_days=7)
    given = data(ROWS, [offer(item=item) for item in range(3)], suppliers=[replace(terms(), window=window)])
    found = list(requirements_of(given, PARAMS, experience_of(given.demand), Flat()))
    assert [need.horizon_days for need in found] == [7] * 3
    assert [float(need.order_up_to) for need in found] == pytest.approx([20.3, 30.45, 50.75], abs=0.01)


def test_items_it_fails_on_are_found_and_forecast_by_ours():
    found = planned(Raises())
    assert methods(found) == ["Flat", "levels", "Flat"]
    assert found[1].order_up_to == OURS[1].order_up_to
    words = "Flat failed (ValueError: no threes)"
    assert found[1].reason["demand"]["forecaster"] == words
    assert [(told.kind, told.words) for told in found[1].exceptions] == [
        (Kind.FORECASTER_FAILED, f"{words}; our own forecast was used.")
    ]


@pytest.mark.parametrize("value", [np.nan, np.inf, -1.0, 1e30, 0.0])
def test_what_is_no_distribution_of_demand_is_left_out(value: float):
    found = planned(Spoils(value))
    assert methods(found) == ["Flat", "levels", "Flat"]
    assert found[1].order_up_to == OURS[1].order_up_to
    assert "no distribution of demand" in found[1].reason["demand"]["forecaster"]


@pytest.mark.parametrize("answer", [None, "many", np.zeros((2, 2)), [[1, 2], [3]], np.full((3, 14), "x")])
def test_answers_of_another_shape_are_left_out(answer: object):
    found = planned(OddShape(answer))
    assert [need.order_up_to for need in found] == [need.order_up_to for need in OURS]


def test_one_that_does_not_come_back_is_left_behind():
    found = planned(Hangs(), seconds=0.05)
    never.set()
    assert [need.order_up_to for need in found] == [need.order_up_to for need in OURS]
    assert found[0].reason["demand"]["forecaster"] == "Flat took longer than 0.05 seconds"


def test_where_everything_fails_it_is_not_asked_for_ever():
    class Counts(Flat):
        calls = 0

        def quantiles(self, demand, horizon_days, probabilities):
            Counts.calls += 1
            raise RuntimeError("down")

    given = data([[1.0] * 30] * 400, [offer(item=item) for item in range(400)])
    found = list(requirements_of(given, PARAMS, experience_of(given.demand), Counts()))
    assert all(method == "levels" for method in methods(found))
    assert Counts.calls <= 20
