"""What a handful of deliveries says about the next one."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suppliers.lead_times import LeadTime, clipped, lead_of, learned


def counts(*days: int) -> Counter[int]:
    return Counter(days)


def test_nothing_known_is_as_stated():
    assert learned(stated=4, own={}, others={}) == LeadTime(4, 0.0, 4)


@pytest.mark.parametrize(
    ("own", "days", "late"),
    [
        (counts(2, 2, 2), 2, 2),  # as it was said
        (counts(3, 3), 2, 3),  # two deliveries do not outweigh the statement
        (counts(*[3] * 14), 3, 3),  # fourteen do
        (counts(*[3] * 12, 5, 5), 3, 3),
        (counts(*[3] * 30, *[5] * 8), 3, 5),  # one in ten and more take five
    ],
)
def test_an_items_deliveries_are_believed_as_far_as_they_go(own, days, late):
    found = learned(stated=2, own=own, others={})
    assert (found.days, found.late) == (days, late)


def test_a_new_item_is_taken_to_come_as_the_suppliers_others_do():
    two_days_late = learned(stated=3, own={}, others=counts(*[2] * 40))
    assert (two_days_late.days, two_days_late.late) == (5, 5)
    assert learned(stated=10, own={}, others=counts(*[2] * 40)).days == 12


def test_the_suppliers_others_weigh_little_beside_many_of_its_own():
    assert learned(stated=2, own=counts(*[2] * 40), others=counts(*[4] * 100)).days == 2


def test_deliveries_before_their_time_are_no_reason_for_a_buffer():
    early = learned(stated=5, own=counts(*[5] * 30, *[1] * 10), others={})
    late = learned(stated=5, own=counts(*[5] * 30, *[9] * 10), others={})
    assert early.spread == 0
    assert late.spread == pytest.approx((2 * 16 * 10 / 50) ** 0.5, abs=0.01)


def test_one_receipt_that_was_booked_months_later_moves_little():
    usual = learned(stated=2, own=counts(*[2] * 20), others={})
    forgotten = learned(stated=2, own=counts(*[2] * 19, 90), others={})
    assert (forgotten.days, forgotten.late) == (usual.days, usual.late)
    assert clipped(counts(*[2] * 19, 90)) == {2: 19, 12: 1}


def test_fewer_than_five_deliveries_leave_the_statement_alone():
    assert lead_of(2, counts(9, 9), counts(7, 7)) is None
    assert lead_of(2, counts(9, 9), counts(7, 7, 7, 7, 7)) is not None


@pytest.mark.parametrize(
    ("own", "others", "words"),
    [
        ([3] * 12 + [5] * 4, [1] * 16, "3 working days, learned from 16 deliveries, up to 5 in 1 of 10; stated 2"),
        ([], [-1] * 30, "1 working day, learned from 30 deliveries of the supplier, up to 2 in 1 of 10; stated 2"),
        ([4], [0] * 40, "2 working days, learned from 1 delivery of it and 40 of the supplier; stated 2"),
    ],
)  # fmt: skip
def test_it_is_told_in_words_with_how_many_it_was_learned_from(own, others, words):
    assert lead_of(2, counts(*own), counts(*others)).words == words


histograms = st.dictionaries(st.integers(0, 60), st.integers(1, 50), max_size=8)


@settings(max_examples=60)
@given(st.integers(0, 30), histograms, st.dictionaries(st.integers(-20, 60), st.integers(1, 50), max_size=8))
def test_figures_lie_within_what_was_seen_or_stated(stated, own, others):
    found = learned(stated=stated, own=own, others=others)
    seen = [stated, *own, *(max(0, stated + day) for day in others)]
    assert min(seen) <= found.days <= found.late <= max(seen)
    assert found.spread >= 0


@settings(max_examples=60)
@given(st.integers(0, 20), histograms.filter(bool), st.integers(1, 10))
def test_later_deliveries_never_mean_a_shorter_lead_time(stated, own, more):
    later = {day + more: number for day, number in own.items()}
    before, after = learned(stated=stated, own=own, others={}), learned(stated=stated, own=later, others={})
    assert after.days >= before.days
    assert after.late >= before.late
