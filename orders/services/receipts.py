"""Goods that came in, on the order's side. What they do to stock is decided in procurement.services.receiving."""

from collections.abc import Mapping
from decimal import Decimal

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import F
from django.utils import timezone

from orders.exceptions import InvalidInput, InvalidTransition
from orders.models import PurchaseOrder, PurchaseOrderLine, Receipt, ReceiptLine, Status
from orders.services.amendment_answers import amendments_end
from orders.state import record, revise, transition
from suppliers.packing import plain


def receipt_record(
    *,
    order: PurchaseOrder,
    by: AbstractBaseUser,
    quantities: Mapping[int, Decimal],
    form_token: str,
    note: str,
    via: str,
) -> Receipt | None:
    """Book quantities by line pk; None if this very form was booked before. Call inside `transaction.atomic()`."""
    if Receipt.objects.filter(form_token=form_token).exists():
        return None
    if order.status not in (Status.CONFIRMED, Status.SHIPPED):
        raise InvalidTransition(
            f"{order.number} is {order.get_status_display().lower()}; there is nothing to receive."
        )
    revise(order)
    lines = {line.pk: line for line in order.lines.all()}
    booked = {pk: quantity for pk, quantity in quantities.items() if quantity}
    if not booked:
        raise InvalidInput("Enter what came in on at least one line.", field="quantity")
    for pk, quantity in booked.items():
        _check(lines.get(pk), quantity, order, pk)
    receipt = Receipt.objects.create(
        order=order, received_at=timezone.now(), by_id=by.pk, note=note.strip()[:300], form_token=form_token
    )
    ReceiptLine.objects.bulk_create(
        ReceiptLine(receipt=receipt, line=lines[pk], quantity=quantity) for pk, quantity in booked.items()
    )
    for pk, quantity in booked.items():
        PurchaseOrderLine.objects.filter(pk=pk).update(received_quantity=F("received_quantity") + quantity)
    units = plain(sum(booked.values(), Decimal(0)))
    record(
        order,
        "received",
        by=by,
        via=via,
        text=f"{units} units on {len(booked)} lines came in. {note}".strip(),
    )
    if order.status == Status.CONFIRMED and _all_here(order):
        # Not every supplier says when goods leave; what is on our shelf has left.
        text = "All that was confirmed has come in, so it has been shipped."
        transition(order, Status.SHIPPED, by=by, via=via, text=text)
        amendments_end(order, words="All of it has come in.", via=via, by=by)
    return receipt


def _all_here(order: PurchaseOrder) -> bool:
    return not order.lines.filter(received_quantity__lt=F("confirmed_quantity")).exists()


def _check(line: PurchaseOrderLine | None, quantity: Decimal, order: PurchaseOrder, pk: int) -> None:
    if line is None:
        raise InvalidInput(f"{order.number} has no such line.", field=f"quantity-{pk}")
    expected = max((line.confirmed_quantity or Decimal(0)) - line.received_quantity, Decimal(0))
    if not quantity.is_finite() or quantity < 0 or quantity > expected:
        text = f"Line {line.line_number}: enter a number from 0 to {plain(expected)}, what is still expected."
        raise InvalidInput(text, field=f"quantity-{pk}")
