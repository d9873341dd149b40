"""Bringing an order up to what its supplier has said, by folding all of its messages (orders.answers)."""

import hashlib
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db.models import F
from django.utils import timezone
from django.utils.formats import date_format

from orders.exceptions import ConcurrentTransition
from orders.models import (
    InboundMessage,
    OrderException,
    PurchaseOrder,
    PurchaseOrderLine,
    Shipment,
    ShipmentLine,
    Status,
    TransferJob,
)
from orders.policy import Tolerance
from orders.selectors import order_live_amendment, order_live_transfer
from orders.services.amendment_answers import (
    amendments_end,
    change_answered,
    change_proved,
    confirmation_meets_cancellation,
    lines_being_changed,
    order_versions,
    rejection_is_agreement,
)
from orders.state import may_move, record, revise, transition
from orders.truth import LineTruth, OrderTruth, Trouble
from orders.versions import fold_versions
from suppliers.connectors.base import InboundDocument
from suppliers.messages import Decision, DespatchAdvice, DespatchStage, OrderResponse
from suppliers.packing import plain, plain_money, plain_price
from suppliers.services.connections import connector_for


class UnknownOrder(Exception):
    """The message speaks of an order that this supplier does not have from us."""


def order_answer(*, message: InboundMessage, reference: str) -> None:
    """Link the message to its order and bring the order up to date. Call inside `transaction.atomic()`."""
    try:
        order = PurchaseOrder.objects.select_related("supplier").get(
            supplier=message.supplier, buyer_reference=reference
        )
    except PurchaseOrder.DoesNotExist:
        raise UnknownOrder(
            f"There is no order {reference or '(none named)'} with {message.supplier.name}."
        ) from None
    if order.status == Status.DRAFT:
        # The job before the order, as a transfer takes them: no deadlock.
        _arrived(order, via=message.channel)
    revise(order)  # the lock: of two messages for one order each is folded on top of the other
    message.orders.add(order)
    order_bring_up_to_date(order, via=message.channel)


def order_bring_up_to_date(order: PurchaseOrder, *, via: str) -> None:
    """Call inside `transaction.atomic()`, with the order revised."""
    if order_live_amendment(order):
        change_proved(
            order, {d.order_version for d in _documents(order) if isinstance(d, OrderResponse)}, via=via
        )
    lines = list(order.lines.order_by("line_number"))
    truth = order_fold(order, lines)
    if change_answered(order, truth, via=via):
        lines = list(order.lines.order_by("line_number"))
    if truth.supplier_reference and not order.supplier_reference:
        order.supplier_reference = truth.supplier_reference
        order.save(update_fields=["supplier_reference"])
    _write_lines(order, lines, truth)
    _write_trouble(order, lines, truth)
    _move(order, truth, via=via)
    _write_shipments(order, lines, truth, via=via)
    if truth.shipped and may_move(order.status, Status.SHIPPED):
        transition(order, Status.SHIPPED, by=None, via=via, text=_shipped_text(truth))
        amendments_end(order, words="They have shipped the goods.", via=via)


def _arrived(order: PurchaseOrder, *, via: str) -> None:
    """The supplier answers an order whose reply we have not stored: the answer itself proves that it arrived."""
    job = order_live_transfer(order)
    if job is None or job.attempts == 0:
        raise UnknownOrder(f"The supplier answered {order.number}, which we have not sent.")
    arrived = TransferJob.objects.filter(pk=job.pk, status__in=TransferJob.LIVE).update(
        status=TransferJob.Status.SENT,
        fence=F("fence") + 1,  # the worker that waits for the reply finds the job settled
        lease_until=None,
        next_run_at=None,
        finished_at=timezone.now(),
        error="",
        error_kind="",
    )
    if not arrived:
        raise ConcurrentTransition(f"The transfer of {order.number} has ended meanwhile.")
    text = "The supplier's answer came before its reply to our transfer; it has the order."
    transition(order, Status.TRANSFERRED, by=None, via=via, text=text)


def order_fold(
    order: PurchaseOrder, lines: list[PurchaseOrderLine], waiting: Iterable[InboundDocument] = ()
) -> OrderTruth:
    """`waiting`: documents that are stored and not processed yet."""
    documents = [*_documents(order), *waiting]
    return fold_versions(
        order_versions(order, lines),
        [d for d in documents if isinstance(d, OrderResponse)],
        [d for d in documents if isinstance(d, DespatchAdvice)],
        currency=order.currency,
    )


def _documents(order: PurchaseOrder) -> Iterable[InboundDocument]:
    connector = connector_for(order.supplier)
    for message in order.inbound.all():
        yield from (
            d for d in connector.parse_documents(message.raw) if d.buyer_reference == order.buyer_reference
        )


def _write_lines(order: PurchaseOrder, lines: list[PurchaseOrderLine], truth: OrderTruth) -> None:
    for line in lines:
        said = truth.lines[line.line_number]
        line.confirmed_quantity = said.quantity
        line.confirmed_price = said.unit_price
        line.promised_date = said.promised_date or (
            line.requested_date if said.quantity is not None else None
        )
        line.supplier_note = said.note[:300]
        line.shipped_quantity = said.shipped
        line.backorder_quantity = said.backorder
        line.substitute_sku = said.substitute.supplier_sku[:60] if said.substitute else ""
        line.substitute_description = said.substitute.description[:200] if said.substitute else ""
    PurchaseOrderLine.objects.bulk_update(lines, _ANSWERED)
    if truth.charges is not None:
        order.charges = [
            {"label": charge.label[:100], "code": charge.code[:40], "amount": plain(charge.amount)}
            for charge in truth.charges
        ]
        order.save(update_fields=["charges"])


_ANSWERED = [
    "confirmed_quantity", "confirmed_price", "promised_date", "supplier_note", "shipped_quantity",
    "backorder_quantity", "substitute_sku", "substitute_description",
]  # fmt: skip


def _move(order: PurchaseOrder, truth: OrderTruth, *, via: str) -> None:
    target = {Decision.CONFIRMED: Status.CONFIRMED, Decision.REJECTED: Status.REJECTED}.get(truth.decision)
    if target == Status.REJECTED:
        if order.status == Status.CANCELLED:
            return  # both mean that nothing comes
        if rejection_is_agreement(order, words=truth.note, via=via):
            return
    if target is None or order.status == target:
        told = order.events.filter(kind="despatch_waits").exists()
        if truth.decision is Decision.RECEIVED and truth.waiting_despatches and not told:
            text = "Shipping was announced before the order was confirmed; it is kept until the confirmation comes."
            record(order, "despatch_waits", by=None, via=via, text=text)
        return
    if may_move(order.status, target):
        text = _answer_text(order, target, truth.note)
        transition(order, target, by=None, via=via, text=text)
        if target == Status.REJECTED:
            _raise(
                order, Trouble("rejected", None, f"{text} Replace it, or leave it to the next plan."), None
            )
            amendments_end(order, words="The order was rejected.", via=via)
        else:
            confirmation_meets_cancellation(order)
    elif (order.status, target) != (Status.SHIPPED, Status.CONFIRMED):
        text = f"The supplier {target.label.lower()} the order, but it is {order.get_status_display().lower()} here."
        _raise(order, Trouble("contradiction", None, text), None)


def _answer_text(order: PurchaseOrder, target: Status, note: str) -> str:
    supplier, changed = order.supplier.name, sum(line.is_changed for line in order.lines.all())
    if target == Status.REJECTED:
        text = f"Rejected by {supplier}."
    elif changed:
        text = f"Confirmed by {supplier} with changes on {changed} of {order.lines.count()} lines."
    else:
        text = f"Confirmed by {supplier} as asked."
    return f"{text} {note}".strip()


def _shipped_text(truth: OrderTruth) -> str:
    parts = len(truth.shipments)
    return (
        f"All that was confirmed has been shipped, in {parts} {'despatch' if parts == 1 else 'despatches'}."
    )


def _write_shipments(
    order: PurchaseOrder, lines: list[PurchaseOrderLine], truth: OrderTruth, *, via: str
) -> None:
    by_number = {line.line_number: line for line in lines}
    for told in truth.shipments:
        known = Shipment.objects.filter(order=order, despatch_id=told.despatch_id[:80])
        before = known.values_list("stage", flat=True).first()
        shipment, _ = Shipment.objects.update_or_create(
            order=order,
            despatch_id=told.despatch_id[:80],
            defaults={
                "stage": told.stage.value,
                "shipped_at": told.shipped_at,
                "carrier": told.carrier[:80],
                "tracking": told.tracking[:120],
            },
        )
        for number, quantity in told.quantities.items():
            ShipmentLine.objects.update_or_create(
                shipment=shipment, line=by_number[number], defaults={"quantity": quantity}
            )
        # A despatch that left earlier may have become known later, and this one carries less than was thought.
        shipment.lines.exclude(line__line_number__in=told.quantities).delete()
        if before != told.stage.value:
            packed = told.stage is DespatchStage.PACKED
            how = " ".join(part for part in (told.carrier, told.tracking) if part)
            count = f"{len(told.quantities)} line{'s' if len(told.quantities) != 1 else ''}"
            text = f"{'Packed' if packed else 'Despatch'} {told.despatch_id}: {count}{f' with {how}' if how else ''}."
            record(order, "packed" if packed else "despatched", by=None, via=via, text=text)


def _write_trouble(order: PurchaseOrder, lines: list[PurchaseOrderLine], truth: OrderTruth) -> None:
    by_number = {line.line_number: line for line in lines}
    for trouble in truth.trouble:
        _raise(order, trouble, by_number.get(trouble.line_number or 0))
    if truth.decision is not Decision.CONFIRMED:
        return
    waiting = lines_being_changed(order)
    lines = [line for line in lines if line.line_number not in waiting]
    supplier = order.supplier
    tolerance = Tolerance(
        supplier.price_tolerance_percent, supplier.quantity_tolerance_percent, supplier.date_tolerance_days
    )
    for line in lines:
        for trouble in _beyond_tolerance(line, truth.lines[line.line_number], tolerance):
            _raise(order, trouble, line)
    if dearer := _dearer_charges(order, truth, tolerance):
        _raise(order, dearer, None)
    for trouble, one in _late_or_early(lines, truth, tolerance):
        _raise(order, trouble, one)


def _beyond_tolerance(line: PurchaseOrderLine, said: LineTruth, tolerance: Tolerance) -> Iterable[Trouble]:
    where = f"Line {line.line_number}, {line.description}"
    if said.quantity is not None and not tolerance.allows_quantity(
        asked=line.quantity, confirmed=said.quantity
    ):
        gone = said.quantity == 0
        what = (
            "will not be delivered" if gone else f"{plain(said.quantity)} instead of {plain(line.quantity)}"
        )
        if said.backorder:
            what = f"{what}; {plain(said.backorder)} follow later, at no date yet"
        yield Trouble("quantity", line.line_number, f"{where}: {what}.")
    if said.unit_price is not None and not tolerance.allows_price(
        asked=line.unit_price, confirmed=said.unit_price
    ):
        text = f"{where}: costs {plain_price(said.unit_price)} instead of {plain_price(line.unit_price)}."
        yield Trouble("price", line.line_number, text)
    if said.substitute:
        other = " ".join(part for part in (said.substitute.supplier_sku, said.substitute.description) if part)
        yield Trouble("substitute", line.line_number, f"{where}: the supplier delivers {other} instead.")


def _dearer_charges(order: PurchaseOrder, truth: OrderTruth, tolerance: Tolerance) -> Trouble | None:
    """Freight and surcharges beyond those that the order was approved with."""
    charged = sum((charge.amount for charge in truth.charges or ()), Decimal(0))
    if charged <= order.extras:
        return None
    if order.extras and tolerance.allows_price(asked=order.extras, confirmed=charged):
        return None
    named = ", ".join(f"{charge.label} {plain_money(charge.amount)}" for charge in truth.charges or ())
    expected = (
        f"{plain_money(order.extras)} for delivery {'and as a surcharge ' if order.surcharge else ''}was expected"
        if order.extras
        else "none was expected"
    )
    return Trouble("charge", None, f"The supplier adds {named} {order.currency} to the goods; {expected}.")


def _late_or_early(
    lines: list[PurchaseOrderLine], truth: OrderTruth, tolerance: Tolerance
) -> Iterable[tuple[Trouble, PurchaseOrderLine | None]]:
    """One trouble a new date, not one a line: a late lorry is late with all it carries."""
    moved: dict[tuple[date, date], list[PurchaseOrderLine]] = {}
    for line in lines:
        said = truth.lines[line.line_number]
        asked, promised = line.requested_date, said.promised_date
        if not said.quantity or asked is None or promised is None:
            continue
        if not tolerance.allows_date(asked=asked, promised=promised):
            moved.setdefault((asked, promised), []).append(line)
    for (asked, promised), together in moved.items():
        when = f"on {date_format(promised)} instead of {date_format(asked)}"
        if len(together) == 1:
            line = together[0]
            text = f"Line {line.line_number}, {line.description}: comes {when}."
            yield Trouble("date", line.line_number, text), line
        else:
            which = "All" if len(together) == len(lines) else f"{len(together)} of {len(lines)}"
            yield Trouble("date", None, f"{which} lines come {when}."), None


def _raise(order: PurchaseOrder, trouble: Trouble, line: PurchaseOrderLine | None) -> None:
    fingerprint = hashlib.sha256(f"{trouble.kind}|{trouble.line_number}|{trouble.text}".encode()).hexdigest()
    OrderException.objects.get_or_create(
        order=order,
        fingerprint=fingerprint,
        defaults={"line": line, "kind": trouble.kind, "text": trouble.text[:500]},
    )
