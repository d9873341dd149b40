"""Taking over what the supplier asks today: only in the order's own currency."""

import pytest

from orders.exceptions import InvalidTransition
from orders.models import PurchaseOrder
from orders.services.live_check import prices_take_over
from suppliers.sandbox.faults import Fault, Kind
from tests.flow.scenes import draft
from tests.orders.factories import buyer

pytestmark = pytest.mark.django_db


def test_prices_in_another_currency_are_not_taken_over(sandbox, sandbox_supplier):
    order = draft(sandbox_supplier)
    PurchaseOrder.objects.update(currency="EUR")
    order.refresh_from_db()
    sandbox.faults.set(Fault(kind=Kind.PRICE_CHANGED, operation="preview", percent=10))
    before = list(order.lines.values_list("unit_price", flat=True))
    with pytest.raises(InvalidTransition, match="quotes in GBP"):
        prices_take_over(order=order, by=buyer(), version=order.version, via="test")
    assert list(order.lines.values_list("unit_price", flat=True)) == before
