"""A worker that dies at any place of a plan: the plan is taken up again and comes out as if nothing had happened."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from django_q.models import OrmQ

from orders.models import PurchaseOrder, Site
from procurement.chores import watch
from procurement.exceptions import PlanOverrun
from procurement.models import PlanningPolicy, PlanPartition, PlanRun, Requirement
from procurement.services import plan_claims, plan_partitions
from procurement.services.plan_claims import ATTEMPTS, phase_claim, plan_cancel, plan_start
from procurement.services.planning import plan_execute, plan_run, plan_step, plans_rescue
from procurement.tasks import plan_part, run_plan
from tests.flow.background import work_off
from tests.procurement.plans import make_world, outcome

pytestmark = pytest.mark.django_db
WRITES = ("INSERT", "UPDATE", "DELETE", "COPY")


class Killed(BaseException):
    """As nothing catches kill -9."""


class DiesAtCommit:
    """What a crash leaves behind differs from commit to commit only: dying after each covers all places there are.

    In a test the outermost transactions are savepoints. That of the commit stands, as nothing rolls it back.
    """

    def __init__(self, at: int) -> None:
        self.left, self.depth, self.killed = at, 0, False

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("SAVEPOINT"):
            self.depth += 1
        elif sql.startswith("RELEASE"):
            self.depth -= 1
        ends = sql.startswith("RELEASE") or (sql.startswith(WRITES) and "django_q_ormq" not in sql)
        if ends and not self.depth:
            if not self.left:
                self.killed = True
                raise Killed
            self.left -= 1
        return execute(sql, params, many, context)


@pytest.fixture
def world(monkeypatch) -> Site:
    monkeypatch.setattr(plan_partitions, "PARTITION_ITEMS", 4)
    site = make_world()
    PlanningPolicy.objects.create(site=site, history_days=56)  # it is planned very often here
    return site


def undone(site: Site) -> dict[str, Any]:
    """What a plan that nothing disturbs finds; it is taken back."""
    with transaction.atomic():
        plan_run(site=site, by=None)
        found = outcome(site)
        transaction.set_rollback(True)
    return found


def leases_run_out() -> None:
    long_ago = timezone.now() - timedelta(minutes=1)
    PlanRun.objects.update(lease_until=long_ago)
    PlanRun.objects.exclude(held_until=None).update(held_until=long_ago)
    PlanPartition.objects.update(lease_until=long_ago)


def test_a_crash_at_any_place_changes_nothing_of_the_result(world):
    expected = undone(world)
    places = 0
    while True:
        with transaction.atomic():
            dies = DiesAtCommit(places)
            with suppress(Killed), connection.execute_wrapper(dies):
                run_plan(world.pk)
                work_off()
            if dies.killed:
                run = PlanRun.objects.filter(site=world).first()
                if run is None:
                    run_plan(world.pk)  # it died before there was a run: the person asks again
                leases_run_out()
                plans_rescue()
                work_off()
            assert outcome(world) == expected, f"after a crash at commit {places}"
            transaction.set_rollback(True)
        if not dies.killed:
            break
        places += 1
    assert places > 10, places


def test_one_process_that_dies_leaves_the_plan_to_the_workers(world):
    expected = undone(world)
    with pytest.raises(Killed), connection.execute_wrapper(DiesAtCommit(7)):
        plan_run(site=world, by=None)
    assert PlanRun.objects.get().status == PlanRun.Status.RUNNING
    leases_run_out()
    plans_rescue()
    work_off()
    assert outcome(world) == expected


def test_part_that_keeps_killing_its_worker_fails_the_plan(world, monkeypatch):
    def deadly(*args: object, **kwargs: object) -> None:
        raise Killed

    run_plan(world.pk)
    monkeypatch.setattr(plan_partitions, "planning_data", deadly)
    part = PlanPartition.objects.earliest("number")
    for _ in range(ATTEMPTS):
        OrmQ.objects.all().delete()
        with pytest.raises(Killed):
            plan_part(part.pk)
        leases_run_out()
        plans_rescue()
    run = PlanRun.objects.get()
    assert run.status == PlanRun.Status.FAILED
    assert run.error.startswith("Part 1: The worker stopped 3 times")
    assert not Requirement.objects.exists()


def test_phase_that_keeps_killing_its_worker_fails_the_plan(world):
    plan_start(site=world, by=None)
    for _ in range(ATTEMPTS):
        assert phase_claim(PlanRun.objects.get())
        leases_run_out()
        plans_rescue()
    assert PlanRun.objects.get().status == PlanRun.Status.FAILED


def test_error_of_the_program_in_a_part_fails_the_plan_in_words(world, monkeypatch):
    def broken(*args: object, **kwargs: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(plan_partitions, "planning_data", broken)
    run_plan(world.pk)
    with pytest.raises(ZeroDivisionError):
        work_off()
    assert "error of the program (ZeroDivisionError)" in PlanRun.objects.get().error


def test_late_worker_of_a_part_that_was_taken_over_writes_nothing(world, monkeypatch):
    """It computes on for minutes while another one does the part."""
    expected = undone(world)
    run_plan(world.pk)
    part = PlanPartition.objects.earliest("number")
    real, nested = plan_partitions.planning_data, []

    def slow(*args: Any) -> Any:
        data = real(*args)
        if not nested:
            nested.append(True)
            leases_run_out()
            plan_part(part.pk)
        return data

    monkeypatch.setattr(plan_partitions, "planning_data", slow)
    plan_part(part.pk)
    part.refresh_from_db()
    assert (part.state, part.fence) == ("done", 2)
    work_off()
    assert outcome(world) == expected


@pytest.mark.parametrize("stage", ["Choosing suppliers", "Writing"])
def test_cancelled_plan_writes_nothing_afterwards(world, stage):
    run = plan_start(site=world, by=None)

    def meanwhile(words: str, percent: int) -> None:
        if words == stage:
            assert plan_cancel(run=PlanRun.objects.get(), by=None)

    with pytest.raises(PlanOverrun, match=r"Cancelled\. Nothing of it was written"):
        plan_execute(run=run, on_progress=meanwhile)
    assert run.status == PlanRun.Status.CANCELLED
    assert not PurchaseOrder.objects.exists()
    assert not Requirement.objects.exists()
    assert not plan_cancel(run=run, by=None)


def test_cancelled_while_parts_wait_and_compute_nothing_goes_on(world, monkeypatch, admin_user):
    run_plan(world.pk)
    real = plan_partitions.planning_data

    def meanwhile(*args: Any) -> Any:
        plan_cancel(run=PlanRun.objects.get(), by=admin_user)
        return real(*args)

    monkeypatch.setattr(plan_partitions, "planning_data", meanwhile)
    work_off()
    run = PlanRun.objects.get()
    assert (run.status, run.cancelled_by) == (PlanRun.Status.CANCELLED, admin_user)
    assert run.error == "Cancelled by admin. Nothing of it was written."
    assert not Requirement.objects.exists()
    assert plans_rescue() == 0
    monkeypatch.undo()
    assert plan_run(site=world, by=None).status == PlanRun.Status.DONE


def test_what_a_cancelled_plan_had_found_goes_even_if_its_process_dies_first(world, monkeypatch):
    plan_run(site=world, by=None)
    done = PlanRun.objects.get()
    run = plan_start(site=world, by=None)
    plan_step(run=run)
    plan_part(PlanPartition.objects.filter(run=run).earliest("number").pk)
    forget = plan_claims.plan_forget
    monkeypatch.setattr(plan_claims, "plan_forget", killed)
    with suppress(Killed):
        plan_cancel(run=run, by=None)
    monkeypatch.setattr(plan_claims, "plan_forget", forget)
    assert run.requirements.count() == 4
    assert watch().counts["ended plans cleared"] == 1
    assert not run.requirements.exists()
    assert done.requirements.count() == 7
    assert watch().counts["ended plans cleared"] == 0


def killed(run: PlanRun) -> None:
    raise Killed
