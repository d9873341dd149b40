"""Totals by key, of more keys than fit in memory."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import IO, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[np.int64]
Pairs: TypeAlias = tuple[Numbers, Numbers]  # keys, each once and in order, and their totals
HELD = 1_000_000  # pairs in memory; more go to disk, in order
MOST = 9 * 10**18  # a total that would not fit its 64 bits stays at this


class Sums:
    def __init__(self, held: int = HELD) -> None:
        self._most_held = held
        self._parts: list[Pairs] = []
        self._held = 0
        self._runs: list[tuple[IO[bytes], int]] = []
        self._files = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._files.close()

    def add(self, keys: Numbers, amounts: Numbers) -> None:
        part = _added([(keys, amounts)])
        self._parts.append(part)
        self._held += len(part[0])
        if self._held > self._most_held:
            self._parts = [_added(self._parts)]
            self._held = len(self._parts[0][0])
            if self._held > self._most_held // 2:
                self._to_disk()

    def _to_disk(self) -> None:
        file = self._files.enter_context(tempfile.TemporaryFile())  # noqa: SIM115  closed with the others
        np.column_stack(self._parts.pop()).tofile(file)
        self._runs.append((file, self._held))
        self._held = 0

    def __len__(self) -> int:
        """At most so many keys; exactly, if none went to disk."""
        if len(self._parts) > 1:
            self._parts = [_added(self._parts)]
            self._held = len(self._parts[0][0])
        return self._held + sum(length for _, length in self._runs)

    def batches(self, size: int) -> Iterator[Pairs]:
        """All totals, in the order of their keys."""
        if self._runs and self._parts:
            self._parts = [_added(self._parts)]
            self._to_disk()
        if not self._runs:
            yield from _cut(_added(self._parts), size)
            return
        places = [0] * len(self._runs)
        while heads := [self._read(run, at, size) for run, at in enumerate(places)]:
            if not any(len(keys) for keys, _ in heads):
                return
            # Up to here every run is known: what comes later in it is larger.
            end = min(keys[-1] for keys, _ in heads if len(keys))
            taken = [int(np.searchsorted(keys, end, side="right")) for keys, _ in heads]
            places = [place + count for place, count in zip(places, taken, strict=True)]
            yield from _cut(
                _added([(k[:count], v[:count]) for (k, v), count in zip(heads, taken, strict=True)]), size
            )

    def _read(self, run: int, at: int, size: int) -> Pairs:
        file, length = self._runs[run]
        file.seek(at * 16)
        pairs = np.fromfile(file, dtype=np.int64, count=2 * min(size, length - at)).reshape(-1, 2)
        return pairs[:, 0], pairs[:, 1]


def _added(parts: Sequence[Pairs]) -> Pairs:
    keys = np.concatenate([keys for keys, _ in parts] or [np.empty(0, np.int64)])
    amounts = np.concatenate([amounts for _, amounts in parts] or [np.empty(0, np.int64)])
    if not len(keys):
        return keys, amounts
    order = np.argsort(keys, kind="stable")
    keys, amounts = keys[order], amounts[order]
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    totals = np.add.reduceat(amounts, starts)
    near = np.add.reduceat(amounts.astype(np.float64), starts)  # rounds, but does not overflow
    return keys[starts], np.where(near >= MOST, MOST, totals)


def _cut(pairs: Pairs, size: int) -> Iterator[Pairs]:
    keys, totals = pairs
    for start in range(0, len(keys), size):
        yield keys[start : start + size], totals[start : start + size]
