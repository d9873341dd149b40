"""Replays of a site's history: starting one, watching it, and what it came to."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from orders.models import Site
from orders.views.request import PageRequest
from procurement.exceptions import ReplayAlreadyRunning
from procurement.models import ReplayRun
from procurement.replay_file import lists, replay_html
from procurement.services import replays

PAGE_SIZE = 20
may_view = permission_required("procurement.view_replayrun", raise_exception=True)
may_run = permission_required("procurement.add_replayrun", raise_exception=True)


@require_GET
@may_view
def replay_list(request: PageRequest) -> HttpResponse:
    runs = ReplayRun.objects.select_related("by", "site").defer("report")
    context: dict[str, Any] = {
        "page": Paginator(runs, PAGE_SIZE).get_page(request.GET.get("page")),
        "sites": Site.objects.order_by("code"),
        "unmets": ReplayRun.Unmet.choices,
    }
    return render(request, "procurement/replay_list.html", context)


@require_POST
@may_run
def replay_start(request: PageRequest) -> HttpResponse:
    sites = Site.objects.order_by("code")
    code = request.POST.get("site", "").replace("\x00", "?")
    unmet = request.POST.get("unmet", ReplayRun.Unmet.LOST)
    site = sites.filter(code=code).first() if code else sites.first()
    if site is None or unmet not in ReplayRun.Unmet.values:
        messages.error(
            request, "Choose one of the sites, and what becomes of demand that stock does not cover."
        )
        return redirect("replay-list")
    try:
        run = replays.replay_request(site=site, by=request.user, unmet=unmet)
    except ReplayAlreadyRunning as error:
        messages.info(request, str(error))
        return redirect("replay-list")
    return redirect("replay-run", run.pk)


@require_GET
@may_view
def replay_run(request: PageRequest, pk: int) -> HttpResponse:
    run = get_object_or_404(ReplayRun.objects.select_related("by", "site"), pk=pk)
    live = run.state in ReplayRun.LIVE
    if request.htmx and live:
        return render(request, "procurement/_replay_progress.html", {"run": run})
    if request.htmx and request.htmx.target == "progress":
        response = HttpResponse(status=204)
        response["HX-Refresh"] = "true"  # it has ended: draw the whole page with what it came to
        return response
    context = {"run": run, "live": live, "report": run.report, "lists": lists(run.report)}
    return render(request, "procurement/replay_run.html", context)


@require_GET
@may_view
def replay_file(request: PageRequest, pk: int) -> HttpResponse:
    """The report as one file that needs nothing else."""
    run = get_object_or_404(ReplayRun, pk=pk, state=ReplayRun.State.DONE)
    response = HttpResponse(replay_html(run.report), content_type="text/html; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="replay-{run.pk}.html"'
    return response


@require_POST
@may_run
def replay_cancel(request: PageRequest, pk: int) -> HttpResponse:
    run = get_object_or_404(ReplayRun, pk=pk)
    if replays.replay_cancel(run=run):
        messages.success(request, "The replay was cancelled.")
    else:
        messages.info(request, "It had ended before.")
    return redirect("replay-run", run.pk)
