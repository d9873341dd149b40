"""What changed since the plan before, and why."""

from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from orders.views.request import PageRequest
from procurement.models import PlanRun
from procurement.plan_difference import plan_before, plan_difference
from suppliers.models import Product

PAGE_SIZE = 50


@require_GET
@permission_required("procurement.view_planrun", raise_exception=True)
def plan_changes(request: PageRequest, pk: int) -> HttpResponse:
    done = PlanRun.objects.filter(status=PlanRun.Status.DONE).select_related("site")
    run = get_object_or_404(done, pk=pk)
    before = plan_before(run)
    if before is None:
        return render(request, "procurement/plan_changes.html", {"run": run, "before": None})
    difference = plan_difference(old=before, new=run)
    cause, words = request.GET.get("cause", ""), request.GET.get("q", "").strip()[:100]
    shown = [item for item in difference.items if not cause or item.cause == cause]
    if words:
        found = Product.objects.filter(pk__in=[item.product for item in shown])
        like = found.filter(name__icontains=words) | found.filter(sku__icontains=words)
        wanted = set(like.values_list("pk", flat=True))
        shown = [item for item in shown if item.product in wanted]
    page = Paginator(shown, PAGE_SIZE).get_page(request.GET.get("page"))
    products = Product.objects.in_bulk([item.product for item in page])
    context = {
        "run": run,
        "before": before,
        "difference": difference,
        "page": page,
        "rows": [(products[item.product], item) for item in page],
        "cause": cause,
    }
    return render(request, "procurement/plan_changes.html", context)
