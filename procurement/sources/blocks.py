"""Blocks of rows from their cells. What a text says in a column is worked out once, however often it comes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from procurement.sources.base import RowError
from procurement.sources.file_kinds import Column
from procurement.sources.record_files import Block, Coded
from procurement.sources.values import BadValue, Reading

# Of a column, so that memory does not grow with the file.
TEXTS_KEPT, CHARACTERS_KEPT = 50_000, 2_000_000
Rows: TypeAlias = list[list[str]]


@dataclass(frozen=True, slots=True)
class Cells:
    """The texts of some rows, column by column, before anything is known of what they mean."""

    lines: NDArray[np.int64]
    columns: dict[str, Coded]
    errors: list[RowError]  # of rows that are refused already


class Texts(dict[str, int]):
    """The texts of one column, numbered as they come; all over again when they are too many to keep."""

    def __init__(self) -> None:
        super().__init__()
        self._begin()

    def _begin(self) -> None:
        self.clear()
        self.texts: list[str] = []
        self.blank: list[int] = []
        self._characters = 0

    def __missing__(self, text: str) -> int:
        code = self[text] = len(self.texts)
        self.texts.append(text)
        self._characters += len(text)
        if not text.strip():
            self.blank.append(code)
        return code

    def coded(self, rows: list[str]) -> Coded:
        if len(self.texts) > TEXTS_KEPT or self._characters > CHARACTERS_KEPT:
            self._begin()
        return Coded(self.texts, np.fromiter(map(self.__getitem__, rows), np.uint32, len(rows)))


@dataclass(frozen=True, slots=True)
class Refused:
    reason: str


class Meanings:
    """What the texts of one column say: a value, None where there is none, or why it is refused."""

    def __init__(self, column: Column, reading: Reading) -> None:
        self._column, self._reading = column, reading
        self._texts: list[str] = []
        self._begin()

    def _begin(self) -> None:
        self.values: list[Any] = []
        self.refused = dict[int, Refused]()

    def know(self, texts: list[str]) -> None:
        if texts is not self._texts:
            self._texts = texts
            self._begin()
        for code in range(len(self.values), len(texts)):
            said = self._said(texts[code].strip())
            if isinstance(said, Refused):
                self.refused[code], said = said, None
            self.values.append(said)

    def _said(self, cell: str) -> Any:
        try:
            if cell:
                return self._column.read(cell, self._reading)
            return Refused("is empty") if self._column.required else None
        except BadValue as error:
            return Refused(str(error))


class Table:
    """The columns of a file, by its header."""

    def __init__(self, header: Sequence[str], columns: Sequence[Column | None]) -> None:
        self._width = len(header)
        self._columns = {column.name: (at, header[at], column) for at, column in enumerate(columns) if column}

        self._texts = {name: Texts() for name in self._columns}
        self.numbers = [column.name for column in columns if column and column.is_number]

    def cells(self, lines: Sequence[int], rows: Rows, errors: Sequence[RowError] = ()) -> Cells:
        """`errors`: of lines that have no cells."""
        refused = list(errors)
        kept, fitting = list[int](), Rows()
        for line, row in zip(lines, rows, strict=True):
            if any(cell.strip() for cell in row[self._width :]):
                why = f"has {len(row)} values; the header has {self._width} columns"
                refused.append(RowError(line, "", "", why))
            elif any(cell.strip() for cell in row):  # spreadsheets leave rows of bare delimiters at the end
                kept.append(line)
                fitting.append(row[: self._width] + [""] * (self._width - len(row)))
        flat = list(chain.from_iterable(fitting))
        return self._coded(np.array(kept, np.int64), flat, self._width, refused)

    def plain_cells(self, first_line: int, text: str, delimiter: str) -> Cells | None:
        """The same of lines without quotation marks, all at once; None where it takes a look at each."""
        # Each line end becomes a cell of its own: these stand in line only if no line has more or fewer cells.
        stride = self._width + 1
        flat = text.replace("\n", f"{delimiter}\n{delimiter}").split(delimiter)
        ends = flat[self._width :: stride]
        if len(flat) % stride != self._width or ends.count("\n") != len(ends):
            return None
        lines = np.arange(first_line, first_line + len(ends) + 1)
        cells = self._coded(lines, flat, stride, [])
        for name, (_, _, column) in self._columns.items():
            blank = self._texts[name].blank
            if column.required and blank and np.isin(cells.columns[name].codes, blank).any():
                return None
        return cells

    def _coded(self, lines: NDArray[np.int64], flat: list[str], stride: int, errors: list[RowError]) -> Cells:
        columns = {
            name: self._texts[name].coded(flat[at::stride]) for name, (at, _, _) in self._columns.items()
        }
        return Cells(lines, columns, errors)

    def meanings(self, reading: Reading) -> dict[str, Meanings]:
        return {name: Meanings(column, reading) for name, (_, _, column) in self._columns.items()}

    def block(self, cells: Cells, meanings: Mapping[str, Meanings]) -> Block:
        bad = np.zeros(len(cells.lines), bool)
        for name, column in cells.columns.items():
            meanings[name].know(column.values)
            if meanings[name].refused:
                bad |= np.isin(column.codes, list(meanings[name].refused))
        errors = [*cells.errors, *self._errors(cells, meanings, np.flatnonzero(bad))]
        good = ~bad if bad.any() else slice(None)
        return Block(
            cells.lines[good],
            {
                name: Coded(meanings[name].values, column.codes[good])
                for name, column in cells.columns.items()
            },
            sorted(errors, key=lambda error: error.line),
        )

    def _errors(
        self, cells: Cells, meanings: Mapping[str, Meanings], rows: NDArray[np.intp]
    ) -> Iterator[RowError]:
        for row in rows.tolist():
            for name, (_, header, _) in self._columns.items():
                column = cells.columns[name]
                code = int(column.codes[row])
                if refused := meanings[name].refused.get(code):
                    text = column.values[code].strip()[:100]
                    yield RowError(int(cells.lines[row]), header, text, refused.reason)
