"""XLSX sheets become CSV files of the same lines, in bounded memory, and turning goes on where it was broken off."""

import re
import zipfile
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from procurement.sources import sheets
from procurement.sources.base import SourceUnreadable
from procurement.sources.csv_files import CsvFile
from procurement.sources.file_kinds import KINDS
from procurement.sources.sheets import Sheet, Turned
from tests.procurement.imports import NOW


def workbook(folder: Path, rows: list[list[Any]], **names: Any) -> Path:
    book = Workbook()
    book.active.title = "Stock"
    for row in rows:
        book.active.append(row)
    for name in names:
        book.create_sheet(name).append([name])
    path = folder / "book.xlsx"
    book.save(path)
    return path


def turned(path: Path, out: Path, **options: Any) -> tuple[list[str], Turned]:
    with Sheet(path, **options) as sheet:
        *_, last = sheet.turn(out, Turned())
    return out.read_text().splitlines(), last


def test_values_are_written_as_files_write_them(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        [["sku", "on\nhand"], ["0012", 12], ["A", 0.1 + 0.2], ["B", 1e-4], ["C", True], ["D", date(2026, 3, 1)],
         ["E", datetime.combine(date(2026, 3, 1), time(14, 30))], ["F", time(14, 30)], [" G ", None]],
    )  # fmt: skip
    said, _ = turned(path, tmp_path / "out.csv")
    assert said == [
        '"sku","on hand"', '"0012","12"', '"A","0.3"', '"B","0.0001"', '"C","true"', '"D","2026-03-01"',
        '"E","2026-03-01 14:30:00"', '"F","14:30:00"', '"G"',
    ]  # fmt: skip
    said, _ = turned(path, tmp_path / "out.csv", decimal_sign=",")
    assert said[2] == '"A","0,3"'


def test_rows_keep_their_numbers_and_oddities_are_told(tmp_path: Path) -> None:
    book = Workbook()
    book.active["B3"], book.active["B5"], book.active["B7"] = "sku", "A", "B"
    book.active.merge_cells("B7:C8")
    book.active.row_dimensions[5].hidden = True
    book.save(tmp_path / "book.xlsx")
    said, last = turned(tmp_path / "book.xlsx", tmp_path / "out.csv")
    assert [at for at, line in enumerate(said, 1) if line.strip(',"')] == [3, 5, 7]
    assert (last.hidden, last.merged) == (1, 1)
    assert len(last.notes()) == 2


def test_errors_and_formulas_without_value_are_refused_by_cell(tmp_path: Path) -> None:
    path = workbook(
        tmp_path, [["sku", "on_hand"], ["#REF!", 1], ["A", "=1+1"], ["=B1", 2], ["@x", 3], ["B", "#N/A"]]
    )
    turned(path, tmp_path / "out.csv")
    errors = list(CsvFile(tmp_path / "out.csv", KINDS["stock"], now=NOW).records())
    assert [(error.line, error.column, error.reason.split(";")[0]) for error in errors] == [
        (2, "sku", "is an error of the spreadsheet"),
        (3, "on_hand", "is a formula whose value is not in the file"),
        (4, "sku", "is a formula whose value is not in the file"),
        (5, "sku", "begins with '@', which a spreadsheet takes for a formula"),
        (6, "on_hand", "is an error of the spreadsheet"),
    ]


def test_turning_goes_on_where_it_was_broken_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "BLOCK", 512)
    path = workbook(tmp_path, [["sku", "on_hand"], *([f"A-{n}", n] for n in range(200)), [], ["Z", 1]])
    whole, _ = turned(path, tmp_path / "whole.csv")
    state, turns = Turned(), 0
    while not state.done:
        with Sheet(path) as sheet:
            state = next(sheet.turn(tmp_path / "parts.csv", state))
        with (tmp_path / "parts.csv").open("a") as cut_off:
            cut_off.write('"half a li')  # written, and then the worker was killed
        turns += 1
    with (tmp_path / "parts.csv").open("r+b") as file:
        file.truncate(state.written)
    assert turns > 5
    assert (tmp_path / "parts.csv").read_text().splitlines() == whole


def test_sheet_is_chosen(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["sku"]], Other=True)
    with Sheet(path, "Other") as sheet:
        assert (sheet.names, list(sheet.rows(9))) == (["Stock", "Other"], [(1, ["Other"])])
    with pytest.raises(SourceUnreadable, match="has no sheet 'None'; it has: Stock, Other"):
        Sheet(path, "None")


def altered(path: Path, part: str, change: Any) -> Path:
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts[part] = change(parts[part])
    with zipfile.ZipFile(path, "w") as new:
        for name, content in parts.items():
            new.writestr(name, content)
    return path


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    ("part", "change", "words"),
    [
        (SHEET, lambda xml: xml[:-300], "damaged workbook"),
        (SHEET, lambda xml: xml.replace(b"<v>1</v>", b"<v>x</v>"), "damaged workbook"),
        (
            SHEET,
            lambda xml: b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + xml,
            "damaged workbook|definitions that no",
        ),
        ("xl/workbook.xml", lambda xml: b"<x/>", "damaged workbook|no sheet with cells"),
        ("[Content_Types].xml", lambda xml: b"\0", "damaged workbook"),
    ],
)
def test_damaged_workbook_is_told_in_words(tmp_path: Path, part: str, change: Any, words: str) -> None:
    path = altered(workbook(tmp_path, [["sku", "on_hand"], *(["A", n] for n in range(20))]), part, change)
    with pytest.raises(SourceUnreadable, match=words):
        turned(path, tmp_path / "out.csv")


OFFICE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
CONTENT_TYPES = f"""<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/xl/workbook.xml" ContentType="{OFFICE}.sheet.main+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{OFFICE}.worksheet+xml"/>
<Override PartName="/xl/sharedStrings.xml" ContentType="{OFFICE}.sharedStrings+xml"/>
</Types>"""
RELATIONS = """<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>"""
RELATION = """<Relationship Id="rId{0}" Target="{1}"
Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{2}"/>"""
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


@pytest.mark.parametrize("prefix", ["", "x:"])
def test_sheets_as_other_programs_write_them(tmp_path: Path, prefix: str) -> None:
    """Texts in a table of their own, values of formulas kept, names with a prefix."""
    rows = """<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>
    <row r="2" hidden="1"><c r="A2" t="s"><v>2</v></c><c r="B2"><f>1+1.5</f><v>2.5</v></c></row>
    <row r="3"/><row r="4"><c r="A4" t="str"><f>"B"</f><v>B</v></c><c r="B4" t="e"><f>X!1</f><v>#REF!</v></c></row>
    <row r="5"><c r="B5" t="b"><v>1</v></c></row>"""
    if prefix:
        rows = re.sub(r"<(/?)(row|c|v|f)\b", rf"<\1{prefix}\2", rows)
    named = f'xmlns{":x" if prefix else ""}="{MAIN}"'
    parts = {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels/.rels": RELATIONS.format(RELATION.format(1, "xl/workbook.xml", "officeDocument")),
        "xl/workbook.xml": f"""<workbook xmlns="{MAIN}"
        xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Stock"
        sheetId="1" r:id="rId1"/></sheets></workbook>""",
        "xl/_rels/workbook.xml.rels": RELATIONS.format(
            RELATION.format(1, "worksheets/sheet1.xml", "worksheet")
            + RELATION.format(2, "sharedStrings.xml", "sharedStrings")
        ),
        "xl/sharedStrings.xml": f"""<sst xmlns="{MAIN}"><si><t>sku</t></si><si><r><t>on_</t></r><r><t>hand</t></r></si>
        <si><t>A</t></si></sst>""",
        "xl/worksheets/sheet1.xml": f"<{prefix}worksheet {named}><{prefix}sheetData>{rows}</{prefix}sheetData>"
        f'<{prefix}mergeCells count="1"><{prefix}mergeCell ref="A5:A6"/></{prefix}mergeCells></{prefix}worksheet>',
    }
    path = tmp_path / "other.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    said, last = turned(path, tmp_path / "out.csv")
    assert said == ['"sku","on_hand"', '"A","2.5"', "", '"B","#REF!"', '"","true"']
    assert (last.hidden, last.merged) == (1, 1)


def test_row_that_no_sheet_has_fills_no_disk(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["sku"], ["A"]])
    far = altered(path, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b'r="2"', b'r="999999999"'))
    with pytest.raises(SourceUnreadable, match="has a row 999,999,999; a sheet has at most 1,048,576"):
        turned(far, tmp_path / "out.csv")
    assert (tmp_path / "out.csv").stat().st_size < 100


def test_sheet_of_empty_cells_fills_no_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_WRITTEN", 100_000)
    book = Workbook()
    for row in range(1, 50):
        book.active.cell(row, 16_000, 1)
    book.save(tmp_path / "wide.xlsx")
    with pytest.raises(SourceUnreadable, match="mostly of empty cells"):
        turned(tmp_path / "wide.xlsx", tmp_path / "out.csv")


def test_book_whose_styles_fill_the_memory_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "MOST_PARTS", 100_000)
    path = workbook(tmp_path, [["sku"], ["A"]])
    with Sheet(path) as small:
        assert small.names == ["Stock"]
    large = altered(path, "xl/styles.xml", lambda xml: xml + b" " * 200_000)
    with pytest.raises(SourceUnreadable, match="too many styles"):
        Sheet(large)


def test_book_whose_texts_fill_the_memory_is_not_opened_whatever_they_are_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "MOST_STRINGS", 100)
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    told = b'<Override ContentType="%s" PartName="/xl/other.xml"/></Types>' % kind
    path = altered(
        workbook(tmp_path, [["sku"]]), "[Content_Types].xml", lambda xml: xml.replace(b"</Types>", told)
    )
    with zipfile.ZipFile(path, "a") as book:
        book.writestr("xl/other.xml", b"<sst/>".ljust(200))
    with pytest.raises(SourceUnreadable, match="too much text"):
        Sheet(path)
