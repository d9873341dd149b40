"""A plan in parts: tasks of the queue find the same as one process, and a task that comes twice changes nothing."""

import pytest
from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ

from orders.models import Site
from procurement.item_position import plans_of_item
from procurement.models import PlanPartition, PlanRun, Requirement
from procurement.services import plan_partitions
from procurement.services.plan_claims import LEASE, plan_start
from procurement.services.planning import plan_run, plans_rescue
from procurement.tasks import plan_part, plan_step, run_plan
from suppliers.models import Product
from tests.flow.background import woken, work_off
from tests.procurement.plans import make_world, outcome, states

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(monkeypatch) -> Site:
    monkeypatch.setattr(plan_partitions, "PARTITION_ITEMS", 3)
    return make_world()


@pytest.fixture
def undisturbed(world: Site):
    """What a plan in one process finds; its orders and rows are taken away again."""
    with transaction.atomic():
        plan_run(site=world, by=None)
        found = outcome(world)
        transaction.set_rollback(True)
    assert len(found["lines"]) > 3
    assert any(shortfall for *_, shortfall, _ in found["needs"])
    return found


def test_parts_find_what_one_part_finds(world, undisturbed, monkeypatch):
    monkeypatch.setattr(plan_partitions, "PARTITION_ITEMS", 100)
    plan_run(site=world, by=None)
    assert outcome(world) == undisturbed


def test_each_part_is_a_task_and_the_last_one_wakes_the_choice_of_suppliers(world, undisturbed):
    run_plan(world.pk)
    run = PlanRun.objects.get()
    assert (run.phase, run.stage, states(run)) == ("items", "Forecasting", ["waiting"] * 4)
    assert [task.split("(")[0] for task in woken()] == ["procurement.tasks.plan_part"] * 4
    assert work_off() == ["plan_part"] * 4 + ["plan_step"]
    assert outcome(world) == undisturbed
    run.refresh_from_db()
    assert (run.status, run.progress, states(run)) == ("done", 100, ["done"] * 4)
    assert [part.items for part in run.partitions.all()] == [2, 2, 2, 1]


def test_progress_counts_the_parts_that_are_done(world):
    run_plan(world.pk)
    plan_part(PlanPartition.objects.earliest("number").pk)
    run = PlanRun.objects.get()
    assert (run.stage, run.progress) == ("Forecasting: 1 of 4 parts", 21)


def test_tasks_that_come_twice_change_nothing(world, undisturbed):
    run_plan(world.pk)
    run_plan(world.pk)
    run = PlanRun.objects.get()
    for part in run.partitions.all():
        plan_part(part.pk)
        plan_part(part.pk)
        plan_step(run.pk) if part.number == 1 else None  # too early
    for _ in range(2):
        plan_step(run.pk)
    work_off()
    assert outcome(world) == undisturbed
    assert list(run.partitions.values_list("attempts", flat=True)) == [1, 1, 1, 1]


def test_parts_in_any_order_find_the_same(world, undisturbed):
    run_plan(world.pk)
    for part in PlanPartition.objects.order_by("-number"):
        plan_part(part.pk)
    work_off()
    assert outcome(world) == undisturbed


def test_what_a_part_found_is_not_shown_before_the_plan_is_done(world, client, admin_user):
    run_plan(world.pk)
    plan_part(PlanPartition.objects.earliest("number").pk)
    found = Requirement.objects.earliest("pk")
    client.force_login(admin_user)
    assert not plans_of_item(site=world, product=found.product).exists()
    assert found.product.name not in client.get(f"/plan/{found.run_id}/").content.decode()
    assert client.get(f"/plan/{found.run_id}/items/{found.pk}/").status_code == 404
    work_off()
    assert plans_of_item(site=world, product=found.product).exists()
    assert found.product.name in client.get(f"/plan/{found.run_id}/").content.decode()


def test_item_that_is_given_up_while_a_plan_runs_is_left_out(world):
    run_plan(world.pk)
    Product.objects.filter(sku="B").update(active=False)
    work_off()
    run = PlanRun.objects.get()
    assert (run.status, run.items) == ("done", 6)


def test_wake_ups_that_were_lost_are_found_by_the_watch(world, undisturbed):
    run_plan(world.pk)
    OrmQ.objects.all().delete()
    assert plans_rescue() == 0
    long_ago = timezone.now() - 2 * LEASE
    PlanPartition.objects.update(lease_until=long_ago)
    assert plans_rescue() == 4
    work_off()
    assert outcome(world) == undisturbed


def test_plan_whose_first_wake_up_was_lost_is_begun_by_the_watch(world, undisturbed):
    run = plan_start(site=world, by=None)
    assert plans_rescue() == 0
    PlanRun.objects.filter(pk=run.pk).update(lease_until=timezone.now() - LEASE)
    assert plans_rescue() == 1
    assert work_off()[0] == "plan_step"
    assert outcome(world) == undisturbed
