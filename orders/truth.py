"""What is true about an order and its lines, once everything that its supplier has said is taken together."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from suppliers.messages import Charge, Decision, DespatchStage, Substitute


@dataclass(frozen=True, slots=True)
class AskedLine:
    line_number: int
    supplier_sku: str
    quantity: Decimal
    unit_price: Decimal
    unit: str = ""  # UN/ECE code


@dataclass(slots=True)
class LineTruth:
    """None: not answered yet."""

    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    promised_date: date | None = None  # when all of it is there
    note: str = ""
    shipped: Decimal = Decimal(0)
    backorder: Decimal = Decimal(0)  # follows at no date yet; not in `quantity`
    substitute: Substitute | None = None
    unclear: bool = False  # answered in a way that only a person can read


@dataclass(frozen=True, slots=True)
class ShipmentTruth:
    despatch_id: str
    stage: DespatchStage
    shipped_at: datetime  # or packed
    carrier: str
    tracking: str
    quantities: dict[int, Decimal]  # by line number


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something the supplier said that cannot be taken as it is."""

    kind: str  # OrderException.Kind
    line_number: int | None
    text: str


@dataclass(slots=True)
class OrderTruth:
    decision: Decision = Decision.RECEIVED
    supplier_reference: str = ""
    note: str = ""  # what the deciding answer says about the whole order
    lines: dict[int, LineTruth] = field(default_factory=dict)
    charges: tuple[Charge, ...] | None = None  # None: no answer speaks of any
    total: Decimal | None = None  # the supplier's own sum
    shipments: list[ShipmentTruth] = field(default_factory=list)
    shipped: bool = False
    waiting_despatches: int = 0  # despatch advices that came before the confirmation
    trouble: list[Trouble] = field(default_factory=list)
    # Of an order that was changed since it was sent: orders.versions.
    confirmed_at_all: bool = False  # whether any of it is
    answered_version: int = 1  # the newest whose changed lines are all answered
    # Changes that the supplier declined, with its words
    refused: dict[int, str] = field(default_factory=dict)
