"""What is known of an order that is short of a limit, and what is advised about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from suppliers.packing import plain_money
from suppliers.prices import Tiers

FARTHEST = 30  # days ahead that are looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """What the order is short of."""

    words: str  # "the minimum order", "free delivery"
    needed: Decimal
    saves: Decimal  # fee and surcharge that fall away once it is reached
    refused: bool = False  # below it the supplier takes no order at all


@dataclass(frozen=True, slots=True, kw_only=True)
class SoonDue:
    """An item that the supplier offers and that is not in the order."""

    key: int  # the caller's id of the offer
    name: str
    days: int  # until it is due
    earlier: int  # days that it arrives earlier now than if it were ordered then
    batch: Decimal  # what is usually bought of it at once
    cycle_days: int  # how long that lasts
    tiers: Tiers
    incremental: bool
    pack_size: Decimal
    minimum: Decimal
    most: Decimal  # no more of it: cover, shelf life, stock on offer


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLine:
    """A line of the order as it is."""

    name: str
    unit_price: Decimal
    daily: Decimal
    lasts_days: int  # the stock, without this order
    arrives: Sequence[int]  # in days from now, if ordered after 0, 1, 2 ... FARTHEST days of waiting

    def without(self, arrives: int) -> int:
        """Days without stock that such an arrival adds to those there are anyway."""
        return min(max(0, arrives - self.arrives[0]), max(0, arrives - self.lasts_days))

    def missed(self, days: int) -> Decimal:
        return days * self.daily * self.unit_price


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedLine:
    """A line as it is, and at the other supplier; its prices are in that one's currency."""

    name: str
    before: Decimal
    price_before: Decimal
    quantity: Decimal
    unit_price: Decimal
    arrives: int  # days from now


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """All lines of the order at another supplier's prices."""

    supplier: str
    code: str
    currency: str
    goods: Decimal
    # Delivery and surcharge, on top of those of what is drafted there already; below 0 where these fall away.
    charges: Decimal
    into: str = ""  # number of the draft there that takes them along
    lines: tuple[MovedLine, ...] = ()

    @property
    def total(self) -> Decimal:
        return self.goods + self.charges

    @property
    def saved(self) -> Decimal:
        """Of the delivery and surcharge of the draft there, as it reaches its limits with these lines."""
        return max(Decimal(0), -self.charges)


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    key: int
    name: str
    days: int
    quantity: Decimal
    value: Decimal
    holding: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    kind: str  # "add", "wait", "move"
    net: Decimal  # gained against leaving the order as it is
    words: str
    lines: tuple[Added, ...] = ()
    days: int = 0  # to wait
    elsewhere: Elsewhere | None = None  # to move to

    @property
    def supplier(self) -> str:
        """Code of the one to move to."""
        return self.elsewhere.code if self.elsewhere else ""

    @property
    def costs(self) -> Decimal:
        return -self.net

    @property
    def value(self) -> Decimal:
        return sum((line.value for line in self.lines), Decimal(0))

    @property
    def holding(self) -> Decimal:
        return sum((line.holding for line in self.lines), Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    threshold: Threshold
    short: Decimal
    currency: str
    goods: Decimal  # of the order as it is
    charges: Decimal
    ways: tuple[Way, ...]  # best first

    @property
    def total(self) -> Decimal:
        return self.goods + self.charges

    @property
    def words(self) -> str:
        short, saved = (plain_money(one, self.currency) for one in (self.short, self.threshold.saves))
        saves = f" (saves {saved})" if self.threshold.saves else ""
        refused = "; such an order is refused" if self.threshold.refused else ""
        return f"{short} short of {self.threshold.words}{saves}{refused}."
