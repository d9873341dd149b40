"""Goods that came in, on the order's side. What they do to stock is decided in procurement.services.receiving."""

from collections import defaultdict
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
    at_sites: Mapping[tuple[int, int], Decimal] | None = None,
) -> Receipt | None:
    """Book quantities by line pk, and of split lines by line and site pk (`at_sites`); None if this very form was
    booked before. Call inside `transaction.atomic()`.
    """
    if Receipt.objects.filter(form_token=form_token).exists():
        return None
    if order.status not in (Status.CONFIRMED, Status.SHIPPED):
        raise InvalidTransition(
            f"{order.number} is {order.get_status_display().lower()}; there is nothing to receive."
        )
    revise(order)
    lines = {line.pk: line for line in order.lines.prefetch_related("shares__site")}
    entered: dict[tuple[int, int | None], Decimal] = {(pk, None): n for pk, n in quantities.items()}
    for (pk, at), n in (at_sites or {}).items():
        entered[pk, at] = n
    parts = {place: quantity for place, quantity in entered.items() if quantity}
    if not parts:
        raise InvalidInput("Enter what came in on at least one line.", field="quantity")
    booked: dict[int, Decimal] = defaultdict(Decimal)
    for (pk, site), quantity in parts.items():
        _check(lines.get(pk), quantity, order, pk)
        _check_site(lines[pk], site)
        booked[pk] += quantity
    for pk, quantity in booked.items():
        _check(lines[pk], quantity, order, pk)
    receipt = Receipt.objects.create(
        order=order, received_at=timezone.now(), by_id=by.pk, note=note.strip()[:300], form_token=form_token
    )
    ReceiptLine.objects.bulk_create(
        ReceiptLine(receipt=receipt, line=lines[pk], site_id=site, quantity=quantity)
        for (pk, site), quantity in parts.items()
    )
    for pk, quantity in booked.items():
        PurchaseOrderLine.objects.filter(pk=pk).update(received_quantity=F("received_quantity") + quantity)
    units = plain(sum(booked.values(), Decimal(0)))
    where = _told(lines, parts)
    record(
        order,
        "received",
        by=by,
        via=via,
        text=f"{units} units on {len(booked)} lines came in{where}. {note}".strip(),
    )
    if order.status == Status.CONFIRMED and _all_here(order):
        # Not every supplier says when goods leave; what is on our shelf has left.
        text = "All that was confirmed has come in, so it has been shipped."
        transition(order, Status.SHIPPED, by=by, via=via, text=text)
        amendments_end(order, words="All of it has come in.", via=via, by=by)
    return receipt


def _all_here(order: PurchaseOrder) -> bool:
    return not order.lines.filter(received_quantity__lt=F("confirmed_quantity")).exists()


def _told(lines: Mapping[int, PurchaseOrderLine], parts: Mapping[tuple[int, int | None], Decimal]) -> str:
    """How much came in at which site, where lines are split."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for (pk, site), quantity in parts.items():
        for share in lines[pk].shares.all():
            if share.site_id == site:
                sums[share.site.name] += quantity
    told = ", ".join(f"{plain(quantity)} at {name}" for name, quantity in sums.items())
    return f": {told}" if told else ""


def _check_site(line: PurchaseOrderLine, site: int | None) -> None:
    sites = {share.site_id for share in line.shares.all()}
    if sites and site is None:
        text = f"Line {line.line_number} goes to several sites: enter what came in at each."
        raise InvalidInput(text, field=f"quantity-{line.pk}")
    if site is not None and site not in sites:
        text = f"Nothing of line {line.line_number} goes to that site. Reload the page."
        raise InvalidInput(text, field=f"quantity-{line.pk}")


def _check(line: PurchaseOrderLine | None, quantity: Decimal, order: PurchaseOrder, pk: int) -> None:
    if line is None:
        raise InvalidInput(f"{order.number} has no such line.", field=f"quantity-{pk}")
    expected = max((line.confirmed_quantity or Decimal(0)) - line.received_quantity, Decimal(0))
    if not quantity.is_finite() or quantity < 0 or quantity > expected:
        text = f"Line {line.line_number}: enter a number from 0 to {plain(expected)}, what is still expected."
        raise InvalidInput(text, field=f"quantity-{pk}")
