"""Numbers as people read them. Inputs never go through here: they carry plain machine numbers."""

from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django import template
from django.utils import formats, timezone

from suppliers.packing import plain as plain_number

register = template.Library()

SYMBOLS = {"GBP": "£", "EUR": "€", "USD": "$"}
DASH = "–"


def to_decimal(value: Any) -> Decimal | None:
    """Reasons come as JSON, where numbers are strings; anything that is no number is shown as a dash."""
    if value is None or value == "" or isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


@register.filter
def money(value: Any, currency: str = "") -> str:
    number = to_decimal(value)
    if number is None:
        return DASH
    text = formats.number_format(abs(number), 2, force_grouping=True)
    sign = "−" if number < 0 else ""
    symbol = SYMBOLS.get(currency)
    return f"{sign}{symbol}{text}" if symbol else f"{sign}{text} {currency}".strip()


@register.filter
def signed_money(value: Any, currency: str = "") -> str:
    number = to_decimal(value)
    text = money(number, currency)
    return f"+{text}" if number is not None and number > 0 else text


@register.filter
def price(value: Any, currency: str = "") -> str:
    """A unit price: two decimals, up to four where the supplier prices that finely."""
    number = to_decimal(value)
    if number is None:
        return DASH
    exponent = number.normalize().as_tuple().exponent
    decimals = min(4, max(2, -exponent if isinstance(exponent, int) else 2))
    text = formats.number_format(number, decimals, force_grouping=True)
    symbol = SYMBOLS.get(currency)
    return f"{symbol}{text}" if symbol else f"{text} {currency}".strip()


@register.filter
def qty(value: Any, decimals: int = 2) -> str:
    """12, 1,200 or 0.5; never 12.0000."""
    number = to_decimal(value)
    if number is None:
        return DASH
    rounded = round(number, decimals)
    text = formats.number_format(abs(rounded), None, force_grouping=True)
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"−{text}" if rounded < 0 else text


@register.filter
def percent(value: Any) -> str:
    """A share as a percentage: 0.95 is 95 %."""
    number = to_decimal(value)
    return DASH if number is None else f"{plain_number(round(number * 100, 1))}\N{NO-BREAK SPACE}%"


@register.filter
def plain(value: Any) -> str:
    """For inputs and data attributes: no grouping, no trailing zeros."""
    number = to_decimal(value)
    return "" if number is None else plain_number(number)


@register.filter
def times(value: Any, factor: Any) -> Decimal | None:
    left, right = to_decimal(value), to_decimal(factor)
    return None if left is None or right is None else left * right


@register.filter
def minus(value: Any, other: Any) -> Decimal | None:
    left, right = to_decimal(value), to_decimal(other)
    return None if left is None or right is None else left - right


@register.filter
def ago(value: datetime | date | None) -> str:
    """How long something has been waiting, in one unit: that is all a queue needs."""
    if value is None:
        return ""
    if not isinstance(value, datetime):
        days = (timezone.localdate() - value).days
        return "today" if days == 0 else f"{days} d" if days > 0 else f"in {-days} d"
    seconds = int((timezone.now() - value).total_seconds())
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if abs(seconds) >= size:
            return f"{seconds // size} {unit}" if seconds > 0 else f"in {-seconds // size} {unit}"
    return "just now"


@register.filter
def lasting(value: timedelta | None) -> str:
    """12 s, 3 min 5 s or 1 h 4 min."""
    if value is None:
        return ""
    seconds = max(0, int(value.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3_600:
        return f"{seconds // 60} min {seconds % 60} s"
    return f"{seconds // 3_600} h {seconds % 3_600 // 60} min"


UNITS = {
    "C62": ("piece", "pieces"),
    "EA": ("piece", "pieces"),
    "KGM": ("kg", "kg"),
    "LTR": ("l", "l"),
    "MTR": ("m", "m"),
}


@register.filter
def unit_word(code: str, quantity: Any = None) -> str:
    one, many = UNITS.get(code, (code, code))
    return one if to_decimal(quantity) == 1 else many
