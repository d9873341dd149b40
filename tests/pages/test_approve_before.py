"""Drafts say until when they must be approved to be delivered on the day they ask for."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine

from orders.approve_by import approve_by
from orders.models import OrderDay, PurchaseOrder
from orders.services.approval import order_approve
from procurement.services.planning import plan_run
from suppliers.models import SupplierCalendar
from tests import factories
from tests.orders.factories import make_site, make_supplier
from tests.pages.reading import text
from tests.procurement.planning import make_item, make_quote

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def planned():
    with time_machine.travel(MONDAY, tick=False) as clock:
        site, acme = make_site(), make_supplier(code="acme", lead_time_days=2)
        make_quote(acme, make_item(site, "A", on_hand="3"))
        SupplierCalendar.objects.create(supplier=acme, weekdays="1111100", time_zone="Europe/London")
        for weekday in (0, 2, 4):
            OrderDay.objects.create(supplier=acme, weekday=weekday, until=time(10, 30))
        plan_run(site=site, by=None)
        yield PurchaseOrder.objects.get(), clock


def test_the_order_and_the_queue_say_until_when_to_approve(planned, client):
    order, _ = planned
    client.force_login(factories.user("Approver"))
    said = "Approve before 10:30 for delivery on Wed 25 Nov"
    assert f"{said}." in text(client.get(f"/orders/{order.number}/"))
    assert said in text(client.get("/"))


def test_after_the_cut_off_they_say_which_delivery_is_next(planned, client):
    order, clock = planned
    clock.move_to(MONDAY.replace(hour=10, minute=30))
    client.force_login(factories.user("Approver"))
    said = "Too late for Wed 25 Nov: approve before 10:30 on Wed 25 Nov for delivery on Fri 27 Nov"
    assert said in text(client.get(f"/orders/{order.number}/"))
    assert said in text(client.get("/"))


@pytest.mark.parametrize("in_time", [True, False])
def test_an_order_that_missed_its_cut_off_says_when_it_arrives_until_the_supplier_answers(
    planned, client, in_time
):
    order, clock = planned
    viewer = factories.user("Approver")
    client.force_login(viewer)

    def page() -> str:
        return text(client.get(f"/orders/{order.number}/"))

    if in_time:
        order_approve(order=order, by=viewer, version=order.version, via="test")
        assert "cut-off" not in page()
        clock.move_to(MONDAY.replace(hour=11))
    else:
        clock.move_to(MONDAY.replace(hour=11))
        order_approve(order=order, by=viewer, version=order.version, via="test")
    told = "the cut-off of Mon 23 Nov at 10:30, too late for Wed 25 Nov. By the calendar of"
    then = "it goes with its orders of Wed 25 Nov at 10:30 and arrives on Fri 27 Nov."
    assert f"Not sent before {told}" in page()
    assert then in page()
    PurchaseOrder.objects.update(status="transferred", transferred_at=MONDAY.replace(hour=11))
    clock.move_to(MONDAY.replace(day=26))  # when it is looked at plays no part
    assert f"Sent after {told}" in page()
    assert then in page()
    PurchaseOrder.objects.update(status="confirmed")
    assert "cut-off" not in page()


def test_an_order_that_was_sent_in_time_says_nothing_of_cut_offs(planned, client):
    order, clock = planned
    PurchaseOrder.objects.update(status="transferred", transferred_at=MONDAY.replace(hour=10, minute=29))
    clock.move_to(MONDAY.replace(day=26))
    client.force_login(factories.user("Approver"))
    assert "cut-off" not in text(client.get(f"/orders/{order.number}/"))


def test_a_supplier_without_order_days_hurries_nobody(planned, client):
    order, _ = planned
    OrderDay.objects.all().delete()
    PurchaseOrder.objects.update(approve_before=None)
    client.force_login(factories.user("Approver"))
    assert "Approve before" not in text(client.get(f"/orders/{order.number}/"))


def test_an_order_entered_by_hand_is_told_the_next_cut_off(planned):
    order, _ = planned
    own = factories.order(order.supplier, site=order.site, requested_date=None)
    assert approve_by([own])[own.pk].words == "Approve before 10:30"


def test_what_is_due_first_stands_first(planned, client):
    order, clock = planned
    other = make_supplier(code="later", name="Later")
    OrderDay.objects.create(supplier=other, weekday=3, until=time(12))
    PurchaseOrder.objects.filter(pk=order.pk).update(created_at=MONDAY + timedelta(minutes=5))
    factories.order(other, site=order.site, requested_date=date(2026, 11, 30))
    clock.move_to(MONDAY + timedelta(minutes=10))
    client.force_login(factories.user("Approver"))
    page = text(client.get("/"))
    assert page.index("Approve before 10:30 for") < page.index("Approve before 12:00 on Thu 26 Nov")
