"""What the background worker does on the planning side."""

from datetime import timedelta

import pytest
from django.utils import timezone

from orders.models import PurchaseOrder
from procurement.models import DailyDemand, PlanRun, StockLevel
from procurement.tasks import first_plan, sync_catalogues
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
