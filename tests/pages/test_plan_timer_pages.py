"""Who has a site planned by itself, and where people see what comes of it."""

from datetime import UTC, datetime, time

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from orders.models import OrderDay, Site
from procurement.models import PlanningPolicy, PlanRun, PlanTimer
from procurement.services.plan_timers import plan_on_time
from procurement.services.replanning import sites_replanned
from tests.admin.form_data import form_data
from tests.flow.background import work_off
from tests.orders.factories import make_site, make_supplier
from tests.pages.reading import html, text
from tests.procurement.planning import make_item, make_quote

pytestmark = pytest.mark.django_db
PAGE = "/plan/by-itself/"


@pytest.fixture
def clock():
    with time_machine.travel(datetime(2026, 11, 23, 8, 0, tzinfo=UTC), tick=False) as travelling:
        yield travelling


@pytest.fixture
def site(clock) -> Site:
    site, acme = make_site(name="Leeds"), make_supplier(code="acme", name="Acme")
    make_quote(acme, make_item(site, "A", on_hand="3"))
    OrderDay.objects.create(supplier=acme, weekday=0, until=time(10))
    return site


def set_to(client: Client, minutes: str) -> str:
    return text(client.post(PAGE, {"site": "main", "minutes_before": minutes}, follow=True))


def test_a_buyer_switches_it_on_and_off_and_sees_when_the_next_plan_is_made(buyer, site):
    assert "when somebody asks for it" in text(buyer.get(PAGE))
    assert "by itself:" not in text(buyer.get("/plan/"))
    page = set_to(buyer, "30")
    assert "Leeds is planned by itself, 30 minutes before the first cut-off of a day." in page
    told = "Mon 23 Nov 09:30, 30 min before the cut-off of Acme at 10:00"
    assert told in page
    assert f"Next plan by itself: {told}." in text(buyer.get("/plan/"))
    assert "Nothing was changed." in set_to(buyer, "30")
    assert "45 min before" in set_to(buyer, "45")
    assert "Leeds is planned when somebody asks for it." in set_to(buyer, "")
    assert not PlanTimer.objects.exists()


def test_an_administrator_switches_planning_again_on_and_off_and_a_buyer_sees_it(administrator, buyer, site):
    def switch(to: str, code: str = "main") -> str:
        return text(administrator.post(f"{PAGE}replans/", {"site": code, "replans": to}, follow=True))

    assert "Leeds off Switch on" in text(administrator.get(PAGE))
    assert "Items of Leeds that something happens to are planned again by themselves." in switch("on")
    assert sites_replanned() == [site]
    assert "Nothing was changed." in switch("on")
    page = text(buyer.get(PAGE))
    assert "Leeds on above 50 % of what usually sells" in page
    assert "Administrators switch it." in page
    assert buyer.post(f"{PAGE}replans/", {"site": "main", "replans": "off"}).status_code == 403
    assert "No item of Leeds is planned again by itself any more." in switch("off")
    assert sites_replanned() == []
    for wrong in ("nowhere", "\x00"):
        assert administrator.post(f"{PAGE}replans/", {"site": wrong, "replans": "on"}).status_code == 404


def test_a_plan_of_some_items_leads_to_where_that_is_switched(buyer, site):
    now = timezone.now()
    run = PlanRun.objects.create(
        site=site,
        as_of=now.date(),
        lease_until=now,
        status="done",
        kind="items",
        products=[1],
        causes=["Late."],
    )
    assert 'href="/plan/by-itself/#replans-title">Switched off since</a>' in html(
        buyer.get(f"/plan/{run.pk}/")
    )
    PlanningPolicy.objects.update_or_create(site=site, defaults={"replans": True})
    assert 'href="/plan/by-itself/#replans-title">Why by itself?</a>' in html(buyer.get(f"/plan/{run.pk}/"))


def test_the_site_s_planning_policy_in_the_admin_switches_it_too(administrator, site):
    policy = PlanningPolicy.objects.create(site=site)
    at = f"/admin/procurement/planningpolicy/{policy.pk}/change/"
    data = form_data(administrator.get(at))
    assert administrator.post(at, data | {"replans": "on"}).status_code == 302
    assert sites_replanned() == [site]


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        ("4", "5 minutes at the least"),
        ("721", "720 minutes at the most"),
        ("soon", "Whole minutes"),
        ("-30", "least"),
    ],
)
def test_what_is_no_time_is_said_at_the_field_and_kept(buyer, site, minutes, said):
    answer = buyer.post(PAGE, {"site": "main", "minutes_before": minutes})
    assert answer.status_code == 422
    assert said in text(answer)
    assert f'value="{minutes}"' in answer.content.decode()
    assert not PlanTimer.objects.exists()


def test_who_may_only_look_sees_it_and_changes_nothing(approver, site):
    assert "never by itself" in text(approver.get(PAGE))
    assert approver.post(PAGE, {"site": "main", "minutes_before": "30"}).status_code == 403
    assert not PlanTimer.objects.exists()


@pytest.mark.parametrize("code", ["", "nowhere", "\x00"])
def test_a_site_that_is_not_there_is_not_found(buyer, site, code):
    assert buyer.post(PAGE, {"site": code, "minutes_before": "30"}).status_code == 404


def test_a_plan_says_for_which_cut_off_it_was_made_or_missed(buyer, site, clock):
    set_to(buyer, "30")
    clock.move_to(datetime(2026, 11, 23, 9, 30, tzinfo=UTC))
    run = plan_on_time(site=site)
    work_off()
    page = text(buyer.get(f"/plan/{run.pk}/"))
    assert "Made by itself, 30 minutes before the cut-off of Acme on Mon 23 Nov at 10:00." in page
    assert "before the cut-off at 10:00" in text(buyer.get("/plan/"))
    clock.move_to(datetime(2026, 11, 30, 10, 30, tzinfo=UTC))
    plan_on_time(site=site)
    page = text(buyer.get(f"/plan/{PlanRun.objects.get(status='failed').pk}/"))
    assert "The plan was not made in time" in page
    assert "The cut-off of Acme on Mon 30 Nov at 10:00 passed without a plan" in page
    assert "Plan now, for the next delivery." in page
