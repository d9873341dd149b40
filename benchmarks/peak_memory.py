"""The most memory that this process and all it started held together, looked at again and again."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

EVERY = 0.1  # seconds


@dataclass(slots=True)
class Memory:
    peak: float = 0.0  # MiB


@contextmanager
def measured() -> Iterator[Memory]:
    """What processes share is counted once (their proportional set sizes are added up). Linux only."""
    memory, over = Memory(), threading.Event()

    def watch() -> None:
        while True:
            memory.peak = max(memory.peak, sum(map(_held, _family())))
            if over.wait(EVERY):
                return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield memory
    finally:
        over.set()
        watcher.join()


def _held(process: int) -> float:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:  # it has ended
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def _family() -> list[int]:
    found = [os.getpid()]
    for process in found:  # grows meanwhile
        for children in Path(f"/proc/{process}/task").glob("*/children"):
            try:
                found += map(int, children.read_text().split())
            except OSError:
                continue
    return found
