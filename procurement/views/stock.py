"""Demand and stock: what there is, what is taken, and how long it lasts."""

from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from orders.models import Site
from orders.views.request import PageRequest, wants_part
from procurement.models import StockChoice
from procurement.position import doubts, order_sources
from procurement.stock_cover import stock_filtered, stock_rows, stock_signals

PAGE_SIZE = 50
SHOWS = {"all": "All items", "conflicts": "Conflicts", "old": "Old figures"}


@require_GET
@permission_required("procurement.view_stocklevel", raise_exception=True)
def stock(request: PageRequest) -> HttpResponse:
    sites = list(Site.objects.all())
    chosen = request.GET.get("site")
    site = next((site for site in sites if site.code == chosen), sites[0] if sites else None)
    show = request.GET.get("show", "all") if request.GET.get("show") in SHOWS else "all"
    found = doubts(site=site) if site else None
    rows = stock_rows(site=site, search=request.GET.get("q", "")[:100]) if site else []
    shown = stock_filtered(rows, found, show=show) if found else []
    page = Paginator(shown, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "sites": sites,
        "site": site,
        "show": show,
        "shows": SHOWS,
        "conflicts": len(found.disputed) if found else 0,
        "believed": StockChoice.objects.filter(site=site, product=None)
        .select_related("teller", "by")
        .first(),
        "order_sources": order_sources(site=site, fresh=found.fresh) if site and found else [],
        "page": page,
        "signals": stock_signals(site=site, rows=page.object_list, doubts=found) if site and found else [],
    }
    partial = wants_part(request)
    return render(request, "procurement/_stock.html" if partial else "procurement/stock.html", context)
