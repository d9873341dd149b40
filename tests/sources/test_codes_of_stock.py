"""Stock under codes that are not ours: mapped, converted, added up where that was said, and never one over another."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from procurement.models import ItemCode, SourceAccount, SourceProblem, StockLevel, StockPart
from procurement.services.codes.conversions import unit_convert
from procurement.services.codes.mapping import Meaning, code_change, code_ignore, code_unmap
from procurement.services.receiving import goods_receive
from procurement.services.stock_ledger import Stated, stock_state
from procurement.services.syncing import source_sync
from procurement.source_status import sources_due
from procurement.sources.sandbox.sap import System
from procurement.sources.sandbox.server import SourceSandbox
from suppliers.models import Product
from tests import factories
from tests.sources.accounts import make_products, source_create
from tests.sources.codes import mapped, unmatched, waiting
from tests.sources.sap_stock import put, remove

pytestmark = pytest.mark.django_db


@pytest.fixture
def sandbox() -> Iterator[SourceSandbox]:
    with SourceSandbox("sap", page_size=1) as sandbox:  # every material in a page of its own
        yield sandbox


@pytest.fixture
def system(sandbox: SourceSandbox) -> System:
    put(sandbox.system, "A", "1", Plant="1020")
    put(sandbox.system, "A", "5", Plant="1010")
    put(sandbox.system, "X", "7", Plant="1010")
    return sandbox.system


@pytest.fixture
def source(db: None, sandbox: SourceSandbox, system: System) -> SourceAccount:
    factories.site(code="north", name="North")
    make_products("A", "B")
    made = source_create(sandbox, "sap", name="Acme SAP", code="sap")
    read(made)
    return made


def read(source: SourceAccount) -> None:
    run = source_sync(source=source, by=None)
    assert run.status == "done", run.error
    source.refresh_from_db()


def stock(site: str = "main") -> dict[str, Decimal]:
    return dict(StockLevel.objects.filter(site__code=site).values_list("product__sku", "on_hand"))


def problems() -> list[str]:
    return list(SourceProblem.objects.values_list("words", flat=True))


def meaning(sku: str, **said) -> Meaning:
    return Meaning(product=Product.objects.get(sku=sku), **said)


def test_mapped_code_brings_its_stock_with_the_next_whole_reading(source):
    assert (stock(), waiting()) == ({"A": 5}, {"X": 1})
    mapped(source, "X", "B")
    assert sources_due().get() == source
    read(source)
    assert (stock(), waiting(), problems()) == ({"A": 5, "B": 7}, {}, [])


def test_what_was_mapped_in_the_middle_of_a_reading_comes_with_the_next_one_at_once(source):
    source.refresh_from_db()
    SourceAccount.objects.update(unfinished=True, cursor={"begun": "2026-01-01T00:00:00+00:00", "after": "X",
                                                          "seen": {"1010": 1, "1020": 1}, "unmapped": {}})  # fmt: skip
    mapped(source, "X", "B")
    read(source)  # the rest of the one before
    assert "B" not in stock()
    assert sources_due().get() == source
    read(source)
    assert stock()["B"] == 7


def test_second_code_of_an_item_overwrites_nothing(source):
    mapped(source, "X", "A")
    read(source)
    assert stock() == {"A": 5}
    assert "is A, whose stock is told as A as well (5)" in problems()[0]
    assert waiting() == {"X": 1}


def test_codes_add_up_where_that_was_said(source, system):
    mapped(source, "X", "A", adds_up=True)
    read(source)
    assert (stock(), stock("north"), problems()) == ({"A": 12}, {"A": 1}, [])
    put(system, "X", "3", Plant="1010")
    read(source)
    assert stock() == {"A": 8}
    remove(system, "X")
    read(source)
    assert (stock(), StockPart.objects.get(code="X").on_hand) == ({"A": 5}, 0)


def test_code_that_takes_the_place_of_another_is_taken_once_that_is_gone(source, system):
    mapped(source, "X", "A")
    remove(system, "A", Plant="1010")
    read(source)
    read(source)
    assert (stock(), problems()) == ({"A": 7}, [])


def test_changed_meaning_leaves_no_figure_at_the_wrong_item(source):
    mapping = mapped(source, "X", "A", adds_up=True)
    read(source)
    told = code_change(mapping=mapping, meaning=meaning("B"), by=factories.user())
    assert told == ["the stock of A at Main warehouse"]
    assert stock() == {"A": 5}
    read(source)
    assert stock() == {"A": 5, "B": 7}
    code_unmap(mapping=ItemCode.objects.get())
    assert stock() == {"A": 5}  # nobody knows of B any more
    read(source)
    assert (stock(), waiting()) == ({"A": 5}, {"X": 1})


def test_unit_of_the_item_converts(source, system):
    put(system, "B", "3", Plant="1010", MaterialBaseUnit="CS")
    read(source)
    assert waiting() == {"X": 1, "B": 1}
    unit_convert(product=Product.objects.get(sku="B"), unit="CS", quantity=Decimal(12), by=factories.user())
    assert sources_due().get() == source
    read(source)
    assert stock() == {"A": 5, "B": 36}


def test_ignored_stock_is_no_problem(source):
    code_ignore(unmatched=unmatched("X"), by=factories.user())
    read(source)
    assert (problems(), stock()) == ([], {"A": 5})


def receive(sku: str, quantity: int) -> None:
    """Goods come in at the main warehouse."""
    order = factories.order(lines=0, status="shipped")
    line = factories.line(
        order, factories.offer(order.supplier, Product.objects.get(sku=sku)), confirmed_quantity=quantity
    )
    by, amounts = factories.user(), {line.pk: Decimal(quantity)}
    goods_receive(order=order, by=by, quantities=amounts, form_token=f"{sku} {quantity}")


def test_goods_that_came_since_stay_when_a_code_becomes_another_item(source):
    mapped(source, "X", "A", adds_up=True)
    read(source)
    receive("A", 10)
    assert stock() == {"A": 22}
    code_unmap(mapping=ItemCode.objects.get())
    assert stock() == {"A": 15}
    mapped(source, "X", "B")
    read(source)
    receive("B", 3)
    code_unmap(mapping=ItemCode.objects.get())
    assert stock()["B"] == 3  # all that is known of it


def test_who_counts_instead_is_said_by_the_rule(source):
    mapped(source, "X", "B")
    read(source)
    site, item = factories.site(), Product.objects.get(sku="B")
    wms = SourceAccount.objects.create(code="wms", name="WMS", kind="sap", site=site)
    for teller, figure, minutes in ((wms, 3, 5), (None, 2, 0)):  # a source before files, whoever spoke last
        said = Stated(item.pk, Decimal(figure), factories.minutes_ago(minutes))
        stock_state(site=site, teller=teller, source="other", stated=[said])
    code_unmap(mapping=ItemCode.objects.get())
    assert stock() == {"A": 5, "B": 3}


def test_what_a_bar_code_named_is_not_none_while_its_unit_is_not_understood(source, system):
    Product.objects.filter(sku="B").update(barcode="4006381333931")
    put(system, "4006381333931", "9", Plant="1010")
    read(source)
    put(system, "4006381333931", "9", Plant="1010", MaterialBaseUnit="CS")
    read(source)
    assert stock() == {"A": 5, "B": 9}


def test_second_code_of_an_item_can_be_ignored(source):
    mapped(source, "X", "A")
    read(source)
    code_ignore(unmatched=unmatched("X"), by=factories.user())
    read(source)
    assert (stock(), problems()) == ({"A": 5}, [])
