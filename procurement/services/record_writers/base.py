"""What all writers share."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from orders.models import Site
from procurement.models import SourceAccount
from procurement.sources.base import RowError
from suppliers.models import Product, Supplier

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

    def add(self, part: "Written") -> None:
        self.added += part.added
        self.changed += part.changed
        self.unchanged += part.unchanged
        self.removed += part.removed
        self.errors += part.errors
        self.journal += part.journal

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
    kept_by: SourceAccount | None = None  # the system whose records these are; its customer orders come whole


class Writer(Protocol):
    batch: int  # groups at once

    def key(self, record: Any) -> str:
        """Records of one key are given to `write` together."""
        ...

    def write(self, groups: Sequence[Group]) -> Written: ...


def unknown_sku(line: int, sku: str) -> RowError:
    return RowError(line, "sku", sku, "is not in the catalogue; load the catalogue first or mend the code")


def units_by_sku(skus: Iterable[str]) -> dict[str, str]:
    return dict(Product.objects.filter(sku__in=set(skus)).values_list("sku", "unit"))


def products_by_sku(skus: Iterable[str]) -> dict[str, int]:
    return dict(Product.objects.filter(sku__in=set(skus)).values_list("sku", "pk"))
