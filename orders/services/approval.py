"""A person's decisions: approve, return to the buyer, throw away, withdraw."""

from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from orders.exceptions import (
    ApprovalNotAllowed,
    ConcurrentTransition,
    InvalidInput,
    InvalidTransition,
    TransferInProgress,
)
from orders.models import Approval, PurchaseOrder, Status, TransferJob
from orders.policy import approval_objection
from orders.selectors import approval_policy, order_live_transfer, order_standing_approval
from orders.services.amendment_answers import amendments_end
from orders.services.editing import approval_withdraw
from orders.state import record, revise, transition
from orders.wakeups import wake
from suppliers.packing import plain_money


@transaction.atomic
def order_approve(
    *, order: PurchaseOrder, by: User, version: int, via: str, comment: str = ""
) -> TransferJob:
    """Approve the order as the approver saw it (`version`) and queue its transfer, both or neither."""
    objection = approval_objection(
        approval_policy(),
        has_permission=by.has_perm("orders.approve_purchaseorder"),
        approver_id=by.pk,
        last_edited_by_id=order.last_edited_by_id,
    )
    if objection:
        raise ApprovalNotAllowed(objection)
    if not order.supplier.active:
        raise InvalidTransition(f"{order.supplier.name} is not active, so nothing is ordered there.")
    _claim_draft(order, version)
    standing = order_standing_approval(order)
    if standing and standing.decision == Approval.Decision.APPROVED:
        raise ConcurrentTransition(f"{order.number} is approved already, by {standing.by.get_username()}.")
    approval_withdraw(order, by=by, via=via, reason="Approved after all.")
    Approval.objects.create(
        order=order, decision=Approval.Decision.APPROVED, by=by, at=timezone.now(), comment=comment.strip()
    )
    text = f"Approved: {comment.strip()}" if comment.strip() else "Approved."
    text += _worth(order)
    record(order, "approved", by=by, via=via, text=text)
    return transfer_queue(order)


def _worth(order: PurchaseOrder) -> str:
    """What was approved in two currencies, as a sentence for the record."""
    if order.rate is None:
        return ""
    goods = sum((line.quantity * line.unit_price for line in order.lines.all()), Decimal(0))
    total = goods + order.extras
    base = order.rate.converted(total)
    return (
        f" {plain_money(total, order.currency)} = {plain_money(base, order.base_currency)} at {order.rate}."
    )


def transfer_queue(order: PurchaseOrder) -> TransferJob:
    """A job to place the order, and its wake-up. The database refuses a second live one."""
    # A fresh try says afresh what is wrong.
    order.lines.exclude(problem="").update(problem="", problem_text="")
    job = TransferJob.objects.create(order=order, next_run_at=timezone.now())
    wake("orders.tasks.transfer_order", job.pk)
    return job


@transaction.atomic
def order_return(*, order: PurchaseOrder, by: User, version: int, reason: str, via: str) -> Approval:
    """The approver's no: back to the buyer with a reason. The order stays a draft, so no work is lost."""
    if not by.has_perm("orders.approve_purchaseorder"):
        raise ApprovalNotAllowed("Rejecting a draft needs the approver role.")
    reason = reason_read(reason)
    _claim_draft(order, version)
    approval_withdraw(order, by=by, via=via, reason="A new decision was taken.")
    decision = Approval.objects.create(
        order=order, decision=Approval.Decision.RETURNED, by=by, at=timezone.now(), comment=reason
    )
    record(order, "returned", by=by, via=via, text=f"Sent back to the buyer: {reason}")
    return decision


@transaction.atomic
def order_cancel(
    *,
    order: PurchaseOrder,
    by: User,
    version: int,
    reason: str,
    via: str,
    moved_to: PurchaseOrder | None = None,
) -> None:
    """Throw a draft away. `moved_to`: the draft that has its lines now."""
    if order.status != Status.DRAFT:
        raise InvalidTransition(
            f"{order.number} is {order.get_status_display().lower()}; the supplier has to agree to withdraw it."
        )
    if order_live_transfer(order):
        raise TransferInProgress(f"{order.number} is being sent to the supplier and cannot be cancelled now.")
    as_seen(order, version)
    reason = reason_read(reason)
    approval_withdraw(order, by=by, via=via, reason="The order was cancelled.")
    data = {"moved_to": moved_to.number} if moved_to else {}
    transition(order, Status.CANCELLED, by=by, via=via, text=f"Cancelled: {reason}", data=data)


@transaction.atomic
def order_withdraw(*, order: PurchaseOrder, by: User, version: int, reason: str, via: str) -> None:
    """Cancel an order the supplier has, after the supplier agreed; `reason` says who agreed and how."""
    if order.status not in (Status.TRANSFERRED, Status.CONFIRMED):
        raise InvalidTransition(
            f"{order.number} is {order.get_status_display().lower()} and cannot be withdrawn."
        )
    as_seen(order, version)
    reason = reason_read(reason)
    transition(order, Status.CANCELLED, by=by, via=via, text=f"Withdrawn with the supplier's word: {reason}")
    amendments_end(order, words=reason, via=via, by=by, agreed=True)


def _claim_draft(order: PurchaseOrder, version: int) -> None:
    if order.status != Status.DRAFT:
        raise InvalidTransition(f"{order.number} is {order.get_status_display().lower()} already.")
    as_seen(order, version)
    revise(order)
    if order_live_transfer(order):
        raise TransferInProgress(f"{order.number} is being sent to the supplier already.")


def as_seen(order: PurchaseOrder, version: int) -> None:
    """Nobody decides on what was not before their eyes."""
    if order.version != version:
        raise ConcurrentTransition(
            f"{order.number} was changed since you opened it. Look at it again before deciding."
        )


def reason_read(text: str) -> str:
    text = text.strip()
    if not text:
        raise InvalidInput("Say why, so that the next person understands.", field="reason")
    if len(text) > 400:
        raise InvalidInput("Keep the reason under 400 characters.", field="reason")
    return text
