"""The background jobs: how each stands, running one now, pausing it, and how often it runs."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from orders.views.request import PageRequest, wants_part
from procurement.alerts import KINDS
from procurement.exceptions import JobAlreadyRunning, JobRefused
from procurement.job_status import job_runs, job_statuses
from procurement.models import Alert, JobPart
from procurement.schedules import JOBS, PeriodicJob
from procurement.services.jobs import job_request
from procurement.services.timetable import job_pace_set, job_pause, job_resume
from procurement.workers import workforce

PAGE_SIZE = 20
PARTS_SHOWN = 200
may_view = permission_required("procurement.view_jobrun", raise_exception=True)
may_run = permission_required("procurement.add_jobrun", raise_exception=True)
may_set = permission_required("procurement.change_jobsetting", raise_exception=True)


@require_GET
@may_view
def job_list(request: PageRequest) -> HttpResponse:
    statuses = job_statuses()
    context = {
        "statuses": statuses,
        "workforce": workforce(),
        "alerts": Alert.objects.filter(closed_at=None),
        "kinds": KINDS,
        "seconds": _seconds(any(status.live for status in statuses)),
    }
    return render(
        request, "procurement/_jobs.html" if wants_part(request) else "procurement/job_list.html", context
    )


@require_GET
@may_view
def job(request: PageRequest, job: str) -> HttpResponse:
    listed = _listed(job)
    status = job_statuses([listed])[0]
    page = Paginator(job_runs(listed), PAGE_SIZE).get_page(request.GET.get("page"))
    chosen = _chosen(request, page.object_list, status.runs)
    context: dict[str, Any] = {
        "status": status,
        "job": listed,
        "page": page,
        "chosen": chosen,
        "parts": _parts(chosen) if chosen is not None and listed.parts else [],
        "alerts": Alert.objects.filter(
            closed_at=None, subject=listed.name, kind__in=("job-failed", "job-late")
        ),
        "seconds": _seconds(status.live is not None),
    }
    return render(
        request, "procurement/_job.html" if wants_part(request) else "procurement/job.html", context
    )


@require_POST
@may_run
def run_now(request: PageRequest, job: str) -> HttpResponse:
    listed = _listed(job)
    try:
        job_request(job=listed, by=request.user)
        messages.success(request, f"“{listed.title}” runs as soon as a worker is free.")
    except JobAlreadyRunning as error:
        messages.info(request, str(error))
    return redirect("job-list") if request.POST.get("next") == "list" else redirect("job", job=job)


@require_POST
@may_set
def pause(request: PageRequest, job: str) -> HttpResponse:
    listed = _listed(job)
    return _set(
        request,
        listed,
        lambda: job_pause(job=listed, by=request.user, reason=request.POST.get("reason", "")),
        f"“{listed.title}” is paused until somebody resumes it.",
        f"“{listed.title}” was paused already.",
    )


@require_POST
@may_set
def resume(request: PageRequest, job: str) -> HttpResponse:
    listed = _listed(job)
    done, nothing = f"“{listed.title}” runs by its schedule again.", f"“{listed.title}” was not paused."
    return _set(request, listed, lambda: job_resume(job=listed), done, nothing)


@require_POST
@may_set
def pace(request: PageRequest, job: str) -> HttpResponse:
    listed, said = _listed(job), request.POST.get("minutes", "")

    def change() -> bool:
        if not (said.isascii() and said.isdigit() and len(said) < 7):
            raise JobRefused(f"How often it runs is a whole number of minutes, not {said[:20]!r}.")
        return job_pace_set(job=listed, minutes=int(said))

    return _set(request, listed, change, "How often it runs is changed.", "It runs as often as that already.")


def _set(
    request: PageRequest, job: PeriodicJob, change: Callable[[], bool], done: str, nothing: str
) -> HttpResponse:
    try:
        changed = change()
        (messages.success if changed else messages.info)(request, done if changed else nothing)
    except JobRefused as error:
        messages.error(request, str(error))
    return redirect("job", job=job.name)


def _listed(name: str) -> PeriodicJob:
    if name not in JOBS:
        raise Http404("There is no such job.")
    return JOBS[name]


def _chosen(request: PageRequest, runs: Any, last: Any) -> Any | None:
    """The run whose parts are shown: the one asked for, else the newest that had any."""
    wanted = request.GET.get("run", "")
    return next((run for run in runs if str(run.pk) == wanted), None) or next(
        (run for run in last if run.total), None
    )


def _parts(run: Any) -> list[JobPart]:
    """Those that failed first."""
    order: dict[str, int] = {JobPart.State.FAILED: 0, JobPart.State.RUNNING: 1, JobPart.State.WAITING: 2}
    parts = JobPart.objects.filter(run=run.pk)[:PARTS_SHOWN]
    return sorted(parts, key=lambda part: order.get(part.state, 3))


def _seconds(live: bool) -> int:
    """How often the page asks for news."""
    return 2 if live else 10
