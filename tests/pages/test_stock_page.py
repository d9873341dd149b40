from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from orders.models import Site
from procurement.models import DailyDemand, StockLevel
from suppliers.models import Product
from tests import factories
from tests.pages.reading import html, text


def stocked(site: Site, on_hand: int, *, daily: int = 0, name: str = "") -> Product:
    made = factories.product(**({"name": name} if name else {}))
    today = timezone.localdate()
    StockLevel.objects.create(site=site, product=made, on_hand=on_hand, as_of=timezone.now(), source="test")
    if daily:
        DailyDemand.objects.bulk_create(
            DailyDemand(
                site=site, product=made, date=today - timedelta(days=day), quantity=daily, source="test"
            )
            for day in range(1, 92)
        )
    return made


@pytest.mark.django_db
def test_what_runs_out_first_comes_first_with_its_signal(buyer: Client) -> None:
    site = factories.site()
    stocked(site, 900, daily=10, name="Plenty")
    scarce = stocked(site, 20, daily=10, name="Scarce")
    stocked(site, 50, name="Unloved")
    factories.offer(factories.supplier(lead_time_days=4), scarce)
    page = text(buyer.get("/stock/"))
    assert page.index("Scarce") < page.index("Plenty") < page.index("Unloved")
    for words in ("2 d", "gone before new goods", "90 d", "covered", "not taken"):
        assert words in page


@pytest.mark.django_db
def test_what_is_under_way_counts(buyer: Client) -> None:
    site = factories.site()
    scarce = stocked(site, 20, daily=10)
    order = factories.order(lines=0, site=site)
    factories.line(order, factories.offer(order.supplier, scarce), quantity=30)
    page = text(buyer.get("/stock/"))
    assert "5 d" in page


@pytest.mark.django_db
def test_the_search_finds_by_code_and_name(buyer: Client) -> None:
    site = factories.site()
    stocked(site, 1, name="Red candle")
    stocked(site, 1, name="Blue plate")
    part = buyer.get("/stock/?q=CANDLE", headers={"HX-Request": "true"})
    assert "Red candle" in text(part)
    assert "Blue plate" not in text(part)
    assert "<html" not in html(part)
    assert "Nothing is called that" in text(buyer.get("/stock/?q=%00nothing"))


@pytest.mark.django_db
def test_an_empty_house_says_how_to_begin(buyer: Client) -> None:
    assert "import_data" in text(buyer.get("/stock/"))
    factories.site()
    assert "import_data" in text(buyer.get("/stock/?site=moon&page=-3"))


@pytest.mark.django_db
def test_the_number_of_queries_does_not_grow_with_the_items(
    buyer: Client, django_assert_max_num_queries
) -> None:
    site = factories.site()
    for _ in range(8):
        stocked(site, 5, daily=1)
    with django_assert_max_num_queries(23):
        buyer.get("/stock/")
