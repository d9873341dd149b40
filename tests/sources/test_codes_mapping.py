"""What waits for a code comes with the next reading once somebody said what it means, and goes when that was wrong."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from procurement.exceptions import CodeRefused
from procurement.models import (
    CustomerOrderLine,
    DailyDemand,
    ItemCode,
    SourceAccount,
    SourceProblem,
    UnmatchedCode,
)
from procurement.services.codes.conversions import unit_convert
from procurement.services.codes.mapping import (
    Meaning,
    code_change,
    code_create_product,
    code_ignore,
    code_map,
    code_unignore,
    code_unmap,
)
from procurement.services.codes.waiting import code_system
from procurement.services.syncing import source_sync
from procurement.source_status import sources_due
from procurement.sources.salesforce.source import SalesforceSource
from suppliers.models import Product
from tests import factories
from tests.sources.codes import mapped, unmatched, waiting
from tests.sources.salesforce_org import order, products

pytestmark = pytest.mark.django_db


def read(source: SourceAccount) -> None:
    run = source_sync(source=source, by=None)
    assert run.status == "done", run.error
    source.refresh_from_db()


def items() -> dict[tuple[str, int], tuple[str, Decimal]]:
    found = CustomerOrderLine.objects.values_list("order__number", "line_number", "product__sku", "quantity")
    return {(number[-3:], line): (sku, quantity) for number, line, sku, quantity in found}


@pytest.fixture
def unknown(source, org) -> SourceAccount:
    """Two orders wait for X; in the second it stands beside A."""
    products(org, "X")
    order(org, 101, (1, "X", 2))
    order(org, 102, (2, "A", 5), (3, "X", 4))
    SourceAccount.objects.update(gives_demand=True)
    source.refresh_from_db()
    read(source)
    return source


def test_code_is_kept_with_what_waits_for_it(unknown):
    row = unmatched("X")
    assert (str(row.system), row.trouble, waiting()) == ("Acme CRM", "unknown", {"X": 2})
    assert row.words.startswith("Order 00000101, line 1: sku 'X' is not in the catalogue")
    assert items() == {("102", 2): ("A", 5)}


def test_what_waited_is_taken_over_at_once_after_mapping(unknown):
    assert not sources_due().exists()
    mapped(unknown, "X", "B")
    assert sources_due().get() == unknown
    assert set(SourceProblem.objects.values_list("asked_at__year", flat=True)) == {1970}
    read(unknown)
    assert items() == {("101", 1): ("B", 2), ("102", 2): ("A", 5), ("102", 3): ("B", 4)}
    assert (waiting(), SourceProblem.objects.count()) == ({}, 0)
    assert DailyDemand.objects.get(product__sku="B").quantity == 6
    assert not sources_due().exists()


def test_more_than_fits_into_one_reading_is_read_in_the_next_at_once(unknown, org, monkeypatch):
    monkeypatch.setattr("procurement.services.syncing.RETRIED", 1)
    mapped(unknown, "X", "B")
    read(unknown)
    assert (len(items()), sources_due().count()) == (2, 1)
    read(unknown)
    assert (len(items()), sources_due().count()) == (3, 0)


def test_mapping_while_a_reading_is_under_way_leads_to_another_one(unknown, org, monkeypatch):
    order(org, 103, (4, "A", 1), stamp=timezone.now())
    fetch = SalesforceSource.fetch

    def disturbed(self, cursor):
        mapped(unknown, "X", "B")  # after what waits was asked for
        yield from fetch(self, cursor)

    monkeypatch.setattr(SalesforceSource, "fetch", disturbed)
    read(unknown)
    assert ("101", 1) not in items()
    assert sources_due().get() == unknown
    monkeypatch.undo()
    read(unknown)
    assert items()["101", 1] == ("B", 2)
    assert (unknown.wanted_at, sources_due().exists()) == (None, False)


def test_other_quantities_by_the_code(unknown):
    mapped(unknown, "X", "B", factor=12)
    read(unknown)
    assert items()["101", 1] == ("B", 24)


def test_quantity_that_does_not_come_out_is_refused_in_words(unknown):
    mapped(unknown, "X", "B", factor="0.00001")
    read(unknown)
    assert ("101", 1) not in items()
    assert "do not come out in C62 to 4 decimals" in SourceProblem.objects.first().words
    assert waiting() == {"X": 2}


def test_ignored_code_is_left_out_and_comes_back(unknown):
    assert code_ignore(unmatched=unmatched("X"), by=factories.user())
    assert not code_ignore(unmatched=unmatched("X"), by=factories.user())
    read(unknown)
    assert items() == {("102", 2): ("A", 5)}
    assert (waiting(), SourceProblem.objects.count()) == ({}, 0)
    assert code_unignore(unmatched=unmatched("X"))
    read(unknown)
    assert (waiting(), SourceProblem.objects.count()) == ({"X": 2}, 2)


def test_wrong_item_keeps_nothing_of_a_code_that_is_changed(unknown):
    mapping = mapped(unknown, "X", "B")
    read(unknown)
    told = code_change(
        mapping=mapping, meaning=Meaning(product=Product.objects.get(sku="C")), by=factories.user()
    )
    assert told == ["2 lines of customer orders"]
    assert items() == {("102", 2): ("A", 5)}
    assert not DailyDemand.objects.filter(product__sku="B").exists()
    read(unknown)
    assert items() == {("101", 1): ("C", 2), ("102", 2): ("A", 5), ("102", 3): ("C", 4)}
    assert DailyDemand.objects.get(product__sku="C").quantity == 6


def test_code_that_is_unmapped_waits_again(unknown):
    mapping = mapped(unknown, "X", "B")
    read(unknown)
    code_unmap(mapping=mapping)
    read(unknown)
    assert (items(), waiting()) == ({("102", 2): ("A", 5)}, {"X": 2})


def test_new_item_takes_what_waited(unknown):
    code_create_product(unmatched=unmatched("X"), product=Product(sku="X", name="New"), by=factories.user())
    read(unknown)
    assert items()["101", 1] == ("X", 2)
    with pytest.raises(CodeRefused, match="is a product A already"):
        code_create_product(unmatched=unmatched("X"), product=Product(sku="A", name="x"), by=factories.user())


def test_code_of_ours_means_nothing_else(unknown):
    with pytest.raises(CodeRefused, match="our own code"):
        mapped(unknown, "A", "B")
    with pytest.raises(CodeRefused, match="nothing to map"):
        mapped(unknown, "A", "A")


def test_who_was_second_is_told_what_the_first_one_said(unknown):
    first = factories.user(username="ann")
    mapping = mapped(unknown, "X", "B", by=first)
    assert mapped(unknown, "X", "B") == mapping
    with pytest.raises(CodeRefused, match="mapped to B by ann meanwhile"):
        mapped(unknown, "X", "C")
    ItemCode.objects.filter(pk=mapping.pk).update(mapped_at=timezone.now())
    with pytest.raises(CodeRefused, match="Somebody else"):
        code_unmap(mapping=mapping)


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_leave_one_meaning(source):
    people, start = [factories.user(), factories.user()], Barrier(2)
    system = code_system(account=source)

    def say(n: int) -> str:
        try:
            start.wait()
            product = Product.objects.get(sku="AB"[n])
            code_map(system=system, code="X", meaning=Meaning(product=product), by=people[n])
            return "said"
        except CodeRefused:
            return "refused"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(say, range(2))) == ["refused", "said"]
    assert ItemCode.objects.count() == 1


def test_unit_is_explained_once(source):
    product = Product.objects.get(sku="A")
    by = factories.user()
    assert str(unit_convert(product=product, unit="CS", quantity=Decimal(12), by=by)) == "1 CS = 12 C62 of A"
    assert unit_convert(product=product, unit="CS", quantity=Decimal(12), by=by).pk
    with pytest.raises(CodeRefused, match="delete that first"):
        unit_convert(product=product, unit="CS", quantity=Decimal(10), by=by)
    with pytest.raises(CodeRefused, match="same number of C62 for every item"):
        unit_convert(product=product, unit="DZN", quantity=Decimal(10), by=by)


def test_packs_that_are_said_of_an_understood_code_count_in_what_was_taken_over(source, org):
    """By its bar code, or as it is our own code."""
    Product.objects.filter(sku="B").update(barcode="4006381333931")
    products(org, "4006381333931")
    order(org, 101, (1, "4006381333931", 2), (2, "A", 3))
    read(source)
    assert items() == {("101", 1): ("B", 2), ("101", 2): ("A", 3)}
    mapped(source, "4006381333931", "B", factor=6)
    mapping = mapped(source, "A", "A", factor=10)
    read(source)
    assert items() == {("101", 1): ("B", 12), ("101", 2): ("A", 30)}
    code_unmap(mapping=mapping)
    read(source)
    assert items()["101", 2] == ("A", 3)


def test_saying_that_stock_adds_up_leaves_orders_alone(unknown):
    mapping = mapped(unknown, "X", "B")
    read(unknown)
    adding = Meaning(product=mapping.product, adds_up=True)
    assert code_change(mapping=mapping, meaning=adding, by=factories.user()) == []
    assert items()["101", 1] == ("B", 2)


def test_other_packs_of_the_same_item_are_another_word(unknown):
    mapped(unknown, "X", "B")
    with pytest.raises(CodeRefused, match="was mapped to B"):
        mapped(unknown, "X", "B", factor=6)


def test_nobody_ignores_what_somebody_has_explained_or_whose_unit_is_open(unknown):
    seen = unmatched("X")
    mapped(unknown, "X", "B")
    with pytest.raises(CodeRefused, match="means B"):
        code_ignore(unmatched=seen, by=factories.user())
    UnmatchedCode.objects.update(trouble="unit")
    with pytest.raises(CodeRefused, match="unit"):
        code_ignore(unmatched=seen, by=factories.user())
