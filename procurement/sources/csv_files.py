"""A CSV file as a source. The file is read twice, a line at a time: first to find out how it is written, then for its
rows. A value cannot contain a line break, so every record is one line and every error names the line an editor shows.
"""

import csv
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from procurement.sources import dialect
from procurement.sources.base import Record, RowError, SourceUnreadable
from procurement.sources.file_kinds import Column, FileKind, plain_name
from procurement.sources.values import BadValue, Reading

NAME_KEPT = 40


class CsvFile:
    def __init__(
        self, path: Path, kind: FileKind, *, now: datetime, decimal_sign: str = "", month_first: bool = False
    ) -> None:
        """Raises `SourceUnreadable`. decimal_sign "," or "."; empty: told by the file's own numbers."""
        self.name = path.name[:NAME_KEPT]
        self.warnings: list[str] = []
        self.lines = 0
        self._path, self._kind = path, kind
        self._encoding = "utf-8"
        self._delimiter = ","
        self._columns: list[Column | None] = []
        self._header: list[str] = []
        self._scan(decimal_sign, month_first, now)
        self.as_of = min(now, datetime.fromtimestamp(path.stat().st_mtime, tz=now.tzinfo))

    def _scan(self, decimal_sign: str, month_first: bool, now: datetime) -> None:
        """The first reading: header, character set, decimal sign, number of lines."""
        sign = dialect.DecimalSign()
        numbers: list[int] = []
        with dialect.opened(self._path) as file:
            for line, raw in dialect.lines(file):
                self.lines = line
                if raw is None or not raw.strip():
                    continue
                text = self._decode(raw, line)
                if not self._header:
                    self._read_header(text, line)
                    numbers = [at for at, column in enumerate(self._columns) if column and column.is_number]
                elif text is not None and not decimal_sign:
                    try:
                        cells = self._split(text)
                    except BadValue:
                        continue  # reported by the second reading
                    for at in numbers:
                        if at < len(cells) and cells[at]:
                            sign.look(cells[at])
        if not self._header:
            raise SourceUnreadable(f"{self._path.name} is empty.")
        if not decimal_sign:
            decimal_sign, warning = sign.decide(self._delimiter)
            self.warnings += [warning] if warning else []
        self._reading = Reading(decimal_sign, month_first, now.date())

    def _decode(self, raw: bytes, line: int) -> str | None:
        try:
            return raw.decode(self._encoding)
        except UnicodeDecodeError:
            if self._encoding == "utf-8":
                self._encoding = "cp1252"
                self.warnings.append(
                    f"The file is not UTF-8 (line {line} shows it); it is read as Windows-1252."
                    " Look at accented letters afterwards."
                )
                return self._decode(raw, line)
            return None

    def _read_header(self, text: str | None, line: int) -> None:
        if text is None or "\0" in text:
            raise SourceUnreadable(f"{self._path.name} is not a text file.")
        self._delimiter = dialect.delimiter_of(text)
        try:
            self._header = self._split(text)
        except BadValue as error:
            raise SourceUnreadable(f"The header of {self._path.name} (line {line}): {error}.") from None
        known = {name: column for column in self._kind.columns for name in column.names()}
        self._columns = [known.get(plain_name(cell)) for cell in self._header]
        own = {column.name for column in self._kind.columns if column.name in map(str.lower, self._header)}
        for at, (column, cell) in enumerate(zip(self._columns, self._header, strict=True)):
            # A column under its own name wins over one that is only called something similar.
            if column and column.name in own and cell.lower() != column.name:
                self._columns[at] = None
        self._check_header()

    def _check_header(self) -> None:
        found = [column for column in self._columns if column]
        twice = {column.name for column in found if found.count(column) > 1}
        if twice:
            raise SourceUnreadable(
                f"{self._path.name} has more than one column for {', '.join(sorted(twice))}."
            )
        missing = [column.name for column in self._kind.columns if column.required and column not in found]
        if missing:
            raise SourceUnreadable(
                f"{self._path.name} has no column {' and no column '.join(missing)}."
                f" Its header is: {', '.join(self._header)[:300]}."
                f" A {self._kind.name} file may have: {', '.join(column.name for column in self._kind.columns)}."
            )
        ignored = [
            cell for cell, column in zip(self._header, self._columns, strict=True) if not column and cell
        ]
        if ignored:
            self.warnings.append(f"Columns that mean nothing here are ignored: {', '.join(ignored)[:300]}.")

    def _split(self, text: str) -> list[str]:
        if "\0" in text:
            raise BadValue("contains a NUL character")
        try:
            cells = next(csv.reader([text], delimiter=self._delimiter, strict=True))
        except csv.Error:
            raise BadValue("has a quotation mark that is not closed or stands in the wrong place") from None
        return [cell.strip() for cell in cells]

    def records(self) -> Iterator[Record | RowError]:
        header_seen = False
        with dialect.opened(self._path) as file:
            for line, raw in dialect.lines(file):
                if raw is None:
                    yield RowError(line, "", "", f"is longer than {dialect.LONGEST_LINE:,} characters")
                elif not raw.strip():
                    continue
                elif not header_seen:
                    header_seen = True
                else:
                    yield from self._row(line, raw)

    def _row(self, line: int, raw: bytes) -> Iterator[Record | RowError]:
        """One record, or an error for each cell that cannot be read."""
        text = self._decode(raw, line)
        if text is None:
            yield RowError(line, "", "", f"cannot be read as {self._encoding}")
            return
        try:
            cells = self._split(text)
        except BadValue as error:
            yield RowError(line, "", "", str(error))
            return
        if len(cells) > len(self._columns) and any(cells[len(self._columns) :]):
            yield RowError(
                line, "", "", f"has {len(cells)} values; the header has {len(self._columns)} columns"
            )
            return
        if not any(cells):  # spreadsheets leave rows of bare delimiters at the end
            return
        values, bad = {}, []
        for at, column in enumerate(self._columns):
            if column is None:
                continue
            cell = cells[at] if at < len(cells) else ""
            try:
                if cell:
                    values[column.name] = column.read(cell, self._reading)
                elif column.required:
                    raise BadValue("is empty")
            except BadValue as error:
                bad.append(RowError(line, self._header[at], cell[:100], str(error)))
        if bad:
            yield from bad
        elif values:
            yield self._kind.record(line=line, **values)
