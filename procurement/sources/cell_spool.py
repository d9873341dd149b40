"""The cells of a file that was read once, in a temporary file that nobody else sees."""

import marshal
import tempfile
import weakref
from collections.abc import Iterator

import numpy as np

from procurement.sources.base import RowError
from procurement.sources.blocks import Cells
from procurement.sources.record_files import Coded


class CellSpool:
    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  as long as somebody may want its cells
        weakref.finalize(self, self._file.close)

        self._told: dict[
            str, tuple[list[str], int]
        ] = {}  # texts of each column, and how many are in the file

    def add(self, cells: Cells) -> None:
        columns = {}
        for name, column in cells.columns.items():
            texts, told = self._told.get(name, ([], 0))
            begin = told if texts is column.values else 0
            columns[name] = begin, column.values[begin:], column.codes.tobytes()
            self._told[name] = column.values, len(column.values)
        errors = [(error.line, error.column, error.value, error.reason) for error in cells.errors]
        marshal.dump((cells.lines.tobytes(), columns, errors), self._file)

    def __iter__(self) -> Iterator[Cells]:
        self._file.flush()
        end, at = self._file.seek(0, 2), 0
        texts: dict[str, list[str]] = {}
        while at < end:
            self._file.seek(at)
            lines, columns, errors = marshal.load(self._file)  # noqa: S302  written by `add`, in a file of our own
            at = self._file.tell()
            for name, (begin, new, _) in columns.items():
                if begin:
                    texts[name].extend(new)
                else:
                    texts[name] = new
            yield Cells(
                np.frombuffer(lines, np.int64),
                {
                    name: Coded(texts[name], np.frombuffer(codes, np.uint32))
                    for name, (_, _, codes) in columns.items()
                },
                [RowError(*error) for error in errors],
            )
