"""What a quantity costs by a list of tiers, by numbers worked out by hand."""

from decimal import Decimal

import pytest

from suppliers.prices import cost, unit_price

D = Decimal
TIERS = ((D(1), D("2.00")), (D(100), D("1.80")), (D(500), D("1.50")))


@pytest.mark.parametrize(
    ("quantity", "all_units", "incremental"),
    [
        ("50", "100.00", "100.00"),
        ("100", "180.00", "200.00"),  # incremental: the first hundred at 2.00
        ("150", "270.00", "290.00"),  # 100 at 2.00 and 50 at 1.80
        ("500", "750.00", "920.00"),  # 200 + 400 at 1.80
        ("700", "1050.00", "1220.00"),  # 200 + 720 + 200 at 1.50
        ("0.5", "1.00", "1.00"),  # below the first tier its price
    ],
)
def test_cost_of_a_quantity(quantity: str, all_units: str, incremental: str) -> None:
    assert cost(TIERS, D(quantity)) == D(all_units)
    assert cost(TIERS, D(quantity), incremental=True) == D(incremental)


def test_incremental_average_has_four_decimals() -> None:
    assert unit_price(TIERS, D(150), incremental=True) == D("1.9333")
    assert unit_price(TIERS, D(150)) == D("1.80")


def test_all_units_may_cost_less_in_all_for_more() -> None:
    assert cost(TIERS, D(100)) < cost(TIERS, D(99))
    assert cost(TIERS, D(100), incremental=True) > cost(TIERS, D(99), incremental=True)
