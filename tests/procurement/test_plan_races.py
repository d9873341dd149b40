"""Two plans at the same moment: between them every item is ordered once."""

import time
from datetime import timedelta
from functools import partial
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from django_q.models import OrmQ

from orders.models import PurchaseOrderLine
from procurement.exceptions import PlanAlreadyRunning
from procurement.models import CustomerOrder, PlanningPolicy, PlanPartition, PlanRun
from procurement.services import plan_partitions
from procurement.services.plan_claims import plan_cancel, plan_start
from procurement.services.plan_partitions import partition_claim, partitions_redo
from procurement.services.planning import plan_run
from procurement.services.replanning import items_replan
from procurement.tasks import plan_part, plan_step, run_plan
from suppliers.models import Product
from tests.flow.background import woken, work_off
from tests.flow.race import race
from tests.orders.factories import make_site, make_supplier
from tests.procurement.planning import make_item, make_quote
from tests.procurement.plans import make_world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


@pytest.mark.parametrize("attempt", range(3))
def test_two_plans_at_once_order_nothing_twice(attempt):
    site, acme = make_site(), make_supplier(code="acme")
    for sku in range(5):
        make_quote(acme, make_item(site, f"item-{sku}"))
    results = race(*[lambda: plan_run(site=site, by=None)] * 3)
    assert all(isinstance(result, PlanRun | PlanAlreadyRunning) for result in results), results
    assert sum(result.lines for result in results if isinstance(result, PlanRun)) == 5
    assert PurchaseOrderLine.objects.count() == 5


@pytest.mark.parametrize("attempt", range(3))
def test_one_of_several_plans_claims_the_site(attempt):
    site = make_site()
    results = race(*[lambda: plan_start(site=site, by=None)] * 4)
    assert sum(isinstance(result, PlanRun) for result in results) == 1, results
    assert sum(isinstance(result, PlanAlreadyRunning) for result in results) == 3, results


@pytest.mark.parametrize("attempt", range(3))
def test_one_of_several_workers_gets_a_part(attempt, monkeypatch):
    monkeypatch.setattr(plan_partitions, "PARTITION_ITEMS", 3)
    run_plan(make_world().pk)
    pk = PlanPartition.objects.earliest("number").pk
    results = race(*[lambda: partition_claim(pk)] * 4)
    assert sum(isinstance(result, PlanPartition) for result in results) == 1, results
    assert sum(result is None for result in results) == 3, results


def somebody_waits() -> bool:
    """For the end of this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_locks WHERE NOT granted AND transactionid = pg_current_xact_id()::xid"
        )
        return cursor.fetchone() is not None


def test_worker_that_waited_for_another_to_take_a_part_does_not_get_it():
    run_plan(make_world().pk)
    pk = PlanPartition.objects.earliest("number").pk
    late: list[PlanPartition | None] = []

    def come_late() -> None:
        late.append(partition_claim(pk))
        connection.close()

    with transaction.atomic():
        assert partition_claim(pk)
        other = Thread(target=come_late)
        other.start()
        while not somebody_waits():
            assert other.is_alive()
            time.sleep(0.01)
    other.join()
    assert late == [None]


@pytest.mark.parametrize("attempt", range(3))
def test_parts_that_end_at_once_hand_the_run_on_once(attempt, monkeypatch):
    monkeypatch.setattr(plan_partitions, "PARTITION_ITEMS", 2)
    site = make_world()
    run_plan(site.pk)
    parts = list(PlanPartition.objects.values_list("pk", flat=True))
    OrmQ.objects.all().delete()
    results = race(*[partial(plan_part, pk) for pk in [*parts, *parts]])
    assert results == [None] * 8, results
    assert [task.split("(")[0] for task in woken()] == ["procurement.tasks.plan_step"]
    run = PlanRun.objects.get()
    assert (run.phase, run.requirements.count()) == ("sourcing", 7)
    results = race(*[lambda: plan_step(run.pk)] * 3)
    assert results == [None] * 3, results
    assert PurchaseOrderLine.objects.count() == PlanRun.objects.get().lines > 0


@pytest.mark.parametrize("attempt", range(3))
def test_cancelled_as_it_ends_a_plan_is_either_whole_or_nothing(attempt):
    site = make_world()
    run_plan(site.pk)
    for pk in PlanPartition.objects.values_list("pk", flat=True):
        plan_part(pk)
    run = PlanRun.objects.get()
    race(lambda: plan_step(run.pk), lambda: plan_cancel(run=PlanRun.objects.get(), by=None))
    run.refresh_from_db()
    assert run.status in ("done", "cancelled")
    lines = PurchaseOrderLine.objects.count()
    assert (lines > 0) == (run.status == "done")
    assert run.requirements.exists() == (run.status == "done")


def test_cancelled_as_a_part_is_written_again_nobody_waits_for_ever(monkeypatch):
    """The part holds its old rows and wants the run's; who cancels holds the run's and wants the old rows gone."""
    site = make_world()
    run_plan(site.pk)
    run, part = PlanRun.objects.get(), PlanPartition.objects.get()
    plan_part(part.pk)
    partitions_redo(PlanRun.objects.get(), list(Product.objects.values_list("pk", flat=True)))
    real, deleted = plan_partitions.requirements_add, Event()

    def meanwhile(*args: Any) -> None:
        deleted.set()
        until = time.monotonic() + 1.5  # to get there, where the other can at all
        while PlanRun.objects.filter(status="running").exists() and time.monotonic() < until:
            time.sleep(0.05)
        real(*args)

    def cancel() -> bool:
        deleted.wait(30)
        return plan_cancel(run=PlanRun.objects.get(), by=None)

    monkeypatch.setattr(plan_partitions, "requirements_add", meanwhile)
    assert race(partial(plan_part, part.pk), cancel) == [None, True]
    run.refresh_from_db()
    assert run.status == "cancelled"
    assert not run.requirements.exists()


@pytest.mark.parametrize("attempt", range(3))
def test_items_are_planned_again_once_however_many_look(attempt):
    site = make_world()
    PlanningPolicy.objects.create(site=site, replans=True)
    plan_run(site=site, by=None)
    PlanRun.objects.update(started_at=timezone.now() - timedelta(hours=1))
    order = CustomerOrder.objects.create(
        number="SO-1", site=site, ordered_on=timezone.localdate(), source="test"
    )
    order.lines.create(line_number=1, product=Product.objects.get(sku="G"), quantity=90)
    before = PurchaseOrderLine.objects.count()
    results = race(*[lambda: items_replan(site=site)] * 4)
    assert not [result for result in results if isinstance(result, Exception)], results
    work_off()
    assert PlanRun.objects.filter(kind="items").count() == 1
    assert PurchaseOrderLine.objects.count() == before + 1
