"""A supplier that allows so many calls a day: orders first, the background stops early, and what came is kept."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from suppliers.call_figures import calls_today
from suppliers.exceptions import CallsUsedUp
from suppliers.models import CallDay, CallHour, PriceQuote, Purpose, Supplier, SupplierProduct
from suppliers.services.budget import answers_due, calls_used
from suppliers.services.pace import pace_of
from suppliers.services.quotes import prices_refresh, stock_refresh
from tests import factories
from tests.flow.race import race

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 23, 12, 30, tzinfo=timezone.get_default_timezone())


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def call(supplier: Supplier, purpose: Purpose, times: int = 1) -> int:
    """How many of them were let through."""
    for done in range(times):
        try:
            pace_of(supplier, patience=timedelta(0), purpose=purpose)()
        except CallsUsedUp:
            return done
    return times


def test_background_leaves_a_fifth_people_use_it_up_and_orders_are_never_refused(clock):
    supplier = factories.supplier(calls_per_day=10)
    assert call(supplier, Purpose.PRICES, 20) == 8
    assert call(supplier, Purpose.STOCK) == 0
    assert call(supplier, Purpose.PEOPLE, 5) == 2
    assert call(supplier, Purpose.ORDERS, 5) == 5
    assert calls_used(supplier) == 15


def test_refusal_says_what_why_and_until_when_and_midnight_ends_it(clock):
    supplier = factories.supplier(name="Acme", calls_per_day=1)
    with pytest.raises(CallsUsedUp) as refused:
        pace_of(supplier, patience=timedelta(0), purpose=Purpose.STOCK)()
    assert str(refused.value) == (
        "Acme allows us 1 call a day. What may be used for stock is used up; the rest is kept for orders. It goes on"
        " after midnight (UTC)."
    )
    assert refused.value.retry_after == timedelta(hours=11, minutes=30)
    supplier.calls_per_day = 10
    assert call(supplier, Purpose.STOCK, 20) == 8
    clock.shift(timedelta(hours=11, minutes=29))
    assert call(supplier, Purpose.STOCK) == 0
    clock.shift(timedelta(minutes=1))
    assert call(supplier, Purpose.STOCK) == 1


def test_calls_of_the_day_before_an_administrator_entered_the_allowance_count(clock):
    supplier = factories.supplier(calls_per_day=10)
    CallHour.objects.create(supplier=supplier, day=NOON.date(), hour=3, purpose=Purpose.PRICES, calls=7)
    assert calls_used(supplier) == 7
    assert call(supplier, Purpose.PRICES, 20) == 1
    assert calls_used(supplier) == 8


def test_supplier_without_an_allowance_costs_no_row(clock):
    assert call(factories.supplier(), Purpose.PRICES, 3) == 3
    assert not CallDay.objects.exists()


def test_answers_are_collected_at_an_even_pace(clock):
    supplier = factories.supplier(calls_per_day=40)
    assert answers_due(supplier)
    CallHour.objects.create(supplier=supplier, day=NOON.date(), hour=3, purpose=Purpose.ANSWERS, calls=6)
    assert not answers_due(supplier), "by half past twelve about five of the ten a day"
    clock.shift(timedelta(hours=6))
    assert answers_due(supplier)


@pytest.mark.django_db(transaction=True)
def test_many_at_once_share_one_day():
    supplier = factories.supplier(calls_per_day=5)

    def one() -> None:
        pace_of(supplier, patience=timedelta(0), purpose=Purpose.PRICES)()

    results = race(*(one for _ in range(9)))
    refused = [result for result in results if result is not None]
    assert all(isinstance(result, CallsUsedUp) for result in refused), results
    assert (len(refused), CallDay.objects.get().calls) == (5, 4)


def test_answers_that_came_before_the_allowance_was_used_up_are_kept(sandbox, sandbox_supplier):
    offers = list(sandbox_supplier.products.order_by("pk"))
    PriceQuote.objects.all().delete()
    SupplierProduct.objects.update(stock_as_of=None)
    whole = prices_refresh(supplier=sandbox_supplier, offers=offers)
    assert not whole.put_off
    expected = {
        quote.supplier_product_id: sorted(quote.tiers.values_list("from_quantity", "unit_price"))
        for quote in PriceQuote.objects.all()
    }
    counted = CallHour.objects.get(purpose=Purpose.PRICES).calls
    for allowed in range(1, counted + 3):
        PriceQuote.objects.all().delete()
        CallDay.objects.all().delete()
        CallHour.objects.all().delete()
        Supplier.objects.update(calls_per_day=allowed)
        sandbox_supplier.refresh_from_db()
        part = prices_refresh(supplier=sandbox_supplier, offers=offers)
        assert calls_used(sandbox_supplier) <= allowed
        found = {
            quote.supplier_product_id: sorted(quote.tiers.values_list("from_quantity", "unit_price"))
            for quote in PriceQuote.objects.all()
        }
        assert found.items() <= expected.items(), "half a price list is none"
        assert part.problems == ((part.put_off,) if part.put_off else ())
    stock = stock_refresh(supplier=sandbox_supplier, offers=offers)
    assert (stock.updated, "for stock is used up" in stock.put_off) in {(0, True), (len(offers), False)}


def test_page_shows_what_is_used_left_and_put_off(clock):
    supplier = factories.supplier(code="acme", calls_per_day=10)
    call(supplier, Purpose.PRICES, 9)
    today = calls_today(supplier)
    assert (today.used, today.left, today.kept, today.stopped) == (8, 2, 2, True)
    client = Client()
    client.force_login(factories.user("Buyer"))
    page = " ".join(client.get("/suppliers/acme/").content.decode().split())
    assert "<b>8</b> of 10 used, <b>2</b> left; 2 are kept for orders" in page
    assert "are not asked any more until midnight" in page
    assert "1 time" in page
