"""Holding a supplier's own sum against what its answer says line by line."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from suppliers.messages import Charge

CENT = Decimal("0.01")
HALF_STEP = Decimal("0.00005")  # of a unit price, which has four digits after the point


def total_objection(
    total: Decimal | None, lines: Iterable[tuple[Decimal, Decimal]], charges: Sequence[Charge]
) -> str:
    """Why `total` cannot be that of these lines (quantity, price); empty if it can.

    Whether a sum holds the charges is told by nobody, so either is right. Each line may be rounded on its own.
    """
    if total is None:
        return ""
    told = list(lines)
    goods = sum((quantity * price for quantity, price in told), Decimal(0))
    added = sum((charge.amount for charge in charges), Decimal(0))
    slack = CENT + sum((CENT + quantity * HALF_STEP for quantity, _ in told), Decimal(0))
    if min(abs(total - goods), abs(total - goods - added)) <= slack:
        return ""
    rest = f" and its charges to {added:.2f}" if added else ""
    return (
        f"The supplier counts {total:.2f} for the order without tax, but its lines come to {goods:.2f}{rest}."
    )
