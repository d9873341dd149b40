"""Changing a draft: quantities, dates and texts. A standing decision does not survive a change."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from orders.exceptions import ConcurrentTransition, InvalidInput, OrderNotEditable, TransferInProgress
from orders.models import LineShare, PurchaseOrder, PurchaseOrderLine, Status
from orders.policy import delivery_fee, minimum_surcharge
from orders.selectors import order_live_transfer, order_standing_approval
from orders.state import record, revise
from suppliers.packing import pack_up, plain, plain_price
from suppliers.selectors import price_in_force

LARGEST_QUANTITY = Decimal("9999999999")
SPLIT_ENDED = "It is no longer split over several sites; split it again if it still should be."


@dataclass(slots=True)
class _Change:
    line: PurchaseOrderLine
    text: str
    removed: bool = False


@transaction.atomic
def order_edit(
    *,
    order: PurchaseOrder,
    by: AbstractBaseUser,
    version: int,
    quantities: Mapping[int, Decimal],
    via: str,
    note: str | None = None,
    comment: str | None = None,
    requested_date: date | None = None,
) -> list[str]:
    """Set wanted quantities by line pk (0 removes the line), rounded to what the supplier sells.

    Returns one sentence a rounded or repriced line, for the person who typed it.
    """
    draft_claim(order, version=version)
    stored = order.lines.select_related("supplier_product", "product").prefetch_related("shares")
    lines = {line.pk: line for line in stored}
    changes: list[_Change] = []
    notes: list[str] = []
    for pk, wanted in quantities.items():
        if pk not in lines:
            raise InvalidInput(f"{order.number} has no such line.", field=f"quantity-{pk}")
        if change := _set_quantity(lines[pk], wanted, notes):
            changes.append(change)
    if len(lines) == sum(change.removed for change in changes):
        raise InvalidInput("An order needs at least one line. Cancel the order instead.", field="quantity")
    texts = _set_texts(order, note=note, comment=comment, requested_date=requested_date)
    if not changes and not texts:
        return notes
    _write_lines(order, changes)
    draft_edited(order, by=by, via=via, reason="The order was edited.")
    for change in changes:
        record(order, "line_removed" if change.removed else "line_edited", by=by, via=via, text=change.text)
    for text in texts:
        record(order, "edited", by=by, via=via, text=text)
    return notes


def draft_claim(order: PurchaseOrder, *, version: int) -> None:
    """Make sure that the order is a draft nobody is sending, as the person saw it, and take it for an edit."""
    if order.status != Status.DRAFT:
        raise OrderNotEditable(
            f"{order.number} is {order.get_status_display().lower()} and can no longer be edited."
        )
    if order.version != version:
        raise ConcurrentTransition(
            f"{order.number} was changed by somebody else meanwhile. Reload it and look again."
        )
    if order_live_transfer(order):
        raise TransferInProgress(f"{order.number} is being sent to the supplier and cannot be edited now.")
    revise(order)


def draft_edited(order: PurchaseOrder, *, by: AbstractBaseUser, via: str, reason: str) -> None:
    """`by` has changed the draft. Only now: saving without a change must not make somebody its last editor."""
    order.last_edited_by_id = by.pk
    order.save(update_fields=["last_edited_by"])
    approval_withdraw(order, by=by, via=via, reason=reason)


def approval_withdraw(order: PurchaseOrder, *, by: AbstractBaseUser | None, via: str, reason: str) -> None:
    decision = order_standing_approval(order)
    if decision is None:
        return
    decision.withdrawn_at, decision.withdrawn_reason = timezone.now(), reason
    decision.save(update_fields=["withdrawn_at", "withdrawn_reason"])
    record(
        order, "decision_withdrawn", by=by, via=via,
        text=f"“{decision.get_decision_display()}” by {decision.by.get_username()} no longer stands: {reason}",
    )  # fmt: skip


def _set_quantity(line: PurchaseOrderLine, wanted: Decimal, notes: list[str]) -> _Change | None:
    where = f"Line {line.line_number}"
    if not wanted.is_finite() or wanted < 0 or wanted > LARGEST_QUANTITY:
        raise InvalidInput(
            f"{where}: a quantity is a number from 0 to {LARGEST_QUANTITY:,}.", field=f"quantity-{line.pk}"
        )
    if wanted == line.quantity:
        return None
    if wanted == 0:
        return _Change(
            line, f"{where}, {line.description}: removed ({plain(line.quantity)} before).", removed=True
        )
    offer = line.supplier_product
    packed = pack_up(wanted, pack_size=offer.pack_size, minimum=offer.minimum_quantity)
    if packed.quantity > LARGEST_QUANTITY:
        raise InvalidInput(
            f"{where}: rounded to what the supplier sells ({packed.note}) this is more than {LARGEST_QUANTITY:,}.",
            field=f"quantity-{line.pk}",
        )
    if packed.note:
        notes.append(f"{where}: {packed.note}.")
    if packed.quantity == line.quantity:
        return None
    text = f"{where}, {line.description}: {plain(line.quantity)} → {plain(packed.quantity)}."
    line.quantity, line.problem, line.problem_text = packed.quantity, "", ""
    price = price_in_force(offer, packed.quantity, currency=line.order.currency)
    if price is not None and price != line.unit_price:
        notes.append(
            f"{where}: price {plain_price(line.unit_price)} → {plain_price(price)} at this quantity."
        )
        text = f"{text} Price {plain_price(line.unit_price)} → {plain_price(price)}."
        line.unit_price = price
    if offer.stock_on_offer is not None and packed.quantity > offer.stock_on_offer:
        notes.append(f"{where}: the supplier last said it has {plain(offer.stock_on_offer)}.")
    if line.shares.all():
        notes.append(f"{where}: {SPLIT_ENDED}")
        text = f"{text} {SPLIT_ENDED}"
    return _Change(line, text)


def _set_texts(
    order: PurchaseOrder, *, note: str | None, comment: str | None, requested_date: date | None
) -> list[str]:
    texts = []
    if note is not None and note != order.note:
        order.note = note
        texts.append("Note to the supplier changed.")
    if comment is not None and comment != order.comment:
        order.comment = comment
        texts.append("Internal comment changed.")
    if requested_date is not None and requested_date != order.requested_date:
        if requested_date < timezone.localdate():
            raise InvalidInput("The requested date has passed already.", field="requested_date")
        texts.append(f"Requested date {order.requested_date or '—'} → {requested_date}.")
        order.requested_date = requested_date
        order.lines.update(requested_date=requested_date)
    return texts


def _write_lines(order: PurchaseOrder, changes: list[_Change]) -> None:
    PurchaseOrderLine.objects.filter(pk__in=[c.line.pk for c in changes if c.removed]).delete()
    # Nobody but the buyer knows which site gets the difference.
    LineShare.objects.filter(line__in=[c.line for c in changes]).delete()
    PurchaseOrderLine.objects.bulk_update(
        [c.line for c in changes if not c.removed], ["quantity", "unit_price", "problem", "problem_text"]
    )
    order.save(update_fields=["note", "comment", "requested_date"])
    delivery_refresh(order)


def delivery_refresh(order: PurchaseOrder) -> None:
    """What delivery and a surcharge cost follows what the goods cost."""
    lines = order.lines.values_list("quantity", "unit_price")
    goods = sum((quantity * price for quantity, price in lines), Decimal(0))
    supplier = order.supplier
    order.delivery_fee = delivery_fee(goods, fee=supplier.delivery_fee, free_from=supplier.free_delivery_from)
    order.surcharge = minimum_surcharge(
        goods, minimum=supplier.minimum_order_value, surcharge=supplier.below_minimum_surcharge
    )
    order.save(update_fields=["delivery_fee", "surcharge"])
