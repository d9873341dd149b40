"""Reference rates in the XML that central banks publish: `Cube` elements with a day, and in each the rates against
the euro. As a file it is one of `RecordFile`; docs/importing.md.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from lxml import etree

from procurement.sources.base import ExchangeRateRecord, RowError, SourceUnreadable
from procurement.sources.record_files import Block, block_of
from suppliers.connectors.xmldata import LARGEST, Xml
from suppliers.exceptions import ProtocolError
from suppliers.rates import rate_objection

QUOTED_AGAINST = "EUR"
NUMBER = re.compile(r"[+-]?\d{1,12}(\.\d{1,12})?", re.ASCII)
CODE = re.compile(r"[A-Z]{3}", re.ASCII)
NAME_KEPT = 40


@dataclass(slots=True)
class RatesOfADay:
    date: date
    records: list[ExchangeRateRecord] = field(default_factory=list)
    problems: list[RowError] = field(default_factory=list)


def days_in(body: bytes, what: str, *, today: date) -> list[RatesOfADay]:
    """Oldest first. Raises `ProtocolError` where it is no such document."""
    root = Xml.parse(body, what, {})
    days: dict[date, RatesOfADay] = {}
    for element in root.every():
        if _name(element) == "Cube" and element.attribute("time"):
            day = _day(element)
            found = days.setdefault(day, RatesOfADay(day))
            if day > today + timedelta(days=1):
                found.problems.append(RowError(element.line, "time", day.isoformat(), "lies in the future"))
            else:
                _read(element, found)
    if not days:
        raise ProtocolError(
            f"{what} has no rates: no Cube element with a time. Perhaps it is another document."
        )
    return [days[day] for day in sorted(days)]


def _name(element: Xml) -> str:
    return etree.QName(element.tag).localname if element.tag.startswith(("{", "C")) else ""


def _day(element: Xml) -> date:
    said = element.attribute("time")
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise ProtocolError(
            f"{element.what}, line {element.line}: the time {said[:40]!r} is not a day such as 2026-01-31."
        ) from None


def _read(day: Xml, found: RatesOfADay) -> None:
    for element in day.every():
        code, said = element.attribute("currency"), element.attribute("rate")
        if not code and not said:
            continue
        value = Decimal(said) if NUMBER.fullmatch(said) else Decimal("NaN")
        why = "is not a currency code" if not CODE.fullmatch(code) else rate_objection(value)
        if any(code == known.quoted_in for known in found.records):
            why = "stands there twice"
        if why:
            shown = said if CODE.fullmatch(code) else code
            found.problems.append(RowError(element.line, code[:10] or "currency", shown[:40], why))
        else:
            found.records.append(
                ExchangeRateRecord(
                    line=element.line, date=found.date, currency=QUOTED_AGAINST, quoted_in=code, rate=value,
                    external_id=found.date.isoformat(),
                )
            )  # fmt: skip


class RateXmlFile:
    """Such a document as a file to be loaded."""

    lines = 0

    def __init__(self, path: Path, *, now: datetime) -> None:
        """Raises `SourceUnreadable`."""
        self.name, self.as_of = path.name[:NAME_KEPT], now
        self.warnings: list[str] = []
        try:
            if path.stat().st_size > LARGEST:
                raise SourceUnreadable(f"{path.name} has more than {LARGEST:,} bytes; cut it into years.")
            self._days = days_in(path.read_bytes(), path.name, today=now.date())
        except OSError as error:
            raise SourceUnreadable(f"{path} cannot be read: {error.strerror}.") from None
        except ProtocolError as error:
            raise SourceUnreadable(str(error)) from None
        self.lines = sum(len(day.records) + len(day.problems) for day in self._days)

    def blocks(self) -> Iterator[Block]:
        yield block_of(self._rows())

    def _rows(self) -> Iterator[ExchangeRateRecord | RowError]:
        for day in self._days:
            yield from _in_order(day.records, day.problems)


def _in_order(
    records: Sequence[ExchangeRateRecord], problems: Sequence[RowError]
) -> list[ExchangeRateRecord | RowError]:
    both: list[ExchangeRateRecord | RowError] = [*records, *problems]
    return sorted(both, key=lambda one: one.line)
