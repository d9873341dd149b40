"""Proposals and suppliers' lists that name items otherwise than we do."""

from collections.abc import Iterator

import pytest

from procurement.exceptions import CodeRefused
from procurement.models import ItemCode, SourceAccount
from procurement.services.codes.mapping import (
    Meaning,
    code_change,
    code_ignore,
    code_map,
    code_unignore,
    code_unmap,
)
from procurement.services.codes.supplier_lists import list_keep
from procurement.services.codes.waiting import code_system
from procurement.sources.sandbox.server import SourceSandbox
from suppliers.messages import CatalogueItem
from suppliers.models import Product, Supplier, SupplierAccount, SupplierProduct
from suppliers.services.catalogue import _list_write
from tests import factories
from tests.sources.codes import mapped, unmatched, waiting
from tests.sources.planner import draft, offers, planner, propose, read, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def sandbox() -> Iterator[SourceSandbox]:
    with SourceSandbox("valerdat") as sandbox:
        yield sandbox


@pytest.fixture
def source(db: None, sandbox: SourceSandbox) -> SourceAccount:
    offers(("ald", "A"), ("ald", "B"))
    return planner(sandbox)


def test_suppliers_own_code_is_understood_where_ours_is_not(source, sandbox):
    propose(sandbox, 1, ("ald", "ALD-A", 3), ("ald", "A", 2))
    read(source)
    assert told(draft(1)) == [("A", 5)]
    assert "5 of A (ALD-A there)" in draft(1).lines.get().reason["sentence"]


def test_proposal_waits_for_all_its_codes(source, sandbox):
    propose(sandbox, 1, ("ald", "X", 3), ("ald", "Y", 2), ("ald", "A", 1))
    read(source)
    assert waiting() == {"X": 1, "Y": 1}
    mapped(source, "X", "B", factor=6)
    read(source)
    assert waiting() == {"Y": 1}
    mapped(source, "Y", "A")
    read(source)
    assert (told(draft(1)), waiting()) == ([("A", 3), ("B", 18)], {})


def test_draft_follows_what_its_code_means(source, sandbox):
    propose(sandbox, 1, ("ald", "X", 3))
    mapping = mapped(source, "X", "A")
    read(source)
    assert told(draft(1)) == [("A", 3)]
    code_change(mapping=mapping, meaning=Meaning(product=Product.objects.get(sku="B")), by=factories.user())
    read(source)
    assert told(draft(1)) == [("B", 3)]


def test_ignored_line_is_left_out_until_it_counts_again(source, sandbox):
    propose(sandbox, 1, ("ald", "X", 3), ("ald", "A", 1))
    read(source)
    code_ignore(unmatched=unmatched("X"), by=factories.user())
    read(source)
    read(source)
    assert told(draft(1)) == [("A", 1)]
    code_unignore(unmatched=unmatched("X"))
    mapped(source, "X", "B")
    read(source)
    assert told(draft(1)) == [("A", 1), ("B", 3)]


# -- suppliers' lists ----------------------------------------------------------------------------------------
def listed(supplier: Supplier, *items: CatalogueItem) -> None:
    _list_write(supplier, items, list_keep)


def entry(code: str, **values: str) -> CatalogueItem:
    defaults = {"external_id": code.lower(), "name": f"Name of {code}", "unit": "C62"}
    return CatalogueItem(supplier_sku=code, **(defaults | values))


@pytest.fixture
def seller(db: None) -> Supplier:
    return factories.supplier(code="ald", name="Alder")


def test_what_a_list_sells_and_nobody_matched_is_kept(seller):
    factories.product(sku="A", barcode="4006381333931")
    listed(seller, entry("Q1"), entry("Q2", barcode="04006381333931"), entry("Q3"))
    assert waiting() == {"Q1": 1, "Q3": 1}
    row = unmatched("Q1")
    assert (str(row.system), row.description, row.unit) == ("Alder's list", "Name of Q1", "C62")
    listed(seller, entry("Q1"), entry("Q2", barcode="4006381333931"))
    assert waiting() == {"Q1": 1}


def test_mapped_code_becomes_an_offer_with_the_next_list(seller):
    product = factories.product(sku="A")
    listed(seller, entry("Q1"))
    assert SupplierAccount.objects.get().catalogue_fetched_at
    code_map(
        system=code_system(supplier=seller), code="Q1", meaning=Meaning(product=product), by=factories.user()
    )
    assert SupplierAccount.objects.get().catalogue_fetched_at is None
    assert not SupplierProduct.objects.get().active
    listed(seller, entry("Q1"))
    offer = SupplierProduct.objects.get()
    assert (offer.product, offer.active, offer.external_id, waiting()) == (product, True, "q1", {})


def test_code_of_orders_under_way_keeps_its_meaning(seller):
    product = factories.product(sku="A")
    system = code_system(supplier=seller)
    code_map(system=system, code="Q1", meaning=Meaning(product=product), by=factories.user())
    order = factories.order(seller, lines=0)
    factories.line(order, SupplierProduct.objects.get())
    with pytest.raises(CodeRefused, match="is in orders under way as A"):
        code_unmap(mapping=ItemCode.objects.get())
    other = Meaning(product=factories.product(sku="B"))
    with pytest.raises(CodeRefused, match=order.number):
        code_change(mapping=ItemCode.objects.get(), meaning=other, by=factories.user())
    assert ItemCode.objects.get().product == product


def test_in_house_number_of_a_supplier_is_not_taken_for_ours(seller):
    factories.product(sku="A", barcode="2000000000008")
    listed(seller, entry("Q1", barcode="2000000000008"))
    assert (unmatched("Q1").trouble, waiting()) == ("ambiguous", {"Q1": 1})
    assert not SupplierProduct.objects.exists()
