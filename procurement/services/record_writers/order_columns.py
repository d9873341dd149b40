"""A file's lines of customer orders as columns of numbers, on disk; order by order, however they stand in the file."""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from procurement.services.record_writers.incoming import PARTS
from procurement.sources.base import CustomerOrderRecord
from procurement.sources.record_files import Block, Worked
from procurement.sources.sums import Numbers

# Texts are numbered as they come, from 1; days as `date.toordinal` counts them; quantities in parts. 0: none was told.
TEXTS = ("number", "sku", "unit", "customer")
DAYS = ("ordered_on", "due_date")
QUANTITIES = ("quantity", "shipped_quantity")
LINE = np.dtype(
    [("line", np.int64)]
    + [(name, np.int64) for name in QUANTITIES]
    + [(name, np.int32) for name in (*TEXTS, *DAYS, "order_line")]
    + [("open", np.int8)]
)
Lines = NDArray[np.void]  # of LINE


class Texts(dict[Any, int]):
    """Each text of a column once."""

    def __init__(self) -> None:
        super().__init__({None: 0, "": 0})
        self.all = [""]

    def __missing__(self, text: str) -> int:
        number = self[text] = len(self.all)
        self.all.append(text)
        return number


@dataclass(frozen=True, slots=True)
class OrderLines:
    """Of whole orders, one after the other, each order's in the order of the file."""

    rows: int
    lines: Lines
    begins: Numbers  # where each order begins

    def __len__(self) -> int:
        return len(self.begins)

    def of(self, order: int) -> Lines:
        end = self.begins[order + 1] if order + 1 < len(self.begins) else len(self.lines)
        return self.lines[self.begins[order] : end]


class OrderColumns:
    def __init__(self) -> None:
        self.texts: Mapping[str, Texts] = {name: Texts() for name in TEXTS}
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  closed by `__exit__`
        self._worked = {name: Worked(_numbered(self.texts[name])) for name in TEXTS}
        self._worked |= {name: Worked(_ordinals) for name in DAYS}
        self._worked |= {name: Worked(_in_parts) for name in QUANTITIES}
        self._worked |= {"order_line": Worked(_whole), "open": Worked(_opened)}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._file.close()

    def add(self, block: Block) -> None:
        lines = np.zeros(len(block.lines), LINE)
        lines["line"], lines["open"] = block.lines, 1
        for name, work in self._worked.items():
            column = block.columns.get(name)
            if column is not None:
                lines[name] = work.rows(column)
        lines.tofile(self._file)

    def batches(self, size: int) -> Iterator[OrderLines]:
        """Whole orders of at least `size` lines together, by number: who loads the same orders takes the same way."""
        self._file.flush()
        if not self._file.tell():
            return
        stored = np.memmap(self._file, LINE, mode="r")
        names = self.texts["number"].all
        rank = np.empty(len(names), np.int64)
        rank[sorted(range(len(names)), key=names.__getitem__)] = np.arange(len(names))
        place = rank[stored["number"]]
        order = np.argsort(place, kind="stable")
        place = place[order]
        begins = np.flatnonzero(np.concatenate(([True], place[1:] != place[:-1])))
        start = 0
        while start < len(begins):
            stop = max(int(np.searchsorted(begins, begins[start] + size)), start + 1)
            end = begins[stop] if stop < len(begins) else len(order)
            lines = stored[order[begins[start] : end]]
            yield OrderLines(len(lines), lines, begins[start:stop] - begins[start])
            start = stop

    def records(self, lines: Lines) -> list[CustomerOrderRecord]:
        """As they came."""
        return [self._record(line) for line in lines]

    def _record(self, line: np.void) -> CustomerOrderRecord:
        told: dict[str, Any] = {name: self.texts[name].all[line[name]] for name in TEXTS}
        told |= {name: date.fromordinal(int(line[name])) if line[name] else None for name in DAYS}
        told |= {name: Decimal(int(line[name])) / PARTS for name in QUANTITIES}
        position = int(line["order_line"]) or None
        return CustomerOrderRecord(
            line=int(line["line"]), order_line=position, open=bool(line["open"]), **told
        )


def _numbered(texts: Texts) -> Any:
    return lambda values: [texts[value] for value in values]


def _ordinals(days: list[date | None]) -> list[int]:
    return [day.toordinal() if day else 0 for day in days]


def _in_parts(quantities: list[Decimal | None]) -> list[int]:
    return [int((quantity or 0) * PARTS) for quantity in quantities]


def _whole(numbers: list[int | None]) -> list[int]:
    return [number or 0 for number in numbers]


def _opened(values: list[bool | None]) -> list[int]:
    return [0 if value is False else 1 for value in values]
