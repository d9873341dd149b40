"""How calendars, late deliveries and what is left of the stock show in levels, dates and reasons."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from procurement.engine.deliveries import lateness, need_by
from procurement.engine.item_policies import ItemPolicies
from procurement.engine.plan import plan
from suppliers.calendars import WorkingDays
from suppliers.lead_times import LeadTime, LearnedLead
from suppliers.order_times import CutOff, DeliveryWindow, OrderTimes
from tests.engine.factories import AS_OF, PARAMS, data, offer, terms

STEADY = [[2.0] * 140]
LUMPY = [[0, 5, 0, 3, 9, 0, 0] * 20]
MONDAY_NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)  # AS_OF is a Monday


def window(now=MONDAY_NINE, **values) -> DeliveryWindow:
    usual = {
        "supplier": WorkingDays("1111100"),
        "cut_offs": (CutOff(0, time(10, 30)), CutOff(2, time(10, 30))),
    }
    times = OrderTimes(**(usual | values))
    return DeliveryWindow.of(times, now=now, as_of=AS_OF, review_days=7, ours=ZoneInfo("UTC"))


def learned(spread=0.0, days=3, **values) -> LearnedLead:
    return LearnedLead(LeadTime(days, spread, days + 2), **({"stated": 2, "own": 14, "others": 40} | values))


def first_line(demand=STEADY, offers=None, **known):
    return plan(data(demand, offers or [offer()], **known), PARAMS).lines[0]


def test_stock_is_ordered_until_the_delivery_after_the_next():
    line = first_line(suppliers=[replace(terms(), window=window())])
    # ordered today it comes on Thursday; the next order, on Wednesday, comes on Monday
    assert line.requested_date == date(2026, 3, 5)
    assert line.reason["demand"]["horizon_days"] == 7
    assert line.reason["demand"]["lead_time_days"] + line.reason["demand"]["review_period_days"] == 7
    assert line.quantity == 14
    assert line.reason["delivery"] == {
        "date": "2026-03-05",
        "order_by": "2026-03-02T10:30:00+00:00",
        "next_order_by": "2026-03-04T10:30:00+00:00",
        "next_date": "2026-03-09",
    }
    assert (
        "Ordered by Mon 2 Mar 10:30 it arrives on Thu 5 Mar;"
        " the delivery after that, ordered by Wed 4 Mar 10:30, on Mon 9 Mar." in line.reason["sentence"]
    )


def test_a_sentence_says_until_which_delivery_stock_must_last():
    line = first_line(suppliers=[replace(terms(), window=window())])
    assert "14 over 7 days (until the delivery of Mon 9 Mar)." in line.reason["sentence"]
    assert "14 over 7 days (lead time" not in line.reason["sentence"]


def test_after_the_cut_off_more_is_ordered_for_later():
    late = window(MONDAY_NINE.replace(hour=10, minute=30))
    line = first_line(suppliers=[replace(terms(), window=late)])
    assert line.requested_date == date(2026, 3, 9)
    assert line.reason["demand"]["horizon_days"] == 10  # ordered on Monday the 9th, delivered on the 12th
    assert line.quantity == 20


def test_goods_keep_from_the_day_on_which_they_arrive():
    """Ordered after Monday's cut-off they are there a week later and keep for 3 days: 10 days' sales, not 3 + 3."""
    late = window(MONDAY_NINE.replace(hour=10, minute=30))
    policies = replace(ItemPolicies.none(1, 0.95), shelf_life_days=np.array([3.0]))
    line = first_line(suppliers=[replace(terms(), window=late)], policies=policies)
    (limit,) = line.reason["limits"]
    assert 14 < float(limit["most"]) < 20
    assert line.quantity == int(float(limit["most"]))


def test_day_on_which_stock_runs_out_is_the_same_in_a_reason_and_for_its_quotes():
    """Two a day, ten on Saturdays: a slower supplier's days hold more of them, and yet stock lasts as long."""
    demand = [[2, 2, 2, 2, 2, 10, 0] * 30]
    offers = [offer(0, price="2.00", stock="8"), offer(1, price="2.10", lead_time_days=9)]
    found = plan(data(demand, offers, on_hand=[16]), PARAMS).lines
    assert len(found) == 2
    for line in found:
        runs_out = (date.fromisoformat(line.reason["need_by"]["date"]) - AS_OF).days
        for quote in line.reason["quotes"]:
            arrives = quote.get("arrival_days", quote["lead_time_days"])
            assert quote.get("late_by_days", 0) == max(0, arrives - runs_out)


def test_interval_of_one_day_is_told_in_the_singular():
    daily = window(supplier=WorkingDays(), cut_offs=tuple(CutOff(day, time(10, 30)) for day in range(7)))
    line = first_line(offers=[offer(lead_time_days=0)], suppliers=[replace(terms(), window=daily)])
    assert line.reason["sentence"].startswith(
        "Expected demand is 2 a day, 2 over 1 day (until the delivery of"
    )


def test_without_a_calendar_nothing_is_said_of_deliveries():
    line = first_line()
    assert "delivery" not in line.reason
    assert line.reason["demand"]["horizon_days"] == 10
    assert line.requested_date == date(2026, 3, 5)


def test_of_equal_prices_an_item_is_planned_by_the_one_that_is_there_earlier():
    """Alpha states 2 days, but takes no order before Wednesday: on Friday it is there, Beta with 3 days on Thursday."""
    late = window(MONDAY_NINE.replace(hour=10, minute=30))
    offers = [offer(0, lead_time_days=2), offer(1, lead_time_days=3)]
    line = first_line(offers=offers, suppliers=[replace(terms(), window=late), terms("beta")], on_hand=[10])
    assert line.supplier == 1
    assert line.reason["demand"]["covers"] == "beta"
    assert line.quantity == 10  # 3 days and a review period of 7, two a day, less the 10 that are there
    assert [quote["why"] for quote in line.reason["quotes"]] == ["cheapest delivered", "same price, slower"]


def test_each_offer_has_the_interval_of_its_own_supplier():
    offers = [offer(0, price="2.00", stock="4"), offer(1, price="3.00", lead_time_days=1)]
    found = plan(
        data(STEADY, offers, suppliers=[replace(terms(), window=window()), terms("beta")]), PARAMS
    ).lines
    assert [line.requested_date for line in found] == [date(2026, 3, 5), date(2026, 3, 3)]
    assert "delivery" in found[0].reason
    assert "delivery" not in found[1].reason


def test_a_level_of_another_suppliers_deliveries_names_it():
    """Alpha, by which the item is planned, has 4 of it; Beta fills the rest of that level, by its own lead time."""
    offers = [offer(0, price="2.00", stock="4"), offer(1, price="3.00", lead_time_days=0)]
    found = plan(
        data(STEADY, offers, suppliers=[replace(terms(), window=window()), terms("beta")]), PARAMS
    ).lines
    assert "14 over 7 days (until the delivery of Mon 9 Mar)." in found[0].reason["sentence"]
    assert found[1].reason["demand"]["covers"] == "alpha"
    assert "14 over 7 days (until Alpha's delivery of Mon 9 Mar)." in found[1].reason["sentence"]
    assert (
        found[1]
        .reason["sentence"]
        .endswith("Beta at 3.00 GBP (3.00 with delivery) is the cheapest of the others.")
    )


@pytest.mark.parametrize("service", [0.9, 0.95, 0.99])
def test_lateness_is_the_variance_formula_of_silver_pyke_and_thomas(service):
    """With a normal buffer z x sqrt(L var D), the raised one is z x sqrt(L var D + mean^2 var L)."""
    z = {0.9: 1.2816, 0.95: 1.6449, 0.99: 2.3263}[service]
    length, mean, deviation, spread = 9.0, 10.0, 4.0, 1.5
    buffer = z * np.sqrt(length) * deviation
    raised = buffer + lateness(np.array([buffer]), np.array([mean]), np.array([spread]), np.array([service]))
    expected = z * np.sqrt(length * deviation**2 + mean**2 * spread**2)
    assert raised[0] == pytest.approx(expected, rel=1e-3)


def test_a_supplier_known_to_be_late_gets_a_larger_buffer_and_the_reason_says_why():
    punctual = first_line(LUMPY, lead_times={0: learned()})
    late = first_line(LUMPY, lead_times={0: learned(spread=2.0)})
    more = Decimal(late.reason["buffer"]["for_late_deliveries"])
    assert more > 0
    assert Decimal(late.reason["buffer"]["quantity"]) == Decimal(punctual.reason["buffer"]["quantity"]) + more
    assert "for_late_deliveries" not in punctual.reason["buffer"]
    assert (
        "Lead time 3 working days, learned from 14 deliveries, up to 5 in 1 of 10; stated 2."
        in late.reason["sentence"]
    )
    assert (
        f"{late.reason['buffer']['for_late_deliveries']} of the buffer are for late deliveries."
        in (late.reason["sentence"])
    )


@given(st.floats(0, 1e4), st.floats(0, 1e3), st.floats(0, 20), st.floats(0, 5), st.floats(0.5, 0.999))
def test_more_lateness_never_means_a_smaller_buffer(buffer, daily, spread, more, service):
    def added(days):
        return lateness(np.array([buffer]), np.array([daily]), np.array([days]), np.array([service]))[0]

    assert 0 <= added(spread) <= added(spread + more) + 1e-9


def test_the_day_on_which_stock_runs_out_is_told_with_how_late_each_offer_is():
    offers = [offer(0, price="2.00", lead_time_days=6), offer(1, price="3.00", lead_time_days=2)]
    found = plan(data(STEADY, offers, on_hand=[8]), PARAMS)
    assert found.requirements[0].need_by == date(2026, 3, 6)
    assert found.requirements[0].reason["need_by"] == {"date": "2026-03-06", "below_buffer": "2026-03-06"}
    late, quick = found.lines[0].reason["quotes"]
    assert late["late_by_days"] == 2
    assert "late_by_days" not in quick
    assert (
        "It is expected to run out on Fri 6 Mar, 2 days before this arrives."
        in (found.lines[0].reason["sentence"])
    )


@pytest.mark.parametrize(("a_day", "chosen"), [("0.02", "beta"), ("0.01", "alpha"), ("0", "alpha")])
def test_days_too_late_are_weighed_against_the_price_as_the_policy_says(a_day, chosen):
    """Alpha comes 2 days after the stock is gone, Beta in time and 3 % dearer: 2 x 2 % are more, 2 x 1 % less."""
    offers = [offer(0, price="2.00", lead_time_days=6), offer(1, price="2.06", lead_time_days=2)]
    params = replace(PARAMS, late_cost_a_day=Decimal(a_day))
    (line,) = plan(data(STEADY, offers, on_hand=[8]), params).lines
    quotes = {quote["supplier"]: quote for quote in line.reason["quotes"]}
    assert [code for code, quote in quotes.items() if quote["chosen"]] == [chosen]
    costs = {"0.02": "4", "0.01": "2", "0": None}[a_day]
    assert quotes["alpha"].get("late_costs_percent") == costs
    assert "late_costs_percent" not in quotes["beta"]
    if chosen == "beta":
        why = "3.0% dearer by itself, but is there 4 days earlier, as the stock lasts 4 days"
        assert quotes["beta"]["why"] == why


def test_an_item_that_is_not_due_has_no_need_by_date():
    found = plan(data(STEADY, [offer()], on_hand=[500]), PARAMS).requirements[0]
    assert found.need_by is None
    assert "need_by" not in found.reason


@pytest.mark.parametrize(
    ("position", "daily", "buffer", "told"),
    [
        ("9", "2", "4", ("2026-03-06", "2026-03-04")),
        ("-3", "2", "4", ("2026-03-02", "2026-03-02")),
        ("4", "2", "10", ("2026-03-04", "2026-03-02")),
        ("1000000", "0.0001", "0", ("2036-02-28", "2036-02-28")),  # ten years is as good as never
    ],
)
def test_need_by_dates_by_hand(position, daily, buffer, told):
    found = need_by(AS_OF, position=Decimal(position), daily=Decimal(daily), buffer=Decimal(buffer))
    assert found == {"date": told[0], "below_buffer": told[1]}


def test_what_nobody_takes_never_runs_out():
    assert need_by(AS_OF, position=Decimal(3), daily=Decimal(0), buffer=Decimal(5)) is None
