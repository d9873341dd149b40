"""Drafts that another system proposed, when it proposes something else: nobody's work is overwritten."""

import hashlib
from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.utils import timezone

from orders.models import OrderException, PurchaseOrder, Status
from orders.services.drafting import DraftLine, lines_write
from orders.services.editing import approval_withdraw, delivery_refresh, draft_claim
from orders.state import record, transition


def draft_is_untouched(order: PurchaseOrder) -> bool:
    """Still as it was proposed. To approve it is no edit; whoever does so again sees what it has become."""
    return order.status == Status.DRAFT and order.last_edited_by_id is None


@transaction.atomic
def draft_rewrite(
    *, order: PurchaseOrder, lines: Sequence[DraftLine], requested_date: date | None, via: str, text: str
) -> None:
    """Other lines instead of all that the draft has. Raises `OrderError` where somebody is at it just now."""
    draft_claim(order, version=order.version)
    approval_withdraw(order, by=None, via=via, reason=text)
    order.lines.all().delete()
    order.requested_date = requested_date
    order.save(update_fields=["requested_date"])
    lines_write(order, lines)
    delivery_refresh(order)
    proposal_settled(order)
    record(order, "proposal_replaced", by=None, via=via, text=text)


@transaction.atomic
def draft_drop(*, order: PurchaseOrder, via: str, text: str) -> None:
    """Cancel a draft that is not proposed any more. Raises `OrderError` where somebody is at it just now."""
    draft_claim(order, version=order.version)
    approval_withdraw(order, by=None, via=via, reason=text)
    proposal_settled(order)
    transition(order, Status.CANCELLED, by=None, via=via, text=text)


@transaction.atomic
def proposal_raise(*, order: PurchaseOrder, change: str, via: str, text: str) -> None:
    """Something for the buyer to decide, in place of what was to be decided before. `change`: which it is."""
    fingerprint = hashlib.sha256(f"proposal|{change}".encode()).hexdigest()
    if OrderException.objects.filter(order=order, fingerprint=fingerprint).exists():
        return
    proposal_settled(order)
    OrderException.objects.create(
        order=order, kind=OrderException.Kind.PROPOSAL, text=text[:500], fingerprint=fingerprint
    )
    record(order, "proposal_changed", by=None, via=via, text=text)


def proposal_settled(order: PurchaseOrder) -> None:
    """What was said of the proposal before has been overtaken."""
    order.exceptions.filter(kind=OrderException.Kind.PROPOSAL, resolved_at=None).update(
        resolved_at=timezone.now(), resolution="overtaken"
    )
