"""Which sites are planned by themselves, and how long before the first cut-off of a day."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from orders.models import Site
from orders.views.request import PageRequest
from procurement.plan_timer_forms import PlanTimerForm
from procurement.services.plan_timers import next_plan, plan_timer_set
from procurement.services.replanning import replans_switch


@require_http_methods(["GET", "POST"])
@permission_required("procurement.view_plantimer", raise_exception=True)
def plan_timers(request: PageRequest) -> HttpResponse:
    sites = _sites().select_related("plan_timer__by", "policy")
    wrong: dict[int, PlanTimerForm] = {}
    if request.method == "POST":
        if not request.user.has_perm("procurement.change_plantimer"):
            raise PermissionDenied
        site = get_object_or_404(sites, code=request.POST.get("site", "").replace("\x00", "?"))
        form = PlanTimerForm(request.POST)
        if form.is_valid():
            new = plan_timer_set(site=site, minutes=form.cleaned_data["minutes_before"], by=request.user)
            messages.success(request, _said(site, form) if new else "Nothing was changed.")
            return redirect("plan-timers")
        wrong[site.pk] = form
    rows = [
        (site, wrong.get(site.pk) or PlanTimerForm.of(site), next_plan(timer) if timer else None)
        for site in sites
        for timer in [getattr(site, "plan_timer", None)]
    ]
    return render(request, "procurement/plan_timers.html", {"rows": rows}, status=422 if wrong else 200)


@require_POST
@permission_required("procurement.change_planningpolicy", raise_exception=True)
def replans(request: PageRequest) -> HttpResponse:
    """Whether items that something happens to are planned again by themselves."""
    site = get_object_or_404(_sites(), code=request.POST.get("site", "").replace("\x00", "?"))
    on = request.POST.get("replans") == "on"
    if not replans_switch(site=site, on=on):
        messages.info(request, "Nothing was changed.")
    elif on:
        messages.success(
            request, f"Items of {site.name} that something happens to are planned again by themselves."
        )
    else:
        messages.success(request, f"No item of {site.name} is planned again by itself any more.")
    return redirect("plan-timers")


def _sites() -> QuerySet[Site]:
    return Site.objects.filter(of_customer=False)


def _said(site: Site, form: PlanTimerForm) -> str:
    minutes = form.cleaned_data["minutes_before"]
    if minutes is None:
        return f"{site.name} is planned when somebody asks for it."
    return f"{site.name} is planned by itself, {minutes} minutes before the first cut-off of a day."
