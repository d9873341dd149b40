"""Where demand, stock and customer orders come from, and what they come as: typed records.

A file is read once, by `import_data`. A source is a system that is asked again and again: it is opened for one
account, says what changed since a cursor, a page at a time, and is closed. Like a connector it knows no database: its
configuration comes in as `SourceConfig`, and it raises `ConnectorError`.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from types import TracebackType
from typing import Any, ClassVar, Protocol, Self, TypeAlias

from suppliers.connectors.base import CredentialField, SettingField
from suppliers.exceptions import ConnectorConfigurationError


class SourceUnreadable(Exception):
    """The file cannot be read at all; the message says why and what to do."""


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
    external_id: str = ""  # of the order, in the system that keeps it
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
    external_id: str = ""  # the item's in the system that tells it: its sku
    site: str = ""  # code; empty: that of the file or of the source's account
    unit: str = ""  # UN/ECE code it is counted in; empty: the product's own


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


class RecordFile(Protocol):
    name: str  # kept beside every row it brings, e.g. the file's name
    as_of: datetime  # when its figures were taken, where the rows do not say
    warnings: list[str]  # what was assumed, in a person's words

    def records(self) -> Iterator[Record | RowError]:
        """Raises `SourceUnreadable`, before the first record wherever possible."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerOrderGone:
    """An order that the system has no more, or that is none (any more): deleted, cancelled, a draft again."""

    external_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StockEnd:
    """A site's stock was told whole since the page's `as_of`: of an item that was not among it, nothing is left."""

    external_id: str
    site: str  # code


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedLine:
    supplier: str  # our code of it, or theirs where the settings name none of ours
    sku: str
    quantity: Decimal
    unit_price: Decimal | None = None
    requested_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalRecord:
    """Another system thinks that this should be bought. It comes whole."""

    external_id: str
    number: str
    lines: tuple[ProposedLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalWithdrawn:
    """The system says that it proposes this no more."""

    external_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableRecord:
    """One bad entry, which costs nobody the good ones. It is asked for again until it can be read."""

    external_id: str
    problem: str  # a sentence that names the entry as people know it


Entry: TypeAlias = (
    CustomerOrderRecord
    | CustomerOrderGone
    | StockRecord
    | StockEnd
    | ProposalRecord
    | ProposalWithdrawn
    | UnreadableRecord
)
Cursor: TypeAlias = Mapping[str, Any]  # as JSON; only the source that made it understands it


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A part of what changed, small enough for memory and for one transaction, and from where to read on after it.

    Customer orders come whole: all records of one order are in one page, and lines that are not among them are gone.
    So does an item's stock: what it has at each site is the sum of all that lies there.
    """

    entries: Sequence[Entry]
    cursor: Cursor | None  # None: reading goes on from where it did before
    as_of: datetime | None = None  # when its figures were taken; None: just now


class Capability(StrEnum):
    CUSTOMER_ORDERS = "customer_orders"
    STOCK = "stock"
    PROPOSALS = "proposals"  # what should be bought
    ENTRIES = "entries"  # single entries can be asked for by their id: `fetch_entries`


@dataclass(frozen=True, slots=True)
class SourceConfig:
    name: str  # as people know it, for messages
    settings: Mapping[str, str] = field(default_factory=dict)
    # Every valid value of each credential, newest first.
    credentials: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    # Whether its address may lie inside our own network.
    allow_private_network: bool = False


class Source(ABC):
    kind: ClassVar[str]  # its name in the registry
    label: ClassVar[str]
    credential_fields: ClassVar[tuple[CredentialField, ...]]
    setting_fields: ClassVar[tuple[SettingField, ...]] = ()

    def __init__(self, config: SourceConfig) -> None:
        self.config = config

    # -- life ------------------------------------------------------------------------------------------------
    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @abstractmethod
    def open(self) -> None: ...

    @abstractmethod
    def close(self) -> None: ...

    @abstractmethod
    def check(self) -> str:
        """Prove that everything needed can be read; a sentence that says what was seen. Raises `ConnectorError`."""

    @property
    @abstractmethod
    def capabilities(self) -> frozenset[Capability]:
        """What this account brings; works without `open`."""

    # -- configuration ---------------------------------------------------------------------------------------
    def setting(self, name: str) -> str:
        for declared in self.setting_fields:
            if declared.name == name:
                value = self.config.settings.get(name, declared.default).strip()
                if declared.required and not value:
                    raise ConnectorConfigurationError(f"{self.config.name}: {declared.label} is not set.")
                return value
        raise LookupError(f"{self.kind} declares no setting {name!r}")

    def credential(self, name: str) -> str:
        values = self.config.credentials.get(name)
        if not values:
            label = next((c.label for c in self.credential_fields if c.name == name), name)
            raise ConnectorConfigurationError(f"{self.config.name}: {label} is not set.")
        return values[0]

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no message may show: every valid value of each secret credential."""
        public = {declared.name for declared in self.credential_fields if not declared.secret}
        held = self.config.credentials.items()
        return tuple(value for name, values in held if name not in public for value in values)

    @classmethod
    def problem_with(cls, name: str, value: str) -> str:
        """Why this value of a setting or credential cannot be right, for whoever enters it; empty if it can."""
        return ""

    # -- reading ---------------------------------------------------------------------------------------------
    @abstractmethod
    def fetch(self, cursor: Cursor) -> Iterator[Page]:
        """What changed since the cursor, as it is now; with an empty one, everything.

        May be broken off after any page and taken up again from that page's cursor. The same again does no harm:
        pages say how things are, not what happened to them. The last page has no entries, only the cursor that the
        next reading begins with.
        """

    def fetch_entries(self, external_ids: Sequence[str]) -> Iterator[Page]:
        """These, as they are now; what is not there comes as gone."""
        raise LookupError(f"{self.kind} has no single entries")
