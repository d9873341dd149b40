"""A site is planned by itself before the first cut-off of its day: in time, once, and whatever stood still."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.db import connection

from orders.models import OrderDay, PurchaseOrder, SiteCalendar, SiteClosure
from procurement.alerts import plans_missed
from procurement.chores import plan_before_cut_off, sites_planned_by_themselves
from procurement.first_cut_offs import first_cut_offs
from procurement.models import PlanRun, PlanTimer
from procurement.services import plan_claims
from procurement.services.plan_claims import plan_cancel, plan_start
from procurement.services.plan_timers import next_plan, next_plans, plan_on_time, plan_timer_set
from procurement.services.planning import plan_run
from suppliers.models import SourcingDecision, Supplier, SupplierCalendar, SupplierClosure, SupplierProduct
from tests import factories
from tests.flow.background import work_off
from tests.flow.race import race
from tests.orders.factories import make_site, make_supplier
from tests.procurement.planning import make_item, make_quote

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def at(day: int, hour: int, minute: int) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def seller(name: str, *days: int, until: time = time(10)) -> Supplier:
    found = make_supplier(code=name.lower(), name=name)
    make_quote(found, make_item(make_site(), name, on_hand="3"))
    for weekday in days:
        OrderDay.objects.create(supplier=found, weekday=weekday, until=until)
    return found


@pytest.fixture
def clock():
    with time_machine.travel(MONDAY, tick=False) as travelling:
        yield travelling


@pytest.fixture
def site(clock):
    """Acme takes orders on Monday and Wednesday until 10:00; half an hour before, the site is planned."""
    site = make_site()
    seller("Acme", 0, 2)
    plan_timer_set(site=site, minutes=30, by=factories.user())
    return site


def ahead(site, number: int = 3) -> list[tuple[str, str]]:
    found = first_cut_offs(site=site, after=datetime.now(UTC))
    return [(f"{one.at:%a %d %H:%M}", one.of) for one, _ in zip(found, range(number), strict=False)]


def test_a_site_is_planned_when_it_is_time_and_once_a_cut_off(site, clock):
    assert [part.subject for part in sites_planned_by_themselves()] == [site.pk]
    clock.move_to(at(23, 9, 29))
    assert plan_before_cut_off(site.pk).counts == {"plans begun": 0}
    clock.move_to(at(23, 9, 30))
    assert plan_before_cut_off(site.pk).counts == {"plans begun": 1}
    work_off()
    run = PlanRun.objects.get()
    assert (run.status, run.kind, run.by, run.before_cut_off) == ("done", "full", None, at(23, 10, 0))
    assert run.causes == ["Made by itself, 30 minutes before the cut-off of Acme on Mon 23 Nov at 10:00."]
    assert PurchaseOrder.objects.get().approve_before == at(23, 10, 0)
    for later in (at(23, 9, 31), at(23, 10, 1), at(25, 9, 29)):
        clock.move_to(later)
        assert plan_on_time(site=site) is None
    clock.move_to(at(25, 9, 30))
    assert plan_on_time(site=site).before_cut_off == at(25, 10, 0)


def test_without_a_timer_nothing_is_planned(clock):
    seller("Acme", 0)
    clock.move_to(at(23, 9, 45))
    assert sites_planned_by_themselves() == []
    assert plan_on_time(site=make_site()) is None
    assert not PlanRun.objects.exists()


def test_after_a_standstill_it_is_planned_at_once_while_the_cut_off_is_ahead(site, clock):
    clock.move_to(at(23, 9, 59))
    assert plan_on_time(site=site).causes == [
        "Made by itself before the cut-off of Acme on Mon 23 Nov at 10:00. It should have begun at 09:30: until now"
        " workers stood still, the job was paused, or another plan of the site was under way."
    ]


def test_a_cut_off_that_passed_in_a_standstill_is_told_once_until_the_next_plan(site, clock):
    clock.move_to(at(23, 10, 0))
    assert plan_on_time(site=site) is None
    assert plan_on_time(site=site) is None
    run = PlanRun.objects.get()
    assert (run.status, run.before_cut_off) == ("failed", at(23, 10, 0))
    assert run.error == (
        "The cut-off of Acme on Mon 23 Nov at 10:00 passed without a plan: nothing looked after it since Mon 23 Nov"
        " 08:00: workers stood still, or the job was paused."
    )
    assert [found.words for found in plans_missed()] == [
        f"The plan of {site.name} before a cut-off came to nothing: {run.error}"
    ]
    clock.move_to(at(23, 10, 5))
    plan_run(site=site, by=None)
    assert list(plans_missed()) == []
    clock.move_to(at(25, 10, 0))
    plan_on_time(site=site)
    assert len(list(plans_missed())) == 1
    clock.move_to(at(30, 9, 30))
    plan_on_time(site=site)
    assert list(plans_missed()) == []


def test_several_cut_offs_missed_are_one_row_and_the_one_ahead_is_planned_for(site, clock):
    clock.move_to(at(30, 9, 40))
    assert plan_on_time(site=site).before_cut_off == at(30, 10, 0)
    missed = PlanRun.objects.get(status="failed")
    assert missed.before_cut_off == at(25, 10, 0)
    assert missed.error.endswith("So did 1 cut-off of days before.")


def test_while_another_plan_is_under_way_it_waits_and_says_so_if_that_lasts_too_long(site, clock):
    other = plan_start(site=site, by=None)
    clock.move_to(at(23, 9, 30))
    PlanRun.objects.update(lease_until=at(23, 9, 31))
    assert plan_on_time(site=site) is None
    plan_cancel(run=other, by=None)
    clock.move_to(at(23, 9, 31))
    assert plan_on_time(site=site).before_cut_off == at(23, 10, 0)
    clock.move_to(at(25, 9, 30))
    PlanRun.objects.filter(status="running").update(lease_until=at(25, 9, 31))
    assert plan_on_time(site=site) is None
    clock.move_to(at(25, 10, 0))
    assert plan_on_time(site=site) is None
    missed = PlanRun.objects.get(before_cut_off=at(25, 10, 0))
    assert missed.error.endswith("passed without a plan: another plan of the site was under way until then.")


def planned_by_hand(site, clock, begin: datetime, end: datetime, **fields: object) -> None:
    clock.move_to(begin)
    run = plan_start(site=site, by=None)
    PlanRun.objects.filter(pk=run.pk).update(**{"status": "done", "finished_at": end} | fields)


@pytest.mark.parametrize(
    ("begin", "end", "fields", "missed"),
    [
        (at(23, 9, 40), at(23, 9, 45), {}, 0),
        (at(23, 9, 20), at(23, 9, 25), {}, 1),  # before it was time: what was sold since is not in it
        (at(23, 9, 55), at(23, 10, 5), {}, 1),
        (at(23, 9, 40), at(23, 9, 45), {"kind": "items"}, 1),
        (at(23, 9, 40), at(23, 9, 45), {"status": "cancelled"}, 1),
    ],
)
def test_a_cut_off_that_had_a_plan_by_hand_in_a_standstill_is_not_missed(
    begin, end, fields, missed, site, clock
):
    planned_by_hand(site, clock, begin, end, **fields)
    clock.move_to(at(23, 10, 30))
    assert plan_on_time(site=site) is None
    told = list(PlanRun.objects.exclude(before_cut_off=None).values_list("error", flat=True))
    assert len(told) == missed == len(list(plans_missed()))
    assert all("nothing looked after it since Mon 23 Nov 08:00" in words for words in told)


def test_another_plan_is_blamed_only_if_it_was_under_way_when_it_was_time(site, clock):
    PlanTimer.objects.update(minutes_before=60, watched_until=at(23, 9, 15))
    clock.move_to(at(23, 10, 0))
    plan_on_time(site=site)
    missed = PlanRun.objects.get()
    assert "nothing looked after it since Mon 23 Nov 09:15" in missed.error


def test_another_plan_that_ended_before_the_cut_off_is_no_excuse_for_the_time_after_it(site, clock):
    planned_by_hand(site, clock, at(23, 9, 20), at(23, 9, 35), status="cancelled")
    PlanTimer.objects.update(watched_until=at(23, 9, 31))
    clock.move_to(at(23, 10, 0))
    plan_on_time(site=site)
    assert PlanRun.objects.get(status="failed").error.endswith(
        "another plan of the site was under way until 09:35, and nothing looked after it since."
    )


@pytest.mark.django_db(transaction=True)
def test_what_a_dead_plan_found_goes_once_its_row_is_free(site, clock, monkeypatch):
    """Or a part of it that writes again waits for the row, and whoever holds that for what the part holds."""
    held = []
    monkeypatch.setattr(plan_claims, "plan_forget", lambda run: held.append(connection.in_atomic_block))
    dead = plan_start(site=site, by=None)
    clock.move_to(at(23, 9, 30))
    assert plan_on_time(site=site).before_cut_off == at(23, 10, 0)
    dead.refresh_from_db()
    assert (dead.status, held) == ("failed", [False])


def test_what_is_set_after_the_cut_off_of_the_day_begins_with_the_next_one(site, clock):
    plan_timer_set(site=site, minutes=None, by=factories.user())
    clock.move_to(at(23, 12, 0))
    plan_timer_set(site=site, minutes=60, by=factories.user())
    assert plan_on_time(site=site) is None
    assert not PlanRun.objects.exists()
    assert next_plan(PlanTimer.objects.get()).words == (
        "Wed 25 Nov 09:00, 60 min before the cut-off of Acme at 10:00"
    )


def test_a_clock_that_was_set_back_plans_nothing_twice_and_misses_nothing(site, clock):
    clock.move_to(at(23, 9, 30))
    run = plan_on_time(site=site)
    PlanTimer.objects.update(watched_until=at(25, 12, 0))
    clock.move_to(at(23, 9, 20))
    assert plan_on_time(site=site) is None
    clock.move_to(at(23, 9, 31))
    assert plan_on_time(site=site) is None
    plan_cancel(run=run, by=None)
    clock.move_to(at(25, 9, 30))
    assert plan_on_time(site=site).before_cut_off == at(25, 10, 0)


def test_of_a_day_the_first_cut_off_counts_of_whoever_it_is(site):
    seller("Bolt", 0, 1, until=time(9))
    seller("Cord", 2, until=time(15))
    seller("Dock", 1, until=time(9))
    assert ahead(site) == [
        ("Mon 23 09:00", "Bolt"),
        ("Tue 24 09:00", "Bolt and 1 other"),
        ("Wed 25 10:00", "Acme"),
    ]


def test_holidays_closing_days_and_suppliers_nobody_orders_from_are_left_out(site):
    bolt = seller("Bolt", 0, until=time(9))
    SupplierCalendar.objects.create(supplier=bolt, weekdays="1111100")
    SupplierClosure.objects.create(
        supplier=bolt, first=date(2026, 11, 23), last=date(2026, 11, 23), name="Count"
    )
    seller("Cord", 0, until=time(8, 30))
    SupplierProduct.objects.filter(supplier__code="cord").update(active=False)
    SourcingDecision.objects.create(
        supplier=seller("Dock", 0, until=time(8, 30)), kind="blocked", since=date(2026, 1, 1)
    )
    Supplier.objects.filter(pk=seller("Elm", 0, until=time(8, 30)).pk).update(active=False)
    assert ahead(site, 2) == [("Mon 23 10:00", "Acme"), ("Wed 25 10:00", "Acme")]
    SiteCalendar.objects.create(site=site, weekdays="0111111")
    SiteClosure.objects.create(site=site, first=date(2026, 11, 25), last=date(2026, 11, 25), name="Moving")
    assert ahead(site, 1) == [("Wed 02 10:00", "Acme")]


def test_without_any_cut_off_it_says_so_and_plans_nothing(site, clock):
    OrderDay.objects.all().delete()
    assert next_plans()[0].words.startswith("never: no supplier")
    clock.move_to(at(25, 9, 30))
    assert plan_on_time(site=site) is None
    assert not PlanRun.objects.exists()


def test_cut_offs_are_by_the_suppliers_clock_on_both_sides_of_a_change_to_summer_time(site, clock, settings):
    settings.TIME_ZONE = "Europe/London"
    acme = Supplier.objects.get(code="acme")
    OrderDay.objects.filter(supplier=acme).delete()
    SupplierCalendar.objects.create(supplier=acme, time_zone="Europe/Berlin")
    for weekday in (5, 6):  # clocks go on in the night to Sunday, 29 March 2026
        OrderDay.objects.create(supplier=acme, weekday=weekday, until=time(4))
    clock.move_to(datetime(2026, 3, 28, 0, 0, tzinfo=UTC))
    PlanTimer.objects.update(minutes_before=120)
    assert ahead(site, 2) == [("Sat 28 03:00", "Acme"), ("Sun 29 02:00", "Acme")]
    clock.move_to(datetime(2026, 3, 28, 12, 0, tzinfo=UTC))
    # midnight by the old time; the cut-off is at 03:00 here by the new one
    assert next_plan(PlanTimer.objects.get()).words == (
        "Sun 29 Mar 00:00, 120 min before the cut-off of Acme at 03:00"
    )


def test_a_cut_off_soon_after_midnight_is_planned_for_the_evening_before(site, clock):
    OrderDay.objects.update(until=time(0, 10))
    clock.move_to(at(24, 23, 40))
    assert next_plan(PlanTimer.objects.get()).words == (
        "Tue 24 Nov 23:40, 30 min before the cut-off of Acme on Wed 25 Nov at 00:10"
    )
    assert plan_on_time(site=site).before_cut_off == at(25, 0, 10)
    clock.move_to(at(25, 0, 5))
    assert plan_on_time(site=site) is None


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_two_schedulers_begin_one_plan(attempt, site, clock):
    clock.move_to(at(23, 9, 45))
    begun = race(*[lambda: plan_on_time(site=site)] * 4)
    assert sum(isinstance(run, PlanRun) for run in begun) == 1, begun
    assert begun.count(None) == 3, begun
    clock.move_to(at(25, 10, 30) + timedelta(days=1))
    PlanRun.objects.update(status="done")
    assert race(*[lambda: plan_on_time(site=site)] * 4) == [None] * 4
    assert PlanRun.objects.filter(status="failed").count() == 1
