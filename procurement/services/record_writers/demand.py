"""Daily demand: the file's total of an item and day replaces the stored one.

A file of a million lines is the common case: they are added up as whole numbers, under a key of item and day, before
anything is written, and the database compares and writes each batch as a set.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Self

import numpy as np
from numpy.typing import NDArray

from procurement.services.codes.file_codes import FileCodes
from procurement.services.codes.resolving import Found, Item, Unmatched
from procurement.services.record_writers.base import Group, Target, Written, products_by_sku, unknown_sku
from procurement.services.record_writers.demand_rows import Days, demand_write
from procurement.services.record_writers.incoming import PARTS
from procurement.sources.base import DemandRecord, RowError
from procurement.sources.record_files import Block, Worked
from procurement.sources.sums import Numbers, Sums

LARGEST = Decimal(10) ** 10
DAY_BITS = 20  # of a key: the day; above them the item
DAY = (1 << DAY_BITS) - 1
SKUS_KEPT = 100_000
BATCH = 50_000  # items and days in one transaction


class DemandLoad:
    def __init__(self, target: Target, codes: FileCodes) -> None:
        self._target, self._codes = target, codes
        self._sums = Sums()
        self._items: dict[str, Found] = {}
        self._products = Worked(self._product_keys)
        self._days = Worked(lambda dates: [day.toordinal() if day else 0 for day in dates])
        self._parts = Worked(lambda quantities: [int((quantity or 0) * PARTS) for quantity in quantities])
        self._rows = 0
        self._too_large: dict[int, Decimal] = {}  # totals, by key

    def __enter__(self) -> Self:
        self._sums.__enter__()
        return self

    def __exit__(self, *raised: object) -> None:
        self._sums.__exit__(*raised)

    def take(self, block: Block) -> list[RowError]:
        keys = self._keys(block)
        parts = self._parts.rows(block.columns["quantity"])
        errors = [*self._unknown(block, keys), *self._converted(block, keys, parts)]
        known = keys > DAY
        if not known.all():
            keys, parts = keys[known], parts[known]
        self._rows += len(keys)
        self._sums.add(keys, parts)
        return errors

    def _keys(self, block: Block) -> Numbers:
        """Without a product, only the day is in the key."""
        products = self._products.rows(block.columns["sku"])
        return products << DAY_BITS | self._days.rows(block.columns["date"])

    def _product_keys(self, skus: list[str | None]) -> list[int]:
        if len(self._items) > SKUS_KEPT:
            self._items.clear()
        self._look_up({sku for sku in skus if sku})
        found = [self._items.get(sku or "") for sku in skus]
        return [one.product if isinstance(one, Item) else 0 for one in found]

    def _look_up(self, skus: set[str]) -> None:
        if new := skus - self._items.keys():
            self._items |= self._codes.items(new)

    def _item(self, sku: str) -> Found:
        self._look_up({sku})
        return self._items[sku]

    def _unknown(self, block: Block, keys: Numbers) -> Iterator[RowError]:
        skus = block.columns["sku"]
        for row in np.flatnonzero(keys <= DAY):
            found = self._item(skus.values[skus.codes[row]])
            if isinstance(found, Unmatched):
                self._codes.note(found)
                if not found.ignored:
                    yield RowError(int(block.lines[row]), "sku", found.code, found.words)

    def _converted(self, block: Block, keys: Numbers, parts: Numbers) -> Iterator[RowError]:
        """Of the rows that are counted otherwise than we do, in place; a quantity that does not come out is refused."""
        skus, units = block.columns["sku"], block.columns.get("unit")
        told = _texts(units.values)[units.codes] if units else np.zeros(len(keys), "U3")
        # Of the rows at hand all have to be known, also those that were forgotten since their code was worked out.
        self._look_up({skus.values[code] for code in np.unique(skus.codes)} - {None, ""})
        items = [self._items.get(sku) for sku in skus.values]
        ours = _texts([one.unit if isinstance(one, Item) else None for one in items])[skus.codes]
        packs = np.array([isinstance(one, Item) and bool(one.factor) for one in items], bool)[skus.codes]
        for row in np.flatnonzero(packs | ((told != "") & (told != ours))):
            item = items[skus.codes[row]]
            if not isinstance(item, Item):
                continue
            quantity = item.quantity(Decimal(int(parts[row])) / PARTS, str(told[row]))
            if isinstance(quantity, Unmatched):
                keys[row] &= DAY
                self._codes.note(quantity)
                yield RowError(int(block.lines[row]), quantity.column, quantity.value, quantity.words)
            else:
                parts[row] = int(quantity * PARTS)

    def batches(self) -> Iterator[Days]:
        totals, rows = len(self._sums), self._rows
        for keys, parts in self._sums.batches(BATCH):
            fits = parts < int(LARGEST * PARTS)
            for key, total in zip(keys[~fits].tolist(), parts[~fits].tolist(), strict=True):
                self._too_large[key] = Decimal(total) / PARTS
            kept = keys[fits]
            yield Days(rows * len(keys) // totals, kept >> DAY_BITS, kept & DAY, parts[fits])

    def write(self, batch: Days) -> Written:
        return demand_write(self._target, batch)

    @property
    def refuses_more(self) -> bool:
        return bool(self._too_large)

    def refused_after_all(self, block: Block) -> list[RowError]:
        """What turned out only when everything was added up."""
        rows = zip(
            block.lines.tolist(),
            *(block.columns[name] for name in ("sku", "date", "quantity")),
            self._keys(block).tolist(),
            strict=True,
        )
        return [
            too_large(line, sku, day, quantity, self._too_large[key])
            for line, sku, day, quantity, key in rows
            if key in self._too_large
        ]


def _texts(values: Sequence[str | None]) -> NDArray[np.str_]:
    """Units: codes of two or three letters and digits; empty where none is told."""
    return np.array([value or "" for value in values], "U3")


class DemandWriter:
    """The same for records, where they come sorted."""

    batch = 5_000

    def __init__(self, target: Target) -> None:
        self._target = target

    def key(self, record: DemandRecord) -> str:
        return f"{record.sku}\n{record.date.isoformat()}"

    def write(self, groups: Sequence[Group]) -> Written:
        products = products_by_sku(group[0].sku for group in groups)
        errors, days = list[RowError](), list[tuple[int, int, int]]()
        for group in groups:
            first, total = group[0], sum((row.quantity for row in group), Decimal(0))
            if first.sku not in products:
                errors += [unknown_sku(row.line, row.sku) for row in group]
            elif total >= LARGEST:
                errors += [too_large(row.line, row.sku, row.date, row.quantity, total) for row in group]
            else:
                days.append((products[first.sku], first.date.toordinal(), int(total * PARTS)))
        rows = np.array(sorted(days), np.int64).reshape(-1, 3)
        written = demand_write(self._target, Days(len(days), rows[:, 0], rows[:, 1], rows[:, 2]))
        written.errors += errors
        return written


def too_large(line: int, sku: str, day: date, quantity: Decimal, total: Decimal) -> RowError:
    why = f"the rows of {sku} on {day} add up to {total.normalize():f}, which is too large"
    return RowError(line, "quantity", str(quantity), why)
