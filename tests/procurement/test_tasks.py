"""What the background worker does on the planning side."""

from datetime import timedelta

import pytest
from django.utils import timezone

from orders.models import PurchaseOrder, WorkerHeartbeat
from procurement import chores
from procurement.models import DailyDemand, JobRun, PlanRun, Requirement, StockLevel
from procurement.tasks import first_plan, poll_hot_stock, sync_catalogues
from suppliers.models import PriceQuote, Product
from tests import factories
from tests.flow.background import woken, work_off

pytestmark = pytest.mark.django_db


def test_every_supplier_is_asked_in_a_task_of_its_own_and_a_dead_one_spoils_nothing(sandbox_supplier):
    dead = factories.supplier(name="Nobody there")
    paused = factories.supplier(paused_reason="Credentials refused.")
    sync_catalogues()
    assert len(woken()) == 2
    assert not any(task.endswith(f"({paused.pk})") for task in woken())
    work_off()
    assert PriceQuote.objects.filter(supplier_product__supplier=sandbox_supplier).count() == 3
    assert not PriceQuote.objects.filter(supplier_product__supplier=dead).exists()


def test_first_plan_asks_the_suppliers_and_then_proposes_orders(sandbox_supplier):
    site, today = factories.site(), timezone.localdate()
    rice = Product.objects.get(sku="RICE")
    StockLevel.objects.create(site=site, product=rice, on_hand=0, as_of=timezone.now(), source="test")
    for n in range(1, 120):
        day = today - timedelta(days=n)
        DailyDemand.objects.create(site=site, product=rice, date=day, quantity=2, source="test")
    first_plan(site.pk)
    work_off()
    assert PlanRun.objects.get().status == "done"
    assert PurchaseOrder.objects.get().lines.get().product == rice


def requirement(run, product, net):
    amounts = dict.fromkeys(
        ["on_hand", "on_order", "committed", "daily_demand", "buffer", "order_up_to", "shortfall"], 0
    )
    Requirement.objects.create(run=run, product=product, horizon_days=7, net_requirement=net, **amounts)


def plan(site, status="done"):
    now = timezone.now()
    return PlanRun.objects.create(
        site=site, as_of=now.date(), lease_until=now, finished_at=now, status=status
    )


def asked(sandbox_supplier):
    """The codes whose stock was asked for by the hourly job."""
    before = timezone.now()
    JobRun.objects.all().delete()  # its turn has come again
    poll_hot_stock()
    work_off()
    return set(
        sandbox_supplier.products.filter(stock_as_of__gte=before).values_list("supplier_sku", flat=True)
    )


def test_stock_of_what_is_about_to_be_ordered_is_asked_every_hour_and_of_nothing_else(sandbox_supplier):
    assert asked(sandbox_supplier) == set()
    site = factories.site()
    order = factories.order(sandbox_supplier, lines=0)
    line = factories.line(order, sandbox_supplier.products.get(supplier_sku="RICE-5"))
    oil, juice = (sandbox_supplier.products.get(supplier_sku=sku).product for sku in ("OILS-1", "APLJ-1L"))
    old, new, broken = plan(site), plan(site), plan(site, status="failed")
    requirement(old, juice, 5)
    requirement(new, juice, 0)
    requirement(new, oil, 5)
    requirement(broken, juice, 5)
    assert asked(sandbox_supplier) == {"RICE-5", "OILS-1"}
    line.delete()
    assert asked(sandbox_supplier) == {"OILS-1"}


@pytest.mark.parametrize(("on_hand", "is_near"), [(25, True), (26, False)])
def test_item_that_will_be_short_within_three_days_is_hot(sandbox_supplier, on_hand, is_near):
    run = plan(factories.site())
    rice = sandbox_supplier.products.get(supplier_sku="RICE-5").product
    requirement(run, rice, 0)
    # Ordered below 20 at two a day: 26 last until then for three days.
    run.requirements.update(on_hand=on_hand, position=on_hand, order_up_to=20, daily_demand=2)
    assert asked(sandbox_supplier) == ({"RICE-5"} if is_near else set())


def test_supplier_that_is_down_or_stopped_is_not_asked_for_stock(sandbox_supplier):
    for changes in (
        {"paused_reason": "Credentials refused."},
        {"down_until": timezone.now() + timedelta(hours=1)},
    ):
        type(sandbox_supplier).objects.update(**{"paused_reason": "", "down_until": None} | changes)
        poll_hot_stock()
        assert woken() == []


def test_old_rows_are_deleted_in_batches_and_what_time_leaves_over_the_next_day(monkeypatch):
    long_ago = timezone.now() - timedelta(days=2)
    for pid in range(5):
        WorkerHeartbeat.objects.create(name=f"worker:here:{pid}", at=long_ago)
    WorkerHeartbeat.objects.create(name="sweep", at=long_ago)
    monkeypatch.setattr(chores, "DELETED_AT_ONCE", 2)
    monkeypatch.setattr(chores, "LONGEST_CLEANING", timedelta(0))
    assert chores.prune().counts["signs of life"] == 0
    monkeypatch.undo()
    monkeypatch.setattr(chores, "DELETED_AT_ONCE", 2)
    assert chores.prune().counts["signs of life"] == 5
    assert list(WorkerHeartbeat.objects.values_list("name", flat=True)) == ["sweep"]
