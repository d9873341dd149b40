"""What people do while a plan computes: the plan is of things as they are when it ends, or says what it left out."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from orders.models import PurchaseOrderLine, Site
from procurement import workers
from procurement.models import DailyDemand, PlanPartition, PlanRun, StockLevel
from procurement.services import plan_claims, plan_partitions, plan_sourcing
from procurement.services.plan_claims import phase_claim, plan_start
from procurement.services.plan_partitions import partition_claim
from procurement.services.planning import plan_execute, plan_run, plans_rescue
from procurement.tasks import run_plan
from suppliers.models import Product, Supplier, SupplierProduct
from tests.flow.background import work_off
from tests.procurement.planning import make_quote
from tests.procurement.plans import make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> Site:
    return make_world()


def planned(site: Site, *, stage: str, then: Callable[[], Any]) -> PlanRun:
    """`then` happens once, when the plan says that it has come to `stage`."""
    left = [then]

    def meanwhile(words: str, percent: int) -> None:
        if words == stage and left:
            left.pop()()

    run = plan_execute(run=plan_start(site=site, by=None), on_progress=meanwhile)
    assert not left, f"it never was at {stage}"
    return run


def ordered(*, of: str = "product__sku") -> list[str]:
    return sorted(PurchaseOrderLine.objects.values_list(of, flat=True))


def item_delete(sku: str) -> None:
    """As an administrator does, or whoever takes back the import it came with."""
    SupplierProduct.objects.filter(product__sku=sku).delete()
    Product.objects.get(sku=sku).delete()


STAGES = ("Forecasting", "Choosing suppliers", "Writing")


@pytest.mark.parametrize("stage", STAGES)
def test_item_that_is_deleted_is_not_ordered_and_the_others_are(world, stage):
    run = planned(world, stage=stage, then=lambda: item_delete("A"))
    assert run.status == PlanRun.Status.DONE
    assert "A" not in ordered()
    assert {"B", "E"} <= set(ordered())


@pytest.mark.parametrize("stage", STAGES)
def test_offer_that_is_deleted_is_not_ordered_by(world, stage):
    offer = SupplierProduct.objects.filter(product__sku="A")
    run = planned(world, stage=stage, then=offer.delete)
    assert run.status == PlanRun.Status.DONE
    assert "A" not in ordered()
    assert run.requirements.get(product__sku="A").shortfall > 0


@pytest.mark.parametrize("stage", STAGES[:2])
def test_supplier_that_is_deactivated_is_not_ordered_from(world, stage):
    acme = Supplier.objects.filter(code="acme")
    run = planned(world, stage=stage, then=lambda: acme.update(active=False))
    assert run.status == PlanRun.Status.DONE
    assert set(ordered(of="order__supplier__code")) <= {"bolt"}
    assert run.requirements.get(product__sku="A").shortfall > 0


@pytest.mark.django_db(transaction=True)  # as the database looks at its foreign keys at commit
def test_items_deleted_while_their_part_computes(world, monkeypatch):
    real = plan_partitions.planning_data

    def meanwhile(*args: Any) -> Any:
        data = real(*args)
        Product.objects.filter(sku="A").exists() and item_delete("A")
        return data

    monkeypatch.setattr(plan_partitions, "planning_data", meanwhile)
    run = plan_execute(run=plan_start(site=world, by=None))
    assert run.status == PlanRun.Status.DONE
    assert "A" not in ordered()


def test_ids_far_apart_are_planned_as_others(world):
    """As those of a site that holds a few items of a large catalogue."""
    far = Product.objects.create(pk=3_000_000, sku="far", name="Far")
    StockLevel.objects.create(site=world, product=far, on_hand=0, as_of=timezone.now(), source="test")
    DailyDemand.objects.filter(product__sku="A").update(product=far)
    make_quote(Supplier.objects.get(code="acme"), far)
    run = plan_execute(run=plan_start(site=world, by=None))
    assert run.status == PlanRun.Status.DONE
    assert "far" in ordered()


@pytest.mark.django_db(transaction=True)
def test_phase_is_held_while_suppliers_are_chosen_for_however_long(world, monkeypatch):
    """Else the watch would give it to a second worker, and after the third the plan would fail."""
    monkeypatch.setattr(plan_claims, "RENEWED_EVERY", timedelta(milliseconds=20))
    real = plan_sourcing.source

    def long(*args: Any) -> Any:
        run = PlanRun.objects.get()
        PlanRun.objects.update(held_until=timezone.now() - timedelta(minutes=1))
        until = time.monotonic() + 20
        while PlanRun.objects.get().held_until < timezone.now() and time.monotonic() < until:
            time.sleep(0.02)
        assert plans_rescue() == 0
        assert phase_claim(run) is None
        return real(*args)

    monkeypatch.setattr(plan_sourcing, "source", long)
    run = plan_execute(run=plan_start(site=world, by=None))
    assert (run.status, run.attempts) == (PlanRun.Status.DONE, 1)


def test_part_has_time_for_another_forecaster_and_then_for_ours(world, settings):
    settings.FORECASTER, settings.FORECASTER_SECONDS = "somewhere.Slow", 200
    run_plan(world.pk)
    row = OrmQ.objects.get()
    assert SignedPackage.loads(row.payload)["timeout"] > 200
    part = partition_claim(PlanPartition.objects.get().pk)
    assert part and part.lease_until - timezone.now() > timedelta(seconds=200)
    assert plans_rescue() == 0


def test_workers_that_are_all_at_a_plan_give_signs_of_life(world, monkeypatch):
    beats: list[bool] = []
    monkeypatch.setattr(workers, "worker_beat", lambda: beats.append(True))
    plan_run(site=world, by=None)
    assert not beats  # a command is no worker
    monkeypatch.setattr(workers, "_beaten", 1.0)
    run_plan(world.pk)
    work_off()
    assert beats
