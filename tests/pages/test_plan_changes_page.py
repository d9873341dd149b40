"""What changed since the plan before: per item, by cause, in money."""

from decimal import Decimal

import pytest
from django.test import Client

from orders.models import PurchaseOrder, Status
from procurement.models import StockLevel
from procurement.plan_difference import plan_before, plan_difference
from procurement.services.planning import plan_run
from suppliers.models import PriceTier
from tests.orders.factories import make_site, make_supplier
from tests.pages.reading import text
from tests.procurement.planning import make_item, make_quote

pytestmark = pytest.mark.django_db


def discard() -> None:
    PurchaseOrder.objects.filter(status=Status.DRAFT).update(status=Status.CANCELLED)


@pytest.fixture
def plans():
    """Two plans. In between A is dearer, of B some are gone, and of C a draft waits."""
    site, acme = make_site(), make_supplier(code="acme", name="Acme")
    for sku, on_hand in (("A", "8"), ("B", "15"), ("C", "2")):
        make_quote(acme, make_item(site, sku, on_hand=on_hand))
    first = plan_run(site=site, by=None)
    PurchaseOrder.objects.get().lines.exclude(product__sku="C").update(order=gone(acme, site))
    PriceTier.objects.filter(quote__supplier_product__product__sku="A").update(unit_price=Decimal("2.50"))
    StockLevel.objects.filter(product__sku="B").update(on_hand=11)
    return first, plan_run(site=site, by=None)


def gone(supplier, site) -> PurchaseOrder:
    return PurchaseOrder.objects.create(
        supplier=supplier,
        site=site,
        number="PO-X",
        buyer_reference="X",
        currency="GBP",
        status=Status.CANCELLED,
    )


def test_difference_adds_up_in_money_by_cause(plans):
    old, new = plans
    assert plan_before(new) == old
    found = plan_difference(old=old, new=new)
    assert found.value_now - found.value_before == sum(one.value for one in found.causes)
    assert (
        (found.value_before, found.value_now)
        == (old.value, new.value)
        == (Decimal("70.00"), Decimal("48.00"))
    )
    assert {one.cause: one.value for one in found.causes} == {"price": 6, "stock": 8, "ordered": -36}
    assert found.same == 0


def test_page_says_per_item_what_changed_and_filters(plans, buyer: Client):
    old, new = plans
    address = f"/plan/{new.pk}/changes/"
    assert address in buyer.get(f"/plan/{new.pk}/").content.decode()
    page = text(buyer.get(address))
    assert "Acme takes 2.50 GBP instead of 2.00 (+25.0%)." in page
    assert "Stock fell by 4, from 15 to 11." in page
    assert "18 more are on order." in page
    only = text(buyer.get(f"{address}?cause=stock"))
    assert "Product B" in only
    assert "Product A" not in only
    assert "Product C" in text(buyer.get(f"{address}?q=product c"))
    assert "No item of this kind" in text(buyer.get(f"{address}?q=nothing like that"))
    assert "first plan" in text(buyer.get(f"/plan/{old.pk}/changes/"))


def test_plans_that_are_alike_say_so(buyer: Client):
    site, acme = make_site(), make_supplier(code="acme")
    make_quote(acme, make_item(site, "A"))
    plan_run(site=site, by=None)
    discard()
    new = plan_run(site=site, by=None)
    page = text(buyer.get(f"/plan/{new.pk}/changes/"))
    assert "need and order the same" in page


def test_number_of_queries_does_not_grow_with_the_items(buyer: Client, django_assert_max_num_queries):
    site, acme = make_site(), make_supplier(code="acme")
    for sku in range(8):
        make_quote(acme, make_item(site, f"item-{sku}"))
    plan_run(site=site, by=None)
    new = plan_run(site=site, by=None)
    with django_assert_max_num_queries(16):
        assert text(buyer.get(f"/plan/{new.pk}/changes/")).count("more are on order") == 8
