"""The work queue: what waits for a person, and the last plan."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.auth.decorators import login_not_required, permission_required
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from orders.approve_by import approve_by
from orders.selectors import work_queue
from orders.views.request import PageRequest
from procurement.context import THEMES
from procurement.models import Alert, PlanRun
from procurement.price_changes_shown import supplier_days

SHOWN = 8  # of each kind; the rest is one click away
READ_AT_MOST = 1000


@dataclass(frozen=True, slots=True)
class Pile:
    key: str
    title: str
    hint: str
    more: str  # address of the whole list
    count: int
    items: Iterable[Any]
    alarming: bool = False


@require_GET
@permission_required("orders.view_purchaseorder", raise_exception=True)
def home(request: PageRequest) -> HttpResponse:
    piles = _piles(request)
    context = {
        "piles": piles,
        "waiting": sum(pile.count for pile in piles),
        "last_run": PlanRun.objects.select_related("by").first(),
    }
    return render(request, "procurement/home.html", context)


def _piles(request: PageRequest) -> list[Pile]:
    queue = work_queue()
    approves = request.user.has_perm("orders.approve_purchaseorder")
    approve = "To approve" if approves else "Waiting for approval"
    stopped = _pile("stopped", "Stopped suppliers", "their orders wait", "/suppliers/", queue.stopped, True)
    # Which has a pile of its own
    alerts = Alert.objects.filter(closed_at=None).exclude(kind="supplier-stopped")
    alarms = _pile("alerts", "Alerts", "an administrator should look", "/jobs/", alerts, True)
    return [
        *([alarms] if alarms.count and request.user.has_perm("procurement.view_alert") else []),
        *([stopped] if stopped.count else []),  # so rare that an empty tile would only be in the way
        _soonest(
            _pile(
                "approve", approve, "drafts nobody has decided on", "/orders/?status=draft", queue.to_approve
            )
        ),
        _pile(
            "returned",
            "Sent back",
            "an approver wants something changed",
            "/orders/?status=draft",
            queue.returned,
        ),
        _by_order("changed", "Changed by supplier", "decide on each", "/orders/?changed=true", queue.changed),
        _pile(
            "rejected",
            "Rejected",
            "make a new draft, or leave it",
            "/orders/?status=rejected",
            queue.rejected,
        ),
        _pile(
            "transfers",
            "Transfers",
            "failed, or nobody knows",
            "/orders/?status=draft",
            queue.transfers,
            True,
        ),
        _by_order("late", "Late", "the promised day has passed", "/orders/?late=true", queue.late, True),
        *_price_changes(request),
        _pile("inbox", "Unreadable", "kept as they came", "/inbox/", queue.inbound_parked, True),
    ]


def _price_changes(request: PageRequest) -> list[Pile]:
    """Suppliers and days, the worst first. No tile where nothing has changed."""
    days = supplier_days(unseen=True) if request.user.has_perm("procurement.change_pricechange") else []
    hint = "what they cost on a year's expected demand"
    pile = Pile("prices", "Price changes", hint, "/price-changes/", len(days), days[:SHOWN])
    return [pile] if days else []


def _pile(key: str, title: str, hint: str, more: str, rows: QuerySet[Any], alarming: bool = False) -> Pile:
    items = list(rows[: SHOWN + 1])
    count = rows.count() if len(items) > SHOWN else len(items)
    return Pile(key, title, hint, more, count, items[:SHOWN], alarming)


def _soonest(pile: Pile) -> Pile:
    """With until when each draft must be approved, where its supplier has order days; of those the first first."""
    drafts = list(pile.items)
    told = approve_by(drafts)
    for draft in drafts:
        draft.approve_by = told.get(draft.pk)
    drafts.sort(key=lambda draft: (draft.approve_by is None, draft.approve_by and draft.approve_by.until))
    return replace(pile, items=drafts)


def _by_order(
    key: str, title: str, hint: str, more: str, rows: QuerySet[Any], alarming: bool = False
) -> Pile:
    """One entry an order, however many of its lines wait: the first of them, and how many `others`."""
    found: dict[int, list[Any]] = {}
    for row in rows[:READ_AT_MOST]:
        found.setdefault(row.order_id, []).append(row)
    for first, *others in found.values():
        first.others = len(others)
    items = [group[0] for group in found.values()]
    return Pile(key, title, hint, more, len(items), items[:SHOWN], alarming)


@require_POST
@login_not_required
def theme(request: PageRequest) -> HttpResponseRedirect:
    """Light, dark or as the system has it; kept in a cookie so that the first paint is right."""
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response = HttpResponseRedirect(back)  # an address, whereas redirect() also takes names of views
    if (chosen := request.POST.get("theme", "")) in dict(THEMES):
        response.set_cookie("theme", chosen, max_age=31_536_000, samesite="Lax", secure=request.is_secure())
    return response
