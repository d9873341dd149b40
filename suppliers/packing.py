"""Rounding a wanted quantity to what the supplier sells.
Pure: the planner and the order page use the same rule.
"""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal


@dataclass(frozen=True, slots=True)
class Packed:
    quantity: Decimal
    note: str  # empty if nothing changed, else e.g. "12 → 18, pack of 6"


def plain(number: Decimal) -> str:
    """A quantity as people write it: 12, 0.5, never 12.0000 or 1E+2."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def plain_price(number: Decimal, currency: str = "") -> str:
    """The price of a unit as people write it in a sentence: 1.10 GBP, 0.0375, never 1.1 or 1.1000."""
    whole, _, cents = plain(number).partition(".")
    return f"{whole}.{cents:0<2} {currency}".strip()


def plain_money(amount: Decimal, currency: str = "") -> str:
    """An amount as people write it in a sentence, to the cent: 5.00 GBP, 1,234.50."""
    return f"{amount:,.2f} {currency}".strip()


def packs_up(quantity: Decimal, pack_size: Decimal) -> Decimal:
    """The smallest whole number of packs that covers `quantity`."""
    return (quantity / pack_size).to_integral_value(rounding=ROUND_CEILING) * pack_size


def pack_up(quantity: Decimal, *, pack_size: Decimal, minimum: Decimal) -> Packed:
    """The smallest sellable quantity that covers `quantity` (> 0):
    at least `minimum`, a whole number of packs.
    """
    wanted = max(quantity, minimum)
    packed = packs_up(wanted, pack_size)
    if packed == quantity:
        return Packed(packed, "")
    why = []
    if minimum > quantity:
        why.append(f"minimum {plain(minimum)}")
    if packed != wanted:
        why.append(f"pack of {plain(pack_size)}")
    return Packed(packed, f"{plain(quantity)} → {plain(packed)}, {', '.join(why)}")


def pack_down(available: Decimal, *, pack_size: Decimal, minimum: Decimal) -> Decimal:
    """The most that can be ordered out of `available` stock:
    whole packs, or 0 if that is below the minimum.
    """
    packed = (available // pack_size) * pack_size
    return packed if packed >= minimum else Decimal(0)
