"""What a plan knew of an item's position when it was made; it is kept with the plan, whatever became of the figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.dateparse import parse_datetime

from procurement.models import Requirement
from suppliers.templatetags.figures import to_decimal


@dataclass(frozen=True, slots=True)
class Told:
    source: str
    on_hand: str
    as_of: datetime | None


@dataclass(frozen=True, slots=True)
class KnownThen:
    on_hand: Decimal
    on_order: Decimal
    committed: Decimal
    as_of: datetime | None  # None: not kept, or nobody had told
    source: str
    old: str  # why, in words
    told: Sequence[Told]  # where several differed; the first counted
    put_aside: Decimal

    @property
    def available(self) -> Decimal:
        return self.on_hand + self.on_order - self.committed - self.put_aside


def known_then(found: Requirement) -> KnownThen:
    stock = found.reason.get("stock") if isinstance(found.reason, dict) else None
    stock = stock if isinstance(stock, dict) else {}
    told = stock.get("told")
    return KnownThen(
        on_hand=found.on_hand,
        on_order=found.on_order,
        committed=found.committed,
        as_of=_moment(stock.get("as_of")),
        source=str(stock.get("source") or ""),
        old=str(stock.get("old") or ""),
        told=[
            Told(str(source), str(figure), _moment(at))
            for source, figure, at in (told if isinstance(told, list) else [])
        ],
        put_aside=to_decimal(stock.get("reserved")) or Decimal(0),
    )


def _moment(text: Any) -> datetime | None:
    try:
        return parse_datetime(text) if isinstance(text, str) else None
    except ValueError:
        return None
