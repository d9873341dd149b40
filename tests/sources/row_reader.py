"""The plain way to read a CSV file, a line and a cell at a time: what the fast way has to come to as well."""

import csv
from pathlib import Path

from procurement.sources import dialect
from procurement.sources.base import RowError
from procurement.sources.csv_files import CsvFile
from procurement.sources.values import BadValue

LONGEST = dialect.LONGEST_LINE


def rows_of(source: CsvFile, path: Path) -> list[object]:
    """Records and errors in the order of their lines, by what `source` found out about the file's header."""
    raw = path.read_bytes().removeprefix(dialect.BOM)
    lines = raw.split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    encoding = "utf-8"
    try:
        b"\n".join(line for line in lines if len(line) <= LONGEST and line.strip()).decode()
    except UnicodeDecodeError:
        encoding = "cp1252"
    return [
        said
        for number, line in enumerate(lines, start=1)
        if number > source._header_line
        for said in _row(source, number, line, encoding)
    ]


def _row(source: CsvFile, number: int, line: bytes, encoding: str) -> list[object]:
    if len(line) > LONGEST:
        return [RowError(number, "", "", f"is longer than {LONGEST:,} characters")]
    line = line.rstrip(b"\r")
    if not line.strip():
        return []
    try:
        text = line.decode(encoding)
    except UnicodeDecodeError:
        return [RowError(number, "", "", f"cannot be read as {encoding}")]
    if "\0" in text:
        return [RowError(number, "", "", "contains a NUL character")]
    try:
        cells = next(csv.reader([text], delimiter=source._delimiter, strict=True))
    except csv.Error:
        why = "has a quotation mark that is not closed or stands in the wrong place"
        return [RowError(number, "", "", why)]
    cells = [cell.strip() for cell in cells]
    width = len(source._columns)
    if any(cells[width:]):
        why = f"has {len(cells)} values; the header has {width} columns"
        return [RowError(number, "", "", why)]
    if not any(cells):
        return []
    values, bad = {}, []
    for at, column in enumerate(source._columns):
        if column is None:
            continue
        cell = cells[at] if at < len(cells) else ""
        try:
            if cell:
                values[column.name] = column.read(cell, source._reading)
            elif column.required:
                raise BadValue("is empty")
        except BadValue as error:
            bad.append(RowError(number, source._header[at], cell[:100], str(error)))
    return bad or [source._kind.record(line=number, **values)]
