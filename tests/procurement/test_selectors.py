"""Reading stock, demand and offers for a plan."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from procurement.models import DailyDemand
from procurement.selectors import demand_matrix, inventory_position, items_planned, offers_in_force
from suppliers.models import Product
from tests.orders.factories import make_order, make_site, make_supplier
from tests.procurement.planning import make_item, make_quote

pytestmark = pytest.mark.django_db


def test_demand_stands_in_its_day_and_days_outside_are_left_out():
    site = make_site()
    first, second = (Product.objects.create(sku=sku, name=sku) for sku in "AB")
    for product, day, quantity in (
        (first, date(2026, 6, 9), "1.25"),  # the day before
        (first, date(2026, 6, 10), "50"),  # the day of the plan itself
        (second, date(2026, 6, 6), "3"),  # the first day looked at
        (second, date(2026, 6, 5), "70"),
    ):
        DailyDemand.objects.create(
            site=site, product=product, date=day, quantity=Decimal(quantity), source="x"
        )
    found = demand_matrix(site=site, products=[first.pk, second.pk], as_of=date(2026, 6, 10), days=4)
    assert found.tolist() == [[0, 0, 0, 1.25], [3, 0, 0, 0]]


def test_position_counts_stock_open_orders_and_scheduled_receipts_of_this_site_only():
    site = make_site()
    order = make_order(lines=1)
    product = order.lines.get().product
    item = make_item(site, "A", on_hand="8")
    found = inventory_position(site=site)
    assert (found[item.pk].on_hand, found[item.pk].available) == (8, 8)
    assert (found[product.pk].on_hand, found[product.pk].on_order) == (0, 10)
    assert item.pk not in inventory_position(site=site, products=range(item.pk + 1, item.pk + 2))


def test_items_are_those_with_stock_demand_or_open_orders():
    site = make_site()
    make_item(site, "A")
    Product.objects.create(sku="B", name="nobody's")
    assert [item.sku for item in items_planned(site=site)] == ["A"]


def test_offer_takes_its_suppliers_lead_time_and_currency_unless_it_has_its_own():
    site, acme = make_site(), make_supplier(code="acme", lead_time_days=4, currency="EUR")
    usual = make_quote(acme, make_item(site, "A"), "1.00")
    own = make_quote(acme, make_item(site, "B"), "1.00", lead_time_days=0)
    own.quotes.update(currency="GBP")
    unpriced = make_quote(acme, make_item(site, "C"))
    unpriced.quotes.update(superseded_at=timezone.now() - timedelta(days=1))
    found = {offer.pk: offer for offer in offers_in_force(products=range(10**9))}
    assert (found[usual.pk].lead_time_days, found[usual.pk].currency) == (4, "EUR")
    assert (found[own.pk].lead_time_days, found[own.pk].currency) == (0, "GBP")
    assert (found[unpriced.pk].tiers, found[unpriced.pk].currency) == ([], "EUR")
