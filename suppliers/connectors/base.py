"""The contract that every supplier protocol fulfils.

A connector is opened for one supplier account, used from one thread, and closed. It knows no database: its
configuration comes in as `ConnectorConfig`, what it did goes out through `journal`, and answers are
`suppliers.messages`.
"""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Self

from suppliers.connectors.account import Account, SettingField
from suppliers.exceptions import ConnectorConfigurationError, UnsupportedOperation
from suppliers.messages import (
    Address,
    CatalogueItem,
    DespatchAdvice,
    Order,
    OrderAcknowledgement,
    OrderPreview,
    OrderRefusal,
    OrderResponse,
    Quotation,
    QuotationRequest,
    RawDocument,
    RenderedOrder,
    StockAvailability,
    UnreadableItem,
)


class Capability(StrEnum):
    CATALOGUE = "catalogue"
    QUOTATION = "quotation"
    STOCK = "stock"
    PREVIEW = "preview"  # a live check before ordering
    LOOKUP = "lookup"  # find_order answers
    IDEMPOTENT_SUBMIT = "idempotent_submit"  # a repeated buyer_reference never becomes a second order
    REPEAT_ANSWERS = "repeat_answers"  # and it is answered like the first: to repeat is to ask
    CANCEL = "cancel"
    CHANGE = "change"  # an order that the supplier has can be replaced by a newer version
    CALLBACK = "callback"
    POLL = "poll"
    SEVERAL_SITES = "several_sites"  # one order may be delivered to several places: `OrderLine.shares`
    LINK = "link"  # a person answers on a page of ours, reached by `Order.answer_url`


# For connectors that price one quantity at a time.
PRICE_REACH = SettingField(
    "price_reach",
    "Price reach",
    default="100",
    help="Prices are asked up to the stock on offer; where that is not told, up to this many times the minimum.",
)


# For connectors that wait for an answer: read by `Connector.timeout`.
TIMEOUT = SettingField("timeout_seconds", "Seconds to wait for an answer", default="20", required=True)
LONGEST_TIMEOUT = 40  # two of them must fit into the lease of a transfer


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One exchange with a supplier, secrets already removed; becomes a `ConnectorCall` row."""

    operation: str
    method: str
    url: str
    started_at: datetime
    duration_ms: int
    status: int | None
    error: str
    request_body: bytes
    response_body: bytes
    reference: str  # our buyer_reference, where the call concerns an order
    message_id: str = ""  # of what was sent, where it has one beside the reference: a mail, an envelope
    # In bytes; less may be kept. None: as much as there is.
    request_size: int | None = None
    response_size: int | None = None
    usage: str = ""  # what the answer said of the calls we have used and may make, in its own words


@dataclass(frozen=True, slots=True)
class ConnectorConfig:
    supplier_code: str  # our identifier
    supplier_name: str  # as people know it, for messages
    settings: Mapping[str, str] = field(default_factory=dict)
    # Every valid value of each credential, newest first: signatures are checked against all (rotation),
    # calls use the first.
    credentials: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    # Whether the supplier's address may lie inside our own network (sandbox suppliers on loopback do).
    allow_private_network: bool = False
    # Where this supplier's callbacks reach us from outside, for protocols that name the address in each order.
    callback_url: str = ""


@dataclass(frozen=True, slots=True)
class CallbackRequest:
    """An inbound HTTP request as it came. Header names are lower case."""

    headers: Mapping[str, str]
    body: bytes
    received_at: datetime
    path: str = ""  # what follows the supplier's callback address, without the query
    query: str = ""


class CallbackRefused(Exception):
    """The callback is not believed. `reason` is a short stable word for counting,
    the message is for the sender.
    """

    def __init__(self, reason: str, message: str, *, status: int = 401) -> None:
        super().__init__(message)
        self.reason = reason
        self.status = status


@dataclass(frozen=True, slots=True)
class CallbackReply:
    """What we say to whoever called back."""

    status: int
    content_type: str
    body: bytes


InboundDocument = OrderResponse | DespatchAdvice


class Connector(Account):
    protocol: ClassVar[str]
    # False: what proves a callback to be the supplier's (an address, a password) does not cover its body.
    callbacks_are_signed: ClassVar[bool] = True
    # False: a reply to an order says only that it arrived; the supplier's own reference comes with its answer.
    replies_name_the_order: ClassVar[bool] = True

    # How often the supplier lets itself be called where its protocol says so; an administrator may say otherwise.
    calls_per_minute: ClassVar[int | None] = None
    calls_per_day: ClassVar[int | None] = None

    def __init__(
        self,
        config: ConnectorConfig,
        journal: Callable[[CallRecord], None] | None = None,
        pace: Callable[[], None] | None = None,
    ) -> None:
        """`pace` is to be called before each call; it waits, or raises `CallsUsedUp`, and then nothing was sent."""
        self.config = config
        self.journal = journal or (lambda record: None)
        self.pace = pace or (lambda: None)

    @property
    @abstractmethod
    def capabilities(self) -> frozenset[Capability]:
        """What this account can do; may depend on its settings."""

    # -- configuration ---------------------------------------------------------------------------------------
    @property
    def _entered(self) -> ConnectorConfig:
        return self.config

    @property
    def timeout(self) -> float:
        """Seconds, of a protocol that declares `TIMEOUT`."""
        entered = self.setting(TIMEOUT.name)
        try:
            seconds = float(entered)
        except ValueError:
            seconds = 0.0
        if not 0 < seconds <= LONGEST_TIMEOUT:
            problem = f"{TIMEOUT.label} is {entered!r}; expected a number from 0 to {LONGEST_TIMEOUT}."
            raise ConnectorConfigurationError(self._what(problem))
        return seconds

    @classmethod
    def with_setting(cls, name: str, value: str) -> Self:
        """Nobody's account that has only this setting, to see whether it can be read."""
        return cls(ConnectorConfig(cls.protocol, cls.label, settings={name: value}))

    @classmethod
    def problem_with(cls, name: str, value: str) -> str:
        """Why this value of a setting or credential cannot be right, for whoever enters it; empty if it can."""
        try:
            return cls.with_setting(name, value)._objection(name, value)
        except ConnectorConfigurationError as error:
            return str(error)

    def _objection(self, name: str, value: str) -> str:
        """The same of a connector that has only this setting; what reading it raises is an objection, too."""
        if name == TIMEOUT.name:
            self.timeout  # noqa: B018  reading it is the check
        return ""

    # -- pull ------------------------------------------------------------------------------------------------
    # One bad entry of a long list comes as `UnreadableItem`, so that it costs nobody the good ones.
    def fetch_catalogue(self) -> Iterator[CatalogueItem | UnreadableItem]:
        raise self._unsupported("a catalogue")

    def fetch_quotation(self, items: Iterable[QuotationRequest]) -> Quotation:
        raise self._unsupported("price questions")

    def fetch_stock_availability(
        self, items: Iterable[QuotationRequest]
    ) -> Iterator[StockAvailability | UnreadableItem]:
        raise self._unsupported("stock questions")

    # -- orders ----------------------------------------------------------------------------------------------
    def render_order(self, order: Order) -> tuple[RenderedOrder, ...]:
        """What `submit_order` would send for it, byte for byte, a document each; by the same code, so that the
        two cannot differ. Works without `open` and talks to nobody. Whoever shows it takes the secrets out.
        """
        raise self._unsupported("a dry run")

    def preview_order(self, order: Order) -> OrderPreview:
        raise self._unsupported("a live check")

    @abstractmethod
    def submit_order(self, order: Order) -> OrderAcknowledgement | OrderRefusal:
        """Place the order once. Raises `OutcomeUnknown` whenever it may have arrived;
        never repeats the POST itself. Journals the POST as operation "submit" with the order's reference.
        """

    def find_order(self, buyer_reference: str) -> OrderResponse | None:
        """What the supplier knows of the order; None only if the supplier certainly does not have it."""
        raise self._unsupported("an order look-up")

    def change_order(self, order: Order) -> OrderAcknowledgement | OrderRefusal:
        """Put this version of the order in place of the one before it. Fails like `submit_order`."""
        raise self._unsupported("changing of orders")

    def cancel_order(self, order: Order, reason: str) -> OrderResponse | OrderRefusal:
        """Ask the supplier to drop the order; RECEIVED where its word on that is still to come, a refusal where it
        will deliver all the same. Fails like `submit_order`; a `ProtocolError` leaves open what became of it.
        """
        raise self._unsupported("cancelling")

    def delivers_to(self, place: Address) -> bool:
        """Whether a part of an order may go to this place of ours, by an account with `SEVERAL_SITES`. Works
        without `open`.
        """
        return True

    # -- answers ---------------------------------------------------------------------------------------------
    def fetch_documents(self, since: datetime | None) -> Iterator[RawDocument]:
        """What waits for us at the supplier, oldest first; the same again until `document_stored` was told."""
        raise self._unsupported("polling")

    def document_stored(self, raw: RawDocument) -> None:
        """A fetched document is safe with us; whatever keeps it from being fetched again may be done now.
        Told again after a crash, that is no error.
        """

    def verify_callback(self, request: CallbackRequest) -> RawDocument:
        """Prove that the callback is the supplier's, or raise `CallbackRefused`.
        Denies unless a protocol can prove it.
        """
        raise CallbackRefused("not_accepted", "This supplier does not send callbacks.", status=403)

    def callback_taken(self, raw: RawDocument, *, repeated: bool) -> CallbackReply | None:
        """How this protocol says that a callback was stored; None: as plain JSON with 202."""
        return None

    def callback_refused(self, refusal: CallbackRefused) -> CallbackReply | None:
        return None

    def announces(self, raw: RawDocument) -> bool:
        """Whether the document only says that there is news, which is then asked for. Works without `open`."""
        return False

    def fetch_announced(self, raw: RawDocument) -> Iterator[RawDocument]:
        """The news that `raw` points to. The same news carries the same message id, however often it is fetched."""
        raise self._unsupported("announcements")

    @abstractmethod
    def parse_documents(self, raw: RawDocument) -> list[InboundDocument]:
        """Understand a stored document, from any channel. Raises `ProtocolError` with what and where."""

    def _what(self, thing: str) -> str:
        """Whose `thing` it is, for the beginning of a message."""
        return f"{self.config.supplier_name}: {thing}"

    def _unsupported(self, what: str) -> UnsupportedOperation:
        return UnsupportedOperation(f"{self.label} has no {what}.")
