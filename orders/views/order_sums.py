"""What an order comes to, asked and confirmed, and how far it is from the supplier's thresholds."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from orders.models import PurchaseOrder
from orders.views.order_lines import OrderRow
from suppliers.rates import Rate


@dataclass(frozen=True, slots=True)
class Sums:
    asked: Decimal  # goods, without delivery
    confirmed: Decimal | None
    fee: Decimal
    surcharge: Decimal
    lines: int
    changed: int  # lines the supplier answered differently
    edited: int  # lines that are not as suggested
    rate: Rate | None = None

    @property
    def total(self) -> Decimal:
        return self.asked + self.fee + self.surcharge

    @property
    def in_base(self) -> Decimal | None:
        """With delivery and surcharge, by the rate that the order keeps."""
        return self.rate.converted(self.total) if self.rate else None

    @property
    def change(self) -> Decimal | None:
        return None if self.confirmed is None else self.confirmed - self.asked


@dataclass(frozen=True, slots=True)
class Threshold:
    needed: Decimal
    reached: Decimal

    @property
    def short(self) -> Decimal:
        return max(Decimal(0), self.needed - self.reached)

    @property
    def high(self) -> Decimal:
        """From here on the meter is green: a cent below it is not."""
        return self.needed - Decimal("0.01")


def order_sums(order: PurchaseOrder, rows: Sequence[OrderRow]) -> Sums:
    confirmed = [row.line.confirmed_total for row in rows if row.line.confirmed_total is not None]
    return Sums(
        asked=sum((row.line.total for row in rows), Decimal(0)),
        confirmed=sum(confirmed, Decimal(0)) if confirmed else None,
        fee=order.delivery_fee,
        surcharge=order.surcharge,
        lines=len(rows),
        changed=sum(row.line.is_changed for row in rows),
        edited=sum(row.edited for row in rows),
        rate=order.rate,
    )


def threshold(needed: Decimal | None, reached: Decimal) -> Threshold | None:
    return Threshold(needed, reached) if needed else None
