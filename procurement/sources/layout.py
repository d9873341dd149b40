"""Which of our fields is read from which column of a file: guessed by name, or as a person chose."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence

from procurement.sources.base import SourceUnreadable
from procurement.sources.file_kinds import Column, FileKind, plain_name

MOST_COLUMNS = 500


def headers_unique(header: Sequence[str]) -> list[str]:
    """A name for each column that no other has: `Amount`, `Amount (2)`, `column 3`."""
    seen: Counter[str] = Counter()
    names = []
    for at, cell in enumerate(header, start=1):
        name = cell or f"column {at}"
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names


def headers_key(header: Sequence[str]) -> str:
    """The same for files with the same columns, in any order."""
    return hashlib.sha256("\n".join(sorted(headers_unique(header))).encode()).hexdigest()


def columns_called(kind: FileKind, header: Sequence[str]) -> list[Column | None]:
    """What each column is by its name. Under its own name it wins over one that is only called something similar."""
    known = {name: column for column in kind.columns for name in column.names()}
    own = {column.name for column in kind.columns if column.name in map(str.lower, header)}
    found = [known.get(plain_name(cell)) for cell in header]
    return [
        None if column and column.name in own and cell.lower() != column.name else column
        for column, cell in zip(found, header, strict=True)
    ]


def columns_guess(kind: FileKind, header: Sequence[str]) -> dict[str, str]:
    """Our field: header. Of several that would do, the first."""
    guessed: dict[str, str] = {}
    for column, name in zip(columns_called(kind, header), headers_unique(header), strict=True):
        if column:
            guessed.setdefault(column.name, name)
    return guessed


def columns_chosen(
    kind: FileKind, header: Sequence[str], chosen: Mapping[str, str], file_name: str
) -> list[Column | None]:
    """Raises `SourceUnreadable` where a chosen header is not there."""
    names = headers_unique(header)
    if gone := [name for name in chosen.values() if name not in names]:
        raise SourceUnreadable(
            f"{file_name} has no column {' and no column '.join(gone)}, which was chosen."
            f" Its header is: {', '.join(header)[:300]}."
        )
    by_header = {chosen[column.name]: column for column in kind.columns if column.name in chosen}
    return [by_header.get(name) for name in names]
