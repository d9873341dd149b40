"""How a file is read is guessed from the file; what was chosen for the last one like it counts where it can be true."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from procurement.exceptions import FileRefused
from procurement.models import FileImport
from procurement.services.files import row_store
from procurement.services.files.choosing import Choice, Proposed, choice_propose, choice_save
from procurement.services.files.loading import file_opened
from procurement.services.files.taking import file_take
from procurement.sources.base import DemandRecord
from tests import factories
from tests.procurement.imports import make_site

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> Path:
    settings.FILES_DIR = tmp_path / "files"
    return tmp_path


def brought(folder: Path, content: bytes, kind: str = "demand") -> FileImport:
    path = folder / "files" / f"{FileImport.objects.count()}.part"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return file_take(path=path, name="list", kind=kind, site=make_site(), supplier=None, by=factories.user())


def chosen(file_import: FileImport) -> Proposed:
    proposed = choice_propose(file_import=file_import, chosen=Choice())
    choice_save(file_import=file_import, proposed=proposed, by=factories.user())
    file_import.refresh_from_db()
    return proposed


def read(file_import: FileImport) -> list[Any]:
    return list(file_opened(file_import).records())


@pytest.mark.parametrize("title", ["", "Stock as of Sunday, 22 Nov, all halls, counted\nby A, B\n\n"])
def test_commas_in_values_do_not_hide_that_columns_are_separated_otherwise(files: Path, title: str) -> None:
    rows = "".join(f"A-{n};Screw, M{n}, zinc, 20 mm;{n},5\n" for n in range(30))
    taken = brought(files, f"{title}Artikelnummer;Bezeichnung;Bestand\n{rows}".encode(), "stock")
    proposed = chosen(taken)
    assert proposed.headers == ["Artikelnummer", "Bezeichnung", "Bestand"]
    assert [row.on_hand for row in read(taken)][:2] == [Decimal("0.5"), Decimal("1.5")]


def test_the_columns_chosen_are_found_where_the_names_have_more_commas(files: Path) -> None:
    rows = "".join(f"A-{n};{n},5\n" for n in range(30))
    taken = brought(files, f"Artikel;Menge, lose, gezaehlt\n{rows}".encode(), "stock")
    proposed = choice_propose(
        file_import=taken,
        chosen=Choice(columns={"sku": "Artikel", "on_hand": "Menge, lose, gezaehlt"}),
    )
    choice_save(file_import=taken, proposed=proposed, by=factories.user())
    taken.refresh_from_db()
    assert [row.on_hand for row in read(taken)][:2] == [Decimal("0.5"), Decimal("1.5")]


def test_titles_with_commas_do_not_outvote_a_list_of_two_columns(files: Path) -> None:
    rows = "".join(f"A-{n};{n},5\n" for n in range(5))
    taken = brought(
        files, f"Made by us, today\nMain, hall 2\nFor A, B\nArtikelnummer;Bestand\n{rows}".encode(), "stock"
    )
    assert chosen(taken).headers == ["Artikelnummer", "Bestand"]


CATALOGUE = "sku;description\nA;{}\n"


@pytest.mark.parametrize(("first", "second"), [("cp1252", "utf-8"), ("utf-8", "cp1252")])
def test_a_remembered_character_set_does_not_spoil_a_file_that_shows_another(
    files: Path, first: str, second: str
) -> None:
    chosen(brought(files, CATALOGUE.format("Schlüssel").encode(first), "catalogue"))
    taken = brought(files, CATALOGUE.format("Schlüssel").encode(second), "catalogue")
    chosen(taken)
    assert [row.description for row in read(taken)] == ["Schlüssel"]


def test_a_remembered_character_set_counts_where_the_file_does_not_show_it(files: Path) -> None:
    taken = brought(files, CATALOGUE.format("Łódź").encode("cp1250"), "catalogue")
    proposed = choice_propose(file_import=taken, chosen=Choice(encoding="cp1250"))
    choice_save(file_import=taken, proposed=proposed, by=factories.user())
    again = brought(files, CATALOGUE.format("Łódź").encode("cp1250"), "catalogue")
    chosen(again)
    assert [row.description for row in read(again)] == ["Łódź"]


def test_remembered_days_before_months_do_not_hide_that_months_come_first(files: Path) -> None:
    chosen(brought(files, b"sku,date,quantity\nA,2026-03-01,1\n"))
    taken = brought(files, b"sku,date,quantity\nA,03/04/2026,1\nA,03/31/2026,1\n")
    assert chosen(taken).choice.month_first
    assert [row.date.month for row in read(taken)] == [3, 3]


def test_a_remembered_decimal_sign_does_not_hide_the_one_the_file_shows(files: Path) -> None:
    chosen(brought(files, b"sku,on_hand\nA,1.5\n", "stock"))
    taken = brought(files, b"sku;on_hand\nA;1,500\nB;12,5\n", "stock")
    assert chosen(taken).choice.decimal_sign == ","
    assert [row.on_hand for row in read(taken)] == [Decimal("1.5"), Decimal("12.5")]


def test_the_point_of_a_workbook_is_not_remembered_for_a_file_of_text(files: Path) -> None:
    book = Workbook()
    for row in (["sku", "on_hand"], ["A", 1.5]):
        book.active.append(row)
    book.save(files / "book.xlsx")
    chosen(brought(files, (files / "book.xlsx").read_bytes(), "stock"))
    taken = brought(files, b"sku;on_hand\nA;1,500\nB;12,250\n", "stock")
    chosen(taken)
    assert [row.on_hand for row in read(taken)] == [Decimal("1.5"), Decimal("12.25")]


def test_file_of_bare_carriage_returns_is_told_in_words(files: Path) -> None:
    taken = brought(files, b"sku,date,quantity\rA,2026-03-01,1\r")
    with pytest.raises(FileRefused, match="list ends its lines with bare carriage returns"):
        chosen(taken)


def test_lines_are_counted_alike_when_they_are_shown_and_when_they_are_read(files: Path) -> None:
    taken = brought(files, b"From: us\n\nTo:\ryou\nsku,date,quantity\nA,2026-03-01,1\n")
    assert chosen(taken).choice.header_line == 4
    assert [row.line for row in read(taken)] == [5]


def test_items_with_very_many_rows_are_not_all_in_memory_at_once(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_store, "ROWS_AT_ONCE", 5)
    with row_store.RowStore(files / "rows") as store:
        keys = [*"aaabbb", *"c" * 9, *"de"]
        rows = [
            DemandRecord(line=line, sku=key, date=date(2026, 3, 1), quantity=Decimal(1))
            for line, key in enumerate(keys)
        ]
        store.take(0, rows, lambda record: record.sku)
        after, found = "", list[list[str]]()
        while groups := store.groups(after, 4):
            found.append([key for key, _ in groups])
            after = groups[-1][0]
            assert all(len(group) == keys.count(key) for key, group in groups)
        assert found == [["a"], ["b"], ["c"], ["d", "e"]]
