"""What every connector speaks: plain frozen data, named after UBL documents.

Quantities and money are `Decimal`, currencies ISO 4217, units UN/ECE Recommendation 20, times aware UTC.
`None` means "the supplier did not say", never zero.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    name: str
    code: str = ""  # our own short name for the place
    line1: str = ""
    line2: str = ""
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""  # ISO 3166-1 alpha-2
    contact: str = ""  # a person
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """The part of a line's quantity that goes to one place."""

    place: Address
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    line_number: int
    sku: str
    supplier_sku: str
    external_id: str  # the supplier's internal product id, where it differs from supplier_sku
    description: str
    quantity: Decimal
    unit: str
    unit_price: Decimal | None
    requested_date: date | None
    barcode: str = ""  # GTIN
    note: str = ""  # the supplier reads it
    shares: tuple[Share, ...] = ()  # add up to the quantity; empty: all of it goes where the order goes


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    buyer_reference: str  # unique, and the same on every attempt
    number: str
    currency: str
    lines: tuple[OrderLine, ...]
    deliver_to: Address
    requested_date: date | None
    note: str
    issued_at: datetime
    buyer: Address | None = None  # who orders and pays; None: whoever receives
    dropship: bool = False  # delivered straight to our customer
    version: int = 1  # rises by one with every change to an order that the supplier has
    follows: int = 0  # the version that the supplier has; 0: the one before this one
    reminder: int = 0  # how many times we have asked for the answer to this same order
    answer_url: str = ""  # where the supplier may answer this order without an account; whoever has it may


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedOrder:
    """One document of an order as it would leave us."""

    content_type: str
    body: bytes
    where: str  # for people: "POST https://...", a path on their server, the addresses of a mail
    to_come: tuple[str, ...] = ()  # words in the body in place of what the supplier gives only on the way


@dataclass(frozen=True, slots=True, kw_only=True)
class RawDocument:
    """Bytes from a supplier, before anybody has understood them."""

    message_id: str  # unique per supplier; duplicates are recognised by it
    channel: str  # "callback", "reply", "lookup", "poll", "link"
    content_type: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)  # already free of secrets


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAcknowledgement:
    """The supplier has the order. Whether it will deliver, and at what price, comes as an `OrderResponse`."""

    supplier_reference: str
    raw: RawDocument | None = None  # the reply, to be stored and parsed like any other inbound document
    note: str = ""  # a sentence for the timeline: where it went, under which message id


class LineProblemKind(StrEnum):
    UNKNOWN_ITEM = "unknown_item"  # the supplier knows no such article
    NO_PRICE = "no_price"
    OUT_OF_STOCK = "out_of_stock"
    NOT_PERMITTED = "not_permitted"
    UNAVAILABLE = "unavailable"  # for a reason that was not told


@dataclass(frozen=True, slots=True, kw_only=True)
class LineProblem:
    """Why a supplier cannot take a line. Found by `line_number`, else by `supplier_sku`."""

    kind: LineProblemKind
    text: str = ""  # the supplier's own words, where it has any
    line_number: int | None = None
    supplier_sku: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRefusal:
    """The supplier did not take the order and says why. It holds nothing, so the order may be mended and sent again."""

    text: str  # for the buyer
    problems: tuple[LineProblem, ...] = ()


class Decision(StrEnum):
    RECEIVED = "received"  # the supplier has the order and has not decided
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


class Unmentioned(StrEnum):
    """What an answer says about order lines that it does not list."""

    ACCEPTED = "accepted"  # taken as asked
    OPEN = "open"  # not answered yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Substitute:
    """Another article that the supplier delivers in place of the one ordered."""

    supplier_sku: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """Freight, a surcharge or (negative) an allowance on the whole order, without tax."""

    label: str
    amount: Decimal
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderResponseLine:
    """One line's answer. Found by `line_number`, else by `supplier_sku`.

    quantity 0: the supplier will not deliver it. Several answers for one line in one response are parts of it,
    delivered at different dates: their quantities add up.
    """

    line_number: int | None = None
    supplier_sku: str = ""
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    promised_date: date | None = None
    note: str = ""
    backorder_quantity: Decimal | None = None  # follows later, at no date yet; not part of `quantity`
    substitute: Substitute | None = None  # naming the very article that was ordered is no substitution
    unit: str = ""  # UN/ECE code the quantities are in; empty: not told, so the one ordered
    undecided: bool = False  # the supplier has still to say what becomes of the line, whatever it said before


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderResponse:
    message_id: str
    buyer_reference: str
    supplier_reference: str
    decision: Decision
    issued_at: datetime
    lines: tuple[OrderResponseLine, ...] = ()
    unmentioned: Unmentioned = Unmentioned.ACCEPTED
    promised_date: date | None = None  # of the lines that it accepts without listing them
    currency: str = ""
    note: str = ""
    charges: tuple[Charge, ...] = ()
    total: Decimal | None = None  # without tax, with charges, as the supplier counts it
    # An order that had to be sent as several documents is confirmed once all of them are.
    part: int = 1
    parts: int = 1
    order_version: int = 0  # which version of the order it speaks of, where it says so
    # The message id of an earlier answer whose words on the same lines this one takes back. Empty: of none.
    corrects: str = ""
    # Of a look-up: the answer as it came, to be stored and parsed like any other inbound document.
    raw: RawDocument | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DespatchLine:
    line_number: int | None = None
    supplier_sku: str = ""
    quantity: Decimal | None = None  # None: all that was confirmed
    unit: str = ""  # as in OrderResponseLine


class DespatchStage(StrEnum):
    PACKED = "packed"  # ready, still at the supplier
    SHIPPED = "shipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class DespatchAdvice:
    """A delivery. One document of a supplier that covers several orders becomes one advice an order."""

    message_id: str
    buyer_reference: str
    despatch_id: str
    shipped_at: datetime  # or packed
    stage: DespatchStage = DespatchStage.SHIPPED
    lines: tuple[DespatchLine, ...] = ()  # empty: the whole order
    carrier: str = ""
    tracking: str = ""
    # When the supplier said that this takes the place of what it said before about the same despatch; None: it is new.
    corrects_from: datetime | None = None
    withdrawn: bool = False  # a correction: the despatch does not take place


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueItem:
    supplier_sku: str
    external_id: str
    name: str
    unit: str
    pack_size: Decimal | None = None  # None, here and below: the supplier does not say
    minimum_quantity: Decimal | None = None
    buyer_sku: str = ""  # our own code, where the supplier knows it
    barcode: str = ""

    @property
    def least(self) -> Decimal:
        """The smallest quantity to ask for, as far as it is told."""
        return self.minimum_quantity or self.pack_size or Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableItem:
    """One entry of a supplier's list that could not be understood; the other entries stand."""

    supplier_sku: str  # empty if even that is not known
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotationRequest:
    supplier_sku: str
    external_id: str
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedPrice:
    supplier_sku: str
    quantity: Decimal
    unit_price: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotation:
    prices: tuple[QuotedPrice, ...]
    not_offered: tuple[str, ...] = ()  # supplier_skus
    unreadable: tuple[UnreadableItem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StockAvailability:
    supplier_sku: str
    quantity: Decimal | None  # None: the supplier does not say


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewLine:
    supplier_sku: str
    line_number: int | None
    unit_price: Decimal | None
    total_price: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnavailableLine:
    supplier_sku: str
    line_number: int | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPreview:
    """The supplier's live answer to "what if I ordered this now"; nothing is ordered."""

    currency: str
    lines: tuple[PreviewLine, ...]
    unavailable: tuple[UnavailableLine, ...]
    total: Decimal | None
    delivery_fee: Decimal | None = None
    expected_delivery: date | None = None
