"""What a new price list means in money, and from which quantity another supplier is cheaper now. Exact.

What a quantity costs is piecewise linear in it, for all-units tiers with jumps and for incremental ones with kinks
(Hadley & Whitin, Analysis of Inventory Systems, ch. 2.11-2.12). Between two neighbouring tier starts of either
list both are straight lines a + p q, so that the difference changes its sign at most once there, at a fraction.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from suppliers.packing import plain
from suppliers.prices import Tiers, cost, unit_price

YEAR = 365


@dataclass(frozen=True, slots=True)
class Prices:
    """One supplier's list, with what a unit of its currency is worth in that of the comparison."""

    tiers: Tiers
    incremental: bool = False
    worth: Decimal = Decimal(1)

    def of(self, quantity: Decimal) -> Decimal:
        """All of it, in the currency of the comparison."""
        return cost(self.tiers, quantity, incremental=self.incremental) * self.worth

    def each(self, quantity: Decimal) -> Decimal:
        return unit_price(self.tiers, quantity, incremental=self.incremental) * self.worth


@dataclass(frozen=True, slots=True)
class Stretch:
    """Quantities from `start` on; up to but without `end`, or without one."""

    start: Fraction
    with_start: bool
    end: Fraction | None
    with_end: bool = False

    def first(self, pack: Decimal, least: Decimal) -> Decimal | None:
        """The smallest whole number of packs in it, from `least` on; None if there is none."""
        size = Fraction(pack)
        packs = -(-max(self.start, Fraction(least)) // size)
        if packs * size == self.start and not self.with_start:
            packs += 1
        inside = self.end is None or packs * size < self.end or (self.with_end and packs * size == self.end)
        return Decimal(int(packs)) * pack if inside and packs > 0 else None

    def last(self, pack: Decimal) -> Decimal | None:
        """The largest whole number of packs in it; None where it has no end."""
        if self.end is None:
            return None
        packs = self.end // Fraction(pack)
        if packs * Fraction(pack) == self.end and not self.with_end:
            packs -= 1
        return Decimal(int(packs)) * pack


def yearly_effect(before: Prices, after: Prices, *, usual: Decimal, daily: Decimal) -> Decimal:
    """What a year's expected demand costs more than before, bought in the usual quantity. Negative: less."""
    return (after.each(usual) - before.each(usual)) * daily * YEAR


def cheaper(one: Prices, other: Prices) -> list[Stretch]:
    """Where `one` costs less than `other`, ascending; neighbours are joined."""
    found: list[Stretch] = []
    starts = sorted({Fraction(0), *(_fractions(one.tiers)), *(_fractions(other.tiers))})
    for start, end in zip(starts, [*starts[1:], None], strict=True):
        for stretch in _within(one, other, start, end):
            last = found[-1] if found else None
            if last and last.end == stretch.start and (last.with_end or stretch.with_start):
                found[-1] = Stretch(last.start, last.with_start, stretch.end, stretch.with_end)
            else:
                found.append(stretch)
    return found


def _fractions(tiers: Tiers) -> Iterator[Fraction]:
    """Where another tier begins; the first one holds from 0 on."""
    return (Fraction(start) for start, _ in tiers[1:])


def _line(prices: Prices, start: Fraction) -> tuple[Fraction, Fraction]:
    """(a, p): a quantity q from `start` on costs a + p q, up to the next tier."""
    reached = [tier for at, tier in enumerate(prices.tiers) if not at or Fraction(tier[0]) <= start]
    worth = Fraction(prices.worth)
    price = Fraction(reached[-1][1])
    if not prices.incremental:
        return Fraction(0), price * worth
    begins = Fraction(reached[-1][0]) if len(reached) > 1 else Fraction(0)
    spent = (
        Fraction(cost(prices.tiers, reached[-1][0], incremental=True)) if len(reached) > 1 else Fraction(0)
    )
    return (spent - price * begins) * worth, price * worth


def _within(one: Prices, other: Prices, start: Fraction, end: Fraction | None) -> Iterator[Stretch]:
    (a, p), (b, q) = _line(one, start), _line(other, start)
    more, slope = a - b, p - q  # of the difference, which has to be below 0
    if slope == 0:
        if more < 0:
            yield Stretch(start, True, end)
        return
    root = -more / slope
    if slope > 0:  # below 0 before the root
        if root > start:
            yield Stretch(start, True, root if end is None or root < end else end)
    elif end is None or root < end:  # below 0 after it
        yield Stretch(root, False, end) if root >= start else Stretch(start, True, end)


@dataclass(frozen=True, slots=True)
class Rival:
    """Another supplier of the same item."""

    name: str
    prices: Prices
    pack: Decimal
    least: Decimal


def crossing_words(
    supplier: str, before: Prices, after: Prices, rivals: Sequence[Rival], *, own: Rival, usual: Decimal
) -> str:
    """Who is cheaper now than the other, and was not before; empty where nobody changed places.

    Of several rivals the one with the lowest price for the usual quantity.
    """
    for rival in sorted(rivals, key=lambda rival: (rival.prices.each(max(usual, rival.least)), rival.name)):
        now = _from(cheaper(rival.prices, after), rival)
        if (
            now
            and now != _from(cheaper(rival.prices, before), rival)
            and _gained(rival, before, after, usual)
        ):
            return f"{rival.name} is now cheaper {now}"
        now = _from(cheaper(after, rival.prices), own)
        if (
            now
            and now != _from(cheaper(before, rival.prices), own)
            and not _gained(rival, before, after, usual)
        ):
            return f"{supplier} is now cheaper than {rival.name} {now}"
    return ""


def _gained(rival: Rival, before: Prices, after: Prices, usual: Decimal) -> bool:
    """The new list is dearer: for the usual quantity, or where that costs the same, at its tiers and the rival's."""
    if (more := after.each(usual) - before.each(usual)) != 0:
        return more > 0
    marks = {start for start, _ in (*before.tiers, *after.tiers, *rival.prices.tiers) if start > 0}
    return sum(after.each(mark) - before.each(mark) for mark in marks) > 0


def _from(stretches: Sequence[Stretch], rival: Rival) -> str:
    """ "from 300 up", "from 100 to 299", "at any quantity"; empty for none that can be bought."""
    said = []
    for first, last in _sold(stretches, rival):
        if last is None:
            said.append("at any quantity" if first <= rival.least else f"from {plain(first)} up")
        else:
            said.append(f"from {plain(first)} to {plain(last)}" if last > first else f"for {plain(first)}")
    return " and ".join(said)


def _sold(stretches: Sequence[Stretch], rival: Rival) -> list[tuple[Decimal, Decimal | None]]:
    """(smallest, largest quantity) of each in whole packs; joined where no number of packs lies between them."""
    found: list[tuple[Decimal, Decimal | None]] = []
    for stretch in stretches:
        first = stretch.first(rival.pack, rival.least)
        if first is None:
            continue
        before = found.pop() if found and found[-1][1] == first - rival.pack else None
        found.append((before[0] if before else first, stretch.last(rival.pack)))
    return found
