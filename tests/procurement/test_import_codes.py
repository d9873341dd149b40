"""Files that name items otherwise than we do."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from procurement.models import (
    CustomerOrderLine,
    DailyDemand,
    FileImport,
    ItemCode,
    SourceAccount,
    StockLevel,
    UnmatchedCode,
)
from procurement.services.codes.conversions import unit_convert
from procurement.services.codes.file_codes import FileCodes
from procurement.services.codes.mapping import code_ignore, code_unmap
from procurement.services.record_writers import demand as demand_writer
from procurement.services.record_writers.base import Target
from procurement.services.record_writers.stock import StockWriter
from procurement.sources.base import StockRecord
from procurement.sources.record_files import Block, Coded
from suppliers.models import Product
from tests import factories
from tests.procurement.imports import NOW, counts, load, make_site, write
from tests.sources.accounts import make_products
from tests.sources.codes import mapped, unmatched, waiting

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def products(db: None) -> None:
    factories.site()
    make_products("A", "B")


def demand() -> dict[tuple[str, str], Decimal]:
    found = DailyDemand.objects.values_list("product__sku", "date", "quantity")
    return {(sku, f"{day}"): quantity for sku, day, quantity in found}


def test_unknown_codes_of_a_file_wait_with_their_rows(tmp_path):
    text = "sku,date,quantity\nX,2026-05-01,1\nX,2026-05-02,2\nA,2026-05-01,3\n"
    done = load(write(tmp_path, text), "demand")
    assert (done.refused, waiting()) == (2, {"X": 2})
    assert "X is not in the catalogue" in unmatched("X").words
    load(write(tmp_path, "sku,date,quantity\nA,2026-05-01,3\n"), "demand")
    assert waiting() == {}


def test_trial_leaves_nothing(tmp_path):
    load(write(tmp_path, "sku,date,quantity\nX,2026-05-01,1\n"), "demand", dry_run=True)
    assert not UnmatchedCode.objects.exists()


def test_codes_of_one_item_add_up_in_its_demand_and_packs_count(tmp_path):
    Product.objects.filter(sku="A").update(barcode="4006381333931")
    mapped(None, "X", "A")
    mapped(None, "A-BOX", "A", factor=12)
    text = (
        "sku,date,quantity\nX,2026-05-01,1\nA,2026-05-01,2\n04006381333931,2026-05-01,4\nA-BOX,2026-05-01,0.5\n"
        "B,2026-05-01,7\n"
    )
    done = load(write(tmp_path, text), "demand")
    assert done.refused == 0
    assert demand() == {("A", "2026-05-01"): 13, ("B", "2026-05-01"): 7}
    assert counts(load(write(tmp_path, text), "demand")) == (0, 0, 2, 0)


def test_pack_that_does_not_come_out_is_refused_and_the_rest_loads(tmp_path):
    mapped(None, "X", "A", factor="0.3333")
    text = "sku,date,quantity\nX,2026-05-01,0.0001\nA,2026-05-01,2\nX,2026-05-02,10\n"
    done = load(write(tmp_path, text), "demand")
    assert [error.line for error in done.errors] == [2]
    assert "do not come out in C62" in done.errors[0].reason
    assert demand() == {("A", "2026-05-01"): 2, ("A", "2026-05-02"): Decimal("3.333")}


def test_ignored_rows_are_left_out_without_a_word(tmp_path):
    text = "sku,date,quantity\nX,2026-05-01,1\nA,2026-05-01,3\n"
    load(write(tmp_path, text), "demand")
    code_ignore(unmatched=unmatched("X"), by=factories.user())
    assert load(write(tmp_path, text), "demand").refused == 0
    orders = "number,order_line,sku,quantity\nS1,1,X,2\nS1,2,A,3\n"
    assert load(write(tmp_path, orders), "customer_orders").refused == 0
    assert list(CustomerOrderLine.objects.values_list("line_number", "product__sku")) == [(2, "A")]


def test_stock_of_two_codes_is_refused_until_somebody_says_that_it_adds_up(tmp_path):
    mapped(None, "X", "A")
    text = "sku,on_hand\nA,5\nX,7\n"
    done = load(write(tmp_path, text), "stock")
    assert "whose stock is told as A as well (5)" in done.errors[0].reason
    assert StockLevel.objects.get().on_hand == 5
    ItemCode.objects.update(adds_up=True)
    assert load(write(tmp_path, text), "stock").refused == 0
    assert StockLevel.objects.get().on_hand == 12


def test_lines_of_a_wrong_code_are_taken_back(tmp_path):
    mapping = mapped(None, "X", "A")
    load(write(tmp_path, "number,order_line,sku,quantity\nS1,1,X,2\nS1,2,A,3\n"), "customer_orders")
    assert code_unmap(mapping=mapping) == ["1 line of customer orders"]
    assert CustomerOrderLine.objects.get().line_number == 2


def test_units_of_a_file_convert(tmp_path):
    unit_convert(product=Product.objects.get(sku="A"), unit="CS", quantity=Decimal(12), by=factories.user())
    Product.objects.filter(sku="B").update(unit="KGM")
    text = (
        "sku,date,quantity,unit\nA,2026-05-01,1,case\nA,2026-05-01,2,\nA,2026-05-01,1,dozen\nB,2026-05-01,500,g\n"
        "B,2026-05-02,0.05,g\nB,2026-05-02,1,kg\nB,2026-05-02,1,case\nA,2026-05-03,1,nonsense\n"
    )
    done = load(write(tmp_path, text), "demand")
    assert sorted((error.line, error.column) for error in done.errors) == [
        (6, "quantity"),
        (8, "unit"),
        (9, "unit"),
    ]
    assert demand() == {("A", "2026-05-01"): 26, ("B", "2026-05-01"): Decimal("0.5"), ("B", "2026-05-02"): 1}
    row = unmatched("B")
    assert (row.trouble, row.unit) == ("unit", "CS")
    load(write(tmp_path, "sku,on_hand,unit\nA,3,case\nB,250,g\n"), "stock")
    assert set(StockLevel.objects.values_list("product__sku", "on_hand")) == {
        ("A", 36),
        ("B", Decimal("0.25")),
    }


def test_packs_count_in_a_file_that_names_more_codes_than_are_remembered(monkeypatch):
    monkeypatch.setattr(demand_writer, "SKUS_KEPT", 1)
    mapped(None, "X", "A", factor=12)
    target = Target(site=make_site(), supplier=None, source="f", as_of=NOW, dry_run=False)
    skus, day, amount = ["X", "A"], date(2026, 5, 1), Decimal(1)
    with demand_writer.DemandLoad(target, FileCodes()) as load_:
        for rows in ([0, 1], [2, 0]):  # blocks of a file share what its cells say, which grows
            skus += ["B"] if 2 in rows else []
            columns = {
                "sku": Coded(skus, np.array(rows, np.uint32)),
                "date": Coded.of([day, day]),
                "quantity": Coded.of([amount, amount]),
            }
            assert load_.take(Block(np.arange(2), columns, ())) == []
        for batch in load_.batches():
            load_.write(batch)
    assert demand() == {("A", "2026-05-01"): 25, ("B", "2026-05-01"): 1}


def test_code_that_adds_up_in_a_later_file_is_added_to_what_our_own_code_told(tmp_path):
    mapped(None, "X", "A", adds_up=True)
    load(write(tmp_path, "sku,on_hand,as_of\nA,5,2026-03-01\n"), "stock")
    load(write(tmp_path, "sku,on_hand,as_of\nX,3,2026-03-02\n"), "stock")
    assert StockLevel.objects.get().on_hand == 8


def test_stock_leaves_the_item_that_a_bar_code_was_at_by_mistake(tmp_path):
    Product.objects.filter(sku="A").update(barcode="4006381333931")
    load(write(tmp_path, "sku,on_hand,as_of\n4006381333931,9,2026-03-01\n"), "stock")
    Product.objects.filter(sku="A").update(barcode="")
    Product.objects.filter(sku="B").update(barcode="4006381333931")
    again = write(tmp_path, "sku,on_hand,as_of\n4006381333931,9,2026-03-02\n")
    load(again, "stock", dry_run=True)
    assert set(StockLevel.objects.values_list("product__sku", "on_hand")) == {("A", 9)}
    load(again, "stock")
    assert set(StockLevel.objects.values_list("product__sku", "on_hand")) == {("B", 9)}


def test_stock_of_a_file_that_a_folder_brought_is_taken_back_as_well(tmp_path):
    folder = SourceAccount.objects.create(code="dir", name="Folder", kind="sap", site=make_site())
    FileImport.objects.create(site=make_site(), kind="stock", source=folder, file_name="f.csv")
    mapping = mapped(None, "X", "A")
    target = Target(
        site=make_site(), supplier=None, source="f.csv", as_of=NOW, dry_run=False, found_by=folder
    )
    StockWriter(target).write([[StockRecord(line=2, sku="A", code="X", on_hand=Decimal(7))]])
    assert StockLevel.objects.get().teller == folder
    code_unmap(mapping=mapping)
    assert not StockLevel.objects.exists()
