"""What changed for one item between two plans, and why: numbers that were stored with them, put into words.

The need before it is cut off at 0 is order-up-to level - position. Each change says by how much it raised or lowered
that, and these effects add up to the whole difference:

    forecast = daily demand * days to cover:   demand at the old days, days at the new demand
    buffer, and whatever else sets the level
    position = on hand + on order - what is held back for customers and purposes; what arrived moves from one to the
               other and changes nothing
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from suppliers.packing import plain, plain_price

ZERO = Decimal(0)


class Cause(StrEnum):
    NEW = "new"
    DEMAND = "demand"
    COVER = "cover"
    BUFFER = "buffer"
    POLICY = "policy"
    STOCK = "stock"
    ARRIVED = "arrived"
    ORDERED = "ordered"
    PROMISED = "promised"
    SUPPLIER = "supplier"
    PRICE = "price"
    OTHER = "other"


CAUSES = {
    Cause.DEMAND: "Demand",
    Cause.STOCK: "Stock",
    Cause.ORDERED: "Ordered since",
    Cause.ARRIVED: "Arrived",
    Cause.PROMISED: "Customers' orders",
    Cause.BUFFER: "Buffer",
    Cause.COVER: "Days to cover",
    Cause.POLICY: "Policy",
    Cause.PRICE: "Price",
    Cause.SUPPLIER: "Supplier",
    Cause.NEW: "In one plan only",
    Cause.OTHER: "Packs and limits",
}


@dataclass(frozen=True, slots=True)
class Bought:
    supplier: str
    quantity: Decimal
    unit_price: Decimal
    currency: str
    value: Decimal  # in the base currency


@dataclass(frozen=True, slots=True)
class ItemThen:
    """An item in one plan."""

    on_hand: Decimal
    on_order: Decimal
    committed: Decimal
    position: Decimal
    daily: Decimal
    days: int
    buffer: Decimal
    level: Decimal
    need: Decimal
    service_level: Decimal
    bought: tuple[Bought, ...] = ()

    @property
    def held_back(self) -> Decimal:
        return self.on_hand + self.on_order - self.position

    @property
    def quantity(self) -> Decimal:
        return sum((line.quantity for line in self.bought), ZERO)

    @property
    def value(self) -> Decimal:
        return sum((line.value for line in self.bought), ZERO)

    @property
    def suppliers(self) -> str:
        return ", ".join(line.supplier for line in self.bought)


@dataclass(frozen=True, slots=True)
class Change:
    cause: Cause
    words: str
    effect: Decimal = ZERO  # on what is needed, before it is cut off at 0


def changes(old: ItemThen | None, new: ItemThen | None, arrived: Decimal = ZERO) -> list[Change]:
    """What weighs most comes first. `arrived`: booked in between the two plans."""
    if old is None:
        return [Change(Cause.NEW, "The plan before did not look at it.")]
    if new is None:
        return [
            Change(Cause.NEW, "This plan did not look at it: it has no stock, demand or order here any more.")
        ]
    found = [*_level(old, new), *_position(old, new, arrived)]
    rest = (new.level - old.level) - sum((change.effect for change in _level(old, new)), ZERO)
    if rest:
        found.append(
            Change(
                Cause.OTHER, f"Limits or dated customers' orders changed its level by {_signed(rest)}.", rest
            )
        )
    found.sort(key=lambda change: -abs(change.effect))
    bought = list(_bought(old, new))
    same_need = old.need == new.need
    if not found and not bought and old.quantity != new.quantity:
        bought.append(Change(Cause.OTHER, "Packs, minimums or stock on offer made another quantity of it."))
    return [*bought, *found] if same_need else [*found, *bought]


def _level(old: ItemThen, new: ItemThen) -> Iterator[Change]:
    if new.daily != old.daily:
        effect = (new.daily - old.daily) * old.days
        share = f" {abs(new.daily - old.daily) / old.daily:.0%}" if old.daily else ""
        went = f"from {plain(old.daily)} to {plain(new.daily)} a day"
        yield Change(Cause.DEMAND, f"Expected demand {_moved(effect)}{share}, {went}.", effect)
    if new.days != old.days:
        words = f"{new.days} days are to be covered instead of {old.days}."
        yield Change(Cause.COVER, words, new.daily * (new.days - old.days))
    if new.buffer != old.buffer:
        effect = new.buffer - old.buffer
        words = f"The buffer {_moved(effect)} from {plain(old.buffer)} to {plain(new.buffer)}"
        if new.service_level != old.service_level:
            levels = f"service level is {new.service_level:.1%} instead of {old.service_level:.1%}"
            yield Change(Cause.POLICY, f"{words}, as the {levels}.", effect)
        else:
            yield Change(Cause.BUFFER, f"{words}.", effect)


def _position(old: ItemThen, new: ItemThen, arrived: Decimal) -> Iterator[Change]:
    if arrived:
        yield Change(Cause.ARRIVED, f"{plain(arrived)} arrived.")
    if stock := new.on_hand - old.on_hand - arrived:
        beside = " besides" if arrived else ""
        went = "" if arrived else f", from {plain(old.on_hand)} to {plain(new.on_hand)}"
        yield Change(Cause.STOCK, f"Stock {_moved(stock)} by {plain(abs(stock))}{beside}{went}.", -stock)
    if ordered := new.on_order - old.on_order + arrived:
        words = "more are on order" if ordered > 0 else "fewer are on order"
        yield Change(Cause.ORDERED, f"{plain(abs(ordered))} {words}.", -ordered)
    held = new.held_back - old.held_back
    if promised := new.committed - old.committed:
        went = f"from {plain(old.committed)} to {plain(new.committed)}"
        yield Change(Cause.PROMISED, f"Customers' open orders {_moved(promised)} {went}.", held)
    elif held:
        went = f"from {plain(old.held_back)} to {plain(new.held_back)}"
        yield Change(Cause.PROMISED, f"What is due to customers or put aside {_moved(held)} {went}.", held)


def _bought(old: ItemThen, new: ItemThen) -> Iterator[Change]:
    if not old.bought or not new.bought:
        return
    before = {line.supplier: line for line in old.bought}
    if set(before) != {line.supplier for line in new.bought}:
        yield Change(Cause.SUPPLIER, f"Bought from {new.suppliers} instead of {old.suppliers}.")
    for line in new.bought:
        then = before.get(line.supplier)
        if then and (then.unit_price, then.currency) != (line.unit_price, line.currency):
            share = ""
            if then.currency == line.currency and then.unit_price:
                share = f" ({(line.unit_price - then.unit_price) / then.unit_price:+.1%})"
            price, instead = plain_price(line.unit_price, line.currency), plain_price(then.unit_price)
            if then.currency != line.currency:
                instead = plain_price(then.unit_price, then.currency)
            words = f"{price} instead of {instead}{share}"
            yield Change(Cause.PRICE, f"{line.supplier} takes {words}.")


def _moved(by: Decimal) -> str:
    return "rose" if by > 0 else "fell"


def _signed(value: Decimal) -> str:
    return f"+{plain(value)}" if value > 0 else f"−{plain(-value)}"
