"""Closing days from a CSV file: `first,last,name`; `last` may be left out, and `date` is another word for `first`."""

import csv
from datetime import date
from io import StringIO
from typing import Any

from procurement.sources.file_kinds import plain_name
from procurement.sources.values import BadValue, Reader, Reading, any_date, words

MOST_ROWS = 2_000
FIRST, LAST = ("first", "date", "day", "from", "start"), ("last", "to", "until", "end")
NAME = ("name", "reason", "holiday", "description")
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)
Row = tuple[date, date, str]


def closures_read(content: bytes, *, today: date) -> tuple[list[Row], list[str]]:
    """The rows, and what is wrong with the others by line."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return [], ["The file is not in UTF-8. Save it as “CSV UTF-8”."]
    lines = text.splitlines()
    separator = ";" if lines and ";" in lines[0] else ","
    try:
        table = list(csv.reader(StringIO(text), delimiter=separator, strict=True))
    except csv.Error as error:
        return [], [f"It is no CSV file ({error})."]
    if not table:
        return [], ["The file is empty."]
    columns = [plain_name(cell) for cell in table[0]]
    first, last, name = (_column(columns, known) for known in (FIRST, LAST, NAME))
    if first is None:
        return [], ["The first line must name the columns: first, last, name."]
    if len(table) > MOST_ROWS:
        return [], [f"The file has more than {MOST_ROWS} rows."]
    reading = Reading(decimal_sign=".", month_first=False, today=today)
    rows: list[Row] = []
    errors: list[str] = []
    for number, cells in enumerate(table[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        try:
            rows.append(_row(_cell(cells, first), _cell(cells, last), _cell(cells, name), reading))
        except BadValue as error:
            errors.append(f"Line {number}: {error}.")
    return rows, errors


def _row(first: str, last: str, name: str, reading: Reading) -> Row:
    begins = _said(any_date, first, reading)
    ends = _said(any_date, last, reading) if last else begins
    if ends < begins:
        raise BadValue(f"it ends on {ends}, before it begins on {begins}")
    if not EARLIEST <= begins <= ends <= LATEST:
        raise BadValue(f"{begins} to {ends} is not between {EARLIEST.year} and {LATEST.year}")
    return begins, ends, _said(words(80), name, reading) or "Closed"


def _said(read: Reader, cell: str, reading: Reading) -> Any:
    try:
        return read(cell, reading)
    except BadValue as error:
        raise BadValue(f"“{cell[:40]}” {error}") from None


def _column(columns: list[str], known: tuple[str, ...]) -> int | None:
    return next((at for at, column in enumerate(columns) if column in known), None)


def _cell(cells: list[str], at: int | None) -> str:
    return cells[at].strip() if at is not None and at < len(cells) else ""
