"""Asking a supplier to drop an order that it has, and writing down what people were told about it.

What is asked is a row beside the order and a job at the same time: docs/adr/0003-unknown-outcomes.md holds for it as it
does for the order itself. The talking stands in amending.py.
"""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Max, Q
from django.utils import timezone

from orders.exceptions import ConcurrentTransition, InvalidInput, InvalidTransition
from orders.models import Amendment, AmendmentLine, PurchaseOrder, PurchaseOrderLine, Status
from orders.selectors import order_live_amendment
from orders.services.amendment_outcomes import (
    amendment_again,
    amendment_agreed,
    amendment_refused,
    amendment_told,
)
from orders.services.answering import order_bring_up_to_date
from orders.services.approval import as_seen, reason_read
from orders.services.editing import LARGEST_QUANTITY
from orders.state import record, revise
from orders.wakeups import wake
from suppliers.connectors.base import Capability
from suppliers.packing import pack_up, plain
from suppliers.selectors import price_in_force
from suppliers.services.capabilities import supplier_capabilities

UNDER_WAY = (Status.TRANSFERRED, Status.CONFIRMED)
BY_TELEPHONE = "takes no cancellations from here. Agree with them by telephone or mail, then record it."


@transaction.atomic
def order_ask_to_cancel(*, order: PurchaseOrder, by: User, version: int, reason: str, via: str) -> Amendment:
    """Tell the supplier that we do not want the order any more. It is cancelled here once they agree."""
    if Capability.CANCEL not in supplier_capabilities(order.supplier):
        raise InvalidTransition(f"{order.supplier.name} {BY_TELEPHONE}")
    reason = reason_read(reason)
    amendment_claim(order, version)
    return amendment_queue(order, Amendment.Kind.CANCEL, by=by, reason=reason, via=via)


@transaction.atomic
def order_ask_to_change(
    *,
    order: PurchaseOrder,
    by: User,
    version: int,
    quantities: Mapping[int, Decimal],
    reason: str,
    via: str,
) -> Amendment:
    """Ask the supplier for other quantities, by line pk, rounded to what it sells. Asked once it has them."""
    if Capability.CHANGE not in supplier_capabilities(order.supplier):
        raise InvalidTransition(
            f"{order.supplier.name} takes no changes from here. Agree with them by telephone."
        )
    reason = reason_read(reason)
    amendment_claim(order, version)
    lines = {line.pk: line for line in order.lines.select_related("supplier_product", "product")}
    wanted = [_wanted(lines.get(pk), quantity, order) for pk, quantity in quantities.items()]
    wanted = [line for line in wanted if line.quantity != line.before_quantity]
    if not wanted:
        raise InvalidInput("Nothing is different from what was ordered.", field="quantity")
    amendment = amendment_queue(order, Amendment.Kind.CHANGE, by=by, reason=reason, via=via)
    for line in wanted:
        line.amendment = amendment
    AmendmentLine.objects.bulk_create(wanted)
    return amendment


def _wanted(line: PurchaseOrderLine | None, quantity: Decimal, order: PurchaseOrder) -> AmendmentLine:
    if line is None:
        raise InvalidInput(f"{order.number} has no such line.", field="quantity")
    where, field = f"Line {line.line_number}", f"quantity-{line.pk}"
    offer = line.supplier_product
    packed = quantity
    if quantity.is_finite() and 0 < quantity <= LARGEST_QUANTITY and quantity != line.quantity:
        packed = pack_up(quantity, pack_size=offer.pack_size, minimum=offer.minimum_quantity).quantity
    if not packed.is_finite() or not 0 < packed <= LARGEST_QUANTITY:
        raise InvalidInput(
            f"{where}: a quantity is a number above 0. To drop a line, talk to {order.supplier.name}.",
            field=field,
        )
    gone = max(line.shipped_quantity, line.received_quantity)
    if packed < gone:
        raise InvalidInput(f"{where}: {plain(gone)} have been shipped already.", field=field)
    price = None if packed == line.quantity else price_in_force(offer, packed, currency=order.currency)
    return AmendmentLine(
        line=line, quantity=packed, unit_price=price or line.unit_price,
        before_quantity=line.quantity, before_price=line.unit_price,
    )  # fmt: skip


def amendment_claim(order: PurchaseOrder, version: int) -> None:
    """Make sure that the supplier has the order, as the person saw it, and that nothing else is being asked."""
    if order.status not in UNDER_WAY:
        raise InvalidTransition(
            f"{order.number} is {order.get_status_display().lower()}; there is nothing to ask the supplier."
        )
    as_seen(order, version)
    if (live := order_live_amendment(order)) is not None:
        raise InvalidTransition(
            f"A {live.get_kind_display().lower()} of {order.number} is under way. It has to be settled first."
        )
    revise(order)


def amendment_queue(
    order: PurchaseOrder, kind: Amendment.Kind, *, by: User, reason: str, via: str
) -> Amendment:
    last = order.amendments.aggregate(last=Max("number"))["last"] or 1
    amendment = Amendment.objects.create(
        order=order, kind=kind, number=last + 1, by=by, reason=reason, next_run_at=timezone.now()
    )
    text = f"{kind.label} asked for: {reason}"
    record(order, f"{kind.value}_wanted", by=by, via=via, text=text)
    wake("orders.tasks.send_amendment", amendment.pk)
    return amendment


def amendment_decide(
    *, amendment: Amendment, by: User, outcome: str, words: str, attempt: int, via: str
) -> None:
    """A person asked the supplier: it `agreed`, it `refused`, it has it (`arrived`) or never got it (`again`).

    `attempt` is the one the person saw: what is known of the first says nothing about a second.
    """
    words = reason_read(words)
    now = timezone.now()
    allowed = Q(status=Amendment.Status.UNKNOWN)
    if outcome in ("agreed", "refused"):
        allowed |= Q(status=Amendment.Status.ASKED)
    undecided = Amendment.objects.filter(
        allowed,
        Q(lease_until=None) | Q(lease_until__lt=now),
        pk=amendment.pk,
        status=amendment.status,
        fence=amendment.fence,
        attempts=attempt,
    )
    if undecided.update(fence=F("fence") + 1) == 0:
        raise ConcurrentTransition("This was settled or is being looked up meanwhile. Reload the page.")
    amendment.fence += 1
    said = f"{by.get_username()} was told: {words}"
    match outcome:
        case "agreed":
            settled = amendment_agreed(amendment, words=said, via=via, by=by)
        case "refused":
            settled = amendment_refused(amendment, words=said, via=via, by=by)
        case "arrived":
            settled = amendment_told(amendment, note=said, via=via, by=by)
        case _:
            settled = amendment_again(amendment, words=said, pause=timedelta(0), via=via, by=by)
    if not settled:
        raise ConcurrentTransition("This was settled meanwhile. Reload the page.")
    if amendment.kind == Amendment.Kind.CHANGE and outcome == "agreed":
        with transaction.atomic():
            order = PurchaseOrder.objects.select_related("supplier").get(pk=amendment.order_id)
            revise(order)
            order_bring_up_to_date(order, via=via)


@transaction.atomic
def amendment_look_up(*, amendment: Amendment, by: User, via: str) -> None:
    """Ask the supplier now what became of it."""
    waiting = Amendment.objects.filter(
        pk=amendment.pk, status=Amendment.Status.UNKNOWN, fence=amendment.fence
    )
    if waiting.update(next_run_at=timezone.now()) == 0:
        raise ConcurrentTransition("This has been settled meanwhile.")
    record(amendment.order, "look_up_asked", by=by, via=via, text="Asked to look the order up now.")
    wake("orders.tasks.settle_amendment", amendment.pk)
