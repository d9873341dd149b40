from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from orders.models import Site
from procurement.models import CustomerOrder, CustomerOrderLine, DailyDemand, StockLevel, StockReservation
from procurement.stock_cover import stock_rows
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


def ordered(site: Site, product: Product, quantity: int, *, days: int) -> None:
    today = timezone.localdate()
    order = CustomerOrder.objects.create(
        number=f"C-{product.sku}-{days}", site=site, ordered_on=today, due_date=today + timedelta(days=days), source="x"
    )  # fmt: skip
    CustomerOrderLine.objects.create(order=order, line_number=1, product=product, quantity=quantity)


def lasts(site: Site) -> int | None:
    (row,) = stock_rows(site=site)
    return row.cover_days


@pytest.mark.django_db
def test_orders_ahead_are_a_part_of_the_demand_and_not_taken_off_a_second_time() -> None:
    """100 there and 10 a day: ten days, whether or not the customers of next week have ordered yet."""
    site = factories.site()
    item = stocked(site, 100, daily=10)
    ordered(site, item, 30, days=6)
    assert lasts(site) == 10
    ordered(site, item, 20, days=-1)  # should have left: 80
    assert lasts(site) == 8


@pytest.mark.django_db
def test_orders_that_exceed_the_demand_expected_shorten_what_stock_lasts() -> None:
    site = factories.site()
    item = stocked(site, 100, daily=10)
    ordered(site, item, 70, days=3)
    assert lasts(site) == 10  # 70 of it are there on day 3, and by day 10 more would have been taken anyway
    ordered(site, item, 40, days=5)
    assert lasts(site) == 5  # the second one finds 30


@pytest.mark.django_db
def test_what_is_put_aside_lasts_for_nobody_else(buyer: Client) -> None:
    site = factories.site()
    item = stocked(site, 100, daily=10)
    StockReservation.objects.create(site=site, product=item, quantity=40, purpose="A fair")
    assert lasts(site) == 6
    ordered(site, item, 15, days=2)
    page = text(buyer.get("/stock/"))
    assert "40 put aside" in page
    assert "15 ahead" in page


@pytest.mark.django_db
def test_an_item_that_only_customers_order_lasts_until_their_order() -> None:
    site = factories.site()
    ordered(site, stocked(site, 5), 9, days=4)
    assert lasts(site) == 4


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
    said = "Load stock, demand and catalogues from files"
    assert said in text(buyer.get("/stock/"))
    factories.site()
    assert said in text(buyer.get("/stock/?site=moon&page=-3"))


@pytest.mark.django_db
def test_the_number_of_queries_does_not_grow_with_the_items(
    buyer: Client, django_assert_max_num_queries
) -> None:
    site = factories.site()
    for _ in range(8):
        stocked(site, 5, daily=1)
    with django_assert_max_num_queries(25):
        buyer.get("/stock/")
