"""A new item is bought by what another one sold in its first weeks, until it has weeks of its own."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from procurement.models import DailyDemand, LikeItem, StockLevel
from procurement.services.planning import plan_run
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
    assert not LikeItem.objects.exists()
    client.force_login(factories.user("Approver"))
    assert client.post("/stock/like/A/", {"like": "B"}).status_code == 403
