"""A batch of whole customer orders, compared with what is stored and written as a set."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.utils import timezone
from numpy.typing import NDArray

from procurement.services.record_writers.base import Target, Written, products_hold
from procurement.services.record_writers.incoming import (
    ESCAPED,
    incoming,
    keys_drawn,
    parts_told,
    rows_insert,
)
from procurement.services.record_writers.order_columns import Lines
from procurement.services.record_writers.row_changes import Table
from procurement.sources.sums import Numbers

HEADS = {
    "place": "bigint",
    "number": "varchar(60)",
    "customer": "varchar(120)",
    "ordered_on": "date",
    "due_date": "date",
    "open": "bool",
}
LINES = {
    "order_id": "bigint",
    "line_number": "bigint",
    "product_id": "bigint",
    "quantity": "decimal(14, 4)",
    "shipped_quantity": "decimal(14, 4)",
}
# Which of the orders are known; whose they are, and whether their heads are just so.
KNOWN = """SELECT heads.place, known.id, known.site_id = %s AND known.kept_by_id IS NULL,
    known.customer = heads.customer AND known.ordered_on = heads.ordered_on AND known.open = heads.open
    AND COALESCE(known.due_date, '0001-01-01') = COALESCE(heads.due_date, '0001-01-01')
    FROM heads JOIN procurement_customerorder AS known ON known.number = heads.number"""
ADD = """INSERT INTO procurement_customerorder
    (number, customer, ordered_on, due_date, open, site_id, source, external_id)
    SELECT heads.number, heads.customer, heads.ordered_on, heads.due_date, heads.open, %s, %s, ''
    FROM heads LEFT JOIN procurement_customerorder AS known ON known.number = heads.number
    WHERE known.id IS NULL ORDER BY heads.place ON CONFLICT (number) DO NOTHING RETURNING number, id"""
# How many lines of each order are stored as they come.
SAME = """SELECT lines.order_id, count(*) FROM lines JOIN procurement_customerorderline AS known
    ON known.order_id = lines.order_id AND known.line_number = lines.line_number
    AND known.product_id = lines.product_id AND known.quantity = lines.quantity
    AND known.shipped_quantity = lines.shipped_quantity AND known.code = ''
    GROUP BY lines.order_id"""
Chosen = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class GoodOrders:
    """Orders of a batch, k of n lines; only those marked `good` are to be looked at."""

    lines: Lines  # (n,)
    begins: Numbers  # (k,) where each order begins
    order: Numbers  # (n,) which order a line is of
    products: Numbers  # (n,) keys
    numbers: Numbers  # (n,) of the lines in their orders
    good: Chosen  # (k,)
    texts: Mapping[str, Sequence[str]]

    def heads(self, ordered_on: date) -> list[list[Any]]:
        """Of the good ones, as HEADS has them. `ordered_on`: where the file does not say."""
        places = np.flatnonzero(self.good)
        lines = self.lines[self.begins[places]]
        number, customer = (
            [self.texts[name][text] for text in lines[name].tolist()] for name in ("number", "customer")
        )
        days = {
            name: [date.fromordinal(day).isoformat() if day else None for day in lines[name].tolist()]
            for name in ("ordered_on", "due_date")
        }
        ordered = [day or ordered_on.isoformat() for day in days["ordered_on"]]
        opened = [str(value) for value in lines["open"].tolist()]
        return [
            [str(place) for place in places.tolist()],
            number,
            customer,
            ordered,
            days["due_date"],
            opened,
        ]

    def columns(self, chosen: Chosen, keys: Numbers) -> list[list[str]]:
        """Of the lines of the chosen orders, as LINES has them; `keys` (k,) of the orders."""
        of = chosen[self.order]
        lines = self.lines[of]
        numbers = (keys[self.order[of]], self.numbers[of], self.products[of])
        quantities = (parts_told(lines["quantity"]), parts_told(lines["shipped_quantity"]))
        return [*([str(value) for value in column.tolist()] for column in numbers), *quantities]


def orders_write(target: Target, orders: GoodOrders, written: Written) -> Chosen:
    """Add those that are new; which orders are new, or stored just so, and need nothing more. (k,)"""
    heads = orders.heads(timezone.localdate(target.as_of))
    with incoming("heads", HEADS, [_written(column) for column in heads]) as cursor:
        cursor.execute(KNOWN, [target.site.pk])
        known = cursor.fetchall()
        done = _unchanged(orders, known, written)
        if len(known) < len(heads[0]):
            cursor.execute(ADD, [target.site.pk, target.source])
            done |= _add_lines(target, orders, heads, dict(cursor.fetchall()), written)
    return done


def _written(column: Iterable[str | None]) -> list[Any]:
    if connection.vendor != "postgresql":
        return list(column)
    return [r"\N" if text is None else text.translate(ESCAPED) for text in column]


def _unchanged(orders: GoodOrders, known: Iterable[tuple[int, int, bool, bool]], written: Written) -> Chosen:
    keys = np.zeros(len(orders.begins), np.int64)
    for place, key, ours, same in known:
        if ours and same:
            keys[place] = key
    chosen = keys > 0
    if not chosen.any():
        return chosen
    with incoming("lines", LINES, orders.columns(chosen, keys)) as cursor:
        cursor.execute(SAME)
        found = dict(cursor.fetchall())
    counts = np.bincount(orders.order, minlength=len(keys))
    unchanged = chosen & (counts == [found.get(key, 0) for key in keys.tolist()])
    written.unchanged += int(counts[unchanged].sum())
    return unchanged


def _add_lines(
    target: Target, orders: GoodOrders, heads: Sequence[list[Any]], added: Mapping[str, int], written: Written
) -> Chosen:
    """`added`: keys of the new orders by number. One that somebody else added at this moment is not among them."""
    keys = np.zeros(len(orders.begins), np.int64)
    if not added:
        return keys > 0
    rows = [at for at, number in enumerate(heads[1]) if number in added]
    for at in rows:
        keys[int(heads[0][at])] = added[heads[1][at]]
    columns = dict(zip(LINES, orders.columns(keys > 0, keys), strict=True))
    products = [int(product) for product in columns["product_id"]]
    products_hold(products)
    with connection.cursor() as cursor:
        drawn = _lines_insert(cursor, columns)
    told = [[column[at] for at in rows] for column in heads[2:5]]
    told.append([heads[5][at] == "1" for at in rows])
    target.changes.added(Table.ORDER, [added[heads[1][at]] for at in rows], [*told, target.source])
    of_lines = [products, columns["quantity"], columns["shipped_quantity"], ""]
    target.changes.added(Table.ORDER_LINE, drawn, of_lines)
    written.added += len(drawn)
    return keys > 0


def _lines_insert(cursor: CursorWrapper, columns: Mapping[str, Sequence[str]]) -> range:
    drawn = keys_drawn(cursor, "procurement_customerorderline", len(columns["order_id"]))
    rows = {"id": list(map(str, drawn)), **columns, "code": ""}
    rows_insert(cursor, "procurement_customerorderline", rows)
    return drawn
