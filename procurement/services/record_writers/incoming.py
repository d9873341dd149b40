"""Rows on their way into a table: in a temporary one first, so that the database compares and writes them as a set."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice, repeat

from django.db import connection
from django.db.backends.utils import CursorWrapper

LINES_AT_ONCE = 5_000
ESCAPED = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


@contextmanager
def incoming(types: Mapping[str, str], columns: Sequence[Sequence[str]]) -> Iterator[CursorWrapper]:
    """A table `incoming` of these columns (name: type), inside a transaction, which it does not outlive."""
    with connection.cursor() as cursor:
        declared = ", ".join(f"{name} {kind}" for name, kind in types.items())
        cursor.execute(f"CREATE TEMPORARY TABLE incoming ({declared})")
        rows_insert(cursor, "incoming", dict(zip(types, columns, strict=True)))
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE incoming")  # nobody else does so for a temporary table
        yield cursor
        cursor.execute("DROP TABLE incoming")


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


def _rows(columns: Mapping[str, Sequence[str] | str], *, escaped: bool) -> Iterator[tuple[str, ...]]:
    values = [
        repeat(column.translate(ESCAPED) if escaped else column) if isinstance(column, str) else column
        for column in columns.values()
    ]
    return zip(*values, strict=False)


def _batched(lines: Iterator[str], size: int) -> Iterator[list[str]]:
    while batch := list(islice(lines, size)):
        yield batch
