"""The demo's calendars: the same weekdays whenever it is run, and never in the way of what somebody changed."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from orders.models import OrderDay, Site, SiteClosure
from orders.order_times import order_times
from procurement.demo.calendars import SUPPLIERS, calendars_ready
from suppliers.calendars import as_date
from suppliers.models import Supplier, SupplierCalendar, SupplierClosure
from tests import factories

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def world() -> tuple[Site, list[Supplier]]:
    site = factories.site()
    suppliers = [factories.supplier(code=code) for code in (*SUPPLIERS, "fernhollow")]
    calendars_ready(site=site, suppliers=suppliers)
    return site, suppliers


@pytest.mark.parametrize("day", range(7))
@pytest.mark.parametrize("hour", [9, 21])
def test_on_every_weekday_each_supplier_takes_an_order_soon_and_delivers_within_two_weeks(day, hour):
    now = MONDAY + timedelta(days=day, hours=hour - 9)
    with time_machine.travel(now, tick=False):
        site, suppliers = world()
        times = order_times(site=site, suppliers=suppliers)
    for supplier in suppliers:
        of = times[supplier.pk]
        moment = of.next_moment(now)
        assert moment.day - now.date() <= timedelta(days=5), supplier
        assert (moment.until is None) == (supplier.code == "fernhollow")
        received = as_date(of.delivered(moment, 6))
        assert now.date() < received <= now.date() + timedelta(days=14), supplier
        assert received.weekday() < 6


@pytest.mark.parametrize("day", range(7))
def test_closing_days_lie_a_week_or_two_ahead(day):
    with time_machine.travel(MONDAY + timedelta(days=day), tick=False):
        world()
        today = timezone.localdate()
    moving, counting = SiteClosure.objects.get(), SupplierClosure.objects.get()
    assert (moving.first.weekday(), counting.first.weekday(), counting.last.weekday()) == (4, 3, 4)
    for closure in (moving, counting):
        assert timedelta(days=7) <= closure.first - today < timedelta(days=14)


def test_what_somebody_changed_stays_when_the_demo_is_run_again():
    site, suppliers = world()
    days = OrderDay.objects.count()
    assert SupplierCalendar.objects.count() == len(SUPPLIERS)
    OrderDay.objects.filter(supplier__code="birchmere").delete()
    SupplierClosure.objects.all().delete()
    SiteClosure.objects.all().delete()
    calendars_ready(site=site, suppliers=suppliers)
    assert OrderDay.objects.count() == days - 3
    assert not SupplierClosure.objects.exists()
    assert not SiteClosure.objects.exists()
