"""A new item is bought by what another one sold in its first weeks, until it has weeks of its own."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from procurement.like_items import likenesses
from procurement.models import DailyDemand, LikeItem, StockChange, StockLevel
from procurement.selectors import demand_matrix
from procurement.services.plan_claims import plan_start
from procurement.services.planning import plan_execute, plan_run
from suppliers.models import Product
from tests import factories
from tests.orders.factories import make_site, make_supplier
from tests.procurement.planning import make_item, make_quote

pytestmark = pytest.mark.django_db


def new_item(days: int = 0) -> Product:
    site = make_site()
    product = Product.objects.create(sku="NEW", name="New")
    StockLevel.objects.create(site=site, product=product, on_hand=0, as_of=timezone.now(), source="test")
    for ago in range(1, days + 1):
        day = timezone.localdate() - timedelta(days=ago)
        DailyDemand.objects.create(site=site, product=product, date=day, quantity=10, source="test")
    make_quote(make_supplier(code="acme"), product)
    return product


def expected(product: Product) -> tuple[float, str]:
    run = plan_run(site=make_site(), by=None)
    need = run.requirements.get(product=product)
    line = need.order_lines.first()
    return float(need.daily_demand), line.reason["sentence"] if line else ""


def test_item_without_a_past_is_bought_as_its_like_sold_at_first():
    old = make_item(make_site(), "OLD", daily="4", on_hand="1000")
    DailyDemand.objects.filter(product=old, date__gte=timezone.localdate() - timedelta(days=50)).update(
        quantity=9
    )
    new = new_item()
    LikeItem.objects.create(product=new, like=old)
    daily, words = expected(new)
    assert daily == pytest.approx(4, rel=0.01)
    assert "It is new and expected to sell like OLD, which sold 4 a day in its first weeks." in words


@pytest.mark.parametrize(("days", "daily"), [(14, 7), (70, 10)])
def test_its_own_days_count_more_and_more(days: int, daily: float):
    new = new_item(days)
    LikeItem.objects.create(product=new, like=make_item(make_site(), "OLD", daily="4", on_hand="1000"))
    found, words = expected(new)
    assert found == pytest.approx(daily, rel=0.02)
    assert ("It is new" in words) == (days < 56)


def test_buyer_says_whom_it_is_like_and_takes_it_back():
    client = Client()
    client.force_login(factories.user("Buyer"))
    make_site()
    for sku in ("A", "B"):
        Product.objects.create(sku=sku, name=f"Product {sku}")
    page = client.post("/stock/like/A/", {"like": "B"}, follow=True).content.decode()
    assert "The next plan expects A to sell like" in page
    assert "It is expected to sell like" in page
    for wrong in ("A", "Z"):
        page = client.post("/stock/like/A/", {"like": wrong}, follow=True).content.decode()
        assert f"There is no other item {wrong}" in page
    assert LikeItem.objects.get().like.sku == "B"
    client.post("/stock/like/A/", {"like": ""})
    assert LikeItem.objects.get().like is None
    client.force_login(factories.user("Approver"))
    assert client.post("/stock/like/A/", {"like": "B"}).status_code == 403


def family() -> Product:
    """A scarf that came yesterday, among items of one supplier that have sold for months."""
    site, supplier = make_site(), make_supplier(code="acme")
    for sku, name, daily in (("RED", "Red wool scarf", "4"), ("MUG", "Blue mug", "9"), ("TIN", "Tin", "1")):
        product = make_item(site, sku, daily=daily, on_hand="1000")
        Product.objects.filter(pk=product.pk).update(name=name)
        make_quote(supplier, product)
    product = Product.objects.create(sku="NEW", name="Blue wool scarf")
    StockLevel.objects.create(site=site, product=product, on_hand=0, as_of=timezone.now(), source="test")
    make_quote(supplier, product)
    return product


def test_new_item_is_expected_to_sell_as_the_one_most_like_it():
    daily, words = expected(family())
    assert daily == pytest.approx(4, rel=0.01)
    assert (
        "It has hardly a history yet: expected to sell as RED, which is like it by name, supplier and price"
        " and sold 4 a day in its first weeks." in words
    )


def test_new_item_planned_by_itself_is_expected_to_sell_so_too():
    product = family()
    run = plan_execute(run=plan_start(site=make_site(), by=None, products=[product.pk], causes=["A test."]))
    assert float(run.requirements.get().daily_demand) == pytest.approx(4, rel=0.01)


def test_at_a_site_that_is_new_itself_nobody_is_compared():
    product = family()
    DailyDemand.objects.filter(date__lt=timezone.localdate() - timedelta(days=40)).delete()
    assert expected(product)[0] == 0


def test_what_was_found_weighs_a_week_of_its_own():
    product = family()
    for ago in range(1, 8):
        day = timezone.localdate() - timedelta(days=ago)
        DailyDemand.objects.create(site=make_site(), product=product, date=day, quantity=10, source="test")
    daily, words = expected(product)
    assert daily == pytest.approx(7, rel=0.02)
    assert "hardly a history" in words


def test_a_person_s_word_counts_more_than_what_was_found():
    product = family()
    LikeItem.objects.create(product=product, like=Product.objects.get(sku="TIN"))
    daily, words = expected(product)
    assert daily == pytest.approx(1, rel=0.01)
    assert "It is new and expected to sell like TIN" in words


def test_said_to_be_like_no_other_nothing_is_expected():
    product = family()
    LikeItem.objects.create(product=product, like=None)
    assert expected(product) == (0, "")


def test_where_none_is_alike_nothing_is_expected_and_the_plan_says_so():
    product = family()
    Product.objects.filter(pk=product.pk).update(name="Garden gnome")
    run = plan_run(site=make_site(), by=None)
    need = run.requirements.get(product=product)
    assert (need.daily_demand, need.net_requirement) == (0, 0)
    assert "so nothing is expected" in str(need.exceptions)


def test_an_item_that_was_there_from_the_start_and_never_sold_is_not_new():
    product, now = family(), timezone.now()
    for one, days in ((Product.objects.get(sku="RED"), 100), (product, 99.5)):
        StockChange.objects.create(
            site=make_site(), product=one, at=now - timedelta(days=days), as_of=now, on_hand=1, kind="stated",
            source="test", counts=True,
        )  # fmt: skip
    assert expected(product)[0] == 0


def test_an_item_of_which_days_without_a_sale_were_told_is_not_new():
    product = family()
    day = timezone.localdate() - timedelta(days=3)
    DailyDemand.objects.create(site=make_site(), product=product, date=day, quantity=0, source="test")
    assert expected(product)[0] == 0


def test_finding_takes_no_more_questions_for_more_new_items():
    product, site = family(), make_site()

    def asked() -> int:
        ids = sorted(Product.objects.values_list("pk", flat=True))
        demand = demand_matrix(site=site, products=ids, as_of=timezone.localdate(), days=200)
        with CaptureQueriesContext(connection) as queries:
            found = likenesses(site=site, products=ids, as_of=timezone.localdate(), demand=demand)
        assert {one.sku for one in found.values()} == {"RED"}
        return len(queries)

    one = asked()
    for number in range(20):
        other = Product.objects.create(sku=f"N{number}", name=f"Scarf of wool {number}")
        make_quote(product.offers.get().supplier, other)
    assert asked() == one


def test_page_shows_what_was_found_and_takes_a_no_or_leaves_it_to_the_plan_again():
    product = family()
    expected(product)
    client = Client()
    client.force_login(factories.user("Buyer"))
    page = client.get("/stock/items/NEW/").content.decode()
    assert "which is like it by name, supplier, price" in page
    assert 'value="RED"' in page
    page = client.post("/stock/like/NEW/", {"like": "RED", "do": "none"}, follow=True).content.decode()
    assert "It is like no other item: only what it sells itself counts." in page
    assert LikeItem.objects.get(product=product).like is None
    client.post("/stock/like/NEW/", {"do": "unset"}, follow=True)
    assert not LikeItem.objects.exists()
    client.post("/stock/like/NEW/", {"like": "RED"}, follow=True)
    assert LikeItem.objects.get(product=product).like == Product.objects.get(sku="RED")
