"""Demand and stock: what there is, what is taken, and how long it lasts."""

from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from orders.models import Site
from orders.views.request import PageRequest, wants_part
from procurement.stock_cover import stock_rows, stock_signals

PAGE_SIZE = 50


@require_GET
@permission_required("procurement.view_stocklevel", raise_exception=True)
def stock(request: PageRequest) -> HttpResponse:
    sites = list(Site.objects.all())
    chosen = request.GET.get("site")
    site = next((site for site in sites if site.code == chosen), sites[0] if sites else None)
    rows = stock_rows(site=site, search=request.GET.get("q", "")[:100]) if site else []
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "sites": sites,
        "site": site,
        "page": page,
        "signals": stock_signals(site=site, rows=page.object_list) if site else [],
    }
    partial = wants_part(request)
    return render(request, "procurement/_stock.html" if partial else "procurement/stock.html", context)
