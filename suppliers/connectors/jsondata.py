"""Reading JSON that somebody else wrote, and writing ours.

Numbers are `Decimal` from the first moment. Whatever is missing, of another type or absurd becomes a
`ProtocolError` that names the place (`line_items[2].quantity`), never a KeyError or TypeError further on.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import MAXYEAR, UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NoReturn, TypeVar

from suppliers.exceptions import ProtocolError

# What our rows hold: 14 digits, 4 of them after the point. Suppliers whose numbers went through binary
# floating point send 3.7000000000000002; that is 3.7.
STEP = Decimal("0.0001")
LIMIT = Decimal("1e10")
Meaning = TypeVar("Meaning")
FIRST_YEAR = 2000  # an empty date of somebody's database is 1900-01-01 or 0001-01-01
NUMBER = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?", re.ASCII)
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


def _shown(value: Any) -> str:
    if value is None:
        return "missing"
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    text = str(value) if isinstance(value, Decimal) else json.dumps(value)
    return text if len(text) <= 60 else text[:57] + "..."


class Json:
    """A value with the path that leads to it."""

    __slots__ = ("path", "value", "what")

    def __init__(self, value: Any, what: str, path: str = "") -> None:
        self.value = value
        self.what = what
        self.path = path

    @classmethod
    def parse(cls, body: bytes, what: str) -> "Json":
        if not body.strip():
            raise ProtocolError(f"{what} is empty.")
        if body.lstrip().startswith(b"<"):
            asked = "Is the address right, and is the system up?"
            raise ProtocolError(f"{what} is not readable JSON: it is a web page. {asked}")
        try:
            value = json.loads(body, parse_float=Decimal, parse_int=Decimal, parse_constant=_refuse_constant)
        except RecursionError:
            raise ProtocolError(f"{what} is nested too deeply to be read.") from None
        except (ValueError, ArithmeticError) as error:
            raise ProtocolError(f"{what} is not readable JSON: {error}.") from None
        return cls(value, what)

    def wrong(self, expected: str) -> ProtocolError:
        place = self.path or "the whole"
        return ProtocolError(f"{self.what}: {place} is {_shown(self.value)}, expected {expected}.")

    def get(self, name: str) -> "Json":
        """The member `name`; its value is None where it is absent."""
        if not isinstance(self.value, dict):
            raise self.wrong("an object")
        return Json(self.value.get(name), self.what, f"{self.path}.{name}" if self.path else name)

    def __bool__(self) -> bool:
        return self.value is not None

    def items(self) -> Iterator["Json"]:
        if not isinstance(self.value, list):
            raise self.wrong("a list")
        for index, value in enumerate(self.value):
            yield Json(value, self.what, f"{self.path}[{index}]")

    def text(self, *, limit: int) -> str:
        """A non-empty string of at most `limit` characters."""
        value = self.value
        if not isinstance(value, str) or not value.strip():
            raise self.wrong("a text")
        if UNPRINTABLE.search(value):
            raise ProtocolError(f"{self.what}: {self.path} contains characters that are not allowed.")
        if len(value.strip()) > limit:
            raise self.wrong(f"at most {limit} characters")
        return value.strip()

    def one_of(self, table: Mapping[str, Meaning]) -> Meaning:
        """What this word means by a literal table; one that is not in it is nobody's to guess."""
        word = self.text(limit=60)
        if word not in table:
            raise self.wrong("one of " + ", ".join(table))
        return table[word]

    def note(self, *, limit: int) -> str:
        """A remark for people: shortened and cleaned rather than refused; "" where absent."""
        if self.value is None:
            return ""
        if not isinstance(self.value, str):
            raise self.wrong("a text")
        return UNPRINTABLE.sub(" ", self.value).strip()[:limit]

    def number(self, *, negative: bool = False) -> Decimal:
        value = self.value
        if not isinstance(value, Decimal):
            raise self.wrong("a number")
        if value.is_finite() and value.adjusted() < 10 and abs(value) < LIMIT and (negative or value >= 0):
            return value.quantize(STEP, rounding=ROUND_HALF_UP)
        raise self.wrong("a number with at most 10 digits before the point" if value > 0 else "0 or more")

    def written_number(self, *, negative: bool = False) -> Decimal:
        """A number, also one that stands in quotes: "12.50". A decimal comma is nobody's to guess."""
        if isinstance(self.value, str) and NUMBER.fullmatch(self.value):
            return Json(Decimal(self.value), self.what, self.path).number(negative=negative)
        return self.number(negative=negative)

    def positive(self) -> Decimal:
        value = self.number()
        if not value:
            raise self.wrong("more than 0")
        return value

    def whole(self) -> int:
        value = self.number()
        if value != value.to_integral_value():
            raise self.wrong("a whole number")
        return int(value)

    def currency(self) -> str:
        value = self.text(limit=3).upper()
        if not re.fullmatch("[A-Z]{3}", value):
            raise self.wrong("an ISO 4217 currency")
        return value

    def day(self) -> date:
        value = self.text(limit=40)
        try:
            day = date.fromisoformat(value[:10])
        except ValueError:
            raise self.wrong("a date like 2026-01-31") from None
        if day.year < FIRST_YEAR:
            raise self.wrong(f"a date from {FIRST_YEAR} on")
        return day

    def moment(self) -> datetime:
        """An instant with its offset, in UTC."""
        value = self.text(limit=40)
        try:
            moment = datetime.fromisoformat(value)
            # At either end of the calendar no other time zone could show it.
            if moment.tzinfo is not None and FIRST_YEAR <= moment.year < MAXYEAR:
                return moment.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
        raise self.wrong("a date and time with an offset, like 2026-01-31T09:30:00Z")


def dumps(value: Any) -> bytes:
    """JSON in which a `Decimal` is written digit by digit; the standard encoder would need a float."""
    return _written(value).encode()


def _written(value: Any) -> str:
    if isinstance(value, dict):
        return (
            "{" + ", ".join(f"{json.dumps(str(key))}: {_written(item)}" for key, item in value.items()) + "}"
        )
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_written(item) for item in value) + "]"
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return json.dumps(value)
