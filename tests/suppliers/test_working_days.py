"""Counting in working days, by hand-made tables of dates."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suppliers.calendars import ALWAYS, NoWorkingDay, WorkingDays, as_date
from suppliers.public_holidays import holidays_between, region_names

CHRISTMAS = frozenset({date(2026, 12, 25), date(2026, 12, 28), date(2027, 1, 1)})
OFFICE = WorkingDays("1111100", CHRISTMAS)
# Two weeks from a Monday
SHUT = WorkingDays("1111100", frozenset(date(2026, 8, day) for day in range(3, 15)))


@pytest.mark.parametrize(
    ("calendar", "start", "days", "end"),
    [
        (ALWAYS, date(2026, 11, 21), 3, date(2026, 11, 24)),
        (OFFICE, date(2026, 11, 20), 1, date(2026, 11, 23)),  # Friday to Monday
        (OFFICE, date(2026, 11, 21), 0, date(2026, 11, 23)),  # a Saturday is taken as the Monday
        (OFFICE, date(2026, 11, 21), 2, date(2026, 11, 25)),
        (OFFICE, date(2026, 12, 24), 1, date(2026, 12, 29)),  # Christmas Day, a weekend, Boxing Day's Monday
        (OFFICE, date(2026, 12, 31), 1, date(2027, 1, 4)),  # over the end of the year
        (OFFICE, date(2026, 12, 23), 5, date(2027, 1, 4)),
        (SHUT, date(2026, 7, 31), 1, date(2026, 8, 17)),
        (SHUT, date(2026, 8, 5), 0, date(2026, 8, 17)),
        (SHUT, date(2026, 7, 30), 3, date(2026, 8, 18)),
        (OFFICE, date(2028, 2, 28), 1, date(2028, 2, 29)),  # a leap year
    ],
)
def test_working_days_are_counted_from_the_first_on_which_there_is_work(calendar, start, days, end):
    assert as_date(calendar.later(start, days)) == end


def test_many_dates_are_counted_at_once():
    found = OFFICE.later(np.array(["2026-11-20", "2026-12-24"], dtype="datetime64[D]"), np.array([1, 1]))
    assert found.tolist() == [date(2026, 11, 23), date(2026, 12, 29)]


@given(st.dates(date(2026, 1, 1), date(2027, 6, 1)), st.integers(0, 60))
def test_what_is_added_can_be_counted_again(start, days):
    first = OFFICE.first_from(start)
    assert OFFICE.between(first, OFFICE.later(start, days)) == days
    assert OFFICE.works(as_date(OFFICE.later(start, days)))


@pytest.mark.parametrize("week", ["0000000", "11111", "111110x"])
def test_a_week_without_work_is_refused(week):
    with pytest.raises(NoWorkingDay):
        WorkingDays(week)


def test_public_holidays_differ_by_region():
    england = holidays_between("GB", "ENG", date(2026, 11, 1), date(2027, 1, 5))
    scotland = holidays_between("GB", "SCT", date(2026, 11, 1), date(2027, 1, 5))
    assert set(england) == {date(2026, 12, 25), date(2026, 12, 28), date(2027, 1, 1)} | (
        set(england) & {date(2026, 12, 26)}
    )
    assert date(2026, 11, 30) in scotland
    assert date(2026, 11, 30) not in england
    assert "SCT" in region_names("GB")


def test_an_unknown_country_or_region_has_no_holidays():
    assert holidays_between("", "", date(2026, 1, 1), date(2026, 12, 31)) == {}
    assert holidays_between("XX", "", date(2026, 1, 1), date(2026, 12, 31)) == {}
    assert holidays_between("GB", "BY", date(2026, 1, 1), date(2026, 12, 31)) == {}
