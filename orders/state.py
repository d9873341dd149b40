"""The only writers of an order's status and of its audit trail.

SQLite has no SELECT FOR UPDATE, so a conditional UPDATE on (status, version) is the lock on both databases: see
docs/adr/0002-compare-and-swap.md. Every change of an order goes through `transition` or `revise` first; whoever
comes second gets `ConcurrentTransition` and has changed nothing.
"""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from orders.exceptions import ConcurrentTransition, InvalidTransition
from orders.models import OrderEvent, PurchaseOrder, Status

TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.DRAFT: frozenset({Status.TRANSFERRED, Status.CANCELLED}),
    Status.TRANSFERRED: frozenset({Status.CONFIRMED, Status.REJECTED, Status.CANCELLED}),
    Status.CONFIRMED: frozenset({Status.SHIPPED, Status.REJECTED, Status.CANCELLED}),
    Status.REJECTED: frozenset(),
    Status.SHIPPED: frozenset(),
    Status.CANCELLED: frozenset(),
}

# When an order enters a status, this column gets the time.
STAMPS = {
    Status.TRANSFERRED: "transferred_at",
    Status.CONFIRMED: "answered_at",
    Status.REJECTED: "answered_at",
    Status.SHIPPED: "shipped_at",
}


def may_move(current: str, target: str) -> bool:
    return Status(target) in TRANSITIONS[Status(current)]


def transition(
    order: PurchaseOrder,
    target: Status,
    *,
    by: AbstractBaseUser | None,
    via: str,
    text: str,
    data: dict[str, Any] | None = None,
    **fields: Any,
) -> OrderEvent:
    """Move the order to `target`, set `fields` with it, and write the event, all or nothing.

    Raises `InvalidTransition` for an edge that is not in the table and `ConcurrentTransition` if the row changed since
    `order` was read. Must run inside `transaction.atomic()`, so that the event can never be lost.
    """
    if not may_move(order.status, target):
        raise InvalidTransition(
            f"{order.number} is {order.get_status_display().lower()} and cannot become {target.label.lower()}."
        )
    previous = order.status
    if stamp := STAMPS.get(target):
        fields.setdefault(stamp, timezone.now())
    _swap(order, status=target, **fields)
    return _write(order, target.value, by=by, via=via, text=text, data=data, previous=previous)


def revise(order: PurchaseOrder, **fields: Any) -> None:
    """Claim the order for a change that moves no status: a new version, or `ConcurrentTransition`."""
    _swap(order, **fields)


def record(
    order: PurchaseOrder,
    kind: str,
    *,
    by: AbstractBaseUser | None,
    via: str,
    text: str,
    data: dict[str, Any] | None = None,
) -> OrderEvent:
    """Write a fact that moves no status to the audit trail."""
    _require_atomic()
    return _write(order, kind, by=by, via=via, text=text, data=data)


def _swap(order: PurchaseOrder, **fields: Any) -> None:
    _require_atomic()
    unchanged = PurchaseOrder.objects.filter(pk=order.pk, status=order.status, version=order.version)
    if unchanged.update(version=F("version") + 1, **fields) == 0:
        raise ConcurrentTransition(
            f"{order.number} was changed by somebody else meanwhile. Reload it and look again."
        )
    order.version += 1
    for name, value in fields.items():
        setattr(order, name, value)


def _write(
    order: PurchaseOrder,
    kind: str,
    *,
    by: AbstractBaseUser | None,
    via: str,
    text: str,
    data: dict[str, Any] | None,
    previous: str = "",
) -> OrderEvent:
    return OrderEvent.objects.create(
        order=order,
        kind=kind,
        from_status=previous,
        to_status=order.status if previous else "",
        by_id=by.pk if by else None,
        via=via,
        text=text[:500],
        data=data or {},
    )


def _require_atomic() -> None:
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("An order is changed only inside transaction.atomic().")
