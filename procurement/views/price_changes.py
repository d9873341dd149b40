"""Changed prices in money a year."""

from datetime import date

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from orders.views.request import PageRequest
from procurement.price_changes_shown import price_changes_that_matter, supplier_days
from procurement.services.price_changes import price_changes_seen

PAGE_SIZE = 20


@require_GET
@permission_required("procurement.view_pricechange", raise_exception=True)
def price_change_list(request: PageRequest) -> HttpResponse:
    everything = request.GET.get("show") == "all"
    days = supplier_days(unseen=not everything)
    context = {
        "page": Paginator(days, PAGE_SIZE).get_page(request.GET.get("page")),
        "everything": everything,
        "least": settings.PRICE_ALERT_YEARLY,
        "dearer": sum(1 for one in days if one.effect > 0),
    }
    return render(request, "procurement/price_change_list.html", context)


@require_POST
@permission_required("procurement.change_pricechange", raise_exception=True)
def price_changes_mark(request: PageRequest) -> HttpResponse:
    """What one supplier changed on one day has been seen."""
    changes = price_changes_that_matter(unseen=False).filter(
        supplier__code=request.POST.get("supplier", "").replace("\x00", ""), day=_day(request)
    )
    if not changes.exists():
        raise Http404("This supplier changed no price on that day.")
    count = price_changes_seen(changes=changes, by=request.user)
    if count:
        messages.success(request, f"{count} change{'s' if count != 1 else ''} marked as seen.")
    else:
        messages.info(request, "They had been seen already.")
    return redirect("price-changes")


def _day(request: PageRequest) -> date:
    try:
        return date.fromisoformat(request.POST.get("day", ""))
    except ValueError:
        raise Http404("There is no such day.") from None
