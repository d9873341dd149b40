"""What another system proposed, on the pages: where it came from, what it did, and what a person is to decide."""

from collections.abc import Iterator

import pytest
from django.test import Client

from orders.models import PurchaseOrder
from procurement.models import SourceAccount
from procurement.sources.sandbox.server import SourceSandbox
from tests import factories
from tests.pages.reading import text
from tests.sources.planner import draft, offers, planner, propose, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def sandbox() -> Iterator[SourceSandbox]:
    with SourceSandbox("valerdat") as sandbox:
        yield sandbox


@pytest.fixture
def source(db: None, sandbox: SourceSandbox) -> SourceAccount:
    offers(("ald", "A"), ("ald", "B"))
    propose(sandbox, 1, ("ald", "A", 24), ("ald", "B", 3))
    propose(sandbox, 2, ("nobody", "A", 24))
    made = planner(sandbox)
    read(made)
    return made


def test_source_shows_its_journal_and_what_to_do(buyer: Client, source: SourceAccount) -> None:
    page = text(buyer.get("/stock/sources/planner/"))
    assert f"Adding new order V-1: draft {draft(1).number} for ALD." in page
    assert "Order V-2: There is no supplier 'nobody': add it, or name ours" in page


def test_order_and_its_lines_say_who_proposed_it(buyer: Client, source: SourceAccount) -> None:
    order = draft(1)
    assert text(buyer.get(f"/orders/{order.number}/")).count("proposed by Valerdat") >= 3
    why = text(buyer.get(f"/orders/{order.number}/lines/1/"))
    assert "Proposed by Valerdat in its order V-1: 24 of A." in why
    assert "has no reason" not in why
    assert "What is needed" not in why
    assert "proposed by Valerdat" in text(buyer.get("/"))


@pytest.mark.parametrize(("status", "words"), [("draft", "Edit the draft"), ("confirmed", "Accept to leave")])
def test_changed_proposal_is_decided_at_the_order(buyer, source, sandbox, status, words) -> None:
    PurchaseOrder.objects.update(status=status, last_edited_by=factories.user())
    propose(sandbox, 1, ("ald", "A", 30))
    read(source)
    address = f"/orders/{draft(1).number}/"
    assert "Proposal changed" in text(buyer.get("/"))
    page = text(buyer.get(address))
    assert "The proposal has changed: decide" in page
    assert words in page
    assert "by ALD: decide" not in page  # the supplier has changed nothing
    exception = draft(1).exceptions.get()
    buyer.post(f"{address}exceptions/{exception.pk}/accept/")
    assert "The proposal has changed" not in text(buyer.get(address))
