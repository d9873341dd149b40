"""A CSV file as a source. It is cut into cells a chunk at a time; what they mean is worked out when it is known how the
whole file is written. A value cannot contain a line break, so every record is one line and every error names the line
an editor shows.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from procurement.sources import dialect
from procurement.sources.base import Record, RowError, SourceUnreadable
from procurement.sources.blocks import Cells, Rows, Table
from procurement.sources.cell_spool import CellSpool
from procurement.sources.file_kinds import Column, FileKind
from procurement.sources.layout import MOST_COLUMNS, columns_called, columns_chosen, headers_unique
from procurement.sources.record_files import Block
from procurement.sources.values import BadValue, Reading

NAME_KEPT = 40


class CsvFile:
    def __init__(
        self,
        path: Path,
        kind: FileKind,
        *,
        now: datetime,
        name: str = "",
        decimal_sign: str = "",
        month_first: bool = False,
        columns: Mapping[str, str] | None = None,
        encoding: str = "",
        header_line: int = 0,
    ) -> None:
        """Raises `SourceUnreadable`. `name`: what people call it, if not by the path. `decimal_sign`: "," or "."; if
        empty, told by the file's own numbers. `columns`: our field and the header it is read from, as `headers_unique`
        has it; None: told by the names. `header_line`: 0 for the first that is not empty.
        """
        self._called = name or path.name
        self.name = self._called[:NAME_KEPT]
        self.warnings: list[str] = []
        self.lines = 0
        self._path, self._kind = path, kind
        self._encoding = encoding or "utf-8"
        self._encoding_known = bool(encoding)
        self._columns_chosen = columns
        self._header_from = header_line
        self._delimiter = ","
        self._columns: list[Column | None] = []
        self._header: list[str] = []
        self._header_line = 0
        self._cells = CellSpool()
        sign = self._read()
        if not decimal_sign:
            decimal_sign, warning = sign.decide(self._delimiter)
            self.warnings += [warning] if warning else []
        self._reading = Reading(decimal_sign, month_first, now.date())
        self.as_of = min(now, datetime.fromtimestamp(path.stat().st_mtime, tz=now.tzinfo))

    def _read(self) -> dialect.DecimalSign:
        """Find the header and spool the cells; what the numbers among them say about the decimal sign."""
        sign = dialect.DecimalSign()
        with dialect.opened(self._path) as file:
            for number, chunk in dialect.chunks(file):
                if not self._header:
                    self._find_header(number, chunk)
                self.lines = number + chunk.removesuffix(b"\n").count(b"\n")
                if not self._header:
                    continue
                encoding = self._encoding
                cells = self._cells_of(number, chunk)
                if self._encoding != encoding:  # one for the whole file: all over again
                    self._cells = CellSpool()
                    return self._read()
                for name in self._table.numbers:
                    sign.look_at(cells.columns[name])
                self._cells.add(cells)
        if not self._header:
            raise SourceUnreadable(f"{self._called} is empty.")
        return sign

    def _find_header(self, number: int, chunk: bytes) -> None:
        for line, raw in dialect.lines(number, chunk):
            if line < self._header_from:
                continue
            if raw is None:
                raise SourceUnreadable(
                    f"The first line of {self._called} is longer than {dialect.LONGEST_LINE:,} characters:"
                    " it has too many columns, or is not a table. Keep the columns that are needed."
                )
            if raw.strip():
                self._header_line = line
                self._read_header(self._decode(raw, line), line)
                return

    def _decode(self, raw: bytes, line: int) -> str | None:
        try:
            return raw.decode(self._encoding)
        except UnicodeDecodeError:
            if self._encoding == "utf-8" and not self._encoding_known:
                self._encoding = "cp1252"
                self.warnings.append(
                    f"The file is not UTF-8 (line {line} shows it); it is read as Windows-1252."
                    " Look at accented letters afterwards."
                )
                return self._decode(raw, line)
            return None

    def _read_header(self, text: str | None, line: int) -> None:
        if text is None or "\0" in text:
            raise SourceUnreadable(f"{self._called} is not a text file.")
        if "\r" in text:
            raise SourceUnreadable(f"{self._called} {dialect.BARE_RETURNS}")
        self._delimiter = self._delimiter_of(text)
        try:
            self._header = self._split(text)
        except BadValue as error:
            raise SourceUnreadable(f"The header of {self._called} (line {line}): {error}.") from None
        if len(self._header) > MOST_COLUMNS:
            raise SourceUnreadable(
                f"{self._called} has {len(self._header):,} columns; at most {MOST_COLUMNS} are read."
                " Keep the columns that are needed."
            )
        if self._columns_chosen is None:
            self._columns = columns_called(self._kind, self._header)
        else:
            self._columns = columns_chosen(self._kind, self._header, self._columns_chosen, self._called)
        self._check_header()
        self._table = Table(self._header, self._columns)

    def _delimiter_of(self, header: str) -> str:
        """The one by which the chosen columns are there; otherwise told by the header itself."""
        wanted = set((self._columns_chosen or {}).values())
        for delimiter in dialect.DELIMITERS if wanted else "":
            cells = dialect.quoted_rows([header], delimiter) or [[]]
            if wanted <= set(headers_unique([cell.strip() for cell in cells[0]])):
                return delimiter
        return dialect.delimiter_of(header)

    def _check_header(self) -> None:
        found = [column for column in self._columns if column]
        twice = {column.name for column in found if found.count(column) > 1}
        if twice:
            raise SourceUnreadable(f"{self._called} has more than one column for {', '.join(sorted(twice))}.")
        missing = [column.name for column in self._kind.columns if column.required and column not in found]
        if missing:
            raise SourceUnreadable(
                f"{self._called} has no column {' and no column '.join(missing)}."
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
        rows = dialect.quoted_rows([text], self._delimiter)
        if rows is None:
            raise BadValue("has a quotation mark that is not closed or stands in the wrong place")
        return [cell.strip() for cell in rows[0]]

    def _cells_of(self, number: int, chunk: bytes) -> Cells:
        """Of the lines below the header; those that cannot be cut into cells are errors."""
        text = dialect.text_of(chunk, self._encoding) if number > self._header_line else None
        if text is not None and b'"' not in chunk:
            cells = self._table.plain_cells(number, text, self._delimiter)
            if cells:
                return cells
        rows = dialect.quoted_rows(text.split("\n"), self._delimiter) if text is not None else None
        if rows is not None:
            return self._table.cells(range(number, number + len(rows)), rows)
        return self._table.cells(*self._odd_rows(number, chunk))

    def _odd_rows(self, number: int, chunk: bytes) -> tuple[list[int], Rows, list[RowError]]:
        """A line at a time, as something is wrong with some of them."""
        lines, rows, errors = list[int](), Rows(), list[RowError]()
        for line, raw in dialect.lines(number, chunk):
            if line <= self._header_line:
                continue
            if raw is None:
                errors.append(RowError(line, "", "", f"is longer than {dialect.LONGEST_LINE:,} characters"))
            elif raw.strip():
                text = self._decode(raw, line)
                try:
                    if text is None:
                        raise BadValue(f"cannot be read as {self._encoding}")
                    rows.append(self._split(text))
                    lines.append(line)
                except BadValue as error:
                    errors.append(RowError(line, "", "", str(error)))
        return lines, rows, errors

    def blocks(self) -> Iterator[Block]:
        meanings = self._table.meanings(self._reading)
        for cells in self._cells:
            yield self._table.block(cells, meanings)

    def records(self) -> Iterator[Record | RowError]:
        """The same row by row."""
        for block in self.blocks():
            yield from sorted([*block.records(self._kind.record), *block.errors], key=lambda row: row.line)
