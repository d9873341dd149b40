"""What to do about an order that is short of its supplier's minimum, or of free delivery: three ways, each in money.

*Add* what is needed anyway soon: it lies here earlier, which costs holding. *Wait* until enough is due by itself: what
runs out meanwhile is missed. *Move* the lines to another supplier: goods and delivery cost something else there. All
money is in the supplier's currency, and `net` is what is gained against leaving the order as it is.

    holding cost = sum over the units added: price * holding rate a year * days earlier / 365

A unit would be bought on the day its item is due, `days` from now; with the usual `batch` every so often, the
(k + 1)-th batch `cycle_days` * k later: Silver, Pyke & Thomas, Inventory and Production Management, ch. 10 (coordinated
replenishment).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from suppliers.packing import pack_up
from suppliers.prices import Tiers, cost

CENT = Decimal("0.01")
YEAR = 365
TRIED = 1_000  # pack counts, before the answer that certainly holds is taken
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
    """An item that the supplier offers and that is not due yet, or not in the order."""

    key: int  # the caller's id of the offer
    name: str
    days: int  # until it is due
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
    lead_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """All lines of the order at another supplier's prices."""

    supplier: str
    code: str
    goods: Decimal
    charges: Decimal  # delivery and surcharge, on top of what is drafted there already


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
    supplier: str = ""  # code of the one to move to

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
    ways: tuple[Way, ...]  # best first

    @property
    def words(self) -> str:
        saves = f" (saves {self.threshold.saves:,.2f})" if self.threshold.saves else ""
        refused = "; such an order is refused" if self.threshold.refused else ""
        return f"{self.short:,.2f} short of {self.threshold.words}{saves}{refused}."


def holding_cost(item: SoonDue, quantity: Decimal, rate: Decimal) -> Decimal:
    """Of having so much now. rate: a year, as a share of the price."""
    value = cost(item.tiers, quantity, incremental=item.incremental)
    batches = (quantity / item.batch).to_integral_value(ROUND_FLOOR)
    # Whole batches 0 .. batches - 1, and what is left of the last one: days earlier, weighed by units.
    whole = item.batch * (batches * item.days + item.cycle_days * batches * (batches - 1) / 2)
    rest = (quantity - batches * item.batch) * (item.days + item.cycle_days * batches)
    return (value / quantity * rate * (whole + rest) / YEAR).quantize(CENT, ROUND_HALF_UP)


def advise(
    *,
    threshold: Threshold,
    goods: Decimal,
    charges: Decimal,
    soon: Sequence[SoonDue],
    lines: Sequence[OpenLine],
    elsewhere: Sequence[Elsewhere],
    rate: Decimal,
) -> Advice | None:
    """None where the order is not short. goods, charges: of the order as it is; rate: holding cost, a share a year."""
    short = threshold.needed - goods
    if short <= 0:
        return None
    found = (
        _add(threshold, short, soon, rate),
        _wait(threshold, short, soon, lines),
        _move(goods + charges, elsewhere),
    )
    ways = sorted((way for way in found if way), key=lambda way: (-way.net, way.kind))
    return Advice(threshold=threshold, short=short, ways=tuple(ways))


# -- adding ----------------------------------------------------------------------------------------------------
def _add(threshold: Threshold, short: Decimal, soon: Sequence[SoonDue], rate: Decimal) -> Way | None:
    """The cheapest to hold: batch after batch in the order in which they will be due, whichever items they are of.

    With any number of batches taken, any one item may be what brings the rest; the best of all these is taken.
    """
    items = {item.key: item for item in soon if item.most > 0}
    taken: dict[int, Decimal] = {}
    found: list[dict[int, Decimal]] = []
    for key, quantity in _batches(items.values()):
        found += _endings(items, taken, short)
        taken[key] = quantity
    found += _endings(items, taken, short)
    plans = [
        [_added(items[key], quantity, rate) for key, quantity in plan.items() if quantity] for plan in found
    ]
    if not plans:
        return None
    lines = sorted(min(plans, key=lambda plan: _burden(plan)), key=lambda line: (line.days, line.name))
    return Way(
        kind="add", net=threshold.saves - _burden(lines)[0], lines=tuple(lines), words=_add_words(lines)
    )


def _batches(items: Iterable[SoonDue]) -> list[tuple[int, Decimal]]:
    """(item, how much of it with this batch), in the order in which the batches are due."""
    due: list[tuple[int, str, int, Decimal]] = []
    for item in items:
        for batch in range(1 + max(0, FARTHEST - item.days) // item.cycle_days):
            wanted = pack_up(
                item.batch * (batch + 1), pack_size=item.pack_size, minimum=item.minimum
            ).quantity
            due.append((item.days + batch * item.cycle_days, item.name, item.key, min(wanted, item.most)))
    return [(key, quantity) for _, _, key, quantity in sorted(due)]


def _endings(
    items: Mapping[int, SoonDue], taken: Mapping[int, Decimal], short: Decimal
) -> list[dict[int, Decimal]]:
    """What is taken with one item changed to what is still missing."""
    worth = {
        key: cost(items[key].tiers, quantity, incremental=items[key].incremental)
        for key, quantity in taken.items()
    }
    in_all = sum(worth.values(), Decimal(0))
    found = []
    for key, item in items.items():
        missing = short - in_all + worth.get(key, Decimal(0))
        quantity = Decimal(0) if missing <= 0 else least_worth(item, missing)
        if quantity is not None:
            found.append({**taken, key: quantity})
    return found


def _burden(lines: Iterable[Added]) -> tuple[Decimal, Decimal]:
    """Holding cost, then value: the less of it the better."""
    added = list(lines)
    return sum((line.holding for line in added), Decimal(0)), sum((line.value for line in added), Decimal(0))


def least_worth(item: SoonDue, value: Decimal) -> Decimal | None:
    """The least that can be bought for at least so much money; None where `most` does not come to it."""

    def worth(quantity: Decimal) -> bool:
        return cost(item.tiers, quantity, incremental=item.incremental) >= value

    least = pack_up(item.minimum, pack_size=item.pack_size, minimum=item.minimum).quantity
    dearest = max(price for _, price in item.tiers)
    if dearest <= 0 or least > item.most:
        return None
    start = max(least, (value / dearest / item.pack_size).to_integral_value(ROUND_CEILING) * item.pack_size)
    for packs in range(TRIED):
        quantity = start + packs * item.pack_size
        if quantity > item.most:
            return None
        if worth(quantity):
            return quantity
    return item.most if worth(item.most) else None


def _added(item: SoonDue, quantity: Decimal, rate: Decimal) -> Added:
    return Added(
        key=item.key,
        name=item.name,
        days=item.days,
        quantity=quantity,
        value=cost(item.tiers, quantity, incremental=item.incremental).quantize(CENT, ROUND_HALF_UP),
        holding=holding_cost(item, quantity, rate),
    )


def _add_words(lines: Sequence[Added]) -> str:
    days = sorted({line.days for line in lines})
    when = f"{days[0]} to {days[-1]} days" if len(days) > 1 else f"{days[0]} day{'s' if days[0] != 1 else ''}"
    due = "today" if days == [0] else f"in {when}"
    listed = ", ".join(f"{line.quantity.normalize():f} x {line.name}" for line in lines)
    value, holding = (
        sum((getattr(line, name) for line in lines), Decimal(0)) for name in ("value", "holding")
    )
    items = f"These {len(lines)} items you need" if len(lines) > 1 else "This item you need"
    return f"{items} {due} anyway: add {listed} for {value:,.2f}; holding cost {holding:,.2f}."


# -- waiting ---------------------------------------------------------------------------------------------------
def _wait(
    threshold: Threshold, short: Decimal, soon: Sequence[SoonDue], lines: Sequence[OpenLine]
) -> Way | None:
    """The first day on which enough is due: more of what is in the order, and what becomes due until then."""
    a_day = sum((line.daily * line.unit_price for line in lines), Decimal(0))
    for days in range(1, FARTHEST + 1):
        due = sum((_usual_value(item) for item in soon if item.days <= days), Decimal(0))
        if days * a_day + due >= short:
            return _waited(threshold, days, lines)
    return None


def _usual_value(item: SoonDue) -> Decimal:
    usual = pack_up(item.batch, pack_size=item.pack_size, minimum=item.minimum).quantity
    return cost(item.tiers, min(usual, item.most), incremental=item.incremental) if item.most else Decimal(0)


def _waited(threshold: Threshold, days: int, lines: Sequence[OpenLine]) -> Way:
    missed = Decimal(0)
    out: list[str] = []
    for line in lines:
        without = min(days, max(0, line.lead_days + days - line.lasts_days))
        if without and line.daily:
            missed += without * line.daily * line.unit_price
            out.append(f"{line.name} for {without} day{'s' if without > 1 else ''}")
    missed = missed.quantize(CENT, ROUND_HALF_UP)
    words = f"Wait {days} day{'s' if days > 1 else ''}: then enough is due by itself"
    words += "." if out else ", and at the demand expected nothing runs out."
    if out:
        listed = ", ".join(out[:3]) + (f" and {len(out) - 3} more" if len(out) > 3 else "")
        words += f" Without stock meanwhile: {listed}; goods for {missed:,.2f} would be missed."
    return Way(kind="wait", net=threshold.saves - missed, days=days, words=words)


# -- moving ----------------------------------------------------------------------------------------------------
def _move(here: Decimal, elsewhere: Sequence[Elsewhere]) -> Way | None:
    if not elsewhere:
        return None
    best = min(elsewhere, key=lambda other: (other.goods + other.charges, other.code))
    there = best.goods + best.charges
    than = (
        "as much as here"
        if there == here
        else f"{abs(there - here):,.2f} {'more' if there > here else 'less'} than here"
    )
    with_delivery = (
        f" with {best.charges:,.2f} for delivery" if best.charges else ", nothing more for delivery"
    )
    words = f"Move all lines to {best.supplier}: {there:,.2f}{with_delivery}, {than}."
    return Way(kind="move", net=here - there, supplier=best.code, words=words)
