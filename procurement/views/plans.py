"""Plan runs: starting one, watching it, and what it found for every item."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import Truncator
from django.views.decorators.http import require_GET, require_POST

from orders.models import PurchaseOrderLine, Site
from orders.selectors import order_list
from orders.views.request import PageRequest
from orders.wakeups import wake
from procurement.engine.forecast_reason import forecast_sentences
from procurement.forecast_quality import forecast_quality
from procurement.item_position import item_position
from procurement.models import DailyDemand, PlanRun, Requirement, StockLevel
from procurement.other_sites import spare_elsewhere
from procurement.plan_exceptions import exception_kinds, with_exceptions
from procurement.plan_knowledge import known_then
from procurement.selectors import plans_running
from procurement.services.plan_claims import plan_cancel
from procurement.services.plan_timers import next_plans
from procurement.sourcing_words import sourcing_told

PAGE_SIZE = 50
may_view = permission_required("procurement.view_planrun", raise_exception=True)

SHOW: dict[str, tuple[str, Callable[[PlanRun], QuerySet[Requirement]]]] = {
    "all": ("All items", lambda run: run.requirements.all()),
    "ordered": ("Ordered", lambda run: run.requirements.filter(order_lines__isnull=False).distinct()),
    "uncovered": ("Not fully covered", lambda run: run.requirements.filter(shortfall__gt=0)),
    "exceptions": ("With exceptions", with_exceptions),
    "nothing": ("Nothing needed", lambda run: run.requirements.filter(net_requirement=0)),
}


@require_GET
@may_view
def plan_list(request: PageRequest) -> HttpResponse:
    runs = PlanRun.objects.select_related("by", "site")
    context = {
        "page": Paginator(runs, PAGE_SIZE).get_page(request.GET.get("page")),
        "running": plans_running().select_related("site").first(),
        "sites": Site.objects.all(),
        "next_plans": next_plans,  # called where it is shown: not once a second
        "awaited": request.GET.get("awaited", ""),
        "items_known": _items_known,  # called where no plan is listed
    }
    return render(
        request, "procurement/_plan_list.html" if request.htmx else "procurement/plan_list.html", context
    )


def _items_known() -> bool:
    return StockLevel.objects.exists() or DailyDemand.objects.exists()


@require_POST
@permission_required("procurement.add_planrun", raise_exception=True)
def plan_start(request: PageRequest) -> HttpResponse:
    sites = Site.objects.all()
    code = request.POST.get("site", "").replace("\x00", "?")
    site = sites.filter(code=code).first() if code else sites.first()
    if site is None:
        messages.error(
            request,
            f"There is no site {Truncator(code).chars(40)!r}."
            if code
            else "There is no site yet. Run manage.py setup.",
        )
        return redirect("plan-list")
    if plans_running().filter(site=site).exists():
        messages.info(request, f"A plan for {site.name} is running already.")
        return redirect("plan-list")
    # Before a worker can begin.
    newest = PlanRun.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    wake("procurement.tasks.run_plan", site.pk, request.user.pk)
    messages.success(request, f"{site.name} is being planned.")
    return redirect(f"/plan/?awaited={newest}")


@require_POST
@permission_required("procurement.add_planrun", raise_exception=True)
def plan_stop(request: PageRequest, pk: int) -> HttpResponse:
    run = get_object_or_404(PlanRun.objects.select_related("site"), pk=pk)
    if plan_cancel(run=run, by=request.user):
        messages.success(request, "The plan was cancelled. Nothing of it was written.")
    else:
        messages.info(request, "The plan had ended already.")
    return redirect("plan-run", pk)


@require_GET
@may_view
def plan_run(request: PageRequest, pk: int) -> HttpResponse:
    run = get_object_or_404(PlanRun.objects.select_related("by", "site__policy"), pk=pk)
    if request.htmx and run.status == PlanRun.Status.RUNNING:
        return render(request, "procurement/_plan_progress.html", {"run": run})
    if request.htmx and request.htmx.target == "progress":
        response = HttpResponse(status=204)
        response["HX-Refresh"] = "true"  # the plan has ended: draw the whole page with what it found
        return response
    show = request.GET.get("show", "all") if request.GET.get("show") in SHOW else "all"
    lines = PurchaseOrderLine.objects.select_related("order__supplier")
    kind = request.GET.get("kind", "") if show == "exceptions" else ""
    found = with_exceptions(run, kind) if kind else SHOW[show][1](run)
    found = found.select_related("product").defer("reason")
    found = found.prefetch_related(Prefetch("order_lines", queryset=lines))
    orders = order_list().filter(lines__requirements__run=run).distinct().order_by("supplier__name")
    context = {
        "run": run,
        "orders": orders,
        "page": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
        "show": show,
        "sourcing": sourcing_told(run.sourcing),
        "shows": [(key, label) for key, (label, _) in SHOW.items()],
        "exception_kinds": exception_kinds(run),
        "shown_kind": kind,
    }
    return render(request, "procurement/plan_run.html", context)


@require_GET
@may_view
def forecasts(request: PageRequest, pk: int) -> HttpResponse:
    """How good they were on the past."""
    run = get_object_or_404(PlanRun.objects.select_related("site"), pk=pk, status=PlanRun.Status.DONE)
    context = {"run": run, "quality": forecast_quality(run=run)}
    return render(request, "procurement/forecast_quality.html", context)


@require_GET
@may_view
def item(request: PageRequest, pk: int, requirement: int) -> HttpResponse:
    """Why an item was ordered, or was not."""
    rows = Requirement.objects.filter(run__status=PlanRun.Status.DONE).select_related("product", "run__site")
    found = get_object_or_404(rows, pk=requirement, run=pk)
    context = {
        "requirement": found,
        "product": found.product,
        "reason": found.reason,
        "expected_words": forecast_sentences(found.reason),
        "site": found.run.site,
        "ordered": found.order_lines.select_related("order__supplier"),
        "then": known_then(found),
        "spare": spare_elsewhere(site=found.run.site, product=found.product, needed=found.net_requirement),
        "now": item_position(site=found.run.site, product=found.product),
    }
    template = "procurement/_plan_item.html" if request.htmx else "procurement/plan_item.html"
    return render(request, template, context)
