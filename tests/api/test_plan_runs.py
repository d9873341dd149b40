"""Plans over the API."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ
from rest_framework.test import APIClient

from procurement.models import PlanRun
from procurement.services.installation import site_ensure

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], APIClient]


def test_plan_is_started_in_the_background(as_role: SignIn) -> None:
    site_ensure()
    answer = as_role("Buyer").post("/api/plan-runs/", {"site": "main"}, format="json")
    assert answer.status_code == 202
    assert [task.func() for task in OrmQ.objects.all()] == ["procurement.tasks.run_plan"]


def test_plan_is_refused_while_one_is_running(as_role: SignIn) -> None:
    site_ensure().plan_runs.create(
        as_of=timezone.localdate(), lease_until=timezone.now() + timedelta(minutes=1)
    )
    answer = as_role("Buyer").post("/api/plan-runs/", {"site": "main"}, format="json")
    assert (answer.status_code, answer.json()["error"]) == (409, "PlanAlreadyRunning")
    assert not OrmQ.objects.exists()


def test_plan_that_died_does_not_stand_in_the_way(as_role: SignIn) -> None:
    site_ensure().plan_runs.create(as_of=timezone.localdate(), lease_until=timezone.now())
    assert as_role("Buyer").post("/api/plan-runs/", {"site": "main"}, format="json").status_code == 202


@pytest.mark.parametrize("body", [{}, {"site": "nowhere"}, {"site": None}, {"site": ["main"]}])
def test_plan_is_refused_when_the_site_is_not_named(body: dict[str, object], as_role: SignIn) -> None:
    site_ensure()
    answer = as_role("Buyer").post("/api/plan-runs/", body, format="json")
    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == {"site"}


def test_plan_runs_are_read_but_started_by_buyers_alone(as_role: SignIn) -> None:
    run = site_ensure().plan_runs.create(as_of=timezone.localdate(), lease_until=timezone.now())
    approver = as_role("Approver")
    assert approver.get("/api/plan-runs/").json()["results"][0]["id"] == run.pk
    assert approver.get(f"/api/plan-runs/{run.pk}/").json()["site"] == "main"
    assert approver.get("/api/plan-runs/999999/").status_code == 404
    assert approver.get(f"/api/plan-runs/{10**30}/").status_code == 404
    assert approver.post("/api/plan-runs/", {"site": "main"}, format="json").status_code == 403
    assert PlanRun.objects.count() == 1


def test_api_is_described_for_people(as_role: SignIn) -> None:
    body = as_role("Buyer").get("/api/docs/").content.decode()
    assert "POST /api/orders/{number}/approve/" in body
    assert "Send the draft back to the buyer" in body


def test_plan_shows_its_parts_and_is_cancelled_once(as_role: SignIn) -> None:
    run = site_ensure().plan_runs.create(as_of=timezone.localdate(), lease_until=timezone.now())
    run.partitions.create(number=1, first_product=1, last_product=9, state="done", lease_until=timezone.now())
    told = as_role("Approver").get("/api/plan-runs/").json()["results"][0]
    assert (told["parts"], told["parts_done"]) == (1, 1)
    assert as_role("Approver").post(f"/api/plan-runs/{run.pk}/cancel/").status_code == 403
    buyer = as_role("Buyer")
    assert buyer.post(f"/api/plan-runs/{run.pk}/cancel/").json()["status"] == "cancelled"
    assert buyer.post(f"/api/plan-runs/{run.pk}/cancel/").json()["error"] == "PlanHasEnded"
