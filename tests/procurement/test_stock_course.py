"""The course of an item's stock: what was known, and what is expected to come and go."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from orders.models import Site, Status
from procurement.item_position import item_position
from procurement.models import CustomerOrder, CustomerOrderLine, StockChange, StockLevel
from procurement.stock_course import Course, stock_course
from procurement.templatetags.stock_pictures import course_picture
from suppliers.models import Product
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def item() -> Product:
    item, now = factories.product(), timezone.now()
    StockLevel.objects.create(site=factories.site(), product=item, on_hand=10, as_of=now, source="WMS")
    return item


def course(item: Product) -> Course:
    return stock_course(item_position(site=factories.site(), product=item))


def promise(item: Product, quantity: int, due: date | None) -> None:
    order = CustomerOrder.objects.create(
        number=f"SO-{quantity}",
        site=factories.site(),
        ordered_on=timezone.localdate(),
        due_date=due,
        source="x",
    )
    CustomerOrderLine.objects.create(order=order, line_number=1, product=item, quantity=quantity)


def changed(item: Product, figure: int, *, days: int, counts: bool = True) -> None:
    at = timezone.now() - timedelta(days=days)
    StockChange.objects.create(
        product=item,
        site=factories.site(),
        at=at,
        kind="stated",
        on_hand=figure,
        as_of=at,
        source="WMS",
        counts=counts,
    )


def test_what_comes_and_goes_is_added_up_by_day(item: Product) -> None:
    today = timezone.localdate()
    order = factories.order(lines=0, status=Status.CONFIRMED, number="PO-7", requested_date=today)
    offer = factories.offer(order.supplier, item)
    factories.line(order, offer, confirmed_quantity=Decimal(12), promised_date=today + timedelta(days=5))
    promise(item, 9, today + timedelta(days=2))
    promise(item, 4, today + timedelta(days=3))
    promise(item, 1, today - timedelta(days=30))  # overdue: at once
    found = course(item)
    assert [(step.change, step.on_hand) for step in found.ahead] == [
        (0, 10),
        (-1, 9),
        (-9, 0),
        (-4, -4),
        (12, 8),
    ]
    assert (found.lowest_ahead, found.highest) == (-4, 10)
    picture = course_picture(found)
    assert "PO-7 brings 12, then 8" in picture
    assert "course-short" in picture


def test_days_far_away_or_none_at_all_break_nothing(item: Product) -> None:
    promise(item, 1, date(9999, 12, 31))
    promise(item, 2, date(1, 1, 1))
    promise(item, 3, None)
    found = course(item)
    assert [step.on_hand for step in found.ahead] == [10, 8, 5, 4]
    assert found.ends - found.now < timedelta(days=400)
    assert "<svg" in course_picture(found)


def test_past_begins_with_what_was_so_then_and_leaves_out_who_did_not_count(item: Product) -> None:
    for figure, days, counts in (
        (70, 400, True),
        (60, 300, True),
        (50, 20, True),
        (99, 10, False),
        (10, 1, True),
    ):
        changed(item, figure, days=days, counts=counts)
    assert [step.on_hand for step in course(item).past] == [60, 50, 10]


def test_receipts_add_up_to_what_is_on_order(item: Product) -> None:
    north = Site.objects.create(code="north", name="North")
    for site in (factories.site(), north):
        order = factories.order(lines=0, site=site)
        factories.line(order, factories.offer(order.supplier, item))
    found = item_position(site=north, product=item)
    assert sum(one.quantity for one in found.receipts) == found.known.on_order == 12
