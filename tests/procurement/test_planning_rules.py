"""What people decided about items, and what customers have ordered, in a plan of a site."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from orders.models import PurchaseOrderLine, Site
from procurement.models import (
    ClassServiceLevel,
    CustomerOrder,
    CustomerOrderLine,
    ItemPolicy,
    PlanningPolicy,
    Requirement,
    StockLevel,
    StockReservation,
    StorageArea,
)
from procurement.services.planning import plan_run
from suppliers.models import Product, Supplier
from tests import factories
from tests.orders.factories import make_site, make_supplier
from tests.pages.reading import text
from tests.procurement.planning import make_item, make_quote

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    return make_site()


@pytest.fixture
def acme() -> Supplier:
    return make_supplier(code="acme")


def ordered_ahead(site: Site, product: Product, quantity: int, *, days: int | None) -> None:
    today = timezone.localdate()
    order = CustomerOrder.objects.create(
        number=f"SO-{CustomerOrder.objects.count()}",
        site=site,
        ordered_on=today,
        due_date=None if days is None else today + timedelta(days=days),
        source="test",
    )
    CustomerOrderLine.objects.create(order=order, line_number=1, product=product, quantity=quantity)


def planned(site: Site, sku: str = "A") -> Requirement:
    run = plan_run(site=site, by=None)
    return run.requirements.select_related("run").get(product__sku=sku)


def quantity(sku: str = "A") -> Decimal | None:
    return PurchaseOrderLine.objects.filter(product__sku=sku).values_list("quantity", flat=True).first()


def test_orders_due_in_the_days_covered_use_the_forecast_up(site, acme):
    item = make_item(site, "A", on_hand="10")
    make_quote(acme, item)
    ordered_ahead(site, item, 8, days=3)
    ordered_ahead(site, item, 50, days=40)
    found = planned(site)
    assert found.committed == 58
    assert found.position == 10
    assert found.net_requirement == found.order_up_to - 10
    assert found.reason["firm"]["due"] == "8"
    assert Decimal(found.reason["order_up_to"]) == Decimal(found.reason["forecast"]) + Decimal(
        found.reason["buffer"]["quantity"]
    )


def test_overdue_orders_and_those_without_a_day_are_taken_off_in_full(site, acme):
    item = make_item(site, "A", on_hand="10")
    make_quote(acme, item)
    ordered_ahead(site, item, 3, days=-2)
    ordered_ahead(site, item, 4, days=None)
    assert planned(site).position == 3


def test_unusually_large_order_is_bought_for_on_top(site, acme):
    item = make_item(site, "A")
    make_quote(acme, item)
    ordered_ahead(site, item, 60, days=2)
    firm = planned(site).reason["firm"]
    # two a day are usual: 10 may be in the forecast, 50 are not
    assert (firm["due"], firm["unusual"], firm["beyond"]) == ("60", "50", "50")


def test_stock_put_aside_is_bought_again_until_its_last_day(site, acme):
    item = make_item(site, "A", on_hand="30")
    make_quote(acme, item)
    today = timezone.localdate()
    for days, amount in ((0, 7), (-1, 100)):
        StockReservation.objects.create(
            site=site, product=item, quantity=amount, purpose="fair", until=today + timedelta(days=days)
        )
    found = planned(site)
    assert (found.position, found.reason["stock"]["reserved"]) == (23, "7")


def test_items_are_classed_and_a_class_has_its_service_level(site, acme):
    for sku, daily, price in (("A", "2", "100.00"), ("B", "2", "0.10")):
        make_quote(acme, make_item(site, sku, daily=daily), price)
    ClassServiceLevel.objects.create(site=site, cell="AX", service_level=Decimal("0.990"))
    found = planned(site)
    assert (found.cell, found.reason["class"]["variation"]) == ("AX", "0.00")
    assert Decimal("23000") < found.yearly_value < Decimal("25000")  # 120 days of two at 100
    assert found.reason["buffer"]["service_level"] == "0.99"
    other = Requirement.objects.get(product__sku="B")
    assert (other.cell, other.reason["buffer"]["service_level"]) == ("CX", "0.95")


def test_what_is_set_by_hand_goes_before_the_class(site, acme):
    item = make_item(site, "A")
    make_quote(acme, item)
    ItemPolicy.objects.create(
        site=site, product=item, value_class="C", service_level=Decimal("0.8"), why="being phased out"
    )
    found = planned(site)
    assert found.cell == "CX"
    assert found.reason["class"]["by_hand"] == "C"
    assert found.reason["buffer"]["service_from"] == "set by somebody: being phased out"


def limited(site: Site, item: Product, **values: Any) -> ItemPolicy:
    return ItemPolicy.objects.create(site=site, product=item, **values)


def test_storage_limit_is_never_exceeded(site, acme):
    item = make_item(site, "A", on_hand="3")
    make_quote(acme, item, pack_size=6)
    limited(site, item, maximum_stock=16)
    found = planned(site)
    assert quantity() == 12
    step = PurchaseOrderLine.objects.get().reason["rounding"][-1]
    assert (step["to"], step["why"]) == ("12", "no room for more in its place")
    assert [one["kind"] for one in found.exceptions] == ["limited"]
    assert found.shortfall == 0, "somebody offers it"
    assert plan_run(site=site, by=None).lines == 0


def test_shelf_life_cuts_what_would_spoil(site, acme):
    item = make_item(site, "A")
    Product.objects.filter(pk=item.pk).update(shelf_life_days=3)
    PlanningPolicy.objects.update_or_create(site=site, defaults={"review_period_days": 14})
    make_quote(acme, item, lead_time_days=2)
    found = planned(site)
    assert found.net_requirement > 20
    assert quantity() < 10  # what sells surely in five days, of two a day
    assert "shelf life 3 days: more would spoil" in PurchaseOrderLine.objects.get().reason["sentence"]
    assert "shelf life 3 days" in found.exceptions[0]["words"]


def test_minimum_above_a_hard_limit_leaves_nothing_ordered_and_says_what_to_do(site, acme):
    item, other = make_item(site, "A"), make_item(site, "B")
    make_quote(acme, item, minimum_quantity=48)
    make_quote(acme, other)
    limited(site, item, maximum_stock=20)
    found = planned(site)
    assert quantity() is None
    assert quantity("B")
    assert [one["kind"] for one in found.exceptions] == ["minimum_too_large"]
    assert "smallest quantity" in found.exceptions[0]["words"]


def test_longest_cover_never_keeps_the_smallest_pack_from_being_ordered(site, acme):
    item = make_item(site, "A")
    make_quote(acme, item, pack_size=50)
    limited(site, item, maximum_cover_days=5)
    found = planned(site)
    assert quantity() == 50
    assert "lasts_long" in [one["kind"] for one in found.exceptions]


def test_items_that_share_a_cold_store_are_cut_back_by_urgency(site, acme):
    area = StorageArea.objects.create(site=site, name="Cold store", capacity=3)
    for sku, on_hand in (("A", "0"), ("B", "6")):
        item = make_item(site, sku, on_hand=on_hand)
        make_quote(acme, item)
        limited(site, item, storage_area=area, storage_size=Decimal("0.1"))
    found = planned(site, "B")
    needed = found.run.requirements.get(product__sku="A").net_requirement
    assert quantity("A") == needed
    # 30 units have room, 6 lie there
    assert 0 < (quantity("B") or 0) < found.net_requirement
    assert (quantity("B") or 0) + needed + 6 <= 30
    assert (found.exceptions[0]["kind"], "Cold store" in found.exceptions[0]["words"]) == ("limited", True)
    assert plan_run(site=site, by=None).lines == 0


def test_what_an_order_line_costs_has_a_due_item_bought_for_longer(site, acme):
    """2 a day at 1.00, 4.00 a line, 20 % a year: sqrt(2 * 730 * 4 / 0.20) = 171; the cost stays with the plan."""
    PlanningPolicy.objects.update_or_create(site=site, defaults={"order_line_cost": Decimal("4.00")})
    item = make_item(site, "A")
    make_quote(acme, item, "1.00")
    found = planned(site)
    assert quantity() > 3 * found.net_requirement
    assert 165 <= quantity() <= 176
    line = PurchaseOrderLine.objects.get()
    assert "ordering costs 4.00 a time, keeping it 1.4" in line.reason["sentence"]
    assert found.run.parameters["order_line_cost"] == "4.00"
    assert plan_run(site=site, by=None).lines == 0


def test_nothing_is_bought_ahead_of_what_lies_in_a_place_with_others(site, acme):
    PlanningPolicy.objects.update_or_create(site=site, defaults={"order_line_cost": Decimal("4.00")})
    area = StorageArea.objects.create(site=site, name="Cold store", capacity=1000)
    for sku in ("A", "B"):
        make_quote(acme, make_item(site, sku), "1.00")
    limited(site, Product.objects.get(sku="A"), storage_area=area, storage_size=Decimal("0.1"))
    needed = planned(site).net_requirement
    assert quantity("A") < needed + 1
    assert quantity("B") > 3 * needed


def test_what_another_site_has_to_spare_is_offered_as_a_transfer(site, acme):
    leeds = factories.site(code="leeds", name="Leeds")
    item = make_item(site, "A")
    make_quote(acme, item)
    StockLevel.objects.create(site=leeds, product=item, on_hand=60, as_of=timezone.now(), source="test")
    plan_run(site=leeds, by=None)
    found = planned(site)
    client = Client()
    client.force_login(factories.user("Buyer"))
    page = text(client.get(f"/plan/{found.run_id}/items/{found.pk}/"))
    amount = f"{found.net_requirement.normalize():f}"
    assert (
        f"Leeds has 60 more than it needs. You could have {amount} brought over instead of buying them."
        in page
    )
