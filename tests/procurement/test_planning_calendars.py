"""Plans count in the working days of both calendars, and orders are asked for by the days suppliers deliver."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from orders.approve_by import approve_by
from orders.models import OrderDay, PurchaseOrder, SiteCalendar, SiteClosure
from procurement.models import PlanPartition, Requirement
from procurement.services.plan_claims import plan_start
from procurement.services.planning import plan_part, plan_run, plan_step, plans_rescue
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


def test_a_plan_across_midnight_and_a_cut_off_counts_from_when_it_was_started(world, settings):
    """Begun ten minutes before midnight and before the cut-off, gone on with after both by another worker."""
    settings.TIME_ZONE = "Pacific/Auckland"
    site, acme, clock = world
    SupplierCalendar.objects.create(supplier=acme, weekdays="1111100", time_zone="Pacific/Auckland")
    for weekday in (0, 2, 4):
        OrderDay.objects.create(supplier=acme, weekday=weekday, until=time(23, 59))
    auckland = ZoneInfo("Pacific/Auckland")
    clock.move_to(datetime(2026, 11, 23, 23, 50, tzinfo=auckland))
    run = plan_start(site=site, by=None)
    plan_step(run=run)
    part = PlanPartition.objects.get()
    clock.move_to(datetime(2026, 11, 24, 0, 20, tzinfo=auckland))
    plan_part(pk=part.pk)
    run.refresh_from_db()
    plan_step(run=run)
    run.refresh_from_db()
    assert (run.status, run.as_of) == ("done", date(2026, 11, 23))
    order = PurchaseOrder.objects.get()
    assert order.approve_before == datetime(2026, 11, 23, 23, 59, tzinfo=auckland)
    assert order.lines.get().requested_date == date(2026, 11, 25)
    assert approve_by([order])[order.pk].words == (
        "Too late for Wed 25 Nov: approve before 23:59 on Wed 25 Nov for delivery on Fri 27 Nov"
    )


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25)])
def test_a_plan_across_a_change_of_the_clock_comes_to_the_same(settings, day):
    """Clocks go on, or back, at 1:00 UTC: the second hour by the wall is missing, or there twice."""
    settings.TIME_ZONE = "Europe/London"
    begun = datetime.combine(day, time(0, 50), UTC)
    with time_machine.travel(begun, tick=False) as clock:
        site, acme = make_site(), make_supplier(code="acme", lead_time_days=2)
        make_quote(acme, make_item(site, "A", on_hand="3"))
        SupplierCalendar.objects.create(supplier=acme, time_zone="Europe/London")
        for weekday in range(7):
            OrderDay.objects.create(supplier=acme, weekday=weekday, until=time(9))
        run = plan_start(site=site, by=None)
        clock.move_to(begun + timedelta(minutes=1))
        plan_step(run=run)
        clock.move_to(begun + timedelta(minutes=11))
        # Nobody took the part up for so long, and no longer by the clock on the wall
        assert plans_rescue() == 1
        plan_part(pk=PlanPartition.objects.get().pk)
        clock.move_to(begun + timedelta(minutes=12))
        run.refresh_from_db()
        plan_step(run=run)
        run.refresh_from_db()
        assert (run.status, run.as_of, run.took) == ("done", day, timedelta(minutes=12))
        order = PurchaseOrder.objects.get()
        at_nine = datetime.combine(day, time(9), ZoneInfo("Europe/London"))
        assert order.approve_before == at_nine
        assert order.lines.get().requested_date == day + timedelta(days=2)
        assert Requirement.objects.get().horizon_days == 3
