"""Who changed how an item is planned, from what to what, stands on its page."""

from decimal import Decimal

import pytest
from django.test import Client

from orders.models import Site
from procurement.models import ItemPolicy, ItemPolicyChange, StockReservation, StorageArea
from suppliers.models import Product
from tests import factories
from tests.pages.reading import text
from tests.procurement.planning import make_item

pytestmark = pytest.mark.django_db
PAGE = "/stock/items/P1/?site=main"
FORM = "/stock/items/P1/policy/?site=main"


@pytest.fixture
def item(db: None) -> Product:
    return make_item(factories.site(), "P1", on_hand="30")


def test_each_change_says_who_when_from_what_to_what_and_why(buyer: Client, item: Product):
    assert "Changes to how it is planned" not in text(buyer.get(PAGE))
    area = StorageArea.objects.create(site=Site.objects.get(), name="Cold store", capacity=20)
    buyer.post(FORM, {"service_percent": "95", "maximum_cover_days": "21", "why": "Fair"})
    stored = {"storage_area": area.pk, "storage_size": "0.05"}
    buyer.post(FORM, {"service_percent": "98.5", "why": "Key customer", **stored})
    page = text(buyer.get(PAGE))
    assert "Service level: 95 % → 98.5 % Longest cover: 21 days → – Lies in: – → Cold store" in page
    assert "Service level: – → 95 % Longest cover: – → 21 days Fair buyer-" in page
    assert page.index("Key customer") < page.index("Fair buyer")
    buyer.post(FORM, {"why": ""})
    assert "Service level: 98.5 % → – Lies in: Cold store → – Takes of it, a unit: 0.05 → –" in text(
        buyer.get(PAGE)
    )


def test_what_is_saved_unchanged_is_no_change(buyer: Client, item: Product):
    for _ in range(2):
        buyer.post(FORM, {"service_percent": "95", "why": "Fair"})
    assert ItemPolicyChange.objects.count() == 1


def test_stock_put_aside_and_counted_on_again_is_told(buyer: Client, item: Product):
    buyer.post("/stock/items/P1/reserve/", {"site": "main", "quantity": "12", "purpose": "the fair"})
    row = StockReservation.objects.get()
    for _ in range(2):
        buyer.post(f"/stock/reservations/{row.pk}/end/")
    page = text(buyer.get(PAGE))
    assert "Put aside: – → 12 for the fair" in page
    assert page.count("Put aside: 12 for the fair → –") == 1


def test_long_history_is_cut_and_opened(buyer: Client, item: Product):
    for percent in range(60, 71):
        buyer.post(FORM, {"service_percent": str(percent), "why": "Trying"})
    page = text(buyer.get(PAGE))
    assert "3 more" in page
    assert "Service level: – → 60 %" not in page
    assert "Service level: – → 60 %" in text(buyer.get(f"{PAGE}&changes=all"))


def test_another_site_s_changes_are_not_shown(buyer: Client, item: Product):
    factories.site(code="north", name="North")
    buyer.post("/stock/items/P1/policy/?site=north", {"maximum_stock": "40"})
    assert "Room for at most" not in text(buyer.get(PAGE))
    assert "Room for at most: – → 40" in text(buyer.get("/stock/items/P1/?site=north"))


def test_what_the_admin_changes_is_told_too(administrator: Client, item: Product):
    site = Site.objects.get()
    sent = {
        "site": site.pk,
        "product": item.pk,
        "maximum_stock": "40",
        "service_level": "0.97",
        "why": "Room",
    }
    assert administrator.post("/admin/procurement/itempolicy/add/", sent).status_code == 302
    row = ItemPolicy.objects.get()
    at = f"/admin/procurement/itempolicy/{row.pk}/"
    assert administrator.post(f"{at}change/", {"maximum_stock": "60", "why": "More room"}).status_code == 302
    assert ItemPolicy.objects.get().maximum_stock == Decimal(60)
    assert administrator.post(f"{at}delete/", {"post": "yes"}).status_code == 302
    life = {"sku": "P1", "name": "Product P1", "unit": "C62", "shelf_life_days": "10", "active": "on"}
    assert administrator.post(f"/admin/suppliers/product/{item.pk}/change/", life).status_code == 302
    page = text(administrator.get(PAGE))
    for told in (
        "Service level: – → 97 % Room for at most: – → 40 Room",
        "Service level: 97 % → – Room for at most: 40 → 60 More room",
        "Room for at most: 60 → –",
        "at all sites Shelf life: – → 10 days",
    ):
        assert told in page, told
