"""Where demand and stock come from: how each source stands, what it could not bring, and reading one now."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from orders.views.request import PageRequest
from orders.wakeups import wake
from procurement.models import JournalLine, SourceAccount, SourceEvent
from procurement.services.syncing import source_check, source_opened, source_stop
from procurement.source_call_figures import source_calls_shown, source_calls_today
from procurement.source_status import source_statuses
from procurement.sources.base import Capability
from procurement.sources.registry import SOURCES, source_class
from suppliers.exceptions import ConnectorConfigurationError, ConnectorError

RUNS_SHOWN = 20
JOURNAL_SHOWN = 50
PROBLEMS_SHOWN = 50
EVENTS_SHOWN = 15
REFUSALS_DAYS = 7
may_view = permission_required("procurement.view_sourceaccount", raise_exception=True)
may_run = permission_required("procurement.add_sourcerun", raise_exception=True)


@require_GET
@may_view
def source_list(request: PageRequest) -> HttpResponse:
    kinds = sorted(source_class(kind).label for kind in SOURCES)
    context = {"statuses": source_statuses(), "kinds": kinds}
    return render(request, "procurement/source_list.html", context)


@require_GET
@may_view
def source(request: PageRequest, code: str) -> HttpResponse:
    found = get_object_or_404(SourceAccount, code=code)
    context: dict[str, Any] = {
        "source": found,
        "status": source_statuses(SourceAccount.objects.filter(pk=found.pk))[0],
        "journal": JournalLine.objects.filter(run__account=found)[:JOURNAL_SHOWN],
        "runs": found.runs.select_related("by")[:RUNS_SHOWN],
        "telling": _telling(request, found),
        **_calls(request, found),
        "page": Paginator(found.problems.all(), PROBLEMS_SHOWN).get_page(request.GET.get("page")),
    }
    return render(request, "procurement/source.html", context)


def _calls(request: PageRequest, source: SourceAccount) -> dict[str, Any]:
    """What was said is for administrators, as with suppliers."""
    if not request.user.is_staff or not request.user.has_perm("procurement.view_sourcecall"):
        return {}
    return {
        "may_see_calls": True,
        "today": source_calls_today(source),
        "calls": source_calls_shown(source),
    }


def _telling(request: PageRequest, source: SourceAccount) -> dict[str, Any] | None:
    """What a source that can tells us by itself; None: it cannot."""
    if source.kind not in SOURCES or Capability.EVENTS not in source_opened(source).capabilities:
        return None
    since = timezone.localdate() - timedelta(days=REFUSALS_DAYS)
    return {
        "events": source.events.select_related("run")[:EVENTS_SHOWN],
        "waiting": source.events.filter(status=SourceEvent.Status.WAITING).count(),
        "address": settings.PUBLIC_URL + reverse("source-event", args=[source.code]),
        "refusals": source.event_refusals.filter(day__gte=since)
        if request.user.has_perm("procurement.view_eventrefusal")
        else (),
    }


@require_POST
@may_run
def run_now(request: PageRequest, code: str) -> HttpResponse:
    """Asked for by a person it is read even while it is paused: perhaps it works again."""
    found = get_object_or_404(SourceAccount, code=code)
    wake("procurement.tasks.sync_source", found.pk, request.user.pk)
    messages.success(request, f"{found} is being read; look again in a moment.")
    return redirect("source", code=code)


@require_POST
@may_run
def stop(request: PageRequest, code: str) -> HttpResponse:
    found = get_object_or_404(SourceAccount, code=code)
    if source_stop(source=found, by=request.user):
        messages.success(request, f"The reading of {found} ends with the page it is at.")
    else:
        messages.info(request, f"{found} is not being read.")
    return redirect("source", code=code)


@require_POST
@permission_required("procurement.change_sourceaccount", raise_exception=True)
def check(request: PageRequest, code: str) -> HttpResponse:
    found = get_object_or_404(SourceAccount, code=code)
    try:
        messages.success(request, source_check(source=found))
    except (ConnectorError, ConnectorConfigurationError) as error:
        messages.error(request, str(error))
    return redirect("source", code=code)
