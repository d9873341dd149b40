"""Where demand, stock and customer orders come from, and what they come as: typed records.

A file is read once, by `import_data`. A source is a system that is asked again and again: it is opened for one
account, says what changed since a cursor, a page at a time, and is closed. Like a connector it knows no database: its
configuration comes in as `SourceConfig`, and it raises `ConnectorError`.
"""

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar, TypeAlias

from suppliers.connectors.account import Account
from suppliers.connectors.base import CallbackRefused, CallbackReply, CallbackRequest, CallRecord
from suppliers.messages import RawDocument


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
    unit: str = ""  # UN/ECE code of the quantity; empty: the product's own


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
    unit: str = ""  # UN/ECE code of the quantities; empty: the product's own
    description: str = ""  # of the item, in the words of who tells it
    code: str = ""  # as its system calls the item, once `sku` is ours and another
    refused: RowError | None = None  # why its item is not understood; its place in the order counts
    ignored: bool = False  # of no item of ours; the same


@dataclass(frozen=True, slots=True, kw_only=True)
class StockRecord:
    line: int
    sku: str
    on_hand: Decimal
    as_of: datetime | None = None
    external_id: str = ""  # the item's in the system that tells it: its sku
    site: str = ""  # code; empty: that of the file or of the source's account
    unit: str = ""  # UN/ECE code it is counted in; empty: the product's own
    description: str = ""
    code: str = ""  # as its system calls the item, once `sku` is ours and another


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
    incremental: bool | None = None  # how its tiers are meant


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractRecord:
    """What a supply contract says of one product of a supplier."""

    line: int
    supplier_sku: str
    contract: str
    valid_from: date
    valid_until: date
    supplier: str | None = None
    unit_price: Decimal | None = None
    currency: str = ""  # empty: the supplier's
    share_percent: Decimal | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeRateRecord:
    """On that day one unit of `currency` cost `rate` of `quoted_in`. A day's rates come together."""

    line: int
    date: date
    currency: str
    rate: Decimal
    quoted_in: str = ""  # empty: our base currency
    external_id: str = ""  # the day


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionRecord:
    """A span of days, or one of the days of a promotion: days that follow one another are one promotion."""

    line: int
    sku: str
    starts_on: date
    ends_on: date | None = None
    name: str = ""
    promoted: bool | None = None  # sales files name days without a promotion, too


@dataclass(frozen=True, slots=True, kw_only=True)
class StockOutRecord:
    line: int
    sku: str
    date: date
    hours: Decimal


Record: TypeAlias = (
    DemandRecord
    | CustomerOrderRecord
    | StockRecord
    | CatalogueRecord
    | ExchangeRateRecord
    | PromotionRecord
    | StockOutRecord
    | ContractRecord
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerOrderGone:
    """An order that the system has no more, or that is none (any more): deleted, cancelled, a draft again."""

    external_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StockEnd:
    """A site's stock was told whole since the page's `as_of`: of an item that was not among it, nothing is left.

    All items were told, whichever sites were: one that was not told again is no problem any more.
    """

    external_id: str
    site: str  # code; empty: no site was told whole
    # All that the system tells of now: what it said of any other holds no more. Empty: nothing is known of that.
    told_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedLine:
    supplier: str  # our code of it, or theirs where the settings name none of ours
    sku: str
    quantity: Decimal
    unit: str = ""  # UN/ECE code of the quantity; empty: the product's own
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
    gone: bool = False  # it is not there any more: no problem where nothing of it was ever taken over


Entry: TypeAlias = (
    CustomerOrderRecord
    | CustomerOrderGone
    | StockRecord
    | StockEnd
    | ProposalRecord
    | ProposalWithdrawn
    | ExchangeRateRecord
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


@dataclass(frozen=True, slots=True, kw_only=True)
class EventContents:
    """What an event says: whose entries are to be asked for. Nothing else of it is believed."""

    external_ids: tuple[str, ...] = ()
    ignored: str = ""  # why nothing is asked for, in a sentence


class Capability(StrEnum):
    CUSTOMER_ORDERS = "customer_orders"
    STOCK = "stock"
    PROPOSALS = "proposals"  # what should be bought
    RATES = "rates"  # of exchange
    EVENTS = "events"  # it tells us by itself which entries changed: `verify_event`; needs ENTRIES
    ENTRIES = "entries"  # single entries can be asked for by their id: `fetch_entries`
    FILES = "files"  # it brings whole files: a `FileSource`


@dataclass(frozen=True, slots=True)
class SourceConfig:
    name: str  # as people know it, for messages
    settings: Mapping[str, str] = field(default_factory=dict)
    # Every valid value of each credential, newest first.
    credentials: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    # Whether its address may lie inside our own network.
    allow_private_network: bool = False
    # Where the folders of this machine lie that files may be read from.
    files_below: Path | None = None
    # Is told of every call, secrets already removed.
    journal: Callable[[CallRecord], None] = field(default=lambda call: None, repr=False, compare=False)


class Source(Account):
    kind: ClassVar[str]  # its name in the registry

    def __init__(self, config: SourceConfig) -> None:
        self.config = config

    @property
    @abstractmethod
    def capabilities(self) -> frozenset[Capability]:
        """What this account brings; works without `open`."""

    # -- configuration ---------------------------------------------------------------------------------------
    @property
    def _entered(self) -> SourceConfig:
        return self.config

    def _what(self, thing: str) -> str:
        return f"{self.config.name}: {thing}"

    def setting(self, name: str) -> str:
        return super().setting(name).strip()

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

    # -- events ----------------------------------------------------------------------------------------------
    # All of it works without `open`.
    def verify_event(self, request: CallbackRequest) -> RawDocument:
        """Prove that the system sent this, or raise `CallbackRefused`; the document comes without secrets.

        Told again, an event has the same message id; where it has none, one of its own: asking twice does no harm.
        """
        raise CallbackRefused("not_accepted", "This source does not take events.", status=403)

    def event_taken(self, raw: RawDocument) -> CallbackReply | None:
        """How the system is told that its event is stored; None: as plain JSON with 202."""
        return None

    def event_contents(self, raw: RawDocument) -> EventContents:
        """Understand a stored event. Raises `ProtocolError`."""
        raise LookupError(f"{self.kind} has no events")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    name: str
    size: int
    modified: float  # seconds since 1970
    stamp: str  # differs once it was written again


class FileSource(Source):
    """A place where others put files, each of which is loaded as if somebody had brought it: it has no pages."""

    @property
    @abstractmethod
    def file_kind(self) -> str:
        """What its files hold: one of `file_kinds.KINDS`."""

    @property
    @abstractmethod
    def leaves_files(self) -> bool:
        """Whether files that were read stay where they lie."""

    @abstractmethod
    def files(self) -> list[FoundFile]:
        """Those that are ours to read, oldest first."""

    @abstractmethod
    def file_copied(self, file: FoundFile, to: Path) -> bool:
        """Never more of it in memory than a chunk. False: it is gone or not as it was found; then ask another time."""

    @abstractmethod
    def file_put_away(self, file: FoundFile, digest: str, refused: str = "") -> None:
        """Out of the way, once it was taken over; with why where it was `refused`. Again is harmless, and what is not
        as it was found any more stays. Raises `ConnectorError`.
        """

    @property
    def capabilities(self) -> frozenset[Capability]:
        return frozenset({Capability.FILES})

    def fetch(self, cursor: Cursor) -> Iterator[Page]:
        raise LookupError(f"{self.kind} brings files, not entries")
