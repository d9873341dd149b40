"""More rows than fit in memory, grouped by a key: a temporary database on disk that nobody else sees."""

import pickle
import sqlite3
from collections.abc import Iterator
from types import TracebackType
from typing import Any

BATCH = 5_000


class Spool:
    """`add` rows in any order, then `groups` gives all rows of one key together, in the order of their lines."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("")  # the empty name: a file that is gone when it is closed
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("CREATE TABLE row (key TEXT, line INTEGER, content BLOB)")
        self._waiting: list[tuple[str, int, bytes]] = []

    def __enter__(self) -> "Spool":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def add(self, key: str, line: int, content: Any) -> None:
        self._waiting.append((key, line, pickle.dumps(content, protocol=pickle.HIGHEST_PROTOCOL)))
        if len(self._waiting) >= BATCH:
            self._flush()

    def _flush(self) -> None:
        self._database.executemany("INSERT INTO row VALUES (?, ?, ?)", self._waiting)
        self._waiting.clear()

    def groups(self) -> Iterator[tuple[str, list[Any]]]:
        self._flush()
        current, contents = "", list[Any]()
        for key, content in self._database.execute("SELECT key, content FROM row ORDER BY key, line"):
            if contents and key != current:
                yield current, contents
                contents = []
            current = key
            contents.append(pickle.loads(content))  # noqa: S301  written by `add`, in a file of our own
        if contents:
            yield current, contents
