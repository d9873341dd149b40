"""The calendar of promotions: entered, changed, removed, and what each did."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from procurement.models import Promotion
from suppliers.models import Product
from tests import factories
from tests.procurement.imports import make_products, make_site
from tests.procurement.planning import make_item

pytestmark = pytest.mark.django_db


def typed(**fields: str) -> dict[str, str]:
    today = timezone.localdate()
    days = {"starts_on": str(today + timedelta(days=3)), "ends_on": str(today + timedelta(days=9))}
    return {"site": "main", "name": "Advent", "items": "A, B", **days, **fields}


def test_promotion_is_entered_changed_and_removed(buyer: Client):
    make_site()
    make_products("A", "B", "C")
    assert "No promotion is known" in buyer.get("/stock/promotions/").content.decode()
    page = buyer.post("/stock/promotions/add/", typed(), follow=True).content.decode()
    assert "“Advent” counts from the next plan on." in page
    assert "coming" in page
    one = Promotion.objects.order_by("pk")[0]
    page = buyer.get(f"/stock/promotions/{one.pk}/").content.decode()
    assert "not begun" in page
    page = buyer.post(f"/stock/promotions/{one.pk}/change/", typed(items="B\nC", name="Xmas"), follow=True)
    assert "“Xmas” was changed" in page.content.decode()
    assert sorted(Promotion.objects.values_list("name", "product__sku")) == [("Xmas", "B"), ("Xmas", "C")]
    one = Promotion.objects.order_by("pk")[0]
    page = buyer.post(f"/stock/promotions/{one.pk}/remove/", follow=True).content.decode()
    assert "“Xmas” of 2 items was removed." in page
    assert not Promotion.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"items": "A Z"}, "There is no item Z"),
        ({"ends_on": "2020-01-01"}, "It ends before it begins."),
        ({"ends_on": "2099-01-01"}, "longer than a year"),
        ({"starts_on": "soon"}, "Enter a valid date."),
        ({"items": " , "}, "There is no item"),
    ],
)
def test_what_makes_no_promotion_is_said_beside_the_field(buyer: Client, wrong: dict[str, str], words: str):
    make_site()
    make_products("A", "B")
    answer = buyer.post("/stock/promotions/add/", typed(**wrong))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Promotion.objects.exists()


def test_a_promotion_stays_at_its_site_whatever_the_form_says(buyer: Client):
    site, other = make_site(), factories.site(code="other", name="Other")
    make_products("A", "B")
    rows = [
        Promotion.objects.create(
            site=at, product=Product.objects.get(sku="A"), name="Advent", source="test",
            starts_on=timezone.localdate(), ends_on=timezone.localdate(),
        )
        for at in (site, other)
    ]  # fmt: skip
    answer = buyer.post(
        f"/stock/promotions/{rows[0].pk}/change/", typed(site="other", name="Xmas"), follow=True
    )
    assert "“Xmas” was changed" in answer.content.decode()
    assert set(Promotion.objects.values_list("site__code", "name", "product__sku")) == {
        ("main", "Xmas", "A"),
        ("main", "Xmas", "B"),
        ("other", "Advent", "A"),
    }
    one = Promotion.objects.filter(site=site).first()
    assert one is not None
    assert buyer.post(f"/stock/promotions/{one.pk}/change/", typed(site="")).status_code == 302


def test_page_says_what_a_promotion_added(buyer: Client):
    site = make_site()
    item = make_item(site, "A")
    today = timezone.localdate()
    first, last = today - timedelta(days=10), today - timedelta(days=4)
    item.demand.filter(date__gte=first, date__lte=last).update(quantity=Decimal(3))
    one = Promotion.objects.create(
        site=site, product=item, name="Flyer", starts_on=first, ends_on=last, source="test"
    )
    assert "+50 %" in buyer.get(f"/stock/promotions/{one.pk}/").content.decode()


def test_approver_looks_and_changes_nothing(approver: Client):
    make_site()
    make_products("A", "B")
    page = approver.get("/stock/promotions/").content.decode()
    assert "Add a promotion" not in page
    assert approver.post("/stock/promotions/add/", typed()).status_code == 403
    assert Product.objects.count() == 2
