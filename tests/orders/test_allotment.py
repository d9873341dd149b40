"""Who gets how much of a line that goes to several sites."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.allotment import allotted, outstanding

QUANTITIES = st.decimals("0.0001", "9999999999", places=4)


def numbers(*values: str | int) -> list[Decimal]:
    return [Decimal(value) for value in values]


@pytest.mark.parametrize(
    ("asked", "total", "pack", "expected"),
    [
        ([40, 20], 60, 1, [40, 20]),
        ([40, 20], 30, 1, [20, 10]),
        ([40, 20], 30, 6, [24, 6]),  # ten are no whole packs
        ([36, 24], 0, 6, [0, 0]),
        ([40, 20], 90, 1, [60, 30]),
        ([10, 10, 10], 20, 1, [8, 6, 6]),
        ([5, 5], 10, 6, [5, 5]),  # as asked stays as asked, whatever the pack has become
        (["0.5", "0.25"], "0.3", "0.1", ["0.2", "0.1"]),
    ],
)
def test_what_comes_is_shared_in_proportion_in_whole_packs_and_the_rest_goes_to_the_first(
    asked, total, pack, expected
):
    assert allotted(numbers(*asked), Decimal(total), pack=Decimal(pack)) == numbers(*expected)


@given(
    asked=st.lists(QUANTITIES, min_size=1, max_size=8),
    total=st.decimals(0, "9999999999", places=4),
    pack=st.decimals("0.0001", 1000, places=4),
)
def test_shares_add_up_to_what_comes_and_none_is_negative(asked, total, pack):
    shares = allotted(asked, total, pack=pack)
    assert sum(shares) == total
    assert min(shares) >= 0
    if total != sum(asked):
        assert all(share % pack == 0 for share in shares[1:])


@pytest.mark.parametrize(
    ("coming", "received", "expected"),
    [
        ([40, 20], [0, 0], [40, 20]),
        ([40, 20], [40, 5], [0, 15]),
        ([40, 20], [45, 0], [0, 15]),  # five of the other's came here
        ([20, 20, 20], [25, 0, 0], [0, 20, 15]),
        ([40, 20], [60, 0], [0, 0]),
        ([20, 10], [40, 0], [0, 0]),
    ],
)
def test_what_one_site_got_too_much_of_is_no_longer_coming_to_the_others(coming, received, expected):
    assert outstanding(numbers(*coming), numbers(*received)) == numbers(*expected)


@given(st.lists(st.tuples(QUANTITIES, QUANTITIES), min_size=1, max_size=8))
def test_what_is_outstanding_adds_up_to_what_is_missing_of_the_whole(places):
    coming, received = [list(column) for column in zip(*places, strict=True)]
    left = outstanding(coming, received)
    assert sum(left) == max(Decimal(0), sum(coming) - sum(received))
    assert min(left) >= 0
