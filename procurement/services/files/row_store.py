"""The rows of one file, checked and sorted by key, in a database of their own beside the file.

It knows how far the file has been read, in the same transaction as what was read: a reading that was cut off goes on
from there, and no row is in it twice. It also keeps what was refused, and of which batch of the writing.
"""

import pickle
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from procurement.exceptions import FileOverrun
from procurement.sources.base import Record, RowError

PAGE = 5_000
ROWS_AT_ONCE = 50_000
READING = -1  # the batch of what is refused before anything is written
TABLES = """
CREATE TABLE IF NOT EXISTS row (key TEXT, line INTEGER, content BLOB);
CREATE TABLE IF NOT EXISTS refused (batch INTEGER, line INTEGER, name TEXT, value TEXT, reason TEXT);
CREATE TABLE IF NOT EXISTS state (taken INTEGER, rows INTEGER, refused INTEGER, whole INTEGER);
INSERT INTO state SELECT 0, 0, 0, 0 WHERE NOT EXISTS (SELECT 1 FROM state);
"""


class RowStore:
    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, timeout=20, isolation_level=None)
        self._database.execute("PRAGMA synchronous = OFF")  # after a power cut the file is read anew
        if not self._database.execute("SELECT 1 FROM sqlite_master WHERE name = 'state'").fetchone():
            self._database.executescript(TABLES)

    def __enter__(self) -> "RowStore":
        return self

    def __exit__(self, *raised: object) -> None:
        self._database.close()

    @property
    def taken(self) -> int:
        """Records and refusals of the file that are in here, in its order."""
        return int(self._state()[0])

    @property
    def counts(self) -> tuple[int, int]:
        """(rows of the file, those refused so far)"""
        _, rows, refused, _ = self._state()
        return rows, refused

    @property
    def whole(self) -> bool:
        return bool(self._state()[3])

    def _state(self) -> Any:
        return self._database.execute("SELECT taken, rows, refused, whole FROM state").fetchone()

    def take(self, taken: int, found: Sequence[Record | RowError], key: Callable[[Any], str]) -> None:
        """What comes after the first `taken`. Raises `FileOverrun` if somebody else was faster."""
        records = [item for item in found if not isinstance(item, RowError)]
        errors = [item for item in found if isinstance(item, RowError)]
        bad = len({error.line for error in errors} - self._refused_lines(errors))
        with _transaction(self._database):
            now = self._database.execute(
                "UPDATE state SET taken = taken + ?, rows = rows + ?, refused = refused + ? WHERE taken = ?",
                (len(found), len(records) + bad, bad, taken),
            )
            if not now.rowcount:
                raise FileOverrun("Another task reads this file.")
            self._database.executemany(
                "INSERT INTO row VALUES (?, ?, ?)",
                (
                    (key(record), record.line, pickle.dumps(record, pickle.HIGHEST_PROTOCOL))
                    for record in records
                ),
            )
            self._insert(READING, errors)

    def _refused_lines(self, errors: Sequence[RowError]) -> set[int]:
        """Of a row with two bad cells, the second may come with the next that are taken."""
        if not errors:
            return set()
        first = errors[0].line
        return (
            {first}
            if self._database.execute("SELECT 1 FROM refused WHERE line = ?", (first,)).fetchone()
            else set()
        )

    def begin_again(self) -> None:
        with _transaction(self._database):
            self._database.execute("DELETE FROM row")
            self._database.execute("DELETE FROM refused")
            self._database.execute("UPDATE state SET taken = 0, rows = 0, refused = 0, whole = 0")

    def finish(self) -> None:
        self._database.execute("CREATE INDEX IF NOT EXISTS by_key ON row (key, line)")
        self._database.execute("CREATE INDEX IF NOT EXISTS by_line ON refused (line)")
        self._database.execute("UPDATE state SET whole = 1")

    def groups(self, after: str, most: int) -> list[tuple[str, list[Any]]]:
        """All rows of one key together, in the order of their lines; of the next keys after that one: at most so many,
        and no more than fit in memory where a key has many rows.

        Nothing stays open between two calls: who reads here would keep others from writing.
        """
        rows, last = 0, after
        for key, count in self._database.execute(
            "SELECT key, COUNT(*) FROM row WHERE key > ? GROUP BY key ORDER BY key LIMIT ?", (after, most)
        ).fetchall():
            rows += count
            if rows > ROWS_AT_ONCE and last != after:
                break
            last = key
        found = self._database.execute(
            "SELECT key, content FROM row WHERE key > ? AND key <= ? ORDER BY key, line", (after, last)
        ).fetchall()
        return [
            (key, [pickle.loads(content) for _, content in rows])  # noqa: S301  written by `take`, in a folder of our own
            for key, rows in groupby(found, key=itemgetter(0))
        ]

    def refuse(self, batch: int, errors: Sequence[RowError]) -> None:
        """Instead of whatever an earlier try at this batch, or at a later one, refused."""
        with _transaction(self._database):
            self._database.execute("DELETE FROM refused WHERE batch >= ?", (batch,))
            self._insert(batch, errors)

    def _insert(self, batch: int, errors: Sequence[RowError]) -> None:
        self._database.executemany(
            "INSERT INTO refused VALUES (?, ?, ?, ?, ?)",
            ((batch, error.line, error.column, error.value, error.reason) for error in errors),
        )

    def refused(self) -> Iterator[RowError]:
        last = (-1, -1)
        while found := self._database.execute(
            "SELECT rowid, line, name, value, reason FROM refused WHERE (line, rowid) > (?, ?)"
            " ORDER BY line, rowid LIMIT ?",
            (*last, PAGE),
        ).fetchall():
            for _, *error in found:
                yield RowError(*error)
            last = found[-1][1], found[-1][0]

    def codes_refused(self, most: int) -> dict[str, int]:
        """Item codes for which rows were refused, with how many; those of most rows first."""
        found = self._database.execute(
            "SELECT value, COUNT(DISTINCT line) AS rows FROM refused WHERE name = 'sku' AND batch >= 0"
            " GROUP BY value ORDER BY rows DESC, value LIMIT ?",
            (most,),
        )
        return dict(found.fetchall())


class _transaction:
    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def __enter__(self) -> None:
        self._database.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, *raised: object) -> None:
        self._database.execute("COMMIT" if kind is None else "ROLLBACK")
