"""What must hold after everything has gone wrong. Each function says in sentences what does not."""

import random
from collections import Counter
from collections.abc import Iterator

from django.db.models import Sum

from orders.answers import fold
from orders.models import InboundMessage, PurchaseOrder, Status, TransferJob
from orders.selectors import work_queue
from orders.truth import AskedLine, OrderTruth
from suppliers.messages import Decision, DespatchAdvice, OrderResponse
from suppliers.sandbox.server import SandboxServer
from suppliers.services.connections import connector_for
from tests.flow.scenes import effects


def complaints(sandbox: SandboxServer, taken: dict[tuple[str, str], bytes]) -> list[str]:
    shown = set(work_queue().transfers.values_list("order", flat=True))
    found = []
    for order in PurchaseOrder.objects.select_related("supplier"):
        found += _placed_once(sandbox, order, order.pk in shown)
        found += _as_folded(order)
        found += _nothing_doubled(order)
    return [*found, *_jobs(shown), *_messages(taken)]


def _placed_once(sandbox: SandboxServer, order: PurchaseOrder, shown: bool) -> Iterator[str]:
    count = effects(sandbox, order)
    if count > 1:
        yield f"{order.number} was placed {count} times."
    elif order.status in (Status.DRAFT, Status.CANCELLED):
        if order.status == Status.DRAFT and not shown:
            yield f"{order.number} was approved and is neither sent nor shown to anybody."
        if order.status == Status.CANCELLED and count:
            yield f"{order.number} is at the supplier and cancelled here."
    elif count == 0:
        yield f"{order.number} is {order.status} and was never placed."
    for placed in sandbox.ledger.orders_find(order.supplier.code, order.buyer_reference):
        theirs = {line.supplier_product_id: line.quantity for line in placed.lines}
        if theirs != dict(order.lines.values_list("supplier_sku", "quantity")):
            yield f"{order.number} was placed with other lines than approved."


def truth_of(order: PurchaseOrder) -> OrderTruth:
    """Everything that was said about the order, folded in an order of its own."""
    connector = connector_for(order.supplier)
    documents = [d for message in order.inbound.all() for d in connector.parse_documents(message.raw)]
    random.Random(order.pk).shuffle(documents)
    return fold(
        [AskedLine(x.line_number, x.supplier_sku, x.quantity, x.unit_price) for x in order.lines.all()],
        [d for d in documents if isinstance(d, OrderResponse)],
        [d for d in documents if isinstance(d, DespatchAdvice)],
        currency=order.currency,
    )


def _as_folded(order: PurchaseOrder) -> Iterator[str]:
    if order.status in (Status.DRAFT, Status.CANCELLED):
        return
    truth = truth_of(order)
    status = {Decision.CONFIRMED: Status.CONFIRMED, Decision.REJECTED: Status.REJECTED}.get(
        truth.decision, Status.TRANSFERRED
    )
    if truth.shipped:
        status = Status.SHIPPED
    if order.status != status:
        yield f"{order.number} is {order.status}, but what was said comes to {status}."
    for line in order.lines.annotate(sent=Sum("shipment_lines__quantity")):
        said = truth.lines[line.line_number]
        if (line.confirmed_quantity, line.shipped_quantity) != (said.quantity, said.shipped):
            yield f"{order.number} line {line.line_number} is not what was said."
        if (line.sent or 0) != said.shipped:
            yield f"{order.number} line {line.line_number}: its shipments come to {line.sent}."


def _nothing_doubled(order: PurchaseOrder) -> Iterator[str]:
    counts = Counter(order.events.exclude(to_status="").values_list("to_status", flat=True))
    counts.update(order.events.filter(kind="despatched").values_list("text", flat=True))
    yield from (f"{order.number}: “{what}” happened {n} times." for what, n in counts.items() if n > 1)


def _jobs(shown: set[int]) -> Iterator[str]:
    """All is drained, so nothing is on its way any more."""
    for job in TransferJob.objects.filter(status__in=TransferJob.LIVE):
        parked = job.status == "unknown" and job.next_run_at is None and job.error and job.order_id in shown
        if not parked:
            yield f"Job {job.pk} is {job.status} for ever."
    for failed in TransferJob.objects.filter(status="failed", error=""):
        yield f"Job {failed.pk} failed without a reason."


def _messages(taken: dict[tuple[str, str], bytes]) -> Iterator[str]:
    stored = {
        (message.supplier.code, message.message_id): message
        for message in InboundMessage.objects.filter(channel="callback").select_related("supplier")
    }
    for key, body in taken.items():
        if key not in stored or bytes(stored[key].body) != body:
            yield f"The callback {key} was taken and is not stored."
    if extra := stored.keys() - taken.keys():
        yield f"Callbacks are stored that nobody sent like this: {sorted(extra)[:3]}"
    for key, message in stored.items():
        if message.status == "received" or (message.status == "parked" and not message.error):
            yield f"The callback {key} is {message.status} for ever."
