"""Customer orders of a file, which may have a million lines.

Orders of which every line is good, and that are new or stored just so, are written and compared as a set. All others go
to `CustomerOrderWriter`, order by order: it says what is wrong with which line, and what changes.
"""

from collections.abc import Iterator, Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

from procurement.services.codes.file_codes import FileCodes
from procurement.services.codes.resolving import Item
from procurement.services.record_writers.base import Target, Written
from procurement.services.record_writers.customer_orders import HEADER, CustomerOrderWriter
from procurement.services.record_writers.order_columns import OrderColumns, OrderLines
from procurement.services.record_writers.order_rows import GoodOrders, orders_write
from procurement.sources.base import RowError
from procurement.sources.record_files import Block
from procurement.sources.sums import Numbers

BATCH = 50_000  # lines in one transaction
CODES_AT_ONCE = 5_000
PLACE_BITS = 32  # of a key: the line's number; above them the order


class CustomerOrderLoad:
    refuses_more = False

    def __init__(self, target: Target, codes: FileCodes) -> None:
        self._target, self._codes = target, codes
        self._columns = OrderColumns()
        self._writer = CustomerOrderWriter(target)
        self._products: Numbers = np.empty(0, np.int64)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._columns.__exit__(*raised)

    def take(self, block: Block) -> Sequence[RowError]:
        self._columns.add(block)
        return []

    def batches(self) -> Iterator[OrderLines]:
        self._products = self._product_keys(self._columns.texts["sku"].all)
        return self._columns.batches(BATCH)

    def _product_keys(self, skus: Sequence[str]) -> Numbers:
        """Of our own codes that are counted as we count; 0 of all others."""
        keys = np.zeros(len(skus), np.int64)
        for start in range(1, len(skus), CODES_AT_ONCE):
            asked = skus[start : start + CODES_AT_ONCE]
            found = self._codes.items(asked)
            for at, sku in enumerate(asked, start):
                item = found[sku]
                if isinstance(item, Item) and not (item.code or item.factor):
                    keys[at] = item.product
        return keys

    def write(self, batch: OrderLines) -> Written:
        """Call inside a transaction."""
        written = Written()
        if self._target.dry_run:  # somebody wants to look at the rows
            left = np.ones(len(batch), bool)
        else:
            left = ~orders_write(self._target, self._good(batch), written)
        groups = [self._columns.records(batch.of(order)) for order in np.flatnonzero(left).tolist()]
        if groups:
            self._codes.look_up(record for group in groups for record in group)
            written.add(self._writer.write([self._codes.records(group)[0] for group in groups]))
        return written

    def _good(self, batch: OrderLines) -> GoodOrders:
        """Which orders have nothing wrong with them, and nothing that has to be looked at."""
        lines, begins = batch.lines, batch.begins
        counts = np.diff(np.append(begins, len(lines)))
        order = np.repeat(np.arange(len(batch)), counts)
        first = begins[order]
        products = self._products[lines["sku"]]
        told = lines["order_line"].astype(np.int64)
        numbers = np.where(told > 0, told, np.arange(len(lines)) - first + 1)
        good: NDArray[np.bool_] = (
            (products > 0) & (lines["unit"] == 0) & (lines["shipped_quantity"] <= lines["quantity"])
        )
        for name in HEADER:
            good &= lines[name] == lines[name][first]
        _, once, times = np.unique(order << PLACE_BITS | numbers, return_inverse=True, return_counts=True)
        good &= times[once] == 1
        return GoodOrders(
            lines=lines,
            begins=begins,
            order=order,
            products=products,
            numbers=numbers,
            good=np.logical_and.reduceat(good, begins),
            texts={name: texts.all for name, texts in self._columns.texts.items()},
        )
