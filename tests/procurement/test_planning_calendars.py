"""Plans count in the working days of both calendars, and orders are asked for by the days suppliers deliver."""

from datetime import UTC, date, datetime, time

import pytest
import time_machine

from orders.models import OrderDay, PurchaseOrder, SiteCalendar, SiteClosure
from procurement.models import Requirement
from procurement.services.planning import plan_run
from suppliers.models import SupplierCalendar, SupplierClosure
from tests.orders.factories import make_site, make_supplier
from tests.procurement.planning import make_item, make_quote

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def world():
    with time_machine.travel(MONDAY, tick=False) as clock:
        site, acme = make_site(), make_supplier(code="acme", lead_time_days=2)
        make_quote(acme, make_item(site, "A", on_hand="3"))
        yield site, acme, clock


def planned(site) -> tuple[date | None, int]:
    plan_run(site=site, by=None)
    return PurchaseOrder.objects.get().lines.get().requested_date, Requirement.objects.get().horizon_days


def test_without_calendars_lead_time_and_review_period_are_days(world):
    site, *_ = world
    assert planned(site) == (date(2026, 11, 25), 9)
    assert "delivery" not in Requirement.objects.get().reason


def test_an_order_waits_for_the_next_order_day(world):
    site, acme, clock = world
    SupplierCalendar.objects.create(supplier=acme, weekdays="1111100", time_zone="Europe/London")
    for weekday in (0, 2, 4):
        OrderDay.objects.create(supplier=acme, weekday=weekday, until=time(10, 30))
    clock.move_to(MONDAY.replace(hour=10, minute=30))
    # too late for Monday: ordered on Wednesday it comes on Friday, and ordered on Friday, on Tuesday
    assert planned(site) == (date(2026, 11, 27), 8)


def test_closures_of_supplier_and_site_move_the_delivery(world):
    site, acme, _ = world
    SupplierCalendar.objects.create(supplier=acme, weekdays="1111100")
    SupplierClosure.objects.create(
        supplier=acme, first=date(2026, 11, 24), last=date(2026, 12, 7), name="Stock count"
    )
    SiteCalendar.objects.create(site=site, weekdays="1111100")
    SiteClosure.objects.create(site=site, first=date(2026, 12, 9), last=date(2026, 12, 9), name="Moving")
    # of the supplier's days, Monday the 23rd, then 8 and 9 December; the site receives on the 10th.
    # A week later nobody is there either: the order of 30 November is taken on 8 December, and comes on the 10th.
    assert planned(site) == (date(2026, 12, 10), 17)


@time_machine.travel(datetime(2026, 12, 24, 9, tzinfo=UTC), tick=False)
def test_a_holiday_of_the_suppliers_country_is_no_working_day():
    site, acme = make_site(), make_supplier(code="acme", lead_time_days=2)
    make_quote(acme, make_item(site, "A", on_hand="3"))
    SupplierCalendar.objects.create(
        supplier=acme, weekdays="1111100", holiday_country="GB", holiday_region="ENG"
    )
    assert planned(site)[0] == date(2026, 12, 30)  # the 25th and the 28th are holidays


def test_the_requirement_keeps_when_stock_runs_out_and_the_line_says_how_late_it_is(world):
    site, *_ = world
    plan_run(site=site, by=None)
    found = Requirement.objects.get()
    assert found.need_by == date(2026, 11, 24)  # three, and two a day
    line = PurchaseOrder.objects.get().lines.get()
    assert line.reason["quotes"][0]["late_by_days"] == 1
    assert "It is expected to run out on Tue 24 Nov, 1 day before this arrives." in line.reason["sentence"]
