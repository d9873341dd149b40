"""Demand read an item at a time is what its rows say."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from procurement.models import DailyDemand
from procurement.selectors import demand_matrix
from suppliers.models import Product
from tests.orders.factories import make_site

pytestmark = pytest.mark.django_db

AS_OF, DAYS = date(2026, 6, 10), 40


def fill(products: list[Product]) -> np.ndarray:
    """Lumpy rows of two sites, some outside the days looked at; and what should be read of the first site."""
    random = np.random.default_rng(7)
    expected = np.zeros((len(products), DAYS), dtype=np.float32)
    for site in (make_site(), make_site(code="other")):
        rows = []
        for row, product in enumerate(products):
            for ago in random.choice(DAYS + 10, 8, replace=False).tolist():
                day, quantity = AS_OF - timedelta(days=ago), Decimal(int(random.integers(1, 90_000))) / 100
                rows.append(DailyDemand(site=site, product=product, date=day, quantity=quantity, source="x"))
                if site.code != "other" and 0 < ago <= DAYS:
                    expected[row, DAYS - ago] = quantity
        DailyDemand.objects.bulk_create(rows)
    return expected


@pytest.mark.parametrize("every", [1, 7])
def test_rows_come_to_the_day_and_item_they_are_of(every):
    """Of neighbours, which are read as one range, and of a few of many, which are named."""
    products = [Product.objects.create(sku=f"{n:03}", name="x") for n in range(29)]
    expected = fill(products)
    site = DailyDemand.objects.exclude(site__code="other").first().site
    some = [product.pk for product in products[::every]]
    found = demand_matrix(site=site, products=some, as_of=AS_OF, days=DAYS)
    assert found.dtype == np.float32
    assert (found == expected[::every]).all()
    assert expected[::every].any(axis=1).all()
