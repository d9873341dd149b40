"""Reading one cell. Each reader takes the cell's text and returns the value, or raises `BadValue` with the reason."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, TypeAlias

from procurement.sources.dialect import COMMA_DECIMAL, POINT_DECIMAL
from suppliers.rates import rate_objection

NOT_COMPUTED = "=?"  # stands for a formula of a spreadsheet without a value
WHOLE_DIGITS, DECIMALS = 10, 4  # what the database keeps of a quantity or price
RATE_DECIMALS = 12


class BadValue(ValueError):
    """The cell cannot be what its column says; the message is for the person who made the file."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How this file writes things."""

    decimal_sign: str
    month_first: bool
    today: date


Reader: TypeAlias = Callable[[str, Reading], Any]

EXCEL_TEXT = re.compile(r'^="([^"]*)"$')  # ="00123", how exports keep leading zeros from Excel
FORMULA_STARTS = ("=", "@", "+", "-")


def code(longest: int) -> Reader:
    """An identifier: sku, order number, supplier's code."""

    def read(text: str, reading: Reading) -> str:
        wrapped = EXCEL_TEXT.match(text)
        text = wrapped[1].strip() if wrapped else text
        if text != NOT_COMPUTED and text.startswith(FORMULA_STARTS):
            raise BadValue(f"begins with {text[0]!r}, which a spreadsheet takes for a formula")
        return _printable(text, longest)

    return read


def words(longest: int) -> Reader:
    """A name or description."""

    def read(text: str, reading: Reading) -> str:
        if text != NOT_COMPUTED and text.startswith(("=", "@")):
            raise BadValue(f"begins with {text[0]!r}, which a spreadsheet takes for a formula")
        return _printable(text, longest)

    return read


SHEET_ERRORS = {
    "#REF!", "#N/A", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "Err:502", "Err:508",
}  # fmt: skip


def _printable(text: str, longest: int) -> str:
    if text in SHEET_ERRORS:
        raise BadValue("is an error of the spreadsheet; mend its formula")
    if text == NOT_COMPUTED:
        raise BadValue(
            "is a formula whose value is not in the file; open it in the spreadsheet program and save it"
        )
    if any(ord(char) < 32 or ord(char) == 127 for char in text):
        raise BadValue("contains a control character")
    if len(text) > longest:
        raise BadValue(f"has {len(text)} characters; at most {longest} are kept")
    return text


TRAILING_MINUS = re.compile(r"^[\d.,]+-$")  # as some ERP systems write what is below zero


def number(text: str, reading: Reading, *, most_decimals: int = DECIMALS) -> Decimal:
    if text == NOT_COMPUTED or text in SHEET_ERRORS:
        _printable(text, len(text))
    if TRAILING_MINUS.match(text):
        text = f"-{text[:-1]}"
    pattern = COMMA_DECIMAL if reading.decimal_sign == "," else POINT_DECIMAL
    if not text.isascii() and any(char.isdigit() and not char.isascii() for char in text):
        raise BadValue("is not written in the digits 0 to 9")
    if not pattern.match(text):
        other = POINT_DECIMAL if reading.decimal_sign == "," else COMMA_DECIMAL
        if other.match(text):
            raise BadValue(
                f"does not fit the rest of the file, whose decimal sign is {reading.decimal_sign!r}"
            )
        if re.match(r"^[+-]?[\d.,]+[eE][+-]?\d+$", text):
            raise BadValue("is in scientific notation; write the number out")
        raise BadValue("is not a number")
    plain = re.sub(r"[^\d,.+-]", "", text).replace("." if reading.decimal_sign == "," else ",", "")
    value = Decimal(plain.replace(",", "."))
    whole, _, decimals = f"{abs(value):f}".partition(".")
    if len(whole) > WHOLE_DIGITS:
        raise BadValue(f"is too large; at most {WHOLE_DIGITS} digits before the decimal sign are kept")
    if len(decimals.rstrip("0")) > most_decimals:
        raise BadValue(f"has more than {most_decimals} decimals")
    return value


def quantity(text: str, reading: Reading) -> Decimal:
    value = number(text, reading)
    if value < 0:
        raise BadValue("is negative")
    return value


def positive(text: str, reading: Reading) -> Decimal:
    value = number(text, reading)
    if value <= 0:
        raise BadValue("must be above 0")
    return value


def exchange_rate(text: str, reading: Reading) -> Decimal:
    value = number(text, reading, most_decimals=RATE_DECIMALS)
    if why := rate_objection(value):
        raise BadValue(why)
    return value


def whole_number(least: int, most: int) -> Reader:
    def read(text: str, reading: Reading) -> int:
        value = number(text, reading)
        if value != value.to_integral_value():
            raise BadValue("is not a whole number")
        if not least <= value <= most:
            raise BadValue(f"must be between {least} and {most}")
        return int(value)

    return read


ISO = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})$")
DAY_MONTH = re.compile(r"^(\d{1,2})[./-](\d{1,2})[./-](\d{4})$")


def any_date(text: str, reading: Reading) -> date:
    """yyyy-mm-dd, or dd/mm/yyyy (mm/dd/yyyy only where the file was said to have it); a time after it is ignored."""
    if text == NOT_COMPUTED or text in SHEET_ERRORS:
        _printable(text, len(text))
    day_text = re.split(r"[T ]", text, maxsplit=1)[0]
    if iso := ISO.match(day_text):
        year, month, day = map(int, iso.groups())
    elif parts := DAY_MONTH.match(day_text):
        first, second, year = map(int, parts.groups())
        month, day = (first, second) if reading.month_first else (second, first)
        if month > 12 >= day:
            expected, option = ("month", "dmy") if reading.month_first else ("day", "mdy")
            raise BadValue(
                f"has no month {month}; dates are read with the {expected} first, say --dates {option} if not so"
            )
    else:
        raise BadValue("is not a date such as 2026-03-31 or 31/03/2026")
    try:
        value = date(year, month, day)
    except ValueError:
        raise BadValue("is a day that does not exist") from None
    if not 1970 <= year <= 2100:
        raise BadValue("is not in a year that makes sense here")
    return value


def past_date(text: str, reading: Reading) -> date:
    value = any_date(text, reading)
    if value > reading.today:
        raise BadValue(f"lies in the future; today is {reading.today}")
    return value


def moment(text: str, reading: Reading) -> datetime:
    """A day, perhaps with a time; without a zone, in the time zone of the installation."""
    day = past_date(text, reading)
    rest = re.split(r"[T ]", text, maxsplit=1)[1:]
    if not rest:
        return datetime.combine(day, time.min)
    try:
        clock = time.fromisoformat(rest[0].strip())
    except ValueError:
        raise BadValue("has a time that cannot be read; write it as 14:30") from None
    return datetime.combine(day, clock)


def hours_of_a_day(text: str, reading: Reading) -> Decimal:
    value = quantity(text, reading)
    if value > 24:
        raise BadValue("is more hours than a day has")
    return round(value, 2)


YES, NO = {"yes", "y", "true", "1", "open"}, {"no", "n", "false", "0", "closed"}


def yes_or_no(text: str, reading: Reading) -> bool:
    word = text.lower()
    if word not in YES | NO:
        raise BadValue("is neither yes nor no")
    return word in YES


def currency(text: str, reading: Reading) -> str:
    if not re.match(r"^[A-Za-z]{3}$", text):
        raise BadValue("is not a currency code such as GBP")
    return text.upper()


UNIT_WORDS = {
    "pc": "C62", "pcs": "C62", "piece": "C62", "pieces": "C62", "unit": "C62", "each": "C62",
    "case": "CS", "cases": "CS", "box": "BX", "boxes": "BX", "pack": "PK", "dozen": "DZN",
    "kg": "KGM", "g": "GRM", "t": "TNE", "l": "LTR", "ml": "MLT", "m": "MTR",
}  # fmt: skip


def unit(text: str, reading: Reading) -> str:
    """A UN/ECE Recommendation 20 code, or one of a few common words for one."""
    if known := UNIT_WORDS.get(text.lower()):
        return known
    if not re.match(r"^[A-Za-z0-9]{2,3}$", text):
        raise BadValue("is not a unit code of UN/ECE Recommendation 20, such as C62 (piece) or KGM")
    return text.upper()
