"""Daily demand as it is stored, read into an array: a database gives it away quickest an item at a time.

Two years of a thousand items are some sixty thousand rows. As objects, or only as tuples, most of the time would go
into making them.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray
from psycopg import Cursor

from orders.models import Site

READ_AT_ONCE = 20_000
NAMED_AT_ONCE = 900  # SQLite may not take a thousand values
# Arrays as PostgreSQL sends them: five numbers about the array, then before each value how long it is.
HEAD_BYTES = 20
# Both arrays of an item are made in one go, in the same order.
BY_ITEM = """SELECT product_id, array_send(array_agg(date - %s)), array_send(array_agg(quantity::float4))
    FROM procurement_dailydemand
    WHERE site_id = %s AND date >= %s AND date < %s AND {which} GROUP BY product_id"""
BY_ROW = """SELECT product_id, CAST(julianday(date) - julianday(%s) AS integer), CAST(quantity AS real)
    FROM procurement_dailydemand
    WHERE site_id = %s AND date >= %s AND date < %s AND {which}"""
BETWEEN = "product_id BETWEEN %s AND %s"


def demand_fill(
    matrix: NDArray[np.float32], *, site: Site, products: Sequence[int], first: date, end: date
) -> None:
    """Into `matrix` (n, days from `first` to the day before `end`), one row a product in ascending order."""
    ids = np.array(products, dtype=np.int64)
    # A few of many are named; a run of neighbours is read as one.
    few = len(ids) * 4 < int(ids[-1]) - int(ids[0])
    place: tuple[Any, ...] = (first, site.pk, first, end)
    if connection.vendor == "postgresql":
        which, told = (
            ("product_id = ANY(%s)", ([*products],)) if few else (BETWEEN, (products[0], products[-1]))
        )
        _fill_by_item(matrix, ids, BY_ITEM.format(which=which), (*place, *told))
        return
    place = (first.isoformat(), site.pk, first.isoformat(), end.isoformat())
    if not few:
        _fill_by_row(matrix, ids, BY_ROW.format(which=BETWEEN), (*place, products[0], products[-1]))
        return
    for start in range(0, len(ids), NAMED_AT_ONCE):
        named = products[start : start + NAMED_AT_ONCE]
        which = f"product_id IN ({', '.join(['%s'] * len(named))})"
        _fill_by_row(matrix, ids, BY_ROW.format(which=which), (*place, *named))


def _fill_by_item(
    matrix: NDArray[np.float32], ids: NDArray[np.int64], question: str, place: tuple[Any, ...]
) -> None:
    row_of = {product: row for row, product in enumerate(ids.tolist())}
    connection.ensure_connection()
    # Binary answers: as text, each byte of an array would come as two digits.
    with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
        for product, days, amounts in cursor.execute(question, place, binary=True):
            if (row := row_of.get(product)) is not None:
                columns = np.frombuffer(days, ">i4", offset=HEAD_BYTES)[1::2]
                matrix[row, columns] = np.frombuffer(amounts, ">f4", offset=HEAD_BYTES)[1::2]


def _fill_by_row(
    matrix: NDArray[np.float32], ids: NDArray[np.int64], question: str, place: tuple[Any, ...]
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(question, place)
        while rows := cursor.fetchmany(READ_AT_ONCE):
            cells = np.array(rows, dtype=np.float64)
            row = np.searchsorted(ids, cells[:, 0])
            ours = ids[np.minimum(row, len(ids) - 1)] == cells[:, 0]  # others lie between
            matrix[row[ours], cells[ours, 1].astype(np.int64)] = cells[ours, 2]
