"""What a quantity costs by a list of tiers. Pure: the planner, the order page and the price alerts use the same rule.

*All-units*: the tier that the quantity reaches gives the price of every unit. *Incremental*: what lies between two
tiers costs the lower one's price, what lies beyond the last one reached costs that one's (Hadley & Whitin, Analysis of
Inventory Systems, ch. 2.11 and 2.12). Below the first tier its price is the best guess.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

Tiers = Sequence[tuple[Decimal, Decimal]]  # (from quantity, unit price), ascending, at least one
PRICE = Decimal("0.0001")  # what an order line can hold


def tier_reached(tiers: Tiers, quantity: Decimal) -> tuple[Decimal, Decimal]:
    return max((tier for tier in tiers if tier[0] <= quantity), default=tiers[0])


def cost(tiers: Tiers, quantity: Decimal, *, incremental: bool = False) -> Decimal:
    """Of that quantity, exactly."""
    if not incremental:
        return quantity * tier_reached(tiers, quantity)[1]
    starts = [Decimal(0), *(start for start, _ in tiers[1:])]
    ends = [*starts[1:], max(quantity, starts[-1])]
    return sum(
        (
            max(Decimal(0), min(quantity, end) - start) * price
            for start, end, (_, price) in zip(starts, ends, tiers, strict=True)
        ),
        Decimal(0),
    )


def unit_price(tiers: Tiers, quantity: Decimal, *, incremental: bool = False) -> Decimal:
    """Of one unit when so many (> 0) are bought; of incremental tiers the average, as a line has one price."""
    if not incremental:
        return tier_reached(tiers, quantity)[1]
    return (cost(tiers, quantity, incremental=True) / quantity).quantize(PRICE, ROUND_HALF_UP)
