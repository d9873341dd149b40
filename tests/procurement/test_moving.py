"""A draft's lines are moved to another supplier: all of them in one step, or none and the reason in words.

Acme's draft has 20 of A at 2.00 and 20 of B at 3.00; both sell two a day. Bolt sells A in packs of 12 at 2.10, and
B at 2.90.
"""

import threading
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from orders.exceptions import ConcurrentTransition, InvalidInput, OrderError, OrderNotEditable
from orders.models import LineShare, OrderDay, PurchaseOrder, Status
from orders.moves import Move, moves_of
from orders.services.approval import order_approve, order_cancel
from procurement.models import Requirement
from procurement.services.moving import draft_move
from procurement.services.planning import plan_run
from suppliers.models import PriceQuote, SourcingDecision, Supplier, SupplierCalendar, SupplierProduct
from tests import factories
from tests.flow.race import race
from tests.pages.reading import text
from tests.procurement.planning import make_item, make_quote

D = Decimal
A, B = "bolt-A", "bolt-B"


def scene() -> PurchaseOrder:
    """The draft at Acme, planned before Bolt had any prices."""
    site = factories.site()
    acme = factories.supplier(code="acme", name="Acme")
    items = [make_item(site, sku) for sku in ("A", "B")]
    for item, price in zip(items, ("2.00", "3.00"), strict=True):
        make_quote(acme, item, price)
    plan_run(site=site, by=None)
    bolt = factories.supplier(code="bolt", name="Bolt", delivery_fee=9, free_delivery_from=150)
    make_quote(bolt, items[0], "2.10", pack_size=12)
    make_quote(bolt, items[1], "2.90")
    return PurchaseOrder.objects.get()


@pytest.fixture
def draft(db) -> PurchaseOrder:
    return scene()


def moved(order: PurchaseOrder, to: str = "bolt", version: int | None = None) -> PurchaseOrder:
    seen = order.version if version is None else version
    return draft_move(order=order, to=to, by=factories.user(), version=seen, via="test")


def lines_of(order: PurchaseOrder) -> list[tuple[str, Decimal, Decimal]]:
    return [(line.supplier_sku, line.quantity, line.unit_price) for line in order.lines.all()]


def test_lines_go_to_a_new_draft_in_packs_and_at_prices_of_the_other_supplier(draft):
    new = moved(draft)
    assert lines_of(new) == [(A, 24, D("2.10")), (B, 20, D("2.90"))]
    assert (new.supplier.code, new.status, new.replaces, new.delivery_fee) == ("bolt", Status.DRAFT, draft, 9)
    draft.refresh_from_db()
    assert draft.status == Status.CANCELLED
    assert draft.events.last().text == f"Cancelled: Moved to {new.number} at Bolt."
    sentence = new.lines.first().reason["sentence"]
    assert sentence == f"Moved here from {draft.number} at Acme. It was 20 at 2.00 GBP there."


def test_what_the_plan_found_leads_to_the_new_lines(draft):
    new = moved(draft)
    assert {need.order_lines.get().order_id for need in Requirement.objects.all()} == {new.pk}


def test_the_next_plan_asks_for_nothing_more(draft):
    moved(draft)
    plan_run(site=draft.site, by=None)
    assert PurchaseOrder.objects.filter(status=Status.DRAFT).count() == 1


def test_an_approval_does_not_move_along(draft):
    order_approve(order=draft, by=factories.user("Approver"), version=draft.version, comment="", via="test")
    draft.transfers.all().delete()
    draft.refresh_from_db()
    new = moved(draft)
    assert not new.approvals.exists()
    assert draft.approvals.get().withdrawn_at


def test_lines_go_along_with_a_draft_that_waits_there(draft):
    """It has 5 of A already: with 20 more 25, which are 36 in packs of 12. C stays as it is."""
    bolt = Supplier.objects.get(code="bolt")
    waiting = factories.order(of=bolt, lines=0, site=draft.site)
    factories.line(waiting, SupplierProduct.objects.get(supplier_sku=A), quantity=D(5))
    factories.line(waiting, make_quote(bolt, make_item(draft.site, "C")), quantity=D(7))
    PurchaseOrder.objects.filter(pk=waiting.pk).update(delivery_fee=9)
    new = moved(draft)
    assert new == waiting
    assert sorted(lines_of(new)) == [(A, 36, D("2.10")), (B, 20, D("2.90")), ("bolt-C", 7, D("2.50"))]
    assert new.delivery_fee == 0  # 36 * 2.10 + 20 * 2.90 + 7 * 2.50 = 151.10, and free from 150.00
    assert PurchaseOrder.objects.filter(replaces=draft).count() == 0
    kinds = set(new.events.values_list("kind", flat=True))
    assert {"line_edited", "line_added", "lines_moved"} <= kinds


def test_what_went_along_with_a_waiting_draft_is_not_drafted_a_second_time(draft, client):
    client.force_login(factories.user(), backend="django.contrib.auth.backends.ModelBackend")
    waiting = factories.order(of=Supplier.objects.get(code="bolt"), site=draft.site)
    again = "Make a new draft from it"
    assert moved(draft) == waiting
    page = text(client.get(f"/orders/{draft.number}/"))
    assert again not in page
    assert f"Moved to {waiting.number}" in page
    answer = client.post(f"/orders/{draft.number}/replace/")
    assert answer.status_code == 409
    assert f"The lines of {draft.number} were moved to {waiting.number}." in text(answer)
    assert PurchaseOrder.objects.count() == 2
    waiting.refresh_from_db()
    order_cancel(order=waiting, by=factories.user(), version=waiting.version, reason="No room", via="test")
    assert again in text(client.get(f"/orders/{waiting.number}/"))


def test_a_draft_that_is_split_over_sites_is_left_as_it_is(draft):
    """More of its lines would end the split, and another site would lose its goods."""
    waiting = factories.order(of=Supplier.objects.get(code="bolt"), lines=0, site=draft.site)
    split = factories.line(waiting, SupplierProduct.objects.get(supplier_sku=A), quantity=D(24))
    north = factories.site(code="north")
    LineShare.objects.create(line=split, site=draft.site, quantity=12)
    LineShare.objects.create(line=split, site=north, quantity=12)
    new = moved(draft)
    assert new not in (draft, waiting)
    assert lines_of(new) == [(A, 24, D("2.10")), (B, 20, D("2.90"))]
    assert lines_of(waiting) == [(A, 24, split.unit_price)]
    assert {(share.site.code, share.quantity) for share in split.shares.all()} == {
        ("main", 12),
        ("north", 12),
    }


def test_lines_are_asked_for_by_the_calendar_of_the_other_supplier(db):
    with time_machine.travel(datetime(2026, 11, 20, 9, tzinfo=UTC), tick=False):  # a Friday
        order = scene()
        bolt = Supplier.objects.get(code="bolt")
        Supplier.objects.filter(pk=bolt.pk).update(lead_time_days=2)
        SupplierCalendar.objects.create(supplier=bolt, weekdays="1111100")
        OrderDay.objects.create(supplier=bolt, weekday=1, until="11:00")
        new = moved(order)
    assert {line.requested_date for line in new.lines.all()} == {date(2026, 11, 26)}  # ordered on Tuesday
    assert new.approve_before == datetime(2026, 11, 24, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda b: b.delete(), "Bolt does not offer Product B."),
        (lambda b: _set(b, active=False), "Bolt does not offer Product B."),
        (lambda b: _set(b, stock_on_offer=19), "Bolt has only 19 of Product B on offer."),
        (lambda b: PriceQuote.objects.filter(supplier_product=b).delete(), "no price of Product B at Bolt yet."),
        (
            lambda b: SourcingDecision.objects.create(supplier=b.supplier, kind="blocked", reason="Unpaid"),
            "Product A of Bolt is blocked",
        ),
        (lambda b: Supplier.objects.filter(code="bolt").update(currency="EUR"), "is priced in GBP, while Bolt"),
        (lambda b: Supplier.objects.filter(code="bolt").update(active=False), "Nothing is ordered from Bolt now."),
        (lambda b: Supplier.objects.filter(code="bolt").update(minimum_order_value=200),
         "Bolt takes no order below 200.00 GBP; with these lines it comes to 108.40 GBP."),
    ],
)  # fmt: skip
def test_what_keeps_a_line_from_being_moved_is_said_and_nothing_changes(draft, change, words):
    change(SupplierProduct.objects.get(supplier_sku=B))
    with pytest.raises(InvalidInput, match=words.replace(".", r"\.")):
        moved(draft)
    draft.refresh_from_db()
    assert (draft.status, PurchaseOrder.objects.count(), draft.lines.count()) == (Status.DRAFT, 1, 2)


def _set(offer: SupplierProduct, **values: object) -> None:
    SupplierProduct.objects.filter(pk=offer.pk).update(**values)


def test_a_supplier_nobody_knows_and_its_own_are_refused(draft):
    with pytest.raises(InvalidInput, match="There is no supplier 'moon'"):
        moved(draft, to="moon")
    with pytest.raises(InvalidInput, match="is at Acme already"):
        moved(draft, to="acme")


def test_a_page_that_is_old_and_an_order_that_is_no_draft_are_refused(draft):
    with pytest.raises(ConcurrentTransition, match="changed by somebody else"):
        moved(draft, version=draft.version + 7)
    PurchaseOrder.objects.update(status=Status.CONFIRMED)
    draft.refresh_from_db()
    with pytest.raises(OrderNotEditable, match="is confirmed and can no longer be edited"):
        moved(draft)


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
@pytest.mark.parametrize("attempt", range(3))
def test_of_an_approval_and_a_move_at_once_one_is_told_that_it_came_second(attempt):
    draft, buyer, approver = scene(), factories.user(), factories.user("Approver")
    copies = [PurchaseOrder.objects.get() for _ in range(2)]
    results = race(
        lambda: draft_move(order=copies[0], to="bolt", by=buyer, version=draft.version, via="test"),
        lambda: order_approve(order=copies[1], by=approver, version=draft.version, comment="", via="test"),
    )
    assert sum(isinstance(result, OrderError) for result in results) == 1
    draft.refresh_from_db()
    approved = isinstance(results[0], OrderError)
    assert draft.status == (Status.DRAFT if approved else Status.CANCELLED)
    assert PurchaseOrder.objects.count() == (1 if approved else 2)
    assert draft.transfers.exists() == approved


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
def test_of_two_opposite_moves_at_once_one_is_told_that_it_came_second(monkeypatch):
    """Each has looked at where its lines go before either takes a draft for itself."""
    here = scene()
    acme, bolt = here.supplier, Supplier.objects.get(code="bolt")
    there = factories.order(of=bolt, lines=0, site=here.site)
    factories.line(there, SupplierProduct.objects.get(supplier_sku=A), quantity=D(12))
    looked = threading.Barrier(2)

    def slowly(*args: Any, **options: Any) -> list[Move]:
        found = moves_of(*args, **options)
        looked.wait(timeout=30)
        return found

    monkeypatch.setattr("orders.services.moving.moves_of", slowly)
    buyer = factories.user()
    results = race(
        lambda: draft_move(order=here, to=bolt.code, by=buyer, version=here.version, via="test"),
        lambda: draft_move(order=there, to=acme.code, by=buyer, version=there.version, via="test"),
    )
    assert sum(isinstance(result, ConcurrentTransition) for result in results) == 1
    assert PurchaseOrder.objects.filter(status=Status.DRAFT).count() == 1
