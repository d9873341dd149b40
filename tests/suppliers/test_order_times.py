"""Cut-offs, the deliveries they lead to, and the interval that stock must last."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suppliers.calendars import WorkingDays
from suppliers.order_times import CutOff, DeliveryWindow, OrderMoment, OrderTimes

LONDON, BERLIN, AUCKLAND = ZoneInfo("Europe/London"), ZoneInfo("Europe/Berlin"), ZoneInfo("Pacific/Auckland")
WEEK = WorkingDays("1111100")
MON_WED_FRI = tuple(CutOff(day, time(10, 30)) for day in (0, 2, 4))


def times(**values) -> OrderTimes:
    return OrderTimes(**({"supplier": WEEK, "zone": LONDON, "cut_offs": MON_WED_FRI} | values))


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-11-23T10:29:59+00:00", "2026-11-23T10:30:00+00:00"),  # a Monday, the last second
        ("2026-11-23T10:30:00+00:00", "2026-11-25T10:30:00+00:00"),  # on the minute is too late
        ("2026-11-27T11:00:00+00:00", "2026-11-30T10:30:00+00:00"),  # over a weekend
        ("2026-03-27T11:00:00+00:00", "2026-03-30T09:30:00+00:00"),  # clocks go forward on the 29th
        ("2026-03-30T09:29:00+00:00", "2026-03-30T09:30:00+00:00"),
        ("2026-10-23T09:31:00+00:00", "2026-10-26T10:30:00+00:00"),  # clocks go back on the 25th
        (
            "2026-12-30T12:00:00+00:00",
            "2027-01-01T10:30:00+00:00",
        ),  # the next year, where no holiday is known
    ],
)
def test_the_next_moment_is_the_next_cut_off_by_the_suppliers_clock(now, until):
    assert times().next_moment(datetime.fromisoformat(now)).until == datetime.fromisoformat(until)


def test_a_cut_off_elsewhere_may_be_on_another_day_of_ours():
    moment = times(zone=AUCKLAND).next_moment(datetime(2026, 11, 22, 22, 0, tzinfo=UTC))  # Monday 11:00 there
    assert moment == OrderMoment(date(2026, 11, 25), datetime(2026, 11, 24, 21, 30, tzinfo=UTC))


def test_order_days_on_which_the_supplier_is_closed_are_left_out():
    shut = WorkingDays("1111100", frozenset(date(2026, 11, 23) + timedelta(days=n) for n in range(14)))
    assert times(supplier=shut).next_moment(datetime(2026, 11, 23, 8, tzinfo=UTC)).day == date(2026, 12, 7)


def test_two_cut_offs_of_a_day_follow_each_other():
    both = times(cut_offs=(CutOff(0, time(15)), CutOff(0, time(10))))
    first = both.next_moment(datetime(2026, 11, 23, 9, tzinfo=UTC))
    assert first.until == datetime(2026, 11, 23, 10, tzinfo=UTC)
    assert both.moment_after(first, review_days=7).until == datetime(2026, 11, 23, 15, tzinfo=UTC)


def test_a_cut_off_in_the_hour_that_is_left_out_is_a_moment_like_any():
    skipped = times(zone=BERLIN, cut_offs=(CutOff(6, time(2, 30)),), supplier=WorkingDays())
    until = skipped.next_moment(datetime(2026, 3, 29, 0, 0, tzinfo=UTC)).until
    assert until == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_a_supplier_whose_order_days_are_never_worked_is_ordered_from_on_any_day():
    never = times(cut_offs=(CutOff(6, time(10)),))
    assert never.next_moment(datetime(2026, 11, 22, 9, tzinfo=UTC)) == OrderMoment(date(2026, 11, 23))


@pytest.mark.parametrize(
    ("moment", "lead", "site", "received"),
    [
        (date(2026, 11, 23), 2, WorkingDays(), date(2026, 11, 25)),
        (date(2026, 11, 26), 2, WorkingDays(), date(2026, 11, 30)),  # Thursday + 2 of the supplier's days
        (date(2026, 11, 24), 3, WorkingDays("1111000"), date(2026, 11, 30)),  # the site takes none on Fridays
        (date(2026, 11, 24), 3, WorkingDays("1111111", frozenset({date(2026, 11, 27)})), date(2026, 11, 28)),
        (date(2026, 12, 31), 1, WorkingDays(), date(2027, 1, 1)),
    ],
)
def test_goods_are_received_on_a_working_day_of_the_site(moment, lead, site, received):
    assert times(site=site).delivered(OrderMoment(moment), lead).item() == received


def test_stock_must_last_until_the_delivery_after_the_next():
    window = DeliveryWindow.of(
        times(), now=datetime(2026, 11, 23, 9, tzinfo=UTC), as_of=date(2026, 11, 23), review_days=7
    )
    assert window.arrival_days(np.array([2, 4])).tolist() == [2, 4]  # Wednesday, Friday
    assert window.protected_days(np.array([2, 4])).tolist() == [4, 8]  # ordered on Wednesday: Friday, Tuesday


def test_after_the_cut_off_the_interval_is_that_of_the_next_order_day():
    window = DeliveryWindow.of(
        times(), now=datetime(2026, 11, 23, 10, 30, tzinfo=UTC), as_of=date(2026, 11, 23), review_days=7
    )
    assert window.arrival_days(np.array([2])).tolist() == [4]
    assert window.protected_days(np.array([2])).tolist() == [8]


@given(st.integers(0, 400), st.integers(0, 60), st.integers(1, 60))
def test_where_nothing_is_known_the_interval_is_lead_time_and_review_period(days, lead, review):
    now = datetime(2026, 1, 1, 9, tzinfo=UTC) + timedelta(days=days)
    plain = OrderTimes()
    window = DeliveryWindow.of(plain, now=now, as_of=now.date(), review_days=review)
    assert plain.is_plain
    assert window.arrival_days(np.array([lead])).tolist() == [lead]
    assert window.protected_days(np.array([lead])).tolist() == [lead + review]


weeks = st.text("01", min_size=7, max_size=7).filter(lambda week: "1" in week)
closures = st.frozensets(st.dates(date(2026, 1, 1), date(2026, 6, 30)), max_size=40)
calendars = st.builds(WorkingDays, weeks, closures)
cut_offs = st.frozensets(st.builds(CutOff, st.integers(0, 6), st.times()), max_size=5).map(tuple)
any_times = st.builds(OrderTimes, calendars, calendars, st.sampled_from([LONDON, BERLIN, AUCKLAND]), cut_offs)
moments = st.integers(0, 180 * 1440).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@settings(max_examples=40)
@given(any_times, moments, st.integers(0, 30), st.integers(1, 30))
def test_more_lead_time_never_shortens_the_interval(of, now, lead, review):
    window = DeliveryWindow.of(of, now=now, as_of=now.date(), review_days=review)
    arrivals = window.arrival_days(np.arange(lead, lead + 3))
    protected = window.protected_days(np.arange(lead, lead + 3))
    assert (np.diff(arrivals) >= 0).all()
    assert (np.diff(protected) >= 0).all()
    assert (protected >= arrivals).all()


@settings(max_examples=40)
@given(any_times, moments, st.integers(0, 30))
def test_what_is_measured_brings_the_goods_on_the_same_day_again(of, now, lead):
    """The shortest lead time that explains a delivery: never longer than the one it was made with."""
    moment = of.next_moment(now)
    received = of.delivered(moment, lead).item()
    measured = of.lead_days(now, received)
    assert measured <= lead
    assert of.delivered(moment, measured).item() == received
