"""The way of a file from the browser into our rows and out again, by CSV and by XLSX."""

import gzip
import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook

from procurement.models import (
    ColumnMapping,
    CustomerOrder,
    DailyDemand,
    FileImport,
    StockLevel,
    UnmatchedCode,
)
from suppliers.models import ExchangeRate
from tests import factories
from tests.flow.background import work_off
from tests.pages.reading import text
from tests.procurement.imports import make_products, make_site

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files_dir(settings: Any, tmp_path: Path) -> Iterator[Path]:
    settings.FILES_DIR = tmp_path / "files"
    settings.FILES_DIR.mkdir()
    return settings.FILES_DIR


def upload(client: Client, content: bytes, kind: str = "stock", name: str = "list.csv", **more: Any) -> Any:
    file = SimpleUploadedFile(name, content)
    return client.post("/stock/files/new/", {"file": file, "kind": kind, **more}, follow=True)


def newest() -> FileImport:
    return FileImport.objects.latest("pk")


def address(action: str = "") -> str:
    return f"/stock/files/{newest().pk}/{action}"


def sheet(rows: list[list[Any]], *, title: str = "Stock") -> bytes:
    book = Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    book.create_sheet("Other").append(["nothing"])
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def check(client: Client, **chosen: str) -> str:
    """Choose what is proposed, but for `chosen`; then look at what it would do."""
    page = client.get(address("columns/"))
    assert page.status_code == 200, page.content
    choice = page.context["choice"]
    sent = {f"column-{field}": header for field, header in choice.columns.items()} | {
        "header_line": str(choice.header_line), "decimal_sign": choice.decimal_sign, "sheet": choice.sheet,
        "encoding": choice.encoding, "dates": "mdy" if choice.month_first else "dmy",
    }  # fmt: skip
    answer = client.post(address("columns/"), sent | chosen | {"check": "1"}, follow=True)
    assert "Looking what it would do" in text(answer)
    work_off()
    return text(client.get(address()))


def load(client: Client) -> str:
    client.post(address("load/"))
    work_off()
    return text(client.get(address()))


ODD = "Stock of our warehouse\n;;\nArtikelnummer;Bestand;Note\nA;1,5;x\nB;2,0;y\nZ;3;z\n"


def test_csv_is_looked_at_loaded_and_undone(buyer: Client) -> None:
    make_site()
    make_products("A", "B")
    assert "What is in which column?" in text(upload(buyer, ODD.encode()))
    page = check(buyer)
    assert "Ready to load" in page
    assert newest().header_line == 3
    assert "Stock of A at main" in page
    assert "is not in the catalogue" in page
    assert not StockLevel.objects.exists()
    page = load(buyer)
    assert "Loaded" in page
    assert sorted(str(level.on_hand.normalize()) for level in StockLevel.objects.all()) == ["1.5", "2"]
    assert newest().by.groups.get().name == "Buyer"
    buyer.post(address("undo/"))
    work_off()
    assert "2 added rows removed" in text(buyer.get(address()))
    assert not StockLevel.objects.exists()
    assert "was undone already" in text(buyer.post(address("undo/"), follow=True))


def test_sheet_is_looked_at_loaded_and_undone(buyer: Client) -> None:
    make_site()
    make_products("A", "B")
    rows = [[], ["Report of June"], ["SKU", "Day", "Quantity"], ["A", date(2026, 3, 1), 1.25],
            ["A", date(2026, 3, 1), 2],
            ["B", date(2026, 3, 2), "=1+1"], ["=X", date(2026, 3, 2), 1], ["B", "03.03.2026", "#REF!"]]  # fmt: skip
    upload(buyer, sheet(rows), "demand", "june.xlsx")
    page = check(buyer)
    assert "Demand of A on 01 Mar 2026" in page
    assert "Stock!C6" in page
    assert "formula whose value is not in the file" in page
    assert "Stock!A7" in page
    assert "Stock!C8" in page
    load(buyer)
    assert [str(row.quantity.normalize()) for row in DailyDemand.objects.all()] == ["3.25"]
    assert (newest().added, newest().refused, newest().rows) == (1, 3, 5)
    buyer.post(address("undo/"))
    work_off()
    assert not DailyDemand.objects.exists()


def test_packed_file_is_taken(buyer: Client) -> None:
    make_site()
    make_products("A")
    upload(buyer, gzip.compress(b"sku,on_hand\nA,5\n"), name="list.csv.gz")
    check(buyer)
    load(buyer)
    assert StockLevel.objects.get().on_hand == 5


def test_columns_are_shown_live_and_remembered(buyer: Client) -> None:
    make_site()
    make_products("A")
    content = b"Ref,What we have,Counted\nA,7,03/04/2026\n"
    upload(buyer, content)
    page = buyer.post(
        address("columns/"),
        {"header_line": "1", "decimal_sign": ".", "dates": "mdy", "column-sku": "Ref", "column-on_hand": "What we have",
         "column-as_of": "Counted"},
        headers={"HX-Request": "true"},
    )  # fmt: skip
    assert "04 Mar 2026" in text(page)
    assert "Throw the file away" not in text(page)
    assert not ColumnMapping.objects.exists()
    check(
        buyer,
        **{"column-sku": "Ref", "column-on_hand": "What we have", "column-as_of": "Counted", "dates": "mdy"},
    )
    upload(buyer, b"What we have,Counted,Ref\n8,03/05/2026,A\n")
    page = text(buyer.get(address("columns/")))
    assert "As it was chosen for the last file" in page
    assert "05 Mar 2026" in page
    check(buyer)
    load(buyer)
    assert StockLevel.objects.get().on_hand == 8


def test_what_is_needed_must_be_chosen_once(buyer: Client) -> None:
    make_site()
    upload(buyer, b"Ref,Count\nA,7\n")
    answer = buyer.post(address("columns/"), {"header_line": "1", "column-sku": "Ref", "check": "1"})
    assert answer.status_code == 422
    assert "Choose a column for on_hand" in text(answer)
    answer = buyer.post(
        address("columns/"), {"header_line": "1", "column-sku": "Ref", "column-on_hand": "Ref", "check": "1"}
    )
    assert "Ref is chosen more than once" in text(answer)


def test_other_sheet_is_chosen(buyer: Client) -> None:
    make_site()
    upload(buyer, sheet([["sku", "on_hand"], ["A", 1]]), name="book.xlsx")
    page = buyer.post(
        address("columns/"), {"sheet": "Other", "was_sheet": "Stock"}, headers={"HX-Request": "true"}
    )
    assert "row 1: nothing" in text(page)


def test_refused_rows_come_as_csv_that_runs_no_formula(buyer: Client) -> None:
    make_site()
    upload(buyer, b"sku,on_hand\n=cmd(),1\nA,x\n")
    check(buyer)
    answer = buyer.get(address("refused.csv"))
    said = b"".join(answer.streaming_content).decode()
    assert said.splitlines()[1:] == [
        "2,,sku,'=cmd(),\"begins with '=', which a spreadsheet takes for a formula\"",
        "3,,on_hand,x,is not a number",
    ]


def test_too_large_file_is_told_and_leaves_nothing(buyer: Client, settings: Any, files_dir: Path) -> None:
    make_site()
    settings.FILE_MAX_BYTES = 1_000_000
    answer = upload(buyer, b"x" * 3_000_000)
    assert answer.status_code == 422
    assert "list.csv is larger than 1 MB" in text(answer)
    assert list(files_dir.iterdir()) == []
    assert not FileImport.objects.exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "list.csv is empty"),
        (b"\n\n\n", "list.csv is empty"),
        (b"%PDF-1.7", "is a PDF"),
        (b"PK\x05\x06" + b"\0" * 18, "is a zip archive"),
        (gzip.compress(b"x" * 5_000_000, mtime=0), "unpacks to more than 1 MB"),
        (gzip.compress(b"sku,on_hand\n" * 99, mtime=0)[:-9], "is a damaged gzip file"),
        (",".join(f"c{n}" for n in range(10_000)).encode(), "has 10,000 columns"),
    ],
)
def test_what_cannot_be_read_is_told(
    buyer: Client, settings: Any, files_dir: Path, content: bytes, words: str
) -> None:
    make_site()
    settings.FILE_MAX_UNPACKED_BYTES = 1_000_000
    answer = upload(buyer, content)
    assert answer.status_code == 422
    assert words in text(answer)
    if newest_pk := FileImport.objects.values_list("pk", flat=True).first():
        buyer.post(f"/stock/files/{newest_pk}/discard/")
    assert list(files_dir.iterdir()) == []


def test_header_without_rows_and_odd_bytes_are_told(buyer: Client) -> None:
    make_site()
    make_products("A", "B", "C")
    upload(buyer, b"sku,on_hand\n")
    assert "there are no rows below the names" in text(buyer.get(address("columns/")))
    assert "Nothing of this file can be loaded" in check(buyer)
    upload(buyer, b"\xef\xbb\xbfsku;on_hand\nA;5-\nB\0;1\nC\xfc;1\nC;1\nC;2\n")
    page = check(buyer, encoding="utf-8")
    assert "cannot be read as utf-8; save the file as" in page
    for words in (
        "is negative",
        "contains a NUL character",
        "cannot be read as utf-8",
        "stands in line 5 already",
    ):
        assert words in page


def test_mixed_character_sets_are_told_before_anything(buyer: Client) -> None:
    make_site()
    upload(buyer, b"sku,on_hand,note\nA,1,s\xc3\xbc\xc3\x9f\nB,1,s\xfc\xdf\n")
    assert "line 2 is UTF-8 and line 3 is not" in text(buyer.get(address("columns/")))


def test_form_says_what_is_missing(buyer: Client) -> None:
    make_site()
    answer = buyer.post("/stock/files/new/", {})
    assert answer.status_code == 422
    assert "Choose a file." in text(answer)
    assert "Say what it holds." in text(answer)
    make_site("north")
    assert "Choose the site" in text(upload(buyer, b"sku,on_hand\n"))


def test_load_can_be_stopped_gone_on_with_and_thrown_away(buyer: Client, files_dir: Path) -> None:
    make_site()
    make_products("A")
    upload(buyer, b"sku,on_hand\nA,1\n")
    assert "nothing to stop" in text(buyer.post(address("stop/"), follow=True))
    check(buyer)
    buyer.post(address("load/"))
    assert "cannot be loaded now: it is being loaded" in text(buyer.post(address("load/"), follow=True))
    assert "Stop that first" in text(buyer.post(address("undo/"), follow=True))
    assert "its entry is kept" in text(buyer.post(address("discard/"), follow=True))
    buyer.post(address("stop/"))
    work_off()
    assert newest().status == "cancelled"
    assert not StockLevel.objects.exists()
    assert "Loaded" in load(buyer)
    upload(buyer, b"sku,on_hand\nA,1\n")
    before = len(list(files_dir.iterdir()))
    assert "was thrown away" in text(buyer.post(address("discard/"), follow=True))
    assert len(list(files_dir.iterdir())) == before - 1


def test_approvers_look_and_touch_nothing(buyer: Client, approver: Client) -> None:
    make_site()
    upload(buyer, b"sku,on_hand\n")
    assert "list.csv" in text(approver.get("/stock/files/"))
    assert "Load a file" not in text(approver.get("/stock/files/"))
    assert approver.get(address()).status_code == 200
    for action in ("columns/", "load/", "stop/", "undo/", "discard/"):
        assert approver.post(address(action)).status_code == 403
    assert approver.get("/stock/files/new/").status_code == 403


def test_upload_needs_the_token_and_leaves_nothing_without(files_dir: Path) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(factories.user(), backend="django.contrib.auth.backends.ModelBackend")
    make_site()
    assert upload(client, b"sku,on_hand\n").status_code == 403
    assert list(files_dir.iterdir()) == []


def test_orders_and_catalogue_go_the_same_way(buyer: Client) -> None:
    make_site()
    factories.supplier(code="acme")
    upload(buyer, b"sku,name,price\nA,First,2.50\n", "catalogue", supplier="acme")
    check(buyer)
    assert "Loaded" in load(buyer)
    upload(buyer, b"sku,name,price\nA,First,3.25\n", "catalogue", supplier="acme")
    assert "prices 2.50 GBP 3.25 GBP" in check(buyer)
    upload(buyer, b"order,sku,qty,order date\nO1,A,5,01/03/2026\n", "customer_orders")
    assert "Order O1 line 1 item A , quantity 5" in check(buyer)
    assert "Loaded" in load(buyer)
    assert CustomerOrder.objects.get().ordered_on == date(2026, 3, 1)


def test_code_that_somebody_explains_after_the_check_is_loaded_with_the_items_other_rows(
    buyer: Client,
) -> None:
    make_site()
    make_products("A")
    upload(buyer, b"sku,date,quantity\nA,2026-03-01,2\nZZ,2026-03-01,3\nZZ,2026-03-02,4\n", "demand")
    assert "is not in the catalogue" in check(buyer)
    row = UnmatchedCode.objects.get()
    assert (row.code, row.waiting.get().rows) == ("ZZ", 2)
    buyer.post(f"/stock/codes/{row.pk}/", {"sku": "A"})
    page = load(buyer)
    assert "is not in the catalogue" not in page
    assert {row.quantity for row in DailyDemand.objects.all()} == {5, 4}
    assert not UnmatchedCode.objects.filter(waiting__isnull=False).exists()


def test_exchange_rates_are_looked_at_loaded_and_taken_back(client: Client) -> None:
    make_site()
    client.force_login(factories.user("Buyer"))
    upload(client, b"date;currency;rate\n2026-03-02;EUR;0,8412\n", "exchange_rates")
    assert "The rate of EUR" in check(client)
    assert not ExchangeRate.objects.exists()
    load(client)
    assert str(ExchangeRate.objects.get().as_rate()).startswith("1 EUR = 0.8412 GBP of ")
    client.post(address("undo/"))
    work_off()
    assert not ExchangeRate.objects.exists()


@pytest.mark.parametrize("example", ["0000019", "000001" + "9" * 5_000, "-1", "\u00b2"], ids=len)
def test_example_row_that_is_not_there_shows_the_first(buyer: Client, example: str) -> None:
    make_site()
    upload(buyer, b"sku,on_hand\nA,1\nB,2\n")
    assert buyer.post(address("columns/"), {"example": example}).status_code == 200
