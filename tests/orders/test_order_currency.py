"""An order stays in its currency when its supplier's changes: no price of another one gets into its lines."""

from decimal import Decimal

import pytest

from orders.exceptions import InvalidInput
from orders.models import PurchaseOrder
from orders.services.drafting import order_replace
from orders.services.editing import order_edit
from orders.services.line_problems import next_best_offer
from suppliers.models import PriceQuote, Supplier
from tests import factories

pytestmark = pytest.mark.django_db


def order_in_pounds(**values: str) -> PurchaseOrder:
    """12 at 2.50 GBP, of a supplier that is ordered from in yen by now, at 480 a piece."""
    order = factories.order(**values)
    Supplier.objects.filter(pk=order.supplier_id).update(currency="JPY")
    PriceQuote.objects.update(currency="JPY")
    quote = PriceQuote.objects.get()
    quote.tiers.update(unit_price=480)
    return PurchaseOrder.objects.get(pk=order.pk)


def test_edited_line_keeps_its_price_where_there_is_none_in_the_orders_currency():
    order = order_in_pounds()
    line = order.lines.get()
    order_edit(
        order=order, by=factories.user(), version=order.version, quantities={line.pk: Decimal(24)}, via="test"
    )
    line.refresh_from_db()
    assert (order.currency, line.quantity, line.unit_price) == ("GBP", 24, Decimal("2.50"))


def test_other_supplier_is_compared_by_prices_in_the_orders_currency():
    order = factories.order()
    line = order.lines.get()
    other = factories.offer(factories.supplier(), line.product)
    assert next_best_offer(line).offer == other
    other.quotes.update(currency="JPY")
    assert next_best_offer(line) is None


def test_replacement_is_priced_anew_in_the_currency_it_will_be_ordered_in():
    draft = order_replace(order=order_in_pounds(status="rejected"), by=factories.user(), via="test")
    assert (draft.currency, draft.lines.get().unit_price) == ("JPY", 480)


def test_replacement_is_refused_in_words_where_there_is_no_such_price():
    order = order_in_pounds(status="rejected")
    PriceQuote.objects.update(currency="GBP")
    with pytest.raises(InvalidInput, match=r"is ordered from in JPY now, .* is in GBP, and no price of"):
        order_replace(order=order, by=factories.user(), via="test")
    assert PurchaseOrder.objects.count() == 1
