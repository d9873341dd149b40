"""Numbers in texts for people."""

from decimal import Decimal

import pytest

from suppliers.packing import plain, plain_price


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
