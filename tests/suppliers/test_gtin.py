"""The same number under a bar code, however many zeros stand before it."""

import pytest

from suppliers.gtin import gtin, in_house, spellings


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("96385074", "00000096385074"),  # GTIN-8
        ("036000291452", "00036000291452"),  # GTIN-12
        ("4006381333931", "04006381333931"),  # GTIN-13
        ("00036000291452", "00036000291452"),  # GTIN-14
        ("0036000291452", "00036000291452"),
        ("4006381333932", ""),  # its check digit is another
        ("123456789", ""),
        ("00000000", ""),
        ("", ""),
        ("40063813339³1", ""),
        ("400638133393A", ""),
    ],
)
def test_gtin_is_read_with_its_check_digit(text, number):
    assert gtin(text) == number


def test_gtin_is_looked_for_in_every_length_it_fits():
    assert spellings("00000096385074") == ["96385074", "000096385074", "0000096385074", "00000096385074"]
    assert spellings("04006381333931") == ["4006381333931", "04006381333931"]


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("2000000000008", True),
        ("0212345678909", True),
        ("412345678903", True),  # of 12 digits, with the zero before it 04
        ("20123451", True),  # GTIN-8
        ("96385074", False),
        ("036000291452", False),
        ("4006381333931", False),
    ],
)
def test_numbers_given_in_house_are_told_from_those_of_the_whole_world(number, expected):
    assert gtin(number)
    assert in_house(gtin(number)) is expected
