"""Where an order stands, in steps and in one sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from orders.models import Approval, OrderEvent, OrderException, PurchaseOrder, Status, TransferJob
from orders.views.order_lines import OrderRow

STOPPED = {Status.REJECTED: "Rejected", Status.CANCELLED: "Cancelled"}


# What the order waits for, in place of the name of the step it has not reached.
AWAITED = {
    "Approved": "Waits for approval",
    "Transferred": "Being sent",
    "Confirmed": "Waits for the answer",
    "Shipped": "Waits for the goods",
    "Received": "To be booked in",
}


@dataclass(frozen=True, slots=True)
class Step:
    label: str
    at: datetime | None
    state: str  # done, now, stopped, or "" for what is to come


def order_steps(order: PurchaseOrder, approval: Approval | None, events: Sequence[OrderEvent]) -> list[Step]:
    approved = approval.at if approval and approval.decision == Approval.Decision.APPROVED else None
    received = next((event.at for event in reversed(events) if event.kind == "received"), None)
    confirmed = order.answered_at if order.status != Status.REJECTED else None
    times = [
        ("Drafted", order.created_at),
        ("Approved", approved or order.transferred_at),
        ("Transferred", order.transferred_at),
        ("Confirmed", confirmed),
        ("Shipped", order.shipped_at),
        ("Received", received),
    ]
    steps, current = [], True
    for label, at in times:
        if at:
            steps.append(Step(label, at, "done"))
        elif current and order.status in STOPPED:
            ended = next((event.at for event in reversed(events) if event.to_status == order.status), None)
            steps.append(Step(STOPPED[Status(order.status)], ended, "stopped"))
            return steps
        else:
            steps.append(Step(AWAITED[label] if current else label, None, "now" if current else ""))
            current = False
    return steps


def order_sentence(
    order: PurchaseOrder,
    approval: Approval | None,
    jobs: Sequence[TransferJob],
    rows: Sequence[OrderRow],
    exceptions: Sequence[OrderException],
) -> str:
    match order.status:
        case Status.DRAFT:
            return _draft(order, approval, jobs[0] if jobs else None)
        case Status.TRANSFERRED:
            return f"Sent; {order.supplier.name} has not answered yet."
        case Status.CONFIRMED:
            return _confirmed(order, rows, exceptions)
        case Status.REJECTED:
            return f"{order.supplier.name} will not deliver it. Nothing is lost: make a new draft from it."
        case Status.SHIPPED:
            if not any(row.expected for row in rows):
                return "All goods have come in."
            return f"{order.supplier.name} has sent the goods. Book them in when they arrive."
        case _:
            return "It was cancelled. Nothing more happens to it."


def _draft(order: PurchaseOrder, approval: Approval | None, job: TransferJob | None) -> str:
    name = order.supplier.name
    if job and job.status == TransferJob.Status.UNKNOWN:
        return f"It was sent, but {name} did not say whether it arrived. It is never sent twice blindly."
    if approval is None:
        return "Nothing has been sent. It waits to be checked and approved."
    if approval.decision == Approval.Decision.RETURNED:
        return f"{approval.by.get_full_name() or approval.by.get_username()} sent it back: {approval.comment}"
    if job and job.status == TransferJob.Status.FAILED:
        return f"Approved, but it could not be sent to {name}. Nothing has arrived there."
    if job and job.attempts:
        return f"Approved. It is being sent to {name}, attempt {job.attempts}."
    return f"Approved. It is being sent to {name}."


def _confirmed(order: PurchaseOrder, rows: Sequence[OrderRow], exceptions: Sequence[OrderException]) -> str:
    changed = sum(row.line.is_changed for row in rows)
    lines = "1 line" if changed == 1 else f"{changed} lines"
    if exceptions:
        return f"{order.supplier.name} confirmed it with changes on {lines}. Decide on what is listed below."
    if changed:
        return f"{order.supplier.name} confirmed it with changes on {lines}, all within what you allow."
    return f"{order.supplier.name} confirmed it as asked."
