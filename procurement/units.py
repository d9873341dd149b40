"""What one unit is in another: by physics, or by what was said of the item. Exact, or refused in words. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from suppliers.packing import plain

# UN/ECE Recommendation 20: the unit's quantity and how many of its base unit it is.
MEASURES: dict[str, tuple[str, Fraction]] = {
    code: (quantity, Fraction(times))
    for quantity, units in {
        "count": {
            "C62": "1", "H87": "1", "EA": "1", "PCE": "1", "DZN": "12", "GRO": "144", "CEN": "100",
            "MIL": "1000",
        },
        "mass": {
            "KGM": "1", "GRM": "0.001", "MGM": "0.000001", "DTN": "100", "TNE": "1000", "LBR": "0.45359237",
            "ONZ": "0.028349523125",
        },
        "volume": {"LTR": "1", "MLT": "0.001", "CLT": "0.01", "DLT": "0.1", "HLT": "100", "DMQ": "1",
                   "CMQ": "0.001", "MTQ": "1000"},
        "length": {"MTR": "1", "MMT": "0.001", "CMT": "0.01", "DMT": "0.1", "KMT": "1000", "INH": "0.0254",
                   "FOT": "0.3048", "YRD": "0.9144"},
        "area": {"MTK": "1", "CMK": "0.0001", "FTK": "0.09290304"},
    }.items()
    for code, times in units.items()
}  # fmt: skip
DECIMALS, LARGEST = 4, 10**10  # what the database keeps of a quantity


class UnitUnknown(ValueError):
    """Nobody has said how this unit converts; the message is for people."""


class NotExact(ValueError):
    """The quantity does not come out in the wanted unit; the message is for people."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """One `unit` is `quantity` of `base`: a case is 12 pieces."""

    unit: str
    quantity: Decimal
    base: str


def by_physics(unit: str, into: str) -> Fraction | None:
    """How many `into` one `unit` is of anything."""
    if unit == into:
        return Fraction(1)
    (kind, times), (other, divisor) = MEASURES.get(unit, ("", 0)), MEASURES.get(into, (".", 1))
    return Fraction(times) / divisor if kind == other else None


def times(unit: str, into: str, said: Sequence[Conversion] = ()) -> Fraction:
    """How many `into` one `unit` of the item is: by physics, else by what was said of it, in either direction."""
    if (known := by_physics(unit, into)) is not None:
        return known
    for conversion in sorted(
        said, key=lambda one: unit not in (one.unit, one.base)
    ):  # of the very unit first
        theirs, ours = by_physics(unit, conversion.unit), by_physics(conversion.base, into)
        if theirs is not None and ours is not None:
            return theirs * Fraction(conversion.quantity) * ours
        theirs, ours = by_physics(unit, conversion.base), by_physics(conversion.unit, into)
        if theirs is not None and ours is not None:
            return theirs / Fraction(conversion.quantity) * ours
    raise UnitUnknown(f"nobody has said how many {into} one {unit} of it is")


def exactly(value: Decimal, factor: Fraction, unit: str, into: str) -> Decimal:
    """`value` times the factor. Never rounded: what does not come out would be somebody's goods."""
    result = Fraction(value) * factor
    whole = result * 10**DECIMALS
    if whole.denominator != 1:
        raise NotExact(
            f"{plain(value)} {unit} do not come out in {into} to {DECIMALS} decimals (about {float(result):.6g})"
        )
    if abs(result) >= LARGEST:
        raise NotExact(f"{plain(value)} {unit} are more {into} than can be kept")
    return Decimal(int(whole)).scaleb(-DECIMALS)
