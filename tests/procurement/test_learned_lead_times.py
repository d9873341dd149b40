"""From orders that were sent and received to the lead times that plans count with."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine

from orders.models import PurchaseOrder, PurchaseOrderLine, Receipt, ReceiptLine, SiteCalendar, Status
from orders.services.lead_times import deliveries_count
from procurement.chores import measure_suppliers
from procurement.models import PlanningPolicy, Requirement
from procurement.services.planning import plan_run
from suppliers.models import DeliveryRecord, SupplierCalendar
from tests import factories
from tests.orders.factories import make_site, make_supplier
from tests.procurement.planning import make_item, make_quote

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # a Monday


@pytest.fixture
def world():
    with time_machine.travel(NOW, tick=False):
        site, acme = make_site(), make_supplier(code="acme", lead_time_days=2)
        offer = make_quote(acme, make_item(site, "A", on_hand="3"))
        yield site, acme, offer


def delivered(site, offer, *, sent: datetime, came: datetime, asked: date | None = None) -> PurchaseOrderLine:
    order = factories.order(
        offer.supplier, site=site, lines=0, status=Status.SHIPPED, transferred_at=sent, requested_date=asked
    )
    line = factories.line(order, offer, quantity=Decimal(6), received_quantity=Decimal(6))
    receipt = Receipt.objects.create(
        order=order, received_at=came, by=factories.user(), form_token=f"t{order.pk}"
    )
    ReceiptLine.objects.create(receipt=receipt, line=line, quantity=6)
    return line


def history(site, offer, days: list[int], **values) -> None:
    for week, taken in enumerate(days, start=2):
        sent = NOW - timedelta(weeks=week)
        delivered(site, offer, sent=sent, came=sent + timedelta(days=taken), **values)


def test_deliveries_are_timed_from_sent_to_received(world):
    site, acme, offer = world
    history(site, offer, [3, 3, 4])
    assert deliveries_count() == 3
    assert DeliveryRecord.objects.get(supplier_product=offer).histogram == {3: 2, 4: 1}
    assert DeliveryRecord.objects.get(supplier=acme, supplier_product=None).histogram == {1: 2, 2: 1}
    assert deliveries_count() == 3  # counted anew, not on top
    assert DeliveryRecord.objects.count() == 2


def test_only_working_days_of_both_count(world):
    site, acme, offer = world
    SupplierCalendar.objects.create(supplier=acme, weekdays="1111100")
    SiteCalendar.objects.create(site=site, weekdays="1111100")
    friday = datetime(2026, 11, 6, 9, tzinfo=UTC)
    delivered(site, offer, sent=friday, came=friday + timedelta(days=4))  # Tuesday
    deliveries_count()
    assert DeliveryRecord.objects.get(supplier_product=offer).histogram == {2: 1}


def test_lines_of_one_delivery_are_one_proof_of_the_supplier(world):
    site, acme, offer = world
    line = delivered(site, offer, sent=NOW - timedelta(days=20), came=NOW - timedelta(days=17))
    more = factories.line(line.order, make_quote(acme, make_item(site, "B")), quantity=Decimal(1))
    ReceiptLine.objects.create(receipt=Receipt.objects.get(), line=more, quantity=1)
    assert deliveries_count() == 2
    assert DeliveryRecord.objects.get(supplier=acme, supplier_product=None).deliveries == 1


def test_what_was_asked_for_in_a_month_says_nothing_of_the_lead_time(world):
    site, _, offer = world
    sent = NOW - timedelta(days=60)
    delivered(
        site, offer, sent=sent, came=sent + timedelta(days=30), asked=(sent + timedelta(days=30)).date()
    )
    assert deliveries_count() == 0


def test_the_second_receipt_of_a_line_changes_nothing(world):
    site, _, offer = world
    line = delivered(site, offer, sent=NOW - timedelta(days=20), came=NOW - timedelta(days=17))
    late = Receipt.objects.create(
        order=line.order, received_at=NOW - timedelta(days=1), by=factories.user(), form_token="late"
    )
    ReceiptLine.objects.create(receipt=late, line=line, quantity=1)
    deliveries_count()
    assert DeliveryRecord.objects.get(supplier_product=offer).histogram == {3: 1}


def planned(site) -> tuple[date | None, Requirement]:
    run = plan_run(site=site, by=None)
    line = PurchaseOrder.objects.get(status=Status.DRAFT).lines.get()
    return line.requested_date, run.requirements.get()


def test_plans_count_with_what_was_learned_and_say_from_how_many(world):
    site, _, offer = world
    history(site, offer, [4] * 12)
    assert measure_suppliers().counts["deliveries timed"] == 12
    requested, found = planned(site)
    assert requested == date(2026, 11, 27)
    assert found.horizon_days == 11
    assert found.reason["delivery"]["lead_time"] == "4 working days, learned from 12 deliveries; stated 2"


def test_four_deliveries_leave_a_plan_as_it_was(world):
    site, _, offer = world
    history(site, offer, [9] * 4)
    deliveries_count()
    requested, found = planned(site)
    assert requested == date(2026, 11, 25)
    assert "delivery" not in found.reason


def test_the_policy_may_keep_to_what_is_stated(world):
    site, _, offer = world
    PlanningPolicy.objects.create(site=site, learned_lead_times=False)
    history(site, offer, [4] * 12)
    deliveries_count()
    assert planned(site)[0] == date(2026, 11, 25)


def test_late_deliveries_raise_the_buffer(world):
    site, _, offer = world
    history(site, offer, [2] * 14 + [7] * 6)
    deliveries_count()
    requested, found = planned(site)
    assert requested == date(2026, 11, 25)
    assert Decimal(found.reason["buffer"]["for_late_deliveries"]) > 2
    assert "up to 7 in 1 of 10" in found.reason["delivery"]["lead_time"]


def test_the_suppliers_page_shows_what_was_learned_with_how_many(world, client):
    site, _, offer = world
    client.force_login(factories.user("Buyer"))
    assert "plans count with the 2 days it states" in client.get("/suppliers/acme/").content.decode()
    history(site, offer, [4] * 3)
    deliveries_count()
    assert "3 deliveries are known; from 5 on" in client.get("/suppliers/acme/").content.decode()
    history(site, offer, [4] * 12)
    deliveries_count()
    page = client.get("/suppliers/acme/").content.decode()
    assert "4 working days, learned from 15 deliveries of the supplier" in page
    assert "0 % of the last year" in page
