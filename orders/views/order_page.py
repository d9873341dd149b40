"""The order page: everything on it is read here, once, for the page itself and for the part that refreshes."""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from orders.approve_by import approve_by, sent_late
from orders.caveats import caveats_summed
from orders.exceptions import InvalidInput
from orders.forms import QuantityGrid, SiteGrid
from orders.models import (
    Amendment,
    Approval,
    OrderEvent,
    OrderException,
    OrderMail,
    PurchaseOrder,
    PurchaseOrderLine,
    Status,
    TransferJob,
)
from orders.selectors import order_actions, order_list, order_standing_approval
from orders.services.line_problems import OtherOffer, next_best_offer
from orders.services.live_check import LiveCheck
from orders.views.order_lines import OrderRow, order_rows
from orders.views.order_story import order_sentence, order_steps
from orders.views.order_sums import order_sums, threshold
from orders.views.request import APPROVE, CHANGE, PageRequest
from orders.views.wire import wire_messages
from suppliers.models import ConnectorCall

# How long an answer that is expected at once is worth asking for every two seconds.
WAITING = timedelta(minutes=10)


def order_or_404(number: str) -> PurchaseOrder:
    orders = order_list().select_related("created_by", "last_edited_by", "replaces", "replaced_by")
    order: PurchaseOrder = get_object_or_404(orders, number=number)
    return order


def render_order(
    request: PageRequest,
    order: PurchaseOrder,
    *,
    status: int = 200,
    error: Exception | None = None,
    grid: QuantityGrid | None = None,
    check: LiveCheck | None = None,
    received: QuantityGrid | None = None,
    at_sites: SiteGrid | None = None,
    template: str = "orders/order.html",
) -> HttpResponse:
    """The page; after a refusal with why (`error`) and what the person typed: `grid`, `received`, `at_sites`, and the
    posted texts.
    """
    if isinstance(error, InvalidInput) and error.field.startswith("quantity-"):
        for typed in (grid, received):
            if typed is not None:
                typed.errors.setdefault(int(error.field.removeprefix("quantity-")), str(error))
    context = order_context(request, order, grid=grid, received=received, at_sites=at_sites)
    context |= {"check": check, "error": error, "posted": request.POST if error else {}}
    return render(request, template, context, status=status)


def order_context(
    request: PageRequest,
    order: PurchaseOrder,
    *,
    grid: QuantityGrid | None = None,
    received: QuantityGrid | None = None,
    at_sites: SiteGrid | None = None,
) -> dict[str, Any]:
    rows = order_rows(order, grid=grid, received=received, at_sites=at_sites)
    sums = order_sums(order, rows)
    jobs = list(order.transfers.all())
    events = list(order.events.select_related("by"))
    amendments = list(order.amendments.select_related("by").prefetch_related("lines__line"))
    approval = order_standing_approval(order)
    problems = line_problems(order, rows)
    unresolved = list(order.exceptions.filter(resolved_at=None).select_related("line"))
    exceptions = [one for one in unresolved if one.kind != OrderException.Kind.PROPOSAL]
    return {
        "order": order,
        "actions": order_actions(order, request.user),
        "rows": rows,
        "several_sites": any(row.sites for row in rows),
        "sums": sums,
        "minimum": threshold(order.supplier.minimum_order_value, sums.asked),
        "free_delivery": threshold(order.supplier.free_delivery_from, sums.asked),
        "answered": any(row.line.confirmed_quantity is not None for row in rows),
        "approval": approval,
        "approve_by": None if approval else approve_by([order]).get(order.pk),
        "sent_late": sent_late(
            order, approved=bool(approval and approval.decision == Approval.Decision.APPROVED)
        ),
        "amendments": amendments,
        "amendment": live_amendment(amendments),
        "job": jobs[0] if jobs else None,
        "jobs": jobs,
        "exceptions": exceptions,
        "proposal_changes": [one for one in unresolved if one.kind == OrderException.Kind.PROPOSAL],
        "may_decide_changes": any(request.user.has_perm(p) for p in (CHANGE, APPROVE)),
        "problems": problems,
        "caveats": caveats_summed(row.line.reason for row in rows) if order.status == Status.DRAFT else [],
        "transfer_trouble": transfer_trouble(order, jobs[0] if jobs else None, named=bool(problems)),
        "exceptions_seen": ",".join(str(exception.pk) for exception in exceptions),
        "events": events,
        "mail": order.mails.exclude(status__in=(OrderMail.Status.SENT, OrderMail.Status.SUPERSEDED))
        .exclude(status=OrderMail.Status.WAITING, attempts=0)
        .first(),
        "shipments": order.shipments.all(),
        "receipts": order.receipts.select_related("by"),
        "steps": order_steps(order, approval, events),
        "sentence": order_sentence(order, approval, jobs, rows, exceptions),
        "sent": sent_call(order, jobs),
        "wire": wire_messages(order) if request.user.is_staff else [],
        "received_open": received is not None,
        "form_token": request.POST.get("form_token") or uuid.uuid4().hex,
        "poll_seconds": poll_seconds(order, jobs, amendments),
        "seen": fingerprint(order, [*jobs[:1], *amendments[:1]], events),
    }


def line_problems(
    order: PurchaseOrder, rows: list[OrderRow]
) -> list[tuple[PurchaseOrderLine, OtherOffer | None]]:
    """Lines that the supplier could not take, each with what the next best supplier would sell."""
    if order.status != Status.DRAFT:
        return []
    return [(row.line, next_best_offer(row.line)) for row in rows if row.line.problem]


def transfer_trouble(order: PurchaseOrder, job: TransferJob | None, *, named: bool) -> bool:
    """Whether something keeps the order from being sent; a refusal whose lines are `named` is told with them."""
    if job is not None and job.status == TransferJob.Status.UNKNOWN:
        return True
    if order.status != Status.DRAFT:
        return False
    failed = job is not None and job.status == TransferJob.Status.FAILED
    refused = job is not None and job.error_kind == "refused"
    return bool(order.supplier.paused_reason) or (failed and not (refused and named))


def sent_call(order: PurchaseOrder, jobs: list[TransferJob]) -> ConnectorCall | None:
    """What was sent when nobody knows whether it arrived: shown to the person who has to decide."""
    if not jobs or jobs[0].status != TransferJob.Status.UNKNOWN:
        return None
    return ConnectorCall.objects.filter(reference=order.buyer_reference, operation="submit").first()


def live_amendment(amendments: list[Amendment]) -> Amendment | None:
    return next((one for one in amendments if one.status in Amendment.LIVE), None)


def poll_seconds(order: PurchaseOrder, jobs: list[TransferJob], amendments: list[Amendment]) -> int | None:
    """How often the page asks for news; None where nothing can happen without a person."""
    now = timezone.now()
    live = live_amendment(amendments)
    if (live and live.next_run_at) or (live and live.status == Amendment.Status.RUNNING):
        return 2
    if jobs and jobs[0].status in (TransferJob.Status.QUEUED, TransferJob.Status.RUNNING):
        return 2
    if jobs and jobs[0].status == TransferJob.Status.UNKNOWN:
        return 2 if jobs[0].next_run_at else None
    if order.status == Status.TRANSFERRED:
        return 2 if order.transferred_at and now - order.transferred_at < WAITING else 30
    if order.status == Status.CONFIRMED and order.answered_at and now - order.answered_at < WAITING:
        return 5
    return None


def fingerprint(
    order: PurchaseOrder, jobs: Sequence[TransferJob | Amendment], events: list[OrderEvent]
) -> str:
    """Changes whenever the page would look different."""
    parts: list[int | str] = [order.version, events[-1].pk if events else 0]
    for job in jobs:
        parts += [job.pk, job.status, job.attempts, job.lookups]
    return "-".join(str(part) for part in parts)


def lines_of(order: PurchaseOrder) -> list[PurchaseOrderLine]:
    return list(order.lines.order_by("line_number"))
