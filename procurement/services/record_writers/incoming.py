"""Rows on their way into a table: in a temporary one first, so that the database compares and writes them as a set."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from itertools import islice, repeat

from django.db import connection
from django.db.backends.utils import CursorWrapper

from procurement.sources.sums import Numbers

LINES_AT_ONCE = 5_000
PARTS = Decimal(10_000)  # quantities have four decimals; on their way they are whole numbers of these parts
KEYS = """SELECT min(key), max(key) FROM (
    SELECT nextval(pg_get_serial_sequence(%(table)s, 'id')) AS key FROM generate_series(1, %(count)s)) AS drawn"""
ESCAPED = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


@contextmanager
def incoming(
    table: str, types: Mapping[str, str], columns: Sequence[Sequence[str]]
) -> Iterator[CursorWrapper]:
    """A temporary `table` of these columns (name: type), inside a transaction, which it does not outlive."""
    with connection.cursor() as cursor:
        declared = ", ".join(f"{name} {kind}" for name, kind in types.items())
        cursor.execute(f"CREATE TEMPORARY TABLE {table} ({declared})")
        rows_insert(cursor, table, dict(zip(types, columns, strict=True)))
        if connection.vendor == "postgresql":
            cursor.execute(f"ANALYZE {table}")  # nobody else does so for a temporary table
        yield cursor
        cursor.execute(f"DROP TABLE {table}")


def rows_insert(cursor: CursorWrapper, table: str, columns: Mapping[str, Sequence[str] | str]) -> None:
    """Columns are lists without backslashes and control characters, or one text for all rows."""
    names = ", ".join(columns)
    if connection.vendor == "postgresql":
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for lines in _batched(map("\t".join, _rows(columns, escaped=True)), LINES_AT_ONCE):
                copy.write("\n".join(lines) + "\n")  # the server is at work on these already
    else:
        places = ", ".join(["%s"] * len(columns))
        rows = list(_rows(columns, escaped=False))
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", rows)  # noqa: S608  only names are in it


def parts_told(parts: Numbers) -> list[str]:
    """As decimals; exact, as each is below 2 to the 53. Most are whole."""
    return [f"{part / 10_000:.4f}" if part % 10_000 else str(part // 10_000) for part in parts.tolist()]


def keys_drawn(cursor: CursorWrapper, table: str, count: int) -> range:
    """Of rows to be added; drawn again where somebody else has drawn in between."""
    if connection.vendor == "sqlite":  # the only writer is this transaction
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        (last,) = cursor.fetchone() or (0,)
        return range(last + 1, last + 1 + count)
    while True:
        cursor.execute(KEYS, {"table": table, "count": count})
        first, last = cursor.fetchone()
        if last - first + 1 == count:
            return range(first, last + 1)


def _rows(columns: Mapping[str, Sequence[str] | str], *, escaped: bool) -> Iterator[tuple[str, ...]]:
    values = [
        repeat(column.translate(ESCAPED) if escaped else column) if isinstance(column, str) else column
        for column in columns.values()
    ]
    return zip(*values, strict=False)


def _batched(lines: Iterator[str], size: int) -> Iterator[list[str]]:
    while batch := list(islice(lines, size)):
        yield batch
