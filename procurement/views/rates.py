"""Exchange rates: what is counted with, where it came from, and what waits for somebody to look at it."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from orders.views.request import PageRequest
from suppliers.models import ExchangeRate
from suppliers.selectors import rate_standings
from suppliers.services.rates import RateAlreadyDecided, rate_accept, rate_refuse

HELD_SHOWN = 100


@require_GET
@permission_required("suppliers.view_exchangerate", raise_exception=True)
def rate_list(request: PageRequest) -> HttpResponse:
    held = ExchangeRate.objects.filter(base=settings.BASE_CURRENCY, status=ExchangeRate.Status.HELD)
    context: dict[str, Any] = {
        "standings": rate_standings(),
        "held": held.order_by("currency", "date", "pk")[:HELD_SHOWN],
        "longest": settings.EXCHANGE_RATE_DAYS,
    }
    return render(request, "procurement/rate_list.html", context)


@require_POST
@permission_required("suppliers.change_exchangerate", raise_exception=True)
def rate_decide(request: PageRequest, pk: int) -> HttpResponse:
    rate = get_object_or_404(ExchangeRate, pk=pk)
    try:
        if request.POST.get("decision") == "accept":
            taken = rate_accept(rate=rate, by=request.user)
            more = f" So {'are' if len(taken) > 2 else 'is'} {len(taken) - 1} after it." if taken[1:] else ""
            messages.success(request, f"{rate} is in use.{more}")
        elif request.POST.get("decision") == "refuse":
            rate_refuse(rate=rate, by=request.user)
            messages.success(request, f"{rate} stays out.")
        else:
            messages.error(request, "Say whether the rate is right or wrong.")
    except RateAlreadyDecided as error:
        messages.info(request, str(error))
    return redirect("rate-list")
