"""What all writers share."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, Self, TypeAlias, TypeVar

from django.db import connection, models

from orders.models import Site
from procurement.models import SourceAccount
from procurement.services.codes.resolving import UNKNOWN
from procurement.services.codes.waiting import Waits
from procurement.services.record_writers.row_changes import RowChanges
from procurement.sources.base import RowError, SourceUnreadable
from procurement.sources.record_files import Block
from suppliers.models import Product, Supplier

ASKED_AT_ONCE = 900  # SQLite may not take a thousand values
Row = TypeVar("Row", bound=models.Model)
Group: TypeAlias = Sequence[Any]  # records of one key, in the order of their lines


@dataclass(slots=True)
class Written:
    """What a batch came to, in stored rows, and the file's rows that were refused."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    errors: list[RowError] = field(default_factory=list)
    journal: list[str] = field(default_factory=list)  # what is worth a line of the reading's journal
    waits: list[Waits] = field(default_factory=list)  # entries whose codes are not understood

    def add(self, part: "Written") -> None:
        self.added += part.added
        self.changed += part.changed
        self.unchanged += part.unchanged
        self.removed += part.removed
        self.errors += part.errors
        self.journal += part.journal
        self.waits += part.waits

    def count(self, *, known: bool, differs: bool) -> None:
        if not known:
            self.added += 1
        elif differs:
            self.changed += 1
        else:
            self.unchanged += 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where records go and how they are marked."""

    site: Site
    supplier: Supplier | None  # whose price list a catalogue is, where its rows do not say
    source: str
    as_of: datetime
    dry_run: bool
    found_by: SourceAccount | None = None  # the folder or server that a file came from by itself
    kept_by: SourceAccount | None = None  # the system whose records these are; its customer orders come whole
    changes: RowChanges = field(default_factory=RowChanges)

    @property
    def teller(self) -> SourceAccount | None:
        """Whose word on stock this is; None: that of the people who load files."""
        return self.kept_by or self.found_by

    def stored(self, rows: models.QuerySet[Row]) -> models.QuerySet[Row]:
        """Rows as they are, and where that is remembered as what they were before, nobody changes them meanwhile."""
        if not self.changes.kept:
            return rows
        return rows.order_by("pk").select_for_update(of=("self",), no_key=True)


class Batch(Protocol):
    @property
    def rows(self) -> int:
        """Of the file, about; for the progress bar."""
        ...


class Load(Protocol):
    """A file's way into the database: everything is taken first, then written a batch, a transaction, at a time."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *raised: object) -> None: ...

    def take(self, block: Block) -> Sequence[RowError]:
        """Those of its rows that are refused."""
        ...

    def batches(self) -> Iterator[Any]:
        """Each a `Batch`."""
        ...

    def write(self, batch: Any) -> Written:
        """Call inside a transaction."""
        ...

    @property
    def refuses_more(self) -> bool:
        """Whether rows were refused only when all were known."""
        ...

    def refused_after_all(self, block: Block) -> Sequence[RowError]:
        """These, when the file is read again."""
        ...


class Writer(Protocol):
    batch: int  # groups at once

    def key(self, record: Any) -> str:
        """Records of one key are given to `write` together."""
        ...

    def write(self, groups: Sequence[Group]) -> Written: ...


def unknown_sku(line: int, sku: str) -> RowError:
    return RowError(line, "sku", sku, UNKNOWN)


def products_by_sku(skus: Iterable[str]) -> dict[str, int]:
    return dict(Product.objects.filter(sku__in=set(skus)).values_list("sku", "pk"))


def products_hold(products: Iterable[int]) -> None:
    """They are there, and stay so until the transaction ends. Raises `SourceUnreadable`.

    One look at each product instead of a constraint's at each row, of which there may be a million.
    """
    wanted = sorted({int(product) for product in products})
    lock = " FOR KEY SHARE" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for start in range(0, len(wanted), ASKED_AT_ONCE):
            asked = wanted[start : start + ASKED_AT_ONCE]
            places = ", ".join(["%s"] * len(asked))
            cursor.execute(
                f"SELECT id FROM suppliers_product WHERE id IN ({places}) ORDER BY id{lock}",  # noqa: S608  no values
                asked,
            )
            if len(cursor.fetchall()) < len(asked):
                raise SourceUnreadable(
                    "Items were deleted while the file was read. What was written stands; load the file again."
                )
