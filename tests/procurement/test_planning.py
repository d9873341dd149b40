"""A plan from stored stock and demand to drafts, and that it proposes nothing twice."""

import json
from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders.models import PurchaseOrder, PurchaseOrderLine, Status
from procurement.exceptions import NothingToPlan, OrdersKeepChanging, PlanAlreadyRunning, PlanOverrun
from procurement.models import CustomerOrder, CustomerOrderLine, PlanRun, Requirement
from procurement.services.plan_claims import plan_start
from procurement.services.planning import plan_execute, plan_run
from suppliers.models import Supplier
from tests.orders.factories import buyer, make_order, make_site, make_supplier
from tests.procurement.planning import make_item, make_quote

pytestmark = pytest.mark.django_db


def ordered() -> dict[tuple[str, str], Decimal]:
    lines = PurchaseOrderLine.objects.exclude(order__status=Status.CANCELLED)
    rows = lines.order_by("pk").values_list("order__supplier__code", "product__sku", "quantity")
    return {(supplier, sku): quantity for supplier, sku, quantity in rows}


def test_plan_drafts_one_order_a_supplier_with_the_reason_of_each_line():
    site, acme, bolt = make_site(), make_supplier(code="acme"), make_supplier(code="bolt", lead_time_days=5)
    for sku, on_hand in (("A", "5"), ("B", "0"), ("C", "100")):
        make_quote(acme, make_item(site, sku, on_hand=on_hand), pack_size=6)
    make_quote(bolt, make_item(site, "D"))

    run = plan_run(site=site, by=buyer())

    # two a day over three or five days and a week
    assert ordered() == {("acme", "A"): 18, ("acme", "B"): 24, ("bolt", "D"): 24}
    assert (run.status, run.items, run.orders, run.lines, run.uncovered) == ("done", 4, 2, 3, 0)
    assert run.value == Decimal("132.00")
    order = PurchaseOrder.objects.get(supplier=acme)
    assert (order.origin, order.created_by, order.status) == ("plan", None, Status.DRAFT)
    line = order.lines.get(product__sku="A")
    assert line.suggested_quantity == line.quantity
    assert line.requested_date == timezone.localdate() + timedelta(days=3)
    assert line.reason["net_requirement"] == "15"
    assert line.reason["rounding"] == [{"from": "15", "to": "18", "why": "pack of 6"}]
    assert line.reason["sentence"].startswith("Expected demand is 2 a day, 20 over 10 days")
    need = Requirement.objects.get(run=run, product__sku="A")
    assert (need.order_up_to, need.net_requirement, list(need.order_lines.all())) == (20, 15, [line])
    assert Requirement.objects.get(run=run, product__sku="C").net_requirement == 0


def test_second_plan_of_the_day_proposes_nothing_twice():
    site, acme = make_site(), make_supplier(code="acme")
    make_quote(acme, make_item(site, "A"), pack_size=6)
    plan_run(site=site, by=None)
    again = plan_run(site=site, by=None)
    assert (again.orders, again.lines, again.value) == (0, 0, 0)
    assert again.requirements.get().on_order == 24
    PurchaseOrder.objects.update(status=Status.TRANSFERRED, transferred_at=timezone.now())
    assert plan_run(site=site, by=None).lines == 0


def test_limited_stock_is_split_over_two_suppliers_and_not_proposed_again():
    site, acme, bolt = make_site(), make_supplier(code="acme"), make_supplier(code="bolt")
    item = make_item(site, "A")
    make_quote(acme, item, "1.50", stock_on_offer=13, pack_size=6)
    make_quote(bolt, item, "2.00", stock_on_offer=5)
    run = plan_run(site=site, by=None)
    assert ordered() == {("acme", "A"): 12, ("bolt", "A"): 5}
    assert run.uncovered == 1
    need = run.requirements.get()
    assert need.shortfall == 3
    assert need.order_lines.count() == 2
    # What is on offer has been asked for: a second plan finds nothing left to ask, and still says what is missing.
    again = plan_run(site=site, by=None)
    assert (again.lines, again.uncovered) == (0, 1)


def test_cancelled_draft_is_proposed_again():
    site, acme = make_site(), make_supplier(code="acme")
    make_quote(acme, make_item(site, "A"), stock_on_offer=20)
    plan_run(site=site, by=None)
    PurchaseOrder.objects.update(status=Status.CANCELLED)
    assert plan_run(site=site, by=None).lines == 1


def test_customer_orders_raise_the_need_when_they_are_open():
    site, acme = make_site(), make_supplier(code="acme")
    item = make_item(site, "A", on_hand="20")
    make_quote(acme, item)
    for number, is_open in (("SO-1", True), ("SO-2", False)):
        order = CustomerOrder.objects.create(
            number=number, site=site, ordered_on=timezone.localdate(), open=is_open, source="test"
        )
        CustomerOrderLine.objects.create(
            order=order, line_number=1, product=item, quantity=9, shipped_quantity=2
        )
    run = plan_run(site=site, by=None)
    assert ordered() == {("acme", "A"): 7}
    assert run.requirements.get().committed == 7


def test_item_that_nobody_offers_is_reported():
    site = make_site()
    make_quote(make_supplier(), make_item(site, "A"))
    make_item(site, "B", on_hand="8")
    run = plan_run(site=site, by=None)
    assert run.uncovered == 1
    assert run.requirements.get(product__sku="B").shortfall == 20  # two a day over 14 days, less 8


@pytest.mark.parametrize("what", ["supplier", "offer", "product"])
def test_inactive_rows_are_left_out(what):
    site, acme = make_site(), make_supplier(code="acme")
    offer = make_quote(acme, make_item(site, "A"))
    make_quote(make_supplier(), make_item(site, "B"))
    row = {"supplier": acme, "offer": offer, "product": offer.product}[what]
    row.active = False
    row.save()
    plan_run(site=site, by=None)
    assert ("acme", "A") not in ordered()


@pytest.mark.parametrize(
    ("order", "prices", "why"),
    [
        ("EUR", "EUR", "sold in EUR, and no exchange rate of EUR to GBP is known"),
        ("GBP", "EUR", "priced in EUR, while its orders are in GBP"),
        ("EUR", "GBP", "priced in GBP, while its orders are in EUR"),
    ],
)
def test_price_that_cannot_be_compared_is_left_out_with_the_reason(order, prices, why):
    site = make_site()
    item = make_item(site, "A")
    make_quote(make_supplier(code="acme"), item, "2.00")
    make_quote(make_supplier(code="bolt", currency=order), item, "0.50").quotes.update(currency=prices)
    run = plan_run(site=site, by=None)
    assert ordered() == {("acme", "A"): 20}
    assert run.notes == [f"1 offer of {Supplier.objects.get(code='bolt').name} was left out: {why}."]
    lost = PurchaseOrderLine.objects.get().reason["quotes"][1]
    assert (lost["supplier"], lost["why"]) == ("bolt", why)


def test_price_list_that_was_replaced_is_not_used():
    site, acme = make_site(), make_supplier(code="acme")
    offer = make_quote(acme, make_item(site, "A"), "1.00")
    offer.quotes.update(superseded_at=timezone.now())
    newer = offer.quotes.create(currency="GBP", fetched_at=timezone.now())
    newer.tiers.create(from_quantity=1, unit_price=Decimal("3.00"))
    plan_run(site=site, by=None)
    assert PurchaseOrderLine.objects.get().unit_price == 3


def test_plan_is_refused_while_another_one_runs_and_takes_over_when_that_one_died():
    site = make_site()
    make_quote(make_supplier(), make_item(site, "A"))
    first = plan_start(site=site, by=None)
    with pytest.raises(PlanAlreadyRunning, match="is running already"):
        plan_start(site=site, by=None)
    PlanRun.objects.filter(pk=first.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert plan_run(site=site, by=None).status == PlanRun.Status.DONE
    first.refresh_from_db()
    assert first.status == PlanRun.Status.FAILED
    assert "another plan took over" in first.error


def test_plan_that_lost_its_site_writes_nothing():
    site = make_site()
    make_quote(make_supplier(), make_item(site, "A"))
    late = plan_start(site=site, by=None)
    PlanRun.objects.filter(pk=late.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    late.refresh_from_db()
    plan_start(site=site, by=None)
    with pytest.raises(PlanOverrun):
        plan_execute(run=late)
    assert not PurchaseOrder.objects.exists()
    assert late.status == PlanRun.Status.FAILED


def test_plan_starts_over_when_an_order_appears_while_it_computes():
    site, acme = make_site(), make_supplier(code="acme")
    item = make_item(site, "A")
    make_quote(acme, item)
    drafted = []

    def meanwhile(stage: str, percent: int) -> None:
        if stage == "Writing" and not drafted:
            drafted.append(make_order(supplier=acme, lines=1))
            drafted[0].lines.update(product=item)

    run = plan_run(site=site, by=None, on_progress=meanwhile)
    assert run.status == PlanRun.Status.DONE
    assert run.requirements.get().on_order == 10
    assert (run.lines, run.restarts) == (1, 1)
    # Two a day over ten days, less 10
    assert PurchaseOrderLine.objects.get(order__origin="plan").quantity == 10


def test_plan_gives_up_when_orders_never_stop_changing():
    site, acme = make_site(), make_supplier(code="acme")
    item = make_item(site, "A")
    make_quote(acme, item)

    def meanwhile(stage: str, percent: int) -> None:
        if stage == "Writing":
            make_order(supplier=acme, lines=1).lines.update(product=item)

    with pytest.raises(OrdersKeepChanging, match="Start it again"):
        plan_run(site=site, by=None, on_progress=meanwhile)
    assert PlanRun.objects.get().status == PlanRun.Status.FAILED
    assert not PurchaseOrder.objects.filter(origin="plan").exists()
    assert not Requirement.objects.exists()


def test_failure_is_kept_with_the_run_in_words():
    site = make_site()
    with pytest.raises(NothingToPlan, match="no stock, no demand and no customer orders"):
        plan_run(site=site, by=None)
    make_item(site, "A")
    with pytest.raises(NothingToPlan, match="No active supplier offers any"):
        plan_run(site=site, by=None)
    runs = PlanRun.objects.order_by("pk")
    assert [run.status for run in runs] == ["failed", "failed"]
    assert all(run.error and run.finished_at for run in runs)


def test_number_of_queries_does_not_grow_with_the_items():
    site, acme = make_site(), make_supplier(code="acme")
    counted = []
    for number in (2, 12):
        for sku in range(number):
            make_quote(acme, make_item(site, f"{number}-{sku}"))
        with CaptureQueriesContext(connection) as queries:
            plan_run(site=site, by=None)
        counted.append(len(queries))
    assert counted[1] <= counted[0] <= 155


def test_command_shows_what_it_suggests_and_speaks_json():
    site, acme = make_site(), make_supplier(code="acme", name="Acme")
    make_quote(acme, make_item(site, "A"))
    out = StringIO()
    call_command("plan", stdout=out)
    assert "Acme" in out.getvalue()
    assert "1 lines in 1 orders worth 40.00 GBP" in out.getvalue()
    make_quote(acme, make_item(site, "B"))
    out = StringIO()
    call_command("plan", json=True, stdout=out)
    told = json.loads(out.getvalue())
    assert (told["lines"], told["value"], told["suggested"][0]["supplier"]) == (1, "40.00", "acme")
    assert told["suggested"][0]["value"] == "40.00"


def test_command_says_in_a_sentence_why_there_is_nothing_to_plan():
    make_site()
    with pytest.raises(CommandError, match="Load them with import_data"):
        call_command("plan")


def test_command_cancels_the_plan_that_is_running():
    site = make_site()
    with pytest.raises(CommandError, match="is running"):
        call_command("plan", cancel=True)
    plan_start(site=site, by=None)
    out = StringIO()
    call_command("plan", cancel=True, stdout=out)
    assert "was cancelled" in out.getvalue()
    assert PlanRun.objects.get().status == PlanRun.Status.CANCELLED


def test_plan_of_before_the_clock_was_set_back_holds_no_site():
    site = make_site()
    ahead = plan_start(site=site, by=None)
    PlanRun.objects.filter(pk=ahead.pk).update(lease_until=timezone.now() + timedelta(hours=9))
    assert plan_start(site=site, by=None) != ahead
