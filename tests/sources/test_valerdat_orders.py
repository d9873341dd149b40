"""What Valerdat proposes becomes drafts, stays in step with them, and overwrites nobody's work."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from orders.models import OrderException, PurchaseOrder, Status, TransferJob
from orders.services.approval import order_approve
from orders.services.editing import order_edit
from orders.services.line_problems import line_move
from procurement.models import Proposal, SourceAccount
from procurement.services.moving import draft_move
from procurement.sources.sandbox.server import SourceSandbox
from suppliers.models import Product, Supplier
from tests import factories
from tests.sources.planner import MAPPING, draft, journal, offers, planner, propose, read, told, uuid

pytestmark = pytest.mark.django_db


@pytest.fixture
def sandbox() -> Iterator[SourceSandbox]:
    with SourceSandbox("valerdat") as sandbox:
        yield sandbox


@pytest.fixture
def source(db: None, sandbox: SourceSandbox) -> SourceAccount:
    offers(("ald", "A"), ("ald", "B"), ("brk", "C"))
    return planner(sandbox)


def problems(source: SourceAccount) -> list[str]:
    return list(source.problems.values_list("words", flat=True))


def edit(order: PurchaseOrder, quantity: int) -> None:
    line = order.lines.order_by("line_number")[0]
    order_edit(
        order=order, by=factories.user(), version=order.version, quantities={line.pk: Decimal(quantity)}, via="page"
    )  # fmt: skip


def test_each_supplier_gets_one_draft_of_a_proposal(source, sandbox):
    propose(sandbox, 1, ("ald", "A", 24), ("brk", "C", "6.0"), ("ald", "B", 3), ("ald", "A", 1))
    run = read(source)
    assert (run.fetched, run.added, run.failed) == (1, 1, 0)
    assert told(draft(1, "ald")) == [("A", 25), ("B", 3)]
    assert told(draft(1, "brk")) == [("C", 6)]
    order = draft(1, "ald")
    assert (order.status, order.origin, order.created_by) == (Status.DRAFT, "proposed by Valerdat", None)
    assert f"{order.requested_date}" == "2026-12-24"
    line = order.lines.get(product__sku="A")
    assert line.unit_price == Decimal("2.50")
    assert line.reason["sentence"] == "Proposed by Valerdat in its order V-1: 25 of A."
    assert journal(source) == ["Adding new order V-1: draft PO for ALD; draft PO for BRK."]


def test_what_the_supplier_sells_is_what_is_drafted(source, sandbox):
    offers(("brk", "PACKED"), pack_size=12)
    propose(sandbox, 1, ("brk", "PACKED", 13))
    read(source)
    line = draft(1).lines.get()
    assert (line.quantity, line.suggested_quantity) == (24, 24)
    assert line.reason["rounding"] == [{"from": "13", "to": "24", "why": "13 → 24, pack of 12"}]


def test_their_price_counts_where_we_have_none(source, sandbox):
    offers(("brk", "NEW"), tiers=())
    propose(sandbox, 1, lines=[{"vendor": "brk", "product": "NEW", "quantity": 2, "price": 3.75}])
    read(source)
    line = draft(1).lines.get()
    assert line.unit_price == Decimal("3.75")
    assert "The price, 3.75, is theirs, as we have none." in line.reason["sentence"]


def test_same_again_all_day_changes_nothing(source, sandbox):
    propose(sandbox, 1, ("ald", "A", 24))
    read(source)
    again = read(source)
    assert (again.fetched, again.added, again.changed, again.unchanged) == (1, 0, 0, 1)
    assert PurchaseOrder.objects.count() == 1
    assert journal(source)[-1] == "No new orders."


def test_change_of_the_same_day_replaces_the_draft(source, sandbox):
    propose(sandbox, 1, ("ald", "A", 24), ("brk", "C", 6))
    read(source)
    number = draft(1, "ald").number
    propose(sandbox, 1, ("ald", "B", 5), ("brk", "C", 6))
    run = read(source)
    assert (run.added, run.changed) == (0, 1)
    assert told(draft(1, "ald")) == [("B", 5)]
    assert draft(1, "ald").number == number
    assert journal(source)[-1] == "Replacing order V-1: draft PO replaced."
    event = draft(1, "ald").events.last()
    assert (event.kind, event.text) == (
        "proposal_replaced",
        "Valerdat replaced its proposal V-1: now 5 of B.",
    )
    assert not draft(1, "brk").events.filter(kind="proposal_replaced").exists()


def test_approval_of_what_was_replaced_stands_no_more(source, sandbox):
    propose(sandbox, 1, ("ald", "A", 24))
    read(source)
    order = draft(1)
    order_approve(order=order, by=factories.user("Approver"), version=order.version, via="page")
    TransferJob.objects.all().delete()  # as if it had come to nothing
    propose(sandbox, 1, ("ald", "A", 30))
    read(source)
    assert told(draft(1)) == [("A", 30)]
    assert draft(1).approvals.get().withdrawn_at


def test_draft_that_is_being_sent_is_left_and_looked_at_again(source, sandbox):
    propose(sandbox, 1, ("ald", "A", 24))
    read(source)
    job = factories.transfer(draft(1))
    propose(sandbox, 1, ("ald", "A", 30))
    assert read(source).failed == 1
    assert "being sent to the supplier" in problems(source)[0]
    assert told(draft(1)) == [("A", 24)]
    job.delete()
    read(source)
    assert told(draft(1)) == [("A", 30)]
    assert problems(source) == []


def test_edited_draft_is_not_overwritten_and_the_buyer_decides(source, sandbox):
    propose(sandbox, 1, ("ald", "A", 24))
    read(source)
    edit(draft(1), 20)
    propose(sandbox, 1, ("ald", "A", 30))
    read(source)
    assert told(draft(1)) == [("A", 20)]
    exception = draft(1).exceptions.get()
    assert exception.kind == OrderException.Kind.PROPOSAL
    assert exception.text == (
        "Valerdat changed its proposal V-1 after somebody edited this draft: it now proposes 30 of A."
        " Nothing was changed here."
    )
    assert journal(source)[-1] == "Replacing order V-1: PO is left to the buyer."
    read(source)
    assert draft(1).exceptions.count() == 1


def test_later_change_takes_the_place_of_one_nobody_decided_on(source, sandbox):
    propose(sandbox, 1, ("ald", "A", 24))
    read(source)
    edit(draft(1), 20)
    for quantity in (30, 31, 30):
        propose(sandbox, 1, ("ald", "A", quantity))
        read(source)
    assert list(draft(1).exceptions.values_list("resolution", flat=True)) == ["overtaken", "overtaken", ""]
    assert "30 of A" in draft(1).exceptions.get(resolved_at=None).text


@pytest.mark.parametrize("status", [Status.TRANSFERRED, Status.CONFIRMED, Status.CANCELLED])
def test_order_that_is_no_draft_any_more_stays_and_the_buyer_decides(source, sandbox, status):
    propose(sandbox, 1, ("ald", "A", 24))
    read(source)
    PurchaseOrder.objects.update(status=status)
    propose(sandbox, 1, ("ald", "A", 30))
    read(source)
    assert told(draft(1)) == [("A", 24)]
    assert f"when this was {status} already: it now proposes 30 of A" in draft(1).exceptions.get().text


def test_change_is_told_at_the_order_that_replaced_the_first(source, sandbox):
    propose(sandbox, 1, ("ald", "A", 24))
    read(source)
    PurchaseOrder.objects.update(status=Status.REJECTED)
    successor = factories.order(
        Supplier.objects.get(code="ald"), replaces=draft(1), last_edited_by=factories.user()
    )
    propose(sandbox, 1, ("ald", "A", 30))
    read(source)
    assert not draft(1).exceptions.exists()
    assert "30 of A" in successor.exceptions.get().text


def test_change_is_told_at_the_draft_that_the_lines_were_moved_into(source, sandbox):
    offers(("other", "A"))
    waiting = factories.order(of=Supplier.objects.get(code="other"), site=source.site)
    propose(sandbox, 1, ("ald", "A", 24))
    read(source)
    order = draft(1)
    into = draft_move(order=order, to="other", by=factories.user(), version=order.version, via="page")
    assert into == waiting
    propose(sandbox, 1, ("ald", "A", 30))
    read(source)
    assert not order.exceptions.exists()
    assert "after somebody edited this draft: it now proposes 30 of A" in waiting.exceptions.get().text


def test_line_may_be_sourced_elsewhere_and_keeps_its_reason(source, sandbox):
    offers(("other", "A"))
    propose(sandbox, 1, ("ald", "A", 24), ("ald", "B", 3))
    read(source)
    order = draft(1)
    moved = line_move(
        order=order, line=order.lines.get(product__sku="A"), by=factories.user(), version=order.version, via="page"
    )  # fmt: skip
    assert moved.lines.get().reason["proposed_by"] == "Valerdat"
    propose(sandbox, 1, ("ald", "A", 30), ("ald", "B", 3))
    read(source)
    assert told(draft(1)) == [("B", 3)]
    assert draft(1).exceptions.count() == 1


def test_part_that_is_proposed_no_more_is_cancelled_where_nobody_worked_on_it(source, sandbox):
    propose(sandbox, 1, ("ald", "A", 24), ("brk", "C", 6))
    read(source)
    propose(sandbox, 1, ("ald", "A", 24))
    read(source)
    assert draft(1, "brk").status == Status.CANCELLED
    assert draft(1, "ald").status == Status.DRAFT
    propose(sandbox, 1, ("ald", "A", 24), ("brk", "C", 7))
    read(source)
    orders = PurchaseOrder.objects.filter(supplier__code="brk").order_by("pk")
    assert [(order.status, told(order)) for order in orders] == [
        ("cancelled", [("C", 6)]),
        ("draft", [("C", 7)]),
    ]


def test_status_that_means_withdrawn_cancels_the_draft_and_tells_of_an_edited_one(sandbox, source):
    source.settings |= {"mapping": MAPPING, "statuses": "Open = proposed\nVoid = withdrawn"}
    source.save()
    for n in (1, 2, 3):
        status = "Void" if n == 3 else "Open"
        propose(sandbox, n, ("ald", "A", 24), status={"name": status})
    assert read(source).added == 2
    edit(draft(2), 20)
    for n in (1, 2):
        propose(sandbox, n, ("ald", "A", 24), status={"name": "Void"})
    assert read(source).removed == 2
    assert draft(1).status == Status.CANCELLED
    assert draft(2).status == Status.DRAFT
    assert "does not propose any of this any more" in draft(2).exceptions.get().text
    assert not Proposal.objects.filter(external_id=uuid(3)).exists()


@pytest.mark.parametrize(
    ("line", "words", "mend"),
    [
        (("nobody", "A", 1), "no supplier 'nobody': add it, or name ours", lambda: offers(("nobody", "A"))),
        (("ald", "Z", 1), "'Z' is not in the catalogue: load it", lambda: offers(("ald", "Z"))),
        (("brk", "A", 1), "BRK does not offer A: load its price list", lambda: offers(("brk", "A"))),
    ],
)
def test_what_is_unknown_waits_and_is_taken_in_after_the_repair(source, sandbox, line, words, mend):
    propose(sandbox, 1, ("ald", "B", 2), line)
    propose(sandbox, 2, ("ald", "B", 2))
    run = read(source)
    assert (run.added, run.failed) == (1, 1)
    assert not Proposal.objects.filter(external_id=uuid(1)).exists()
    assert words in problems(source)[0]
    assert problems(source)[0].startswith("Order V-1: ")
    sandbox.system._orders[uuid(1)] = (
        datetime(2026, 1, 2, tzinfo=UTC).date(),
        sandbox.system._orders[uuid(1)][1],
    )
    mend()
    read(source)
    assert problems(source) == []
    assert ("B", 2) in told(draft(1, "ald"))


def test_no_price_and_an_inactive_supplier_are_told_together(source, sandbox):
    offers(("new", "N"), tiers=())
    Supplier.objects.filter(code="brk").update(active=False)
    propose(sandbox, 1, ("new", "N", 1), ("brk", "C", 1))
    read(source)
    assert "no price of N at NEW" in problems(source)[0]
    assert "BRK is inactive" in problems(source)[0]


def test_their_name_of_a_supplier_is_ours_by_the_settings(source, sandbox):
    source.settings |= {"suppliers": "Proveedor 17 = ald\nV-2 = brk"}
    source.save()
    propose(sandbox, 1, ("proveedor 17", "A", 2), ("V-2", "C", 2))
    read(source)
    assert told(draft(1, "ald")) == [("A", 2)]
    assert told(draft(1, "brk")) == [("C", 2)]


def test_proposal_has_one_keeper(source, sandbox):
    propose(sandbox, 1, ("ald", "A", 24))
    read(source)
    second = planner(sandbox, code="second", name="Second")
    read(second)
    assert PurchaseOrder.objects.count() == 1
    assert "is a proposal of Acme planning; only that source changes it" in problems(second)[0]


def test_order_without_details_is_listed_until_it_has_them(source, sandbox):
    propose(sandbox, 1, ("ald", "A", 24))
    read(source)
    sandbox.system.forget(uuid(1))
    assert read(source).failed == 1
    assert "cannot be had (HTTP 404)" in problems(source)[0]
    assert draft(1).status == Status.DRAFT
    propose(sandbox, 1, ("ald", "A", 25))
    read(source)
    assert problems(source) == []
    assert told(draft(1)) == [("A", 25)]


def test_product_count_is_as_before(source, sandbox):
    """A proposal makes drafts and nothing else: no product, no supplier."""
    before = Product.objects.count(), Supplier.objects.count()
    propose(sandbox, 1, ("nobody", "NOTHING", 1))
    read(source)
    assert (Product.objects.count(), Supplier.objects.count()) == before
