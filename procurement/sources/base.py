"""What every source of demand, stock and the like gives: a stream of typed records, and of rows it could not read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol, TypeAlias


class SourceUnreadable(Exception):
    """The source cannot be read at all; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class RowError:
    line: int  # as an editor counts them
    column: str  # as the file calls it; empty if the whole row is meant
    value: str
    reason: str

    def __str__(self) -> str:
        where = f"line {self.line}, {self.column} {self.value!r}" if self.column else f"line {self.line}"
        return f"{where}: {self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandRecord:
    line: int
    sku: str
    date: date
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerOrderRecord:
    line: int
    number: str
    sku: str
    quantity: Decimal
    order_line: int | None = None  # None: numbered as they come
    shipped_quantity: Decimal = Decimal(0)
    customer: str = ""
    ordered_on: date | None = None
    due_date: date | None = None
    open: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class StockRecord:
    line: int
    sku: str
    on_hand: Decimal
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueRecord:
    """A product, and where `supplier` is given one price of one supplier's offer of it. None: the file does not say."""

    line: int
    sku: str
    description: str
    unit: str | None = None
    barcode: str | None = None
    supplier: str | None = None
    supplier_sku: str | None = None
    pack_size: Decimal | None = None
    minimum_quantity: Decimal | None = None
    lead_time_days: int | None = None
    stock: Decimal | None = None
    from_quantity: Decimal | None = None
    unit_price: Decimal | None = None
    currency: str | None = None


Record: TypeAlias = DemandRecord | CustomerOrderRecord | StockRecord | CatalogueRecord


class Source(Protocol):
    name: str  # kept beside every row it brings, e.g. the file's name
    as_of: datetime  # when its figures were taken, where the rows do not say
    warnings: list[str]  # what was assumed, in a person's words

    def records(self) -> Iterator[Record | RowError]:
        """Raises `SourceUnreadable`, before the first record wherever possible."""
        ...
