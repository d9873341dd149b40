"""What is known of days reaches the plan: promotions in words and numbers, closing days, empty shelves."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from procurement.engine.data import InvalidPlanningData
from procurement.engine.forecast_reason import forecast_sentences
from procurement.engine.known_days import KnownDays, PromotedDays
from procurement.engine.plan import plan
from tests.engine.factories import AS_OF, PARAMS, data, offer

DAYS = 56 * 7
ONCE_A_MONTH = [
    PromotedDays(item, start, start + 7, "Flyer") for item in (0, 1) for start in range(28, DAYS, 28)
]


def promoted(lift: float = 3.0, items: int = 2) -> list[list[float]]:
    demand = np.full((items, DAYS), 4.0)
    for one in ONCE_A_MONTH:
        demand[one.item, one.start : one.stop] *= lift
    return demand.tolist()


def planned(rows: list[list[float]], days: KnownDays):
    return plan(data(rows, [offer(item=item) for item in range(len(rows))], days=days), PARAMS)


def test_a_promotion_ahead_is_bought_for_and_the_sentence_says_how_much_it_adds():
    coming = PromotedDays(0, DAYS + 1, DAYS + 8, "Advent")
    first, second = planned(promoted(), KnownDays(promotions=[*ONCE_A_MONTH, coming])).lines
    assert float(second.reason["forecast"]) == pytest.approx(40, abs=2)
    assert float(first.reason["forecast"]) == pytest.approx(40 + 2 * 28, abs=8)
    told = first.reason["demand"]["promotions"]
    assert [(one["name"], one["from"], one["to"]) for one in told] == [
        ("Advent", (AS_OF + timedelta(days=1)).isoformat(), (AS_OF + timedelta(days=7)).isoformat())
    ]
    added = round(100 * float(told[0]["adds"]))
    assert added == pytest.approx(200, abs=15)
    assert (
        f"A promotion from 3 to 9 March (“Advent”) is expected to add {added} %." in first.reason["sentence"]
    )
    assert "promotions" not in second.reason["demand"]
    assert "promotion" not in second.reason["sentence"]


def test_past_promotions_do_not_raise_what_is_bought_of_a_usual_week():
    known = planned(promoted(), KnownDays(promotions=ONCE_A_MONTH)).lines[0]
    unknown = planned(promoted(), KnownDays()).lines[0]
    assert known.quantity < unknown.quantity


def test_what_repeats_exactly_is_not_repeated_into_a_promotion():
    rows = [[0.0] * 13 + [50.0]] * 2
    fortnightly = np.tile(np.array(rows), 30)[:, -DAYS:]
    fortnightly[:, -150:] *= 2
    past = [PromotedDays(1, 20, 27, "")]
    ahead = [*past, PromotedDays(0, DAYS, DAYS + 10, "Flyer")]
    with_promotion = planned(fortnightly.tolist(), KnownDays(promotions=ahead)).requirements[0]
    without = planned(fortnightly.tolist(), KnownDays(promotions=past)).requirements[0]
    assert without.reason["demand"]["method"] == "naive"
    assert with_promotion.daily_demand > 1.5 * float(without.daily_demand)


def test_days_the_site_is_closed_are_not_bought_for_and_counted_in_the_sentence():
    closed = np.zeros(DAYS + 10, dtype=bool)
    closed[-2:] = True
    line = planned([[2.0] * DAYS], KnownDays(closed=closed)).lines[0]
    assert line.quantity == pytest.approx(16, abs=1)
    assert "The site is closed on 2 of these days." in line.reason["sentence"]


def test_empty_shelves_do_not_lower_the_forecast_and_leave_other_items_alone():
    rows = np.full((2, DAYS), 2.0)
    rows[0, -21:] = 0
    empty = rows == 0
    first, second = planned(rows.tolist(), KnownDays(censored=empty)).requirements
    assert float(first.daily_demand) == pytest.approx(2, rel=0.02)
    blind = planned(rows.tolist(), KnownDays()).requirements
    assert float(blind[0].daily_demand) < 1
    assert second.reason == blind[1].reason


def test_a_part_of_the_items_keeps_its_own_days():
    days = KnownDays(promotions=ONCE_A_MONTH, censored=np.eye(2, DAYS, dtype=bool))
    part = days.rows(1, 2)
    assert {one.item for one in part.promotions} == {0}
    assert len(part.promotions) == len(ONCE_A_MONTH) / 2
    assert part.censored is not None
    assert part.censored.tolist() == days.censored[1:].tolist()
    small = replace(PARAMS, chunk_items=1)
    rows = [offer(item=item) for item in range(2)]
    given = data(promoted(), rows, days=KnownDays(promotions=ONCE_A_MONTH))
    assert [line.quantity for line in plan(given, small).lines] == [
        line.quantity for line in plan(given, PARAMS).lines
    ]


@pytest.mark.parametrize(
    "days",
    [
        KnownDays(promotions=[PromotedDays(5, 0, 3, "")]),
        KnownDays(promotions=[PromotedDays(0, 3, 3, "")]),
        KnownDays(closed=np.zeros(3, dtype=bool)),
        KnownDays(censored=np.zeros((1, 3), dtype=bool)),
    ],
)
def test_days_that_do_not_fit_the_history_are_refused(days: KnownDays):
    with pytest.raises(InvalidPlanningData):
        data([[1.0] * 7], [], days=days)


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2026-11-24", "2026-11-30", "from 24 to 30 November"),
        ("2026-11-28", "2026-12-04", "from 28 November to 4 December"),
        ("2026-12-28", "2027-01-04", "from 28 December 2026 to 4 January 2027"),
        ("2026-12-28", "2026-12-28", "on 28 December"),
    ],
)
def test_days_are_said_as_people_say_them(first: str, last: str, words: str):
    told = {"name": "", "from": first, "to": last, "adds": "-0.20"}
    reason = {"as_of": "2026-11-20", "demand": {"horizon_days": 60, "promotions": [told]}}
    assert forecast_sentences(reason) == [f"A promotion {words} is expected to take 20 %."]
    too_late = {**reason, "demand": {**reason["demand"], "horizon_days": 4}}
    assert forecast_sentences(too_late) == []
