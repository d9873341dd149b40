"""A large customer order, a rejection or a late delivery: just the items they concern are planned again, once."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from orders.models import OrderException, PurchaseOrder, PurchaseOrderLine, Site, Status
from orders.state import transition
from procurement.chores import replan, sites_replanned
from procurement.models import CustomerOrder, PlanningPolicy, PlanRun
from procurement.services.plan_claims import plan_cancel, plan_start
from procurement.services.planning import plan_run
from procurement.services.replanning import items_replan
from suppliers.models import Product
from tests.flow.background import work_off
from tests.orders.factories import make_site, make_supplier
from tests.procurement.planning import make_item, make_quote

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    """Three items that sell two a day, planned an hour ago; B was needed, and is on its way."""
    site, acme = make_site(), make_supplier(code="acme", name="Acme")
    for sku, on_hand in (("A", "30"), ("B", "5"), ("C", "40")):
        make_quote(acme, make_item(site, sku, on_hand=on_hand))
    PlanningPolicy.objects.create(site=site, replans=True)
    plan_run(site=site, by=None)
    ago(1)
    now = timezone.now()
    PurchaseOrder.objects.update(status=Status.TRANSFERRED, transferred_at=now)
    return site


def ago(hours: int) -> None:
    PlanRun.objects.update(started_at=timezone.now() - timedelta(hours=hours))


def customer_order(site: Site, sku: str, quantity: int, number: str = "SO-1") -> None:
    order = CustomerOrder.objects.create(
        number=number, site=site, ordered_on=timezone.localdate(), source="test"
    )
    order.lines.create(line_number=1, product=Product.objects.get(sku=sku), quantity=quantity)


def looked_at(run: PlanRun | None) -> list[str]:
    assert run is not None
    work_off()
    run.refresh_from_db()
    assert (run.kind, run.status) == ("items", "done"), run.error
    return list(run.requirements.values_list("product__sku", flat=True))


def drafted() -> list[tuple[str, Decimal]]:
    lines = PurchaseOrderLine.objects.filter(order__status=Status.DRAFT).order_by("pk")
    return list(lines.values_list("product__sku", "quantity"))


def test_nothing_happened_nothing_is_planned(site):
    assert items_replan(site=site) is None


def test_large_customer_order_plans_its_item_and_orders_what_is_missing_once(site):
    customer_order(site, "A", 25)
    run = items_replan(site=site)
    assert looked_at(run) == ["A"]
    assert run.causes == [
        "Customers have ordered 25 more of Product A; SO-1 wants 25. In 10 days 20 usually sell."
    ]
    assert drafted() == [("A", 15)]  # 20 are to be there, 30 - 25 are left
    assert items_replan(site=site) is None
    assert replan(site.pk).counts == {"items planned again": 0}


def test_small_customer_order_waits_for_the_next_plan(site):
    customer_order(site, "A", 10)
    assert items_replan(site=site) is None
    PlanningPolicy.objects.update(large_order_share=Decimal("0.40"))
    assert looked_at(items_replan(site=site)) == ["A"]


def test_many_events_are_one_run(site):
    customer_order(site, "A", 25)
    customer_order(site, "C", 30, "SO-2")
    run = items_replan(site=site)
    assert looked_at(run) == ["A", "C"]
    assert len(run.causes) == 2


def test_rejected_order_is_made_good_and_one_that_was_replaced_is_not_ordered_twice(site):
    order = PurchaseOrder.objects.get()
    with transaction.atomic():
        transition(order, Status.REJECTED, by=None, via="callback", text="They have none.")
    run = items_replan(site=site)
    assert looked_at(run) == ["B"]
    assert run.causes == [f"Acme rejected {order.number}, with 15 of Product B."]
    assert drafted() == [("B", 15)]
    assert items_replan(site=site) is None


def test_delivery_that_is_late_plans_its_item_and_counts_it_as_on_order_still(site):
    order = PurchaseOrder.objects.get()
    yesterday = timezone.localdate() - timedelta(days=1)
    order.lines.update(promised_date=yesterday)
    assert items_replan(site=site) is None  # the last plan, of today, knew it already
    PlanRun.objects.update(as_of=yesterday)
    run = items_replan(site=site)
    assert looked_at(run) == ["B"]
    assert run.causes[0].startswith("Acme has not delivered 15 of Product B that were due on ")
    assert run.requirements.get().on_order == 15
    assert drafted() == []
    assert items_replan(site=site) is None


def test_delivery_that_was_moved_later_plans_its_item(site):
    line = PurchaseOrder.objects.get().lines.get()
    later = timezone.localdate() + timedelta(days=20)
    PurchaseOrderLine.objects.update(promised_date=later)
    OrderException.objects.create(
        order=line.order, line=line, kind=OrderException.Kind.DATE, text="Later.", fingerprint="x"
    )
    run = items_replan(site=site)
    assert looked_at(run) == ["B"]
    assert "later than asked" in run.causes[0]
    assert items_replan(site=site) is None


def test_nothing_is_begun_while_a_plan_runs_and_what_it_saw_is_not_planned_after_it(site):
    customer_order(site, "A", 25)
    running = plan_start(site=site, by=None)
    assert items_replan(site=site) is None
    plan_cancel(run=running, by=None)
    plan_run(site=site, by=None)
    assert drafted() == [("A", 15)]
    assert items_replan(site=site) is None


def test_site_that_does_not_want_it_or_was_never_planned_is_left_alone(site):
    customer_order(site, "A", 25)
    assert [part.subject for part in sites_replanned()] == [site.pk]
    PlanningPolicy.objects.update(replans=False)
    assert sites_replanned() == []
    assert items_replan(site=site) is None
    PlanningPolicy.objects.update(replans=True)
    PlanRun.objects.update(status="failed")
    assert items_replan(site=site) is None


def test_one_that_failed_is_not_tried_again_every_minute(site):
    customer_order(site, "A", 25)
    run = items_replan(site=site)
    plan_cancel(run=run, by=None)
    work_off()
    assert items_replan(site=site) is None
    ago(2)
    assert looked_at(items_replan(site=site)) == ["A"]


def test_page_names_what_happened(site, client, admin_user):
    customer_order(site, "A", 25)
    run = items_replan(site=site)
    work_off()
    client.force_login(admin_user)
    page = client.get(f"/plan/{run.pk}/").content.decode()
    assert "Planned again: 1 item" in page
    assert "SO-1 wants 25" in page
    assert "some items" in client.get("/plan/").content.decode()
    assert "Product A" in client.get(f"/plan/{run.pk}/changes/").content.decode()


def test_item_that_is_not_planned_any_more_asks_for_nothing_again_and_again(site):
    """It may have been taken out of use since; what happened to it is no reason to plan every minute."""
    customer_order(site, "A", 25)
    customer_order(site, "C", 30, "SO-2")
    Product.objects.filter(sku="A").update(active=False)
    assert looked_at(items_replan(site=site)) == ["C"]
    assert items_replan(site=site) is None


def test_clock_that_was_set_back_does_not_stop_replans(site):
    run = plan_start(site=site, by=None, products=[Product.objects.get(sku="A").pk])
    plan_cancel(run=run, by=None)
    PlanRun.objects.filter(pk=run.pk).update(started_at=timezone.now() + timedelta(days=1))
    customer_order(site, "A", 25)
    assert looked_at(items_replan(site=site)) == ["A"]
