"""Undoing a whole import: what it added goes, what it changed comes back, what is newer stays."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F
from django.forms.models import model_to_dict
from django.utils import timezone
from openpyxl import Workbook

from procurement.exceptions import FileNotUndoable, FileOverrun
from procurement.models import (
    CustomerOrder,
    CustomerOrderLine,
    DailyDemand,
    FileImport,
    ImportedRow,
    SourceAccount,
    StockChange,
    StockLevel,
    StockPart,
    StockStatement,
)
from procurement.services.files import undoing
from procurement.services.files.holding import lease_take
from procurement.services.files.undoing import undo_all, undo_start, undo_steps
from procurement.services.stock_ledger import Stated, stock_state
from procurement.stock_words import disputes
from suppliers.models import PriceQuote, PriceTier, Product, SupplierProduct
from tests import factories
from tests.procurement.imports import command, make_products, make_site, write
from tests.sources.codes import mapped

pytestmark = pytest.mark.django_db
TABLES = (
    Product,
    SupplierProduct,
    PriceQuote,
    PriceTier,
    CustomerOrder,
    CustomerOrderLine,
    StockLevel,
    StockStatement,
    DailyDemand,
)


def rows() -> dict[str, list[dict[str, Any]]]:
    return {
        table.__name__: [model_to_dict(row) for row in table._base_manager.order_by("pk")] for table in TABLES
    }


def load(folder: Path, kind: str, content: str, name: str = "file.csv") -> FileImport:
    _, said = command(kind, write(folder, content, name), site="main")
    return FileImport.objects.get(pk=said["import"])


def undo(file_import: FileImport) -> tuple[int, int, int]:
    done = undo_all(file_import=file_import, by=None)
    return done.removed, done.restored, done.left


def why_left(file_import: FileImport) -> list[str]:
    return list(file_import.imported_rows.exclude(left="").values_list("left", flat=True))


FIRST_AND_SECOND = {
    "demand": (
        "sku,date,quantity\nA,2026-03-01,5\nB,2026-03-01,6\n",
        "sku,date,quantity\nA,2026-03-01,7\nB,2026-03-01,6\nC,2026-03-02,1.25\n"),
    "stock": (
        "sku,on_hand,as_of\nA,5,2026-03-01\nB,6,2026-03-01\n",
        "sku,on_hand,as_of\nA,7,2026-03-02\nB,6,2026-03-02\nC,1.25,2026-03-02 14:30\n"),
    "customer_orders": (
        "number,line,sku,quantity,customer,ordered_on\nO1,1,A,5,Ann,2026-03-01\nO1,2,B,5,Ann,2026-03-01\n",
        "number,line,sku,quantity,customer,ordered_on\nO1,1,C,5,Bob,2026-03-01\nO1,3,B,5,Bob,2026-03-01\nO2,1,A,1,Cid,2026-03-01\n",
    ),
    "catalogue": (
        "sku,description,supplier,pack_size,from,price\nA,Old,acme,1,1,2\nA,Old,acme,1,10,1.5\n",
        "sku,description,supplier,pack_size,from,price\nA,New,acme,6,1,3\nD,Added,acme,1,1,4\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", FIRST_AND_SECOND)
def test_undoing_gives_back_what_was_before(tmp_path: Path, kind: str) -> None:
    make_site()
    make_products("A", "B", "C")
    factories.supplier(code="acme")
    first, second = FIRST_AND_SECOND[kind]
    nothing = rows()
    earlier = load(tmp_path, kind, first)
    before = rows()
    later = load(tmp_path, kind, second)
    assert rows() != before
    assert undo(later)[2] == 0
    assert rows() == before
    assert undo(earlier)[2] == 0
    assert rows() == nothing


def test_newer_change_is_left_and_told_in_words(tmp_path: Path) -> None:
    make_site()
    make_products("A", "B")
    loaded = load(tmp_path, "stock", "sku,on_hand,as_of\nA,5,2026-03-01\nB,6,2026-03-01\n")
    StockLevel.objects.filter(product__sku="A").update(on_hand=F("on_hand") + 3)  # goods came in
    assert undo(loaded) == (1, 0, 1)
    assert StockLevel.objects.get().on_hand == 8
    assert why_left(loaded) == ["Stock of A at main was changed since: on hand 8 and no longer 5."]


def test_newer_file_is_undone_first_or_stays(tmp_path: Path) -> None:
    make_site()
    make_products("A")
    old = load(tmp_path, "demand", "sku,date,quantity\nA,2026-03-01,5\n", "old.csv")
    load(tmp_path, "demand", "sku,date,quantity\nA,2026-03-01,7\n", "new.csv")
    assert undo(old) == (0, 0, 1)
    assert DailyDemand.objects.get().quantity == 7
    assert why_left(old) == [
        "Demand of A on 01 Mar 2026 was changed since: quantity 7 and no longer 5,"
        " source new.csv and no longer old.csv."
    ]


@pytest.mark.parametrize(
    ("kind", "wrong", "right"),
    [
        (
            "demand",
            "sku,date,quantity\nA,2026-03-01,1\nB,2026-03-01,99\n",
            "sku,date,quantity\nA,2026-03-01,1\n",
        ),
        ("customer_orders", "number,sku,quantity\n1,A,1\n2,B,9\n", "number,sku,quantity\n1,A,1\n2,B,8\n"),
        ("catalogue", "sku,description\nX,x\nY,y\n", "sku,description\nX,x\nY,z\n"),
    ],
)
def test_what_a_corrected_file_said_again_is_not_lost_with_the_wrong_one(
    tmp_path: Path, kind: str, wrong: str, right: str
) -> None:
    make_site()
    make_products("A", "B")
    first, second = load(tmp_path, kind, wrong, "wrong.csv"), load(tmp_path, kind, right, "right.csv")
    stored = rows()
    with pytest.raises(FileNotUndoable, match=r"Undo right\.csv first, then this one"):
        undo_all(file_import=first, by=None)
    assert rows() == stored
    for loaded in (second, first):
        undo_all(file_import=loaded, by=None)
    assert load(tmp_path, kind, right, "right.csv").unchanged == 0


def test_item_that_others_came_to_need_stays(tmp_path: Path) -> None:
    make_site()
    loaded = load(tmp_path, "catalogue", "sku,description\nA,First\nB,Second\n")
    load(tmp_path, "stock", "sku,on_hand\nA,5\n")
    assert undo(loaded) == (1, 0, 1)
    assert StockLevel.objects.get().product.sku == "A"
    assert why_left(loaded) == ["Item A is still needed: stock levels refer to it."]


def test_order_that_a_system_has_taken_over_stays(tmp_path: Path) -> None:
    site = make_site()
    make_products("A")
    loaded = load(tmp_path, "customer_orders", "number,sku,quantity,ordered_on\nO1,A,5,2026-03-01\n")
    crm = SourceAccount.objects.create(code="crm", name="CRM", kind="salesforce", site=site)
    CustomerOrder.objects.update(kept_by=crm, external_id="801")
    assert undo(loaded) == (0, 0, 2)
    assert CustomerOrderLine.objects.count() == 1
    assert sorted(why_left(loaded)) == ["Order O1 is kept by CRM now.", "Order O1 line 1 is kept by CRM now."]


def test_price_list_stays_ended_where_a_newer_one_is_in_force(tmp_path: Path) -> None:
    make_site()
    factories.supplier(code="acme")
    header = "sku,description,supplier,price\n"
    load(tmp_path, "catalogue", f"{header}A,Same,acme,2\n")
    loaded = load(tmp_path, "catalogue", f"{header}A,Same,acme,3\n")
    load(tmp_path, "catalogue", f"{header}A,Another,acme,4\n")
    removed, restored, left = undo(loaded)
    assert (removed, restored, left) == (0, 0, 2)
    assert PriceTier.objects.get(quote__superseded_at=None).unit_price == 4
    assert PriceQuote.objects.count() == 3


def test_row_that_is_gone_is_no_trouble(tmp_path: Path) -> None:
    make_site()
    make_products("A", "B")
    load(tmp_path, "demand", "sku,date,quantity\nA,2026-03-01,5\n")
    loaded = load(tmp_path, "demand", "sku,date,quantity\nA,2026-03-01,6\nB,2026-03-01,1\n")
    DailyDemand.objects.all().delete()
    assert undo(loaded) == (0, 0, 1)
    assert why_left(loaded) == ["It was deleted since, and stays so."]


def test_undone_import_says_so(tmp_path: Path) -> None:
    make_site()
    make_products("A")
    loaded = load(tmp_path, "demand", "sku,date,quantity\nA,2026-03-01,5\n")
    undo(loaded)
    with pytest.raises(FileNotUndoable, match=r"file\.csv was undone already on "):
        undo(loaded)
    with pytest.raises(CommandError, match="was undone already"):
        call_command("import_data", undo=loaded.pk)
    with pytest.raises(CommandError, match="There is no import 4711"):
        call_command("import_data", undo=4711)


def test_undoing_that_was_cut_off_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_site()
    make_products("A", "B", "C")
    monkeypatch.setattr(undoing, "SLICE", 1)
    loaded = load(tmp_path, "stock", "sku,on_hand\nA,1\nB,2\nC,3\n")
    undo_start(file_import=loaded, by=None)
    lease_take(loaded)
    steps = undo_steps(loaded)
    next(steps)
    assert StockLevel.objects.count() == 2
    steps.close()  # the worker is killed
    with pytest.raises(FileOverrun):
        lease_take(loaded)  # until its lease has run out
    FileImport.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    lease_take(loaded)
    for _ in undo_steps(loaded):
        pass
    loaded.refresh_from_db()
    assert (loaded.status, loaded.removed, StockLevel.objects.count()) == ("undone", 3, 0)


def test_task_that_comes_back_late_writes_nothing(tmp_path: Path) -> None:
    make_site()
    make_products("A")
    loaded = load(tmp_path, "stock", "sku,on_hand\nA,1\n")
    undo_start(file_import=loaded, by=None)
    lease_take(loaded)
    FileImport.objects.update(lease_until=timezone.now() + timedelta(minutes=5))  # somebody else's
    with pytest.raises(FileOverrun):
        next(undo_steps(loaded))
    assert StockLevel.objects.count() == 1
    assert ImportedRow.objects.get().before is None


def test_quantities_keep_their_decimals(tmp_path: Path) -> None:
    make_site()
    make_products("A")
    load(tmp_path, "demand", "sku,date,quantity\nA,2026-03-01,1234567890.1234\n")
    loaded = load(tmp_path, "demand", "sku,date,quantity\nA,2026-03-01,0.0001\n")
    assert undo(loaded) == (0, 1, 0)
    assert DailyDemand.objects.get().quantity == Decimal("1234567890.1234")


def test_stock_that_does_not_count_is_taken_back_as_well(tmp_path: Path) -> None:
    """The site believes its warehouse system, which said otherwise before the file came."""
    site = make_site()
    make_products("A")
    wms = SourceAccount.objects.create(code="wms", name="WMS", kind="sap", site=site)
    said = [Stated(Product.objects.get().pk, Decimal(7), timezone.now() - timedelta(hours=2))]
    stock_state(site=site, teller=wms, source="WMS", stated=said)
    loaded = load(tmp_path, "stock", f"sku,on_hand,as_of\nA,9,{timezone.localtime():%Y-%m-%d %H:%M}\n")
    assert set(disputes(site=site)) == {said[0].product}
    assert undo(loaded) == (1, 0, 0)
    assert StockStatement.objects.get().teller == wms
    assert disputes(site=site) == {}


def test_history_says_that_an_import_was_undone(tmp_path: Path) -> None:
    make_site()
    make_products("A")
    load(tmp_path, "stock", "sku,on_hand,as_of\nA,5,2026-03-01\n")
    undo(load(tmp_path, "stock", "sku,on_hand,as_of\nA,7,2026-03-02\n", "wrong.csv"))
    told = StockChange.objects.order_by("pk").values_list("kind", "source", "on_hand")
    assert list(told) == [
        ("stated", "file.csv", 5),
        ("stated", "wrong.csv", 7),
        ("undone", "Undone: wrong.csv", 5),
    ]


def test_workbook_is_loaded_from_the_command_line_too(tmp_path: Path) -> None:
    make_site()
    make_products("A")
    book = Workbook()
    book.create_sheet("Stock").append(["As counted"])
    for row in (["sku", "on_hand"], ["A", 2.5], ["X", 1]):
        book["Stock"].append(row)
    book.save(tmp_path / "book.xlsx")
    code, result = command("stock", tmp_path / "book.xlsx")
    assert (code, result["added"], result["refused"]) == (2, 1, 1)
    assert result["errors"][0]["line"] == 4
    assert StockLevel.objects.get().on_hand == Decimal("2.5")
    assert FileImport.objects.get().file_name == "book.xlsx"
    with pytest.raises(CommandError, match=r"book\.xlsx has no sheet 'Other'; it has: Sheet, Stock"):
        command("stock", tmp_path / "book.xlsx", sheet="Other")


def test_kind_that_is_not_read_any_more_is_not_undone(tmp_path: Path) -> None:
    loaded = FileImport.objects.create(
        kind="star_signs",
        site=make_site(),
        file_name="rates.csv",
        status="done",
        started_at=timezone.now(),
    )
    assert not loaded.undoable
    with pytest.raises(FileNotUndoable, match="not read any more"):
        undo(loaded)


def test_what_a_file_told_under_a_code_is_undone_with_it(tmp_path: Path) -> None:
    """What its other codes add up to afterwards, and what may be loaded instead."""
    make_site()
    make_products("A")
    for code in ("X", "Y"):
        mapped(None, code, "A", adds_up=True)
    load(tmp_path, "stock", "sku,on_hand,as_of\nX,4,2026-03-01\nY,1,2026-03-01\n")
    undo(load(tmp_path, "stock", "sku,on_hand,as_of\nX,400,2026-03-05\n", "wrong.csv"))
    assert StockLevel.objects.get().on_hand == 5
    load(tmp_path, "stock", "sku,on_hand,as_of\nY,2,2026-03-03\n", "others.csv")
    assert StockLevel.objects.get().on_hand == 6
    assert load(tmp_path, "stock", "sku,on_hand,as_of\nX,3,2026-03-04\n", "right.csv").refused == 0
    assert StockLevel.objects.get().on_hand == 5


def test_code_that_only_an_undone_file_told_counts_nothing(tmp_path: Path) -> None:
    make_site()
    make_products("A")
    mapped(None, "X", "A", adds_up=True)
    undo(load(tmp_path, "stock", "sku,on_hand,as_of\nX,400,2026-03-05\n", "wrong.csv"))
    load(tmp_path, "stock", "sku,on_hand,as_of\nA,2,2026-03-06\n")
    assert StockLevel.objects.get().on_hand == 2


def test_code_of_a_file_that_did_not_count_is_undone_as_well(tmp_path: Path) -> None:
    site = make_site()
    make_products("A")
    mapped(None, "X", "A", adds_up=True)
    wms = SourceAccount.objects.create(code="wms", name="WMS", kind="sap", site=site)
    said = [Stated(Product.objects.get().pk, Decimal(7), timezone.now() - timedelta(hours=2))]
    stock_state(site=site, teller=wms, source="WMS", stated=said)
    now = f"{timezone.localtime():%Y-%m-%d %H:%M}"
    undo(load(tmp_path, "stock", f"sku,on_hand,as_of\nX,9,{now}\n"))
    assert not StockPart.objects.exists()
