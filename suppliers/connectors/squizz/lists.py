"""Keeping a supplier's long lists for a moment: many small questions of one refresh are answered from one list."""

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")
KEPT_FOR = 60.0  # seconds


@dataclass(slots=True)
class _Kept:
    lock: threading.Lock = field(default_factory=threading.Lock)
    value: Any = None
    until: float = 0.0


_lists: dict[Hashable, _Kept] = {}
_lists_lock = threading.Lock()


def kept(key: Hashable, fetch: Callable[[], T]) -> T:
    """The list of this key, fetched by one thread while the others wait for it."""
    with _lists_lock:
        now = time.monotonic()
        for old in [k for k, one in _lists.items() if one.until < now and not one.lock.locked()]:
            del _lists[old]
        entry = _lists.setdefault(key, _Kept())
    with entry.lock:
        if time.monotonic() >= entry.until:
            entry.value = fetch()
            entry.until = time.monotonic() + KEPT_FOR
        value: T = entry.value
        return value
