"""Suppliers: how we reach them, whether the line works, and what was said on it."""

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from suppliers.call_figures import calls_today
from suppliers.connectors.base import Capability
from suppliers.exceptions import ConnectorConfigurationError, ConnectorError
from suppliers.lead_times_shown import lead_times_shown
from suppliers.models import ConnectorCall, Supplier
from suppliers.payload import as_file
from suppliers.services.capabilities import supplier_capabilities, supplier_may_call_back
from suppliers.services.connection_report import connection_report
from suppliers.services.connections import callback_address
from suppliers.terms_shown import terms_shown

CALLS_SHOWN = 25
REPORT = "connection_report"  # in the session, from the test to the page after it
may_view = permission_required("suppliers.view_supplier", raise_exception=True)


@require_GET
@may_view
def supplier_list(request: HttpRequest) -> HttpResponse:
    products = Count("products", filter=Q(products__active=True))
    suppliers = Supplier.objects.select_related("account").annotate(range=products)
    return render(request, "suppliers/supplier_list.html", {"suppliers": suppliers})


def connection_told(request: HttpRequest, supplier: Supplier) -> Any:
    """What the test just before this page found; shown once."""
    if request.session.get(REPORT, {}).get("supplier") != supplier.pk:
        return None
    return request.session.pop(REPORT)


@require_GET
@may_view
def supplier(request: HttpRequest, code: str) -> HttpResponse:
    found = get_object_or_404(Supplier.objects.select_related("account"), code=code)
    calls = (
        found.calls.defer("request_body", "response_body") if request.user.is_staff else found.calls.none()
    )
    context = {
        "supplier": found,
        "account": getattr(found, "account", None),
        "range": found.products.filter(active=True).count(),
        "callback_address": callback_address(found) if supplier_may_call_back(found) else "",
        "has_catalogue": Capability.CATALOGUE in supplier_capabilities(found),
        "today": calls_today(found),
        "terms": terms_shown(found),
        "leads": lead_times_shown(found),
        "report": connection_told(request, found),
        "page": Paginator(calls, CALLS_SHOWN).get_page(request.GET.get("page")),
    }
    return render(request, "suppliers/supplier.html", context)


@require_GET
@may_view
def call(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """One exchange as it went over the wire, secrets removed before it was stored."""
    if not request.user.is_staff:
        raise PermissionDenied
    found = get_object_or_404(ConnectorCall.objects.select_related("supplier"), pk=pk, supplier__code=code)
    return render(request, "suppliers/call.html", {"call": found})


@require_GET
@may_view
def call_bytes(request: HttpRequest, code: str, pk: int, direction: str) -> HttpResponse:
    """What was sent or received, byte for byte, as a file."""
    if not request.user.is_staff:
        raise PermissionDenied
    found = get_object_or_404(ConnectorCall, pk=pk, supplier__code=code)
    body = found.request_body if direction == "sent" else found.response_body
    return as_file(bytes(body), f"{code}-{found.operation}-{pk}-{direction}")


@require_POST
@may_view
def check(request: HttpRequest, code: str) -> HttpResponse:
    """Proves the credentials; a supplier that was paused goes on when they work."""
    if not request.user.is_staff:
        raise PermissionDenied
    found = get_object_or_404(Supplier, code=code)
    try:
        report = connection_report(supplier=found, by=request.user)
        messages.success(request, report.seen)
        request.session[REPORT] = {"supplier": found.pk} | asdict(report)
    except (ConnectorError, ConnectorConfigurationError) as error:
        messages.error(request, str(error))
    return redirect("supplier", code=code)
