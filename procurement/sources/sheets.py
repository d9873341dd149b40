"""A sheet of an XLSX workbook, turned into a CSV file that is read like any other: row 7 of the sheet is its line 7.

Read a block of rows at a time from the workbook's compressed XML, so that memory does not grow with the sheet and
turning can go on where it was broken off. Values come as the workbook keeps them, formulas as what they last came to.
"""

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from openpyxl import load_workbook
from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser

from procurement.sources.base import SourceUnreadable
from procurement.sources.values import NOT_COMPUTED

BLOCK = 256 * 1024
MOST_STRINGS = 150 * 1024 * 1024  # bytes of the table of texts, which is read into memory
# Of all that describes the book, e.g. its styles: read into memory many times as large
MOST_PARTS = 32 * 1024 * 1024
MOST_ROWS = 1_048_576  # of a sheet, in every spreadsheet program
MOST_WRITTEN = 2_000_000_000  # bytes of CSV
ROW_END = re.compile(rb"</(?:\w+:)?row\s*>|<(?:\w+:)?row\b[^<>]*/>")
FIRST_ROW = re.compile(rb"<(?:\w+:)?row\b")
MERGED = re.compile(rb"<(?:\w+:)?mergeCell\b")
HIDDEN = re.compile(rb"<(?:\w+:)?row\b[^<>]*\bhidden=\"(?:1|true)\"")
DESCRIBES = re.compile(
    r"\[Content_Types\]\.xml$|.*\.rels$|docProps/|xl/(workbook|styles|metadata)\.xml$|xl/theme/"
)
TYPED = re.compile(rb"<(?:\w+:)?Override\b[^<>]*>")
PART_NAME = re.compile(rb"PartName\s*=\s*[\"']/?([^\"']+)")
BREAKS = re.compile(r"[\r\n]+")


@dataclass(frozen=True, slots=True)
class Turned:
    """How far a sheet has been turned into CSV: bytes of its XML, of the CSV, and rows."""

    taken: int = 0
    written: int = 0
    row: int = 0
    size: int = 0  # of the XML, for the progress bar
    hidden: int = 0
    merged: int = 0
    done: bool = False

    def notes(self) -> list[str]:
        said = []
        if self.hidden:
            said.append(f"Hidden rows of the sheet are read, too: there are {self.hidden:,}.")
        if self.merged:
            said.append(
                f"The sheet has merged cells ({self.merged:,}); only the first cell of each has the value, the others"
                " are empty."
            )
        return said


class Cells(WorkSheetParser):
    """Tells a formula without a value from an empty cell."""

    def parse_cell(self, element: Any) -> dict[str, Any]:
        cell: dict[str, Any] = super().parse_cell(element)
        if cell["value"] is None and element.find(FORMULA_TAG) is not None:
            cell["value"] = NOT_COMPUTED
        return cell


class Sheet:
    """Raises `SourceUnreadable`, also while it is read. `sheet`: its name; empty for the first."""

    def __init__(self, path: Path, sheet: str = "", *, name: str = "", decimal_sign: str = ".") -> None:
        self._name = name or path.name
        self._sign = decimal_sign or "."
        self._files = ExitStack()
        with ExitStack() as closing:
            closing.push(self._files)
            self._book = self._opened(path)
            self._choose(sheet)
            closing.pop_all()

    def _choose(self, sheet: str) -> None:
        self.names = [found.title for found in self._book.worksheets]
        if not self.names:
            raise SourceUnreadable(f"{self._name} has no sheet with cells.")
        if sheet and sheet not in self.names:
            raise SourceUnreadable(
                f"{self._name} has no sheet {sheet!r}; it has: {', '.join(self.names)[:300]}."
            )
        self.sheet = sheet or self.names[0]
        self._place = self._book[self.sheet]._worksheet_path

    def __enter__(self) -> "Sheet":
        return self

    def __exit__(self, *raised: object) -> None:
        self._files.close()

    def _opened(self, path: Path) -> Any:
        try:
            self._measure(path)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about drawings and other things that no value comes from
                file = self._files.enter_context(path.open("rb"))
                self._zip = self._files.enter_context(zipfile.ZipFile(file))
                # Given the file and not its path, as it leaves a path that it cannot read open.
                return load_workbook(file, read_only=True, data_only=True, keep_links=False)
        except SourceUnreadable:
            raise
        except Exception as error:  # the library raises whatever a damaged file leads it to
            raise self._damaged(error) from None

    def _measure(self, path: Path) -> None:
        """What is read into memory at once must not be too large for it, whatever its parts are called."""
        with zipfile.ZipFile(path) as packed:
            parts = packed.infolist()
            if sum(part.file_size for part in parts if DESCRIBES.match(part.filename)) > MOST_PARTS:
                raise SourceUnreadable(
                    f"{self._name} holds too many styles. Copy the sheet to a new book, without them, and load that."
                )
            typed = TYPED.findall(packed.read("[Content_Types].xml"))
            named = {PART_NAME.findall(one)[0].decode() for one in typed if b"sharedStrings" in one}
            texts = [
                p for p in parts if p.filename in named or p.filename.lower().endswith("sharedstrings.xml")
            ]
            if sum(part.file_size for part in texts) > MOST_STRINGS:
                raise SourceUnreadable(
                    f"{self._name} holds too much text. Save the sheet as 'CSV UTF-8' and load that."
                )

    def _damaged(self, error: Exception) -> SourceUnreadable:
        return SourceUnreadable(
            f"{self._name} is a damaged workbook ({type(error).__name__}). Open it in the spreadsheet program, save it"
            " anew and load that."
        )

    def rows(self, most: int) -> Iterator[tuple[int, list[str]]]:
        """(row, its cells as text), the first `most` that are not empty; empty ones are left out."""
        for number, cells in self._rows(Turned()):
            if isinstance(number, Turned):
                continue
            if any(cells):
                most -= 1
                yield number, cells
            if most <= 0:
                return

    def turn(self, csv_path: Path, so_far: Turned) -> Iterator[Turned]:
        """Write on from there; after each block, how far it is."""
        mode = "r+b" if so_far.written else "wb"
        with csv_path.open(mode) as raw:
            raw.truncate(so_far.written)
            raw.seek(so_far.written)
            out = io.TextIOWrapper(raw, encoding="utf-8", newline="", write_through=True)
            writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
            line = so_far.row
            for number, cells in self._rows(so_far):
                if isinstance(number, Turned):
                    out.flush()
                    yield replace(number, written=raw.tell(), row=line)
                    continue
                if number > MOST_ROWS:
                    raise SourceUnreadable(
                        f"{self._name}: its sheet has a row {number:,}; a sheet has at most {MOST_ROWS:,}."
                        " Save it anew."
                    )
                while line < number - 1:
                    out.write("\n")
                    line += 1
                if raw.tell() > MOST_WRITTEN:
                    raise SourceUnreadable(
                        f"{self._name}: its sheet comes to more than {MOST_WRITTEN // 1_000_000:,} MB, mostly of empty"
                        " cells. Copy what is needed to a new sheet, and load that."
                    )
                if line < number:  # a damaged sheet may number two rows alike
                    writer.writerow(cells)
                    line = number
            out.detach()

    def _rows(self, so_far: Turned) -> Iterator[tuple[Any, list[str]]]:
        try:
            with self._zip.open(self._place.lstrip("/")) as xml:
                yield from self._blocks(
                    xml, replace(so_far, size=self._zip.getinfo(self._place.lstrip("/")).file_size)
                )
        except SourceUnreadable:
            raise
        except Exception as error:
            raise self._damaged(error) from None

    def _blocks(self, xml: IO[bytes], at: Turned) -> Iterator[tuple[Any, list[str]]]:
        """Rows, and after those of a block a `Turned`."""
        head, rest = self._head(xml)
        found = re.search(rb"<((?:\w+:)?)sheetData\b", head)
        prefix = found[1] if found else b""
        tail = b"</" + prefix + b"sheetData></" + prefix + b"worksheet>"
        skip = max(0, at.taken - len(head))
        counter = at.row
        at = replace(at, taken=max(at.taken, len(head)))
        while skip > len(rest):
            skip -= len(rest)
            rest = xml.read(BLOCK)
            if not rest:
                break
        rest = rest[skip:]
        while True:
            read = xml.read(BLOCK)
            rest += read
            end = 0
            for match in ROW_END.finditer(rest):
                end = match.end()
            if len(rest) > 64 * BLOCK and not end:
                raise SourceUnreadable(f"{self._name}: a row of the sheet is too large to be one.")
            if end:
                block, rest = rest[:end], rest[end:]
                for number, cells in self._parsed(head + block + tail, counter):
                    counter = number
                    yield number, cells
                at = replace(at, taken=at.taken + end, hidden=at.hidden + len(HIDDEN.findall(block)))
                yield replace(at, row=counter), []
            if not read:
                if b"worksheet>" not in rest[-200:] and b"worksheet>" not in head[-200:]:
                    raise EOFError
                yield replace(at, merged=len(MERGED.findall(rest)), done=True), []
                return

    def _head(self, xml: IO[bytes]) -> tuple[bytes, bytes]:
        """What stands before the first row, and what was read beyond it."""
        read = b""
        while chunk := xml.read(BLOCK):
            read += chunk
            if first := FIRST_ROW.search(read):
                break
            if len(read) > 16 * BLOCK:
                raise SourceUnreadable(
                    f"{self._name}: its sheet has no rows within the first {len(read):,} bytes."
                )
        else:
            return read, b""  # a sheet without rows
        head = read[: first.start()]
        if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
            raise SourceUnreadable(f"{self._name} holds definitions that no spreadsheet program writes.")
        return head, read[first.start() :]

    def _parsed(self, document: bytes, counter: int) -> Iterator[tuple[int, list[str]]]:
        book = self._book
        parser = Cells(
            io.BytesIO(document), self._book[self.sheet]._shared_strings,
            data_only=True, epoch=book.epoch, date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )  # fmt: skip
        parser.row_counter = counter
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for number, row in parser.parse():
                cells: list[str] = []
                for cell in row:
                    if cell["value"] is None:
                        continue
                    cells += [""] * (cell["column"] - len(cells) - 1)
                    cells.append(self._text(cell["value"]))
                yield number, cells

    def _text(self, value: Any) -> str:
        match value:
            case None:
                return ""
            case str():
                return BREAKS.sub(" ", value).strip()
            case bool():
                return "true" if value else "false"
            case int():
                return str(value)
            case float():
                # As many digits as a spreadsheet has; the rest is how the machine keeps them.
                return f"{Decimal(f'{value:.15g}'):f}".replace(".", self._sign)
            case datetime():
                return f"{value:%Y-%m-%d}" if value.time() == time() else f"{value:%Y-%m-%d %H:%M:%S}"
            case date():
                return f"{value:%Y-%m-%d}"
        return str(value)
