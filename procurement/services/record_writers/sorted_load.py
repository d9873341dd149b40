"""Records of one key are written together, wherever in the file they stand: they are sorted on disk first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Self

from procurement.services.codes.file_codes import FileCodes
from procurement.services.record_writers.base import Group, Writer, Written
from procurement.sources.base import RowError
from procurement.sources.file_kinds import FileKind
from procurement.sources.record_files import Block
from procurement.sources.spool import Spool


@dataclass(frozen=True, slots=True)
class Groups:
    groups: Sequence[Group]

    @property
    def rows(self) -> int:
        return sum(map(len, self.groups))


class SortedLoad:
    refuses_more = False

    def __init__(self, kind: FileKind, writer: Writer, codes: FileCodes | None = None) -> None:
        """`codes`: of other systems, which come to ours; None: they are ours."""
        self._kind, self._writer, self._codes = kind, writer, codes
        self._spool = Spool()

    def __enter__(self) -> Self:
        self._spool.__enter__()
        return self

    def __exit__(self, *raised: object) -> None:
        self._spool.__exit__(None, None, None)

    def take(self, block: Block) -> Sequence[RowError]:
        records, errors = list[Any](block.records(self._kind.record)), list[RowError]()
        if self._codes and records:
            records, errors = self._codes.records(records)
        for record in records:
            self._spool.add(self._writer.key(record), record.line, record)
        return errors

    def batches(self) -> Iterator[Groups]:
        groups = (group for _, group in self._spool.groups())
        while batch := list(islice(groups, self._writer.batch)):
            yield Groups(batch)

    def write(self, batch: Groups) -> Written:
        return self._writer.write(batch.groups)

    def refused_after_all(self, block: Block) -> Sequence[RowError]:
        return []
