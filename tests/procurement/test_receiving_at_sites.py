"""What a split line brings counts, and is booked in, at each of its sites."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from orders.exceptions import InvalidInput
from orders.models import PurchaseOrder, ReceiptLine, Site
from orders.selectors import scheduled_receipts
from procurement.models import DailyDemand, Requirement, StockLevel
from procurement.selectors import inventory_position
from procurement.services.planning import plan_run
from procurement.services.receiving import goods_receive
from suppliers.models import Product
from tests import factories
from tests.orders.split import divide, draft, north

pytestmark = pytest.mark.django_db


def split_order(status: str = "confirmed", **answered: int) -> PurchaseOrder:
    """60 in packs of 6: 36 to Main warehouse, 24 to North; answered with `confirmed_quantity` and such."""
    order = draft()
    divide(order, main=36, north=24)
    order.lines.update(**answered)
    PurchaseOrder.objects.filter(pk=order.pk).update(status=status)
    order.refresh_from_db()
    return order


def coming(order: PurchaseOrder) -> tuple[Decimal, Decimal]:
    """To Main warehouse and to North."""
    product = order.lines.get().product_id
    main, other = (scheduled_receipts(site=site).get(product, Decimal(0)) for site in (order.site, north()))
    return main, other


def stock(order: PurchaseOrder) -> dict[str, Decimal]:
    levels = StockLevel.objects.filter(product=order.lines.get().product)
    return dict(levels.values_list("site__code", "on_hand"))


def receive(order: PurchaseOrder, token: str = "", **parts: str | int):
    """By site code."""
    line, codes = order.lines.get(), {site.code: site.pk for site in Site.objects.all()}
    order.refresh_from_db()
    return goods_receive(
        order=order, by=factories.user(), quantities={}, form_token=token or str(parts), via="test",
        at_sites={(line.pk, codes[code]): Decimal(n) for code, n in parts.items()},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("status", "answered", "expected"),
    [
        ("draft", {}, (36, 24)),
        ("transferred", {}, (36, 24)),
        ("confirmed", {"confirmed_quantity": 30}, (18, 12)),
        ("confirmed", {"confirmed_quantity": 36}, (24, 12)),  # 14.4 are no whole packs
        ("confirmed", {"confirmed_quantity": 0}, (0, 0)),
        ("shipped", {"confirmed_quantity": 60, "shipped_quantity": 30}, (18, 12)),
        ("rejected", {}, (0, 0)),
    ],
)
def test_what_is_on_the_way_counts_at_the_site_that_gets_it(status, answered, expected):
    order = split_order(status, **answered)
    assert coming(order) == expected


def test_sites_of_split_and_whole_lines_add_up():
    order = split_order()
    product = order.lines.get().product
    other = factories.order(lines=0, site=north())
    factories.line(other, factories.offer(other.supplier, product), quantity=Decimal(5))
    assert coming(order) == (36, 29)
    assert inventory_position(site=north())[product.pk].on_order == 29
    assert scheduled_receipts(site=north(), products=[product.pk + 1]) == {}


def test_goods_are_booked_in_where_they_came_in():
    order = split_order(confirmed_quantity=60)
    receive(order, main=36, north=10)
    assert stock(order) == {"main": 36, "north": 10}
    line = order.lines.get()
    assert line.received_quantity == 46
    assert coming(order) == (0, 14)
    assert order.status == "confirmed"
    text = order.events.get(kind="received").text
    assert text == "46 units on 1 lines came in: 36 at Main warehouse, 10 at North."
    receive(order, north=14)
    order.refresh_from_db()
    assert (order.status, stock(order)) == ("shipped", {"main": 36, "north": 24})
    assert sum(ReceiptLine.objects.values_list("quantity", flat=True)) == order.lines.get().received_quantity


def test_all_may_come_in_at_one_site_and_nothing_is_then_missing_at_the_other():
    order = split_order(confirmed_quantity=60)
    receive(order, main=50)
    assert coming(order) == (0, 10)
    receive(order, main=10)
    assert coming(order) == (0, 0)
    assert stock(order) == {"main": 60}


def test_the_same_form_books_once():
    order = split_order(confirmed_quantity=60)
    assert receive(order, token="form", main=6, north=6)
    assert receive(order, token="form", main=6, north=6) is None
    assert stock(order) == {"main": 6, "north": 6}


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"main": 36, "north": 25}, "from 0 to 60"),
        ({"main": "NaN"}, "from 0 to 60"),
        ({"main": 66, "north": -6}, "from 0 to 60"),
        ({"south": 6}, "Nothing of line 1 goes to that site"),
    ],
)
def test_more_than_is_expected_in_all_or_at_a_strange_site_is_refused(parts, words):
    order = split_order(confirmed_quantity=60)
    factories.site(code="south", name="South")
    with pytest.raises(InvalidInput, match=words):
        receive(order, **parts)
    assert stock(order) == {}


def test_split_line_without_a_site_is_refused_and_a_whole_one_goes_to_the_orders():
    order = split_order(confirmed_quantity=60)
    line = order.lines.get()
    with pytest.raises(InvalidInput, match="enter what came in at each"):
        goods_receive(
            order=order, by=factories.user(), quantities={line.pk: Decimal(6)}, form_token="a", via="test"
        )
    whole = factories.order(status="confirmed")
    line = whole.lines.get()
    goods_receive(
        order=whole, by=factories.user(), quantities={line.pk: Decimal(6)}, form_token="b", via="test"
    )
    assert stock(whole) == {"main": 6}


def test_plan_of_each_site_counts_its_own_part_of_a_split_draft():
    """Each needs 20 of it. Split, the draft covers both; whole, it covers one and the other orders for itself."""
    order = draft()
    offer = order.lines.get().supplier_product
    for site in (order.site, north()):
        DailyDemand.objects.bulk_create(
            DailyDemand(
                site=site, product=offer.product, quantity=2, source="test",
                date=timezone.localdate() - timedelta(days=ago),
            )
            for ago in range(1, 121)
        )  # fmt: skip
    divide(order, main=36, north=24)
    on_order = {site.code: plan_needs(site, offer.product) for site in (order.site, north())}
    assert on_order == {"main": (36, 0), "north": (24, 0)}
    divide(order, main=60)
    assert plan_needs(order.site, offer.product) == (60, 0)
    on_order, missing = plan_needs(north(), offer.product)
    assert on_order == 0
    assert missing > 0


def plan_needs(site: Site, product: Product) -> tuple[Decimal, Decimal]:
    """On order at the site and what is missing, as a plan of it sees them."""
    need = Requirement.objects.get(run=plan_run(site=site, by=None), product=product)
    return need.on_order, need.net_requirement
