"""What a supplier answered against what was asked, line by line, and what it costs or saves."""

import hashlib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from orders.models import OrderMail, PurchaseOrder, PurchaseOrderLine, Status
from suppliers.packing import plain

ANSWERED = (Status.CONFIRMED, Status.SHIPPED)


@dataclass(frozen=True, slots=True)
class LineDiff:
    line: PurchaseOrderLine

    @property
    def quantity_changed(self) -> bool:
        return self.line.confirmed_quantity != self.line.quantity

    @property
    def price_changed(self) -> bool:
        return self.line.confirmed_price != self.line.unit_price

    @property
    def date_changed(self) -> bool:
        """Of goods that come; a line that is not delivered has no date."""
        promised: date | None = self.line.promised_date
        return bool(self.line.confirmed_quantity and promised and promised != self.line.requested_date)

    @property
    def days_later(self) -> int:
        """Earlier is negative; 0 where no day was asked for."""
        promised, asked = self.line.promised_date, self.line.requested_date
        return (promised - asked).days if promised and asked else 0

    @property
    def days_earlier(self) -> int:
        return -self.days_later

    @property
    def effect(self) -> Decimal:
        return (self.line.confirmed_total or Decimal(0)) - self.line.total


@dataclass(frozen=True, slots=True)
class AnswerDiff:
    kind: str  # OrderMail.Kind
    fingerprint: str  # the same for the same answer
    changed: tuple[LineDiff, ...]
    lines: int
    asked: Decimal  # goods, without delivery
    confirmed: Decimal

    @property
    def effect(self) -> Decimal:
        return self.confirmed - self.asked


def answer_diff(order: PurchaseOrder) -> AnswerDiff | None:
    """None while there is nothing to tell: not answered, or confirmed as asked."""
    lines = list(order.lines.order_by("line_number"))
    asked = sum((line.total for line in lines), Decimal(0))
    if order.status == Status.REJECTED:
        return AnswerDiff(
            OrderMail.Kind.REJECTED, _fingerprint("rejected", []), (), len(lines), asked, Decimal(0)
        )
    changed = [line for line in lines if line.is_changed]
    if order.status not in ANSWERED or not changed:
        return None
    return AnswerDiff(
        kind=OrderMail.Kind.CHANGED,
        fingerprint=_fingerprint("changed", lines),
        changed=tuple(LineDiff(line) for line in changed),
        lines=len(lines),
        asked=asked,
        confirmed=sum((line.confirmed_total or Decimal(0) for line in lines), Decimal(0)),
    )


def _fingerprint(kind: str, lines: list[PurchaseOrderLine]) -> str:
    said = [
        f"{line.line_number}:{_plain(line.confirmed_quantity)}:{_plain(line.confirmed_price)}:"
        f"{line.promised_date}:{line.substitute_sku}"
        for line in lines
    ]
    return hashlib.sha256("|".join([kind, *said]).encode()).hexdigest()


def _plain(number: Decimal | None) -> str:
    return "" if number is None else plain(number)
