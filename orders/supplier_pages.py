"""The page on which a supplier answers one order: no account, no cookie, no script; the signed link is all it takes.

What is said here is stored as a message and processed by the worker, like an answer that came any other way.
"""

import hashlib
import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from orders.models import PurchaseOrder, Status
from orders.selectors import order_cancellation, order_change
from orders.services.answer_links import link_read
from orders.services.documents import order_version
from orders.services.link_answers import (
    link_answer_store,
    link_answer_stored,
    link_message_id,
    order_awaits_answer,
    order_told,
)
from orders.supplier_forms import FORM, REASONS, AnswerSheet, DespatchSheet
from orders.truth import OrderTruth
from suppliers.connectors.base import Capability
from suppliers.messages import Decision, DespatchStage
from suppliers.services.capabilities import supplier_capabilities

STAGES = {"packed": DespatchStage.PACKED, "shipped": DespatchStage.SHIPPED}
ANSWERS = ("accept", "answer", "reject")
WINDOW = 600  # seconds
LARGEST_FORM = 2 * 1024 * 1024
MOST_ANSWERS = 40  # an order, in that time
MOST_WRONG_LINKS = 60  # an address, in that time
DONE = {
    "answer": "Thank you. The buyer has your answer.",
    "despatch": "Thank you. The buyer knows what is coming.",
}


@csrf_exempt  # there is no session to ride on: whoever knows the link may answer
@login_not_required
def answer(request: HttpRequest, token: str) -> HttpResponse:
    response = _answer(request, token)
    # The address is a secret: neither kept, nor found by search engines, nor told to the next site.
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _answer(request: HttpRequest, token: str) -> HttpResponse:
    if request.method not in ("GET", "HEAD", "POST"):
        response = _notice(
            request, 405, "This page is read or filled in", "Open the link from the mail in a browser."
        )
        response["Allow"] = "GET, HEAD, POST"
        return response
    if request.method == "POST" and _length(request) > LARGEST_FORM:
        return _notice(
            request, 413, "That is too much", "This page takes no files, and texts of a few lines only."
        )
    claim = link_read(token)
    order = _order(claim.reference) if claim else None
    if claim is None or order is None:
        if _too_many("link", request.META.get("REMOTE_ADDR", ""), MOST_WRONG_LINKS):
            return _slow_down(request)
        return _notice(
            request, 404, "This link is not complete",
            "Perhaps the mail program has cut it in two. Open it from the mail again, or copy all of it.",
        )  # fmt: skip
    if request.method == "POST" and _too_many("answer", order.buyer_reference, MOST_ANSWERS):
        return _slow_down(request)
    if closed := _closed(order, expired=timezone.now() >= claim.expires_at):
        return _notice(request, 410, *closed, order=order)
    truth = order_told(order)
    if request.method == "POST":
        return _post(request, order, truth)
    return _page(request, order, truth)


def _length(request: HttpRequest) -> int:
    """As announced; the web server holds the sender to it."""
    said = request.headers.get("Content-Length", "0")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 19 else LARGEST_FORM + 1


def _order(reference: str) -> PurchaseOrder | None:
    found = PurchaseOrder.objects.select_related("supplier", "site", "replaced_by__supplier")
    return found.filter(buyer_reference=reference).first()


def _closed(order: PurchaseOrder, *, expired: bool) -> tuple[str, str] | None:
    """Why nothing can be answered here any more, as title and text."""
    newer = getattr(order, "replaced_by", None)
    if newer is not None and newer.supplier_id == order.supplier_id and newer.status != Status.DRAFT:
        text = f"Order {newer.number} has taken its place. Please answer that one; its mail has a link of its own."
        return f"Order {order.number} has been replaced", text
    if order.status == Status.CANCELLED:
        text = "You need not do anything. If goods are on their way already, please tell the buyer."
        return f"The buyer has withdrawn order {order.number}", text
    if Capability.LINK not in supplier_capabilities(order.supplier) or not order_awaits_answer(order):
        text = "The buyer has taken it back to look at it again. You will get a new mail when it is placed."
        return f"Order {order.number} is not open to answers at present", text
    if expired:
        text = "Please write to the buyer, who can send you a new one. What you answered before stands."
        return f"The link for order {order.number} has expired", text
    return None


def _post(request: HttpRequest, order: PurchaseOrder, truth: OrderTruth) -> HttpResponse:
    action, form = request.POST.get("action", ""), request.POST.get("form", "")
    if action not in (*ANSWERS, *STAGES) or not FORM.fullmatch(form):
        error = "This form was not complete. Please look at it again and send it once more."
        return _page(request, order, truth, error=error, status=400)
    message_id = link_message_id(order, _filled(request))
    if link_answer_stored(order, message_id):  # sent twice, by a finger or by the network
        return _back(request, "despatch" if action in STAGES else "answer")
    if action in STAGES:
        return _despatch(request, order, truth, message_id)
    if error := _too_late(request, order, truth):
        return _page(request, order, truth, error=error, status=409)
    sheet = AnswerSheet.of(order.lines.order_by("line_number"), truth)
    sheet.read(request.POST, action)
    if sheet.is_wrong:
        error = "Something is not clear yet. Please look at what is marked; nothing has been sent."
        return _page(request, order, truth, error=error, status=422, sheet=sheet)
    document = sheet.response(order, action, message_id, version=order_version(order))
    link_answer_store(order=order, document=document)
    return _back(request, "answer")


def _too_late(request: HttpRequest, order: PurchaseOrder, truth: OrderTruth) -> str:
    if _state(truth) != "open":
        return "This order has been answered already. What was said first stands."
    if request.POST.get("seen", "") not in ("", _mark(order)):
        return "The buyer has changed this order since you opened the page. Please look at it again; nothing was sent."
    return ""


def _filled(request: HttpRequest) -> str:
    """A form with all that was typed. Sent twice it is one answer; after going back and typing otherwise, another."""
    return hashlib.sha256(repr(sorted(request.POST.lists())).encode("utf-8", "replace")).hexdigest()[:32]


def _mark(order: PurchaseOrder) -> str:
    """Changes with what is asked, so that nobody accepts what a page opened long ago did not show."""
    asked = order.lines.order_by("line_number").values_list(
        "line_number", "supplier_sku", "quantity", "unit_price", "requested_date"
    )
    return hashlib.sha256(repr([tuple(map(str, line)) for line in asked]).encode()).hexdigest()[:16]


def _despatch(request: HttpRequest, order: PurchaseOrder, truth: OrderTruth, message_id: str) -> HttpResponse:
    if _state(truth) != "answered":
        error = "Nothing is left to send." if truth.shipped else "Please answer the order first."
        return _page(request, order, truth, error=error, status=409)
    sheet = DespatchSheet.of(order.lines.order_by("line_number"), truth)
    lines = sheet.read(request.POST, truth)
    if sheet.errors:
        error = "Something is not clear yet. Please look at what is marked; nothing has been sent."
        return _page(request, order, truth, error=error, status=422, despatch=sheet)
    advice = sheet.advice(order, STAGES[request.POST["action"]], lines, message_id)
    link_answer_store(order=order, document=advice)
    return _back(request, "despatch")


def _state(truth: OrderTruth) -> str:
    if truth.decision is Decision.REJECTED:
        return "declined"
    if truth.decision is not Decision.CONFIRMED:
        return "open"
    return "shipped" if truth.shipped else "answered"


def _page(
    request: HttpRequest,
    order: PurchaseOrder,
    truth: OrderTruth,
    *,
    error: str = "",
    status: int = 200,
    sheet: AnswerSheet | None = None,
    despatch: DespatchSheet | None = None,
) -> HttpResponse:
    lines = list(order.lines.select_related("product").order_by("line_number"))
    told = [(line, truth.lines[line.line_number]) for line in lines]
    context: dict[str, Any] = {
        "order": order,
        "truth": truth,
        "state": _state(truth),
        "cancellation": order_cancellation(order),
        "change": order_change(order),
        "sheet": sheet or AnswerSheet.of(lines, truth),
        "despatch": despatch or DespatchSheet.of(lines, truth),
        "answered": [(line, said) for line, said in told if said.quantity is not None],
        "total": sum(line.total for line in lines),
        "reasons": [(value, label) for value, label in REASONS.items() if label],
        "form": secrets.token_hex(16),
        "seen": _mark(order),
        "error": error,
        "done": DONE.get(request.GET.get("done", ""), "") if request.method != "POST" else "",
    }
    return render(request, "orders/supplier_answer.html", context, status=status)


def _back(request: HttpRequest, done: str) -> HttpResponse:
    """To the page itself, so that a reload sends nothing again."""
    return HttpResponseRedirect(f"{request.path}?done={done}", status=303)


def _notice(
    request: HttpRequest, status: int, title: str, text: str, *, order: PurchaseOrder | None = None
) -> HttpResponse:
    context = {"title": title, "text": text, "order": order}
    return render(request, "orders/supplier_notice.html", context, status=status)


def _slow_down(request: HttpRequest) -> HttpResponse:
    text = "Please wait ten minutes and open the link again. What you have sent is with us."
    response = _notice(request, 429, "That was a lot at once", text)
    response["Retry-After"] = str(WINDOW)
    return response


def _too_many(what: str, who: str, most: int) -> bool:
    """Lightly: each web process counts for itself."""
    key = f"supplier-page:{what}:{hashlib.sha256(f'{settings.SECRET_KEY}{who}'.encode()).hexdigest()[:32]}"
    if cache.add(key, 1, WINDOW):
        return False
    try:
        return cache.incr(key) > most
    except ValueError:  # it has just run out
        return False
