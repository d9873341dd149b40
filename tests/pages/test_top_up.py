"""A draft short of its supplier's limits says what could be done, and one click does it.

Two of each item are sold a day, and reviewed once a week. Acme is free of its fee of 15.00 from 100.00.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from orders.models import OrderDay, PurchaseOrder, Status
from orders.services.approval import order_approve
from procurement.models import (
    CustomerOrder,
    CustomerOrderLine,
    ItemPolicy,
    PlanningPolicy,
    PlanRun,
    StockReservation,
    StorageArea,
)
from procurement.services.arrivals import arrivals_of
from procurement.services.planning import plan_run
from procurement.services.top_up import top_up_advice
from suppliers.models import DeliveryRecord, SourcingDecision, Supplier, SupplierCalendar, SupplierProduct
from tests import factories
from tests.pages.reading import text
from tests.procurement.planning import make_item, make_quote

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def draft() -> PurchaseOrder:
    """20 of A at 2.00 are due: 40.00. B (level 20, 26 there) is due in three days, C (60 there) in twenty."""
    site = factories.site()
    acme = factories.supplier(code="acme", name="Acme", delivery_fee=15, free_delivery_from=100)
    for sku, on_hand, price in (("A", "0", "2.00"), ("B", "26", "3.00"), ("C", "60", "4.00")):
        make_quote(acme, make_item(site, sku, on_hand=on_hand), price)
    plan_run(site=site, by=None)
    return PurchaseOrder.objects.get()


def way(order: PurchaseOrder, kind: str):
    (advice,) = top_up_advice(order)
    return next((way for way in advice.ways if way.kind == kind), None)


def test_draft_has_what_the_plan_found(draft):
    assert (draft.lines.get().quantity, draft.lines.get().unit_price, draft.delivery_fee) == (20, 2, 15)


def test_items_due_soon_reach_free_delivery(draft):
    """60.00 short: 20 of B for 60.00. 14 of them come 3 days earlier, 6 come 10 days: 102 days at 3.00, 20 % a year."""
    (advice,) = top_up_advice(draft)
    assert advice.words == "60.00 GBP short of free delivery (saves 15.00 GBP)."
    add = way(draft, "add")
    assert [(line.name, line.days, line.quantity) for line in add.lines] == [("Product B", 3, 20)]
    assert (add.value, add.holding, add.net) == (D("60.00"), D("0.17"), D("14.83"))


def test_holding_cost_is_as_the_site_says(draft):
    PlanningPolicy.objects.update(holding_cost_percent=50)
    assert way(draft, "add").holding == D("0.42")  # 102 * 3.00 * 0.5 / 365


def test_what_is_blocked_dearer_than_elsewhere_or_not_to_be_had_is_not_advised(draft):
    offer = SupplierProduct.objects.get(product__sku="B")
    other = make_quote(factories.supplier(code="bolt", name="Bolt"), offer.product, "2.90")
    assert [line.name for line in way(draft, "add").lines] == ["Product C"]
    SourcingDecision.objects.create(supplier=other.supplier, kind="blocked", reason="Unpaid")
    assert [line.name for line in way(draft, "add").lines] == ["Product B"]
    SourcingDecision.objects.create(
        supplier=offer.supplier,
        supplier_product=offer,
        kind="blocked",
        reason="x",
        since=timezone.localdate(),
    )
    assert [line.name for line in way(draft, "add").lines] == ["Product C"]
    SupplierProduct.objects.filter(product__sku="C").update(stock_on_offer=14)  # 56.00
    assert way(draft, "add") is None


def test_nothing_is_advised_that_would_spoil_or_has_no_room(draft):
    """What surely sells of B until goods of now spoil is the plan's own limit: in 23 days 41 of the 46 expected, and
    26 are there. C keeps.
    """
    offer = SupplierProduct.objects.get(product__sku="B")
    offer.product.shelf_life_days = 20
    offer.product.save()
    add = way(draft, "add")
    assert {line.name: line.quantity for line in add.lines}["Product B"] == 15
    PlanningPolicy.objects.update(maximum_cover_days=13)
    assert way(draft, "add") is None


def test_items_that_share_a_place_are_advised_as_far_as_there_is_room_for_all(draft):
    """26 of B and 60 of C lie there: room for 20 more is B's, which is due first; one less and 60.00 are not
    reached.
    """
    area = StorageArea.objects.create(site=draft.site, name="Cold store", capacity=106)
    for sku in ("B", "C"):
        product = SupplierProduct.objects.get(product__sku=sku).product
        ItemPolicy.objects.create(site=draft.site, product=product, storage_area=area, storage_size=1)
    assert [(line.name, line.quantity) for line in way(draft, "add").lines] == [("Product B", 20)]
    StorageArea.objects.update(capacity=105)
    assert way(draft, "add") is None


def test_goods_arrive_as_late_as_deliveries_did_so_far(draft):
    offer = SupplierProduct.objects.select_related("supplier").get(product__sku="A")
    stated = arrivals_of(site=draft.site, offers=[offer], run=None).days(offer)
    DeliveryRecord.objects.create(
        supplier=offer.supplier, deliveries=40, counts={"4": 40}, measured_at=timezone.now()
    )
    assert arrivals_of(site=draft.site, offers=[offer], run=None).days(offer) == stated + 4
    run = PlanRun.objects.get()
    run.parameters["learned_lead_times"] = False
    assert arrivals_of(site=draft.site, offers=[offer], run=run).days(offer) == stated


def test_stock_put_aside_is_not_there(draft):
    """6 of the 26 of B are kept for somebody: it is due at once, and holding it costs nothing for the first week."""
    product = SupplierProduct.objects.get(product__sku="B").product
    StockReservation.objects.create(site=draft.site, product=product, quantity=6, purpose="A fair")
    (line,) = way(draft, "add").lines
    # 6 * 7 at 3.00
    assert (line.name, line.days, line.quantity, line.holding) == (
        "Product B",
        0,
        20,
        D("0.07"),
    )


def test_orders_due_within_the_forecast_are_not_taken_off_a_second_time(draft):
    """B sells two a day, four of them ordered for tomorrow already: due in three days all the same."""
    product = SupplierProduct.objects.get(product__sku="B").product
    today = timezone.localdate()
    order = CustomerOrder.objects.create(
        number="C-1", site=draft.site, ordered_on=today, due_date=today + timedelta(days=1), source="test"
    )
    CustomerOrderLine.objects.create(order=order, line_number=1, product=product, quantity=4)
    assert [(line.name, line.days) for line in way(draft, "add").lines] == [("Product B", 3)]
    CustomerOrder.objects.update(due_date=today - timedelta(days=1))  # should have left
    assert [(line.name, line.days) for line in way(draft, "add").lines] == [("Product B", 1)]


def test_waiting_sees_what_runs_out(draft):
    """4.00 a day of A, and the first batch of B (42.00) after 3 days: 60 short are due after 5 days. A has run out."""
    wait = way(draft, "wait")
    assert wait.days == 5
    assert wait.net == D("15.00") - 5 * 2 * D("2.00")


def test_moving_names_the_cheapest_that_sells_it_all(draft):
    """20 at 2.10 and no fee: 42.00, against 55.00 here."""
    product = draft.lines.get().product
    make_quote(factories.supplier(code="bolt", name="Bolt"), product, "2.10")
    make_quote(factories.supplier(code="cask", name="Cask", minimum_order_value=50), product, "1.00")
    make_quote(factories.supplier(code="drum", name="Drum", currency="EUR"), product, "1.00")
    move = way(draft, "move")
    assert (move.supplier, move.net) == ("bolt", D("13.00"))
    assert (
        move.words
        == "Move all lines to Bolt: 42.00 GBP, nothing more for delivery, 13.00 GBP less than here."
    )


def test_order_below_the_minimum_is_refused_or_costs_a_surcharge(draft):
    Supplier.objects.filter(code="acme").update(minimum_order_value=60)
    minimum, _ = top_up_advice(PurchaseOrder.objects.get())
    assert minimum.words == "20.00 GBP short of the minimum order; such an order is refused."
    Supplier.objects.filter(code="acme").update(below_minimum_surcharge=8)
    minimum, free = top_up_advice(PurchaseOrder.objects.get())
    assert minimum.words == "20.00 GBP short of the minimum order (saves 8.00 GBP)."
    assert free.words == "60.00 GBP short of free delivery (saves 23.00 GBP)."


def test_without_a_plan_only_other_suppliers_are_compared(draft):
    PlanRun.objects.all().delete()
    (advice,) = top_up_advice(draft)
    assert advice.ways == ()


# -- the page --------------------------------------------------------------------------------------------------
def test_order_page_leads_there_and_one_click_adds(client, draft):
    buyer, approver = factories.user("Buyer"), factories.user("Approver")
    client.force_login(buyer)
    order_approve(order=draft, by=approver, version=draft.version, comment="", via="page")
    draft.transfers.all().delete()
    draft.refresh_from_db()
    page = f"/orders/{draft.number}/"
    assert f'hx-get="{page}top-up/"' in client.get(page).content.decode()
    part = client.get(f"{page}top-up/", headers={"HX-Request": "true"}).content.decode()
    assert "60.00 GBP short of free delivery (saves 15.00 GBP)." in part
    assert "add 20 x Product B for 60.00 GBP; holding cost 0.17 GBP" in part
    offer = SupplierProduct.objects.get(product__sku="B")
    answer = client.post(
        f"{page}top-up/add/", {"version": draft.version, f"add-{offer.pk}": "20"}, follow=True
    )
    assert "1 line added." in answer.content.decode()
    draft.refresh_from_db()
    assert draft.delivery_fee == 0
    line = draft.lines.get(product=offer.product)
    assert (line.line_number, line.quantity, line.unit_price, line.requested_date) == (
        2, 20, 3, timezone.localdate() + timedelta(days=3),
    )  # fmt: skip
    kinds = list(draft.events.values_list("kind", flat=True))
    assert kinds[-2:] == ["decision_withdrawn", "line_added"]
    assert draft.events.last().text.startswith("Line 2, Product B: added, 20 at 3.00.")
    assert "short of nothing" in client.get(f"{page}top-up/").content.decode()


def test_one_click_moves_the_order_and_shows_what_it_costs_before_and_after(client, draft):
    """20 at 2.00 and 15.00 for delivery here; there 24 in packs of 12 at 2.10: 50.40, and nothing for delivery."""
    client.force_login(factories.user("Buyer"))
    product = draft.lines.get().product
    make_quote(factories.supplier(code="bolt", name="Bolt"), product, "2.10", pack_size=12)
    page = f"/orders/{draft.number}/"
    part = " ".join(text(client.get(f"{page}top-up/", headers={"HX-Request": "true"})).split())
    for words in ("20 at £2.00", "24 at £2.10", "£40.00", "£50.40", "£15.00", "£55.00", "gains £4.60"):
        assert words in part
    answer = client.post(f"{page}top-up/move/", {"version": draft.version, "supplier": "bolt"}, follow=True)
    moved = PurchaseOrder.objects.exclude(pk=draft.pk).get()
    assert answer.redirect_chain == [(f"/orders/{moved.number}/", 302)]
    assert f"Moved: {draft.number} was cancelled, and this draft at Bolt has its lines." in text(answer)
    again = client.post(f"{page}top-up/move/", {"version": draft.version, "supplier": "bolt"})
    assert again.status_code == 409
    assert "is cancelled and can no longer be edited" in text(again)


def test_page_says_what_the_draft_there_saves_once_it_reaches_free_delivery(client, draft):
    """Bolt's draft of 30.00 pays 10.00 for delivery, which is free from 60.00 on; 42.00 come along."""
    client.force_login(factories.user("Buyer"))
    bolt = factories.supplier(code="bolt", name="Bolt", delivery_fee=10, free_delivery_from=60)
    make_quote(bolt, draft.lines.get().product, "2.10")
    beside = make_quote(bolt, SupplierProduct.objects.get(product__sku="B").product, "3.00")
    there = factories.order(of=bolt, site=draft.site, lines=0)
    factories.line(there, beside, quantity=10, unit_price=3)
    part = " ".join(
        text(client.get(f"/orders/{draft.number}/top-up/", headers={"HX-Request": "true"})).split()
    )
    assert "and saves 10.00 GBP of delivery there" in part
    assert "saves £10.00" in part
    assert "-10" not in part
    assert "−10" not in part


def test_api_moves_and_refuses_in_words(client, draft):
    client.force_login(factories.user("Buyer"))
    address = f"/api/orders/{draft.number}/move/"
    posted = {"version": draft.version, "supplier": "bolt"}
    bolt = factories.supplier(code="bolt", name="Bolt")
    refused = client.post(address, posted, "application/json")
    assert refused.status_code == 400
    assert "Bolt does not offer Product A." in refused.content.decode()
    make_quote(bolt, draft.lines.get().product, "2.10")
    (told,) = client.get(f"/api/orders/{draft.number}/top-up/").json()
    move = next(way for way in told["ways"] if way["kind"] == "move")
    assert (move["elsewhere"]["supplier"], move["elsewhere"]["lines"][0]["unit_price"]) == ("bolt", "2.1000")
    answer = client.post(address, posted, "application/json")
    assert answer.status_code == 200
    assert (answer.json()["supplier"], answer.json()["replaces"]) == ("bolt", draft.number)
    client.force_login(factories.user("Approver"))
    assert client.post(address, posted, "application/json").status_code == 403


def test_days_are_working_days_of_both_calendars(client):
    """On a Friday B is due in three days, on Monday. Acme takes orders on Mondays only: what is ordered today and what
    is ordered then come on the same Wednesday, so the first batch lies here no day longer.
    """
    with time_machine.travel(datetime(2026, 11, 20, 9, tzinfo=UTC), tick=False):
        site = factories.site()
        acme = factories.supplier(
            code="acme", name="Acme", delivery_fee=15, free_delivery_from=100, lead_time_days=2
        )
        SupplierCalendar.objects.create(supplier=acme, weekdays="1111100")
        OrderDay.objects.create(supplier=acme, weekday=0, until="11:00")
        make_quote(acme, make_item(site, "A"), "2.00")
        make_quote(acme, make_item(site, "B", on_hand="30"), "3.00")
        plan_run(site=site, by=None)
        order = PurchaseOrder.objects.get()
        (line,) = way(order, "add").lines
        assert (line.name, line.days, line.quantity) == ("Product B", 3, 18)
        assert line.holding == D("0.05")  # 4 units beyond a week's batch of 14, a week earlier, at 3.00


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"version": "99"}, "was changed by somebody else meanwhile"),
        ({"add": None}, "Say which products to add"),
        ({"add": "0"}, "a quantity is a number above 0"),
        ({"add": "x"}, "cannot be"),
        ({"sku": "A", "add": "5"}, "is in this order already"),
        ({"other": "5"}, "does not offer such a product"),
    ],
)
def test_what_cannot_be_added_is_refused_in_words(client, draft, data, words):
    client.force_login(factories.user("Buyer"))
    offer = SupplierProduct.objects.get(product__sku=data.get("sku", "B"))
    other = factories.offer(factories.supplier())
    posted = {"version": data.get("version", draft.version)}
    if data.get("add", "5") is not None:
        posted[f"add-{other.pk if 'other' in data else offer.pk}"] = data.get("add", "5")
    answer = client.post(f"/orders/{draft.number}/top-up/add/", posted)
    assert answer.status_code in (409, 422)
    assert words in answer.content.decode()
    assert draft.lines.count() == 1


def test_only_those_who_may_change_orders_add(client, draft):
    client.force_login(factories.user("Approver"))
    offer = SupplierProduct.objects.get(product__sku="B")
    page = f"/orders/{draft.number}/top-up/"
    assert "<button" not in client.get(page, headers={"HX-Request": "true"}).content.decode()
    assert client.post(f"{page}add/", {"version": 0, f"add-{offer.pk}": "5"}).status_code == 403


def test_api_tells_and_adds_the_same(client, draft):
    client.force_login(factories.user("Buyer"))
    (told,) = client.get(f"/api/orders/{draft.number}/top-up/").json()
    assert (told["short"], told["needed"], told["saves"], told["refused"]) == (
        "60.00",
        "100.00",
        "15.00",
        False,
    )
    add = next(way for way in told["ways"] if way["kind"] == "add")
    assert (add["net"], add["lines"][0]["quantity"], add["lines"][0]["holding"]) == (
        "14.83",
        "20.0000",
        "0.17",
    )
    lines = [{"offer": add["lines"][0]["offer"], "quantity": "20"}]
    answer = client.post(
        f"/api/orders/{draft.number}/top-up/", {"version": draft.version, "lines": lines}, "application/json"
    )
    assert answer.status_code == 200
    assert [line["quantity"] for line in answer.json()["lines"]] == ["20.0000", "20.0000"]


def test_surcharge_is_part_of_the_total(client):
    acme = factories.supplier(minimum_order_value=60, below_minimum_surcharge=8, delivery_fee=5)
    order = factories.order(of=acme, lines=0)
    line = factories.line(order, factories.offer(acme), quantity=D(12))
    client.force_login(factories.user("Buyer"))
    client.post(f"/orders/{order.number}/edit/", {"version": order.version, f"quantity-{line.pk}": "13"})
    order.refresh_from_db()
    assert (order.surcharge, order.extras, order.status) == (8, 13, Status.DRAFT)
    text = " ".join(client.get(f"/orders/{order.number}/").content.decode().split())
    assert "+ £5.00 delivery + £8.00 for less than the minimum = £45.50" in text
