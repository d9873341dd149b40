"""Rules about orders, without a database: who may approve, what a change may be, what delivery costs."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class ApprovalPolicy:
    four_eyes: bool


def approval_objection(
    policy: ApprovalPolicy, *, has_permission: bool, approver_id: int, last_edited_by_id: int | None
) -> str:
    """Why this person may not approve, or "" if they may."""
    if not has_permission:
        return "Approving needs the approver role."
    if policy.four_eyes and approver_id == last_edited_by_id:
        return "You edited this order last, so somebody else has to approve it."
    return ""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far a confirmation may differ before a person has to look."""

    price_percent: Decimal
    quantity_percent: Decimal
    date_days: int

    def allows_price(self, *, asked: Decimal, confirmed: Decimal) -> bool:
        """A lower price never needs anybody."""
        return confirmed <= asked * (1 + self.price_percent / 100)

    def allows_quantity(self, *, asked: Decimal, confirmed: Decimal) -> bool:
        return abs(confirmed - asked) <= asked * self.quantity_percent / 100

    def allows_date(self, *, asked: date | None, promised: date | None) -> bool:
        """Earlier is as unwelcome as later: the shelf may be full."""
        if asked is None or promised is None:
            return True
        return abs((promised - asked).days) <= self.date_days


def delivery_fee(goods: Decimal, *, fee: Decimal, free_from: Decimal | None) -> Decimal:
    """What the supplier adds for delivery to an order of goods worth `goods`."""
    return Decimal(0) if free_from is not None and goods >= free_from else fee


def minimum_surcharge(goods: Decimal, *, minimum: Decimal, surcharge: Decimal | None) -> Decimal:
    """What the supplier adds to an order below its minimum; where it refuses such an order, nothing."""
    return Decimal(0) if goods >= minimum or surcharge is None else surcharge
