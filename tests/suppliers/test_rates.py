"""Exchange rates as values: crossing, and what can be wrong with one. No database."""

from datetime import date
from decimal import Decimal

import pytest

from suppliers.rates import QuotedRate, Rate, rate_jump, rate_objection, rates_to


def euro(**rates: str) -> list[QuotedRate]:
    return [QuotedRate(currency="EUR", quoted_in=code, value=Decimal(value)) for code, value in rates.items()]


def rate(value: str, **values: object) -> Rate:
    told = {"currency": "EUR", "base": "GBP", "date": date(2026, 11, 20), "source": "ECB"} | values
    return Rate(value=Decimal(value), **told)  # type: ignore[arg-type]


def test_rates_against_the_euro_become_rates_of_another_base():
    found = rates_to("GBP", euro(USD="1.0850", GBP="0.8412", JPY="163.55"))
    assert found == {"EUR": Decimal("0.8412"), "USD": Decimal("0.775300"), "JPY": Decimal("0.00514338")}


def test_rates_of_the_base_itself_are_turned_round():
    assert rates_to("EUR", euro(GBP="0.8")) == {"GBP": Decimal("1.25")}


def test_rates_as_a_file_tells_them_stay_as_they_are():
    told = [QuotedRate(currency="USD", quoted_in="GBP", value=Decimal("0.123456789"))]
    assert rates_to("GBP", told) == {"USD": Decimal("0.123456789")}


def test_without_the_base_nothing_can_be_computed():
    assert rates_to("GBP", euro(USD="1.0850")) == {}


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("0", "above 0"), ("-1", "above 0"), ("NaN", "not a number"), ("Infinity", "not a number"),
        ("1e9", "not between"), ("0.0000001", "not between"), ("0.84", ""), ("0.000001", ""), ("1000000", ""),
    ],
)  # fmt: skip
def test_what_can_be_no_rate_is_named(value, why):
    said = rate_objection(Decimal(value))
    assert why in said
    assert bool(said) == bool(why)


def test_jump_is_said_in_words_and_a_small_step_is_none():
    last = rate("0.8")
    assert rate_jump(Decimal("0.88"), last, percent=Decimal(10)) == ""
    said = rate_jump(Decimal("0.6"), last, percent=Decimal(10))
    assert said == "25.0 % below the rate of 20 Nov 2026 (0.8, ECB)"


def test_rate_says_itself_with_its_day_and_source():
    assert str(rate("0.8412")) == "1 EUR = 0.8412 GBP of 20 Nov 2026, ECB"
    assert rate("0.8412").converted(Decimal("100.00")) == Decimal("84.12")
