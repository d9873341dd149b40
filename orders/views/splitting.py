"""Dividing a line over several sites: a page of its own, as there may be many."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from orders.exceptions import InvalidInput, OrderError
from orders.forms import SiteGrid, VersionForm, cleaned
from orders.models import PurchaseOrder, PurchaseOrderLine, Site
from orders.selectors import order_actions
from orders.services.splitting import line_split, sites_offered
from orders.views.actions import refusal_status
from orders.views.order_page import order_or_404
from orders.views.request import CHANGE, PageRequest
from suppliers.packing import plain


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(CHANGE, raise_exception=True)
def split(request: PageRequest, number: str, line_number: int) -> HttpResponse:
    order = order_or_404(number)
    lines = order.lines.select_related("supplier_product", "product")
    line = get_object_or_404(lines, line_number=line_number)
    sites = sites_offered(order)
    grid, error, status = SiteGrid(), None, 200
    if request.method == "POST":
        grid = SiteGrid.read(request.POST, [(line, site) for site in sites])
        try:
            told = _split(request, order, line, grid)
        except OrderError as problem:
            error, status = problem, refusal_status(problem)
        else:
            messages.success(request, f"Line {line_number}: {told}.")
            return redirect("order", number=number)
    context = _context(request, order_or_404(number), line, sites, grid, error)
    return render(request, "orders/split.html", context, status=status)


def _split(request: PageRequest, order: PurchaseOrder, line: PurchaseOrderLine, grid: SiteGrid) -> str:
    version = cleaned(VersionForm(request.POST))["version"]
    quantities = {site: quantity for (_, site), quantity in grid.quantities.items()}
    if "whole" in request.POST:
        quantities = {order.site_id: line.quantity}
    elif grid.errors:
        raise InvalidInput(" ".join(grid.errors.values()))
    return line_split(
        order=order, line=line, quantities=quantities, by=request.user, version=version, via="page"
    )


def _context(
    request: PageRequest,
    order: PurchaseOrder,
    line: PurchaseOrderLine,
    sites: list[Site],
    grid: SiteGrid,
    error: OrderError | None,
) -> dict[str, Any]:
    now = {share.site_id: share.quantity for share in line.shares.all()}
    saved = now or {order.site_id: line.quantity}
    field = error.field if isinstance(error, InvalidInput) else ""
    return {
        "order": order,
        "line": line,
        "is_split": bool(now),
        "may": order_actions(order, request.user),
        "error": error,
        "cells": [
            {
                "site": site,
                "name": name,
                "typed": grid.typed.get(
                    (line.pk, site.pk), plain(saved[site.pk]) if site.pk in saved else ""
                ),
                "wrong": (line.pk, site.pk) in grid.errors or field == name,
            }
            for site in sites
            for name in [f"site-{line.pk}-{site.pk}"]
        ],
    }
