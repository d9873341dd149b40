"""Numbers in texts for people."""

from decimal import Decimal

import pytest

from suppliers.packing import plain, plain_money, plain_price


@pytest.mark.parametrize(
    ("number", "quantity", "price"),
    [
        ("12", "12", "12.00"),
        ("1.1", "1.1", "1.10"),
        ("1.1000", "1.1", "1.10"),
        ("0.0375", "0.0375", "0.0375"),
        ("1E+2", "100", "100.00"),
        ("-0.5", "-0.5", "-0.50"),
    ],
)
def test_quantities_lose_needless_zeros_and_prices_keep_their_cents(number, quantity, price):
    assert (plain(Decimal(number)), plain_price(Decimal(number))) == (quantity, price)


@pytest.mark.parametrize(
    ("amount", "words"),
    [("5", "5.00 GBP"), ("1234.5", "1,234.50 GBP"), ("0.125", "0.12 GBP"), ("-3", "-3.00 GBP")],
)
def test_amounts_are_said_to_the_cent_with_their_currency(amount, words):
    assert plain_money(Decimal(amount), "GBP") == words
    assert plain_money(Decimal(amount)) == words.removesuffix(" GBP")


def test_unit_prices_are_said_with_their_currency():
    assert plain_price(Decimal("0.0375"), "GBP") == "0.0375 GBP"
