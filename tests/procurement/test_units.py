"""Quantities in other units: exact, or refused in words."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procurement.units import MEASURES, Conversion, NotExact, UnitUnknown, exactly, times

CASE = Conversion("CS", Decimal(12), "C62")


@pytest.mark.parametrize(
    ("value", "unit", "into", "said", "comes_to"),
    [
        ("2500", "GRM", "KGM", (), "2.5"),
        ("0.25", "LTR", "MLT", (), "250"),
        ("3", "DZN", "C62", (), "36"),
        ("2", "CS", "C62", (CASE,), "24"),
        ("36", "C62", "CS", (CASE,), "3"),
        ("2", "CS", "DZN", (CASE,), "2"),  # 24 pieces
        ("1", "TNE", "BX", (Conversion("BX", Decimal(25), "KGM"),), "40"),
        ("1", "XBG", "GRM", (Conversion("XBG", Decimal("0.5"), "KGM"), CASE), "500"),
        ("1", "LBR", "GRM", (), "453.5924"),
    ],
)
def test_quantity_in_another_unit(value, unit, into, said, comes_to):
    if (value, unit) == ("1", "LBR"):
        with pytest.raises(NotExact, match="do not come out in GRM to 4 decimals"):
            exactly(Decimal(value), times(unit, into, said), unit, into)
    else:
        assert exactly(Decimal(value), times(unit, into, said), unit, into) == Decimal(comes_to)


@pytest.mark.parametrize("value", ["1", "0.0001", "7"])
def test_pieces_that_fill_no_whole_case_are_not_rounded(value):
    with pytest.raises(NotExact):
        exactly(Decimal(value), times("C62", "CS", (Conversion("CS", Decimal(7 * 3), "C62"),)), "C62", "CS")


def test_what_nobody_has_said_is_not_guessed():
    for unit, into, said in (
        ("KGM", "LTR", ()),
        ("CS", "C62", ()),
        ("BX", "C62", (CASE,)),
        ("CS", "KGM", (CASE,)),
    ):
        with pytest.raises(UnitUnknown):
            times(unit, into, said)


def test_more_than_can_be_kept_is_refused():
    with pytest.raises(NotExact, match="more GRM than can be kept"):
        exactly(Decimal(10**9), times("TNE", "GRM"), "TNE", "GRM")


@given(st.sampled_from(sorted(MEASURES)), st.sampled_from(sorted(MEASURES)))
def test_there_and_back_is_where_one_was(unit, into):
    if MEASURES[unit][0] == MEASURES[into][0]:
        assert times(unit, into) * times(into, unit) == Fraction(1)
    else:
        with pytest.raises(UnitUnknown):
            times(unit, into)
