"""Reading Ecommerce Standards Documents: an absent field, null and an empty text all mean "not told"."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

from suppliers.connectors.jsondata import UNPRINTABLE, Json

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def told(record: Json, *names: str) -> Json | None:
    """The first of these fields that says anything."""
    for name in names:
        field = record.get(name)
        if field and field.value != "":
            return field
    return None


def code(record: Json, *names: str, limit: int) -> str:
    """A code or key, "" where none is told. Some samples write keys as numbers."""
    field = told(record, *names)
    if field is None:
        return ""
    if isinstance(field.value, Decimal) and field.value.is_finite() and abs(field.value.adjusted()) < limit:
        return f"{field.value:f}"
    return field.text(limit=limit) if not _blank(field) else ""


def note(record: Json, *names: str, limit: int) -> str:
    field = told(record, *names)
    return UNPRINTABLE.sub(" ", field.note(limit=limit)) if field else ""


def number(record: Json, *names: str, negative: bool = False) -> Decimal | None:
    """A number, also one written as a text; None where it is not told."""
    field = told(record, *names)
    if field is None:
        return None
    if isinstance(field.value, str) and len(field.value) <= 30:
        try:
            return Json(Decimal(field.value.strip()), field.what, field.path).number(negative=negative)
        except InvalidOperation:
            raise field.wrong("a number") from None
    return field.number(negative=negative)


def without_tax(record: Json, name: str, with_tax: str, tax: str) -> Decimal | None:
    """An amount without tax; worked out where only the other two are told."""
    amount = number(record, name, negative=True)
    if amount is not None:
        return amount
    whole, part = number(record, with_tax, negative=True), number(record, tax, negative=True)
    return whole - part if whole is not None and part is not None else None


def flag(record: Json, name: str) -> bool:
    """Y or N; N where it is not told."""
    field = told(record, name)
    if field is None:
        return False
    if field.value not in ("Y", "N"):
        raise field.wrong("Y or N")
    return bool(field.value == "Y")


def moment(record: Json, *names: str) -> datetime | None:
    """Milliseconds since 1970 in UTC; 0 means that it is not set."""
    for name in names:
        field = told(record, name)
        if field is None or field.value in (0, "0"):
            continue
        try:
            said = Decimal(field.value)
            # A number of millions of digits would take minutes to become a whole one.
            known = said.is_finite() and said.adjusted() < 15
            found = EPOCH + timedelta(milliseconds=int(said)) if known else EPOCH
        except (ArithmeticError, TypeError, ValueError):
            found = EPOCH
        if not EARLIEST <= found < LATEST:
            raise field.wrong("milliseconds since 1970, of a time from 2000 to 2200")
        return found
    return None


def milliseconds(at: datetime) -> int:
    return (at - EPOCH) // timedelta(milliseconds=1)


def entries(document: Json, name: str) -> list[Json]:
    """The records of a list that may be missing."""
    field = told(document, name)
    return list(field.items()) if field else []


def _blank(field: Json) -> bool:
    return isinstance(field.value, str) and not field.value.strip()
