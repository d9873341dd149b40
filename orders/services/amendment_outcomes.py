"""What becomes of something we asked of a supplier: it has it, it agrees, it refuses, or nobody knows.

Each writes the order first and the job second, in one transaction, as the supplier's own messages do: two that meet
wait for each other and never block each other.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from orders.exceptions import ConcurrentTransition
from orders.models import Amendment, OrderException, PurchaseOrder, PurchaseOrderLine, Status
from orders.services.editing import delivery_refresh
from orders.services.jobs import job_move
from orders.services.notifications import amendment_note
from orders.state import may_move, record, revise, transition
from orders.wakeups import wake

Kind, State = Amendment.Kind, Amendment.Status
# Somebody may be at the order at the same moment, and then the supplier's word is written after theirs.
MOST_COLLISIONS = 20


class NotOurs(Exception):
    """The job was settled or taken over by somebody else; nothing of this is written."""


def under_order(amendment: Amendment, write: Callable[[PurchaseOrder], None]) -> bool:
    """Run `write` with the order as it is now, claimed for it; False where the job is not ours any more."""
    for attempt in range(MOST_COLLISIONS):
        try:
            with transaction.atomic():
                order = PurchaseOrder.objects.select_related("supplier").get(pk=amendment.order_id)
                revise(order)
                write(order)
            return True
        except NotOurs:
            return False
        except ConcurrentTransition:
            if attempt == MOST_COLLISIONS - 1:
                raise
    return False


def moved(amendment: Amendment, status: str, **fields: Any) -> None:
    if not job_move(amendment, status, **fields):
        raise NotOurs


def amendment_told(
    amendment: Amendment, *, via: str, note: str = "", by: AbstractBaseUser | None = None
) -> bool:
    """The supplier has it and has still to answer."""

    def write(order: PurchaseOrder) -> None:
        asked_in(order, amendment, via=via, note=note, by=by)

    return under_order(amendment, write)


def asked_in(
    order: PurchaseOrder,
    amendment: Amendment,
    *,
    via: str,
    note: str = "",
    by: AbstractBaseUser | None = None,
) -> None:
    """As `amendment_told`, in a transaction that holds the order already."""
    moved(amendment, State.ASKED, told_at=timezone.now())
    _ask_for(order, amendment)
    troubles_resolve(order, by=by)
    text = f"{order.supplier.name} has our {_name(amendment)} and has still to answer. {note}".strip()
    record(order, f"{amendment.kind}_asked", by=by, via=via, text=text)


def amendment_agreed(
    amendment: Amendment, *, words: str, via: str, by: AbstractBaseUser | None = None
) -> bool:
    def write(order: PurchaseOrder) -> None:
        agreed_in(order, amendment, words=words, via=via, by=by)

    return under_order(amendment, write)


def agreed_in(
    order: PurchaseOrder, amendment: Amendment, *, words: str, via: str, by: AbstractBaseUser | None = None
) -> None:
    told = amendment.told_at
    moved(amendment, State.AGREED, answer=words[:500], told_at=told or timezone.now())
    if told is None:
        _ask_for(order, amendment)
    troubles_resolve(order, by=by)
    text = f"{order.supplier.name} agreed to our {_name(amendment)}. {words}".strip()
    if amendment.kind == Kind.CANCEL and may_move(order.status, Status.CANCELLED):
        transition(order, Status.CANCELLED, by=by, via=via, text=text)
        return
    record(order, f"{amendment.kind}_agreed", by=by, via=via, text=text)
    if amendment.kind == Kind.CANCEL and order.status == Status.SHIPPED:
        text = (
            f"{order.supplier.name} agreed to cancel, but it has shipped the goods. Ask them what is coming."
        )
        trouble_raise(order, amendment, text, by_kind=OrderException.Kind.CONTRADICTION)


def amendment_refused(
    amendment: Amendment, *, words: str, via: str, by: AbstractBaseUser | None = None
) -> bool:
    def write(order: PurchaseOrder) -> None:
        refused_in(order, amendment, words=words, via=via, by=by)

    return under_order(amendment, write)


def refused_in(
    order: PurchaseOrder, amendment: Amendment, *, words: str, via: str, by: AbstractBaseUser | None = None
) -> None:
    moved(amendment, State.REFUSED, answer=words[:500])
    if amendment.told_at is not None:
        _ask_for(order, amendment, again=True)
    troubles_resolve(order, by=by)
    text = f"{order.supplier.name} did not agree to our {_name(amendment)}; the order stands as it was. {words}".strip()
    record(order, f"{amendment.kind}_refused", by=by, via=via, text=text)
    if by is None:  # who wrote it down knows it
        trouble_raise(order, amendment, text)
        amendment_note(amendment)


def amendment_failed(amendment: Amendment, *, kind: str, words: str) -> bool:
    """It certainly never reached the supplier."""

    def write(order: PurchaseOrder) -> None:
        moved(amendment, State.FAILED, error=words, error_kind=kind)
        text = f"Our {_name(amendment)} could not be sent to {order.supplier.name}: {words}"
        record(order, f"{amendment.kind}_failed", by=None, via="transfer", text=text)
        trouble_raise(order, amendment, text)
        amendment_note(amendment)

    return under_order(amendment, write)


def amendment_unknown(
    amendment: Amendment,
    *,
    kind: str,
    words: str,
    next_run_at: datetime | None,
    then: str,
    via: str = "transfer",
) -> bool:
    """It may have arrived. With a time: it is looked up then; without: a person asks and says what became of it."""

    def write(order: PurchaseOrder) -> None:
        moved(amendment, State.UNKNOWN, error=words, error_kind=kind, next_run_at=next_run_at)
        text = f"{words} Our {_name(amendment)} may have arrived. {then}"
        record(order, "outcome_unknown" if via == "transfer" else "looked_up", by=None, via=via, text=text)
        if next_run_at is None:
            trouble_raise(order, amendment, text)
            amendment_note(amendment)
        elif next_run_at <= timezone.now():
            wake("orders.tasks.settle_amendment", amendment.pk)

    return under_order(amendment, write)


def amendment_again(
    amendment: Amendment,
    *,
    words: str,
    pause: timedelta,
    via: str = "transfer",
    by: AbstractBaseUser | None = None,
    kind: str = "",
) -> bool:
    """Sent (again) after a pause: because it never left, or because the supplier certainly does not have it."""

    def write(order: PurchaseOrder) -> None:
        at = timezone.now() + pause
        moved(amendment, State.QUEUED, next_run_at=at, submitted_at=None, error=words, error_kind=kind)
        troubles_resolve(order, by=by)
        text = f"Our {_name(amendment)}: {words} It is sent again at {timezone.localtime(at):%H:%M:%S}."
        record(order, "transfer_postponed", by=by, via=via, text=text)
        if not pause:
            wake("orders.tasks.send_amendment", amendment.pk)

    return under_order(amendment, write)


def _ask_for(order: PurchaseOrder, amendment: Amendment, *, again: bool = False) -> None:
    """What the lines ask for follows what the supplier has; `again`: what was asked before it declined the change."""
    for wanted in amendment.lines.all():
        quantity, price = (
            (wanted.before_quantity, wanted.before_price) if again else (wanted.quantity, wanted.unit_price)
        )
        PurchaseOrderLine.objects.filter(pk=wanted.line_id).update(quantity=quantity, unit_price=price)
    if amendment.kind == Kind.CHANGE:
        delivery_refresh(order)


def trouble_raise(
    order: PurchaseOrder,
    amendment: Amendment,
    text: str,
    *,
    by_kind: OrderException.Kind = OrderException.Kind.AMENDMENT,
) -> None:
    """Into the list of what waits for a person's decision; the same once."""
    fingerprint = hashlib.sha256(f"amendment|{amendment.number}|{text}".encode()).hexdigest()
    OrderException.objects.get_or_create(
        order=order, fingerprint=fingerprint, defaults={"kind": by_kind, "text": text[:500]}
    )


def troubles_resolve(order: PurchaseOrder, *, by: AbstractBaseUser | None) -> None:
    """What was open about an earlier state of it is answered now."""
    order.exceptions.filter(kind=OrderException.Kind.AMENDMENT, resolved_at=None).update(
        resolved_at=timezone.now(), resolved_by_id=by.pk if by else None, resolution="settled"
    )


def _name(amendment: Amendment) -> str:
    return str(amendment.get_kind_display()).lower()
