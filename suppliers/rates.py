"""Exchange rates as values, and what can be wrong with one. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal

from suppliers.packing import plain

LEAST, MOST = Decimal("0.000001"), Decimal(1_000_000)
CENT = Decimal("0.01")
SIX_FIGURES = Context(prec=6)  # as published rates have, so that what is shown is what is computed with


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """One unit of `currency` was worth `value` of `base` on that day."""

    currency: str
    base: str
    value: Decimal
    date: date
    source: str

    def __str__(self) -> str:
        return f"{self.short} of {self.date:%-d %b %Y}, {self.source}"

    @property
    def short(self) -> str:
        return f"1 {self.currency} = {plain(self.value)} {self.base}"

    def converted(self, amount: Decimal) -> Decimal:
        return (amount * self.value).quantize(CENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedRate:
    """As it was told: one unit of `currency` costs `value` of `quoted_in`."""

    currency: str
    quoted_in: str
    value: Decimal


def rate_objection(value: Decimal) -> str:
    """Why this can be no rate at all; empty if it can."""
    if not value.is_finite():
        return "is not a number"
    if value <= 0:
        return "must be above 0"
    if not LEAST <= value <= MOST:
        return f"is not between {plain(LEAST)} and {plain(MOST)}, as rates are"
    return ""


def rate_jump(value: Decimal, last: Rate, *, percent: Decimal) -> str:
    """Why a person should look at it, as against the last one; empty if nobody has to."""
    change = (value - last.value) / last.value * 100
    if abs(change) <= percent:
        return ""
    way = "above" if change > 0 else "below"
    return (
        f"{abs(change):,.1f} % {way} the rate of {last.date:%-d %b %Y} ({plain(last.value)}, {last.source})"
    )


def rates_to(base: str, quoted: Iterable[QuotedRate]) -> dict[str, Decimal]:
    """What a unit of each currency was worth in `base` on one day: as told, turned round, or over a third currency."""
    known = {base: Decimal(1)}
    waiting = list(quoted)
    while waiting:
        left = []
        for told in waiting:
            if told.quoted_in in known:
                known.setdefault(told.currency, _derived(told.value, known[told.quoted_in]))
            elif told.currency in known:
                known.setdefault(told.quoted_in, SIX_FIGURES.divide(known[told.currency], told.value))
            else:
                left.append(told)
        if len(left) == len(waiting):
            break  # nothing leads from these to ours
        waiting = left
    return {currency: value for currency, value in known.items() if currency != base}


def _derived(value: Decimal, worth: Decimal) -> Decimal:
    return value if worth == 1 else SIX_FIGURES.multiply(value, worth)
