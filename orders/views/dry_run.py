"""What would be sent for a draft, to look at and to save; nothing is sent."""

from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from orders.errors import http_status
from orders.exceptions import OrderError
from orders.services.dry_run import DryDocument, order_dry_run
from orders.views.order_page import order_or_404
from orders.views.request import PageRequest
from suppliers.exceptions import ConnectorConfigurationError, ConnectorError
from suppliers.payload import as_file


@require_GET
@permission_required("orders.view_purchaseorder", raise_exception=True)
def dry_run(request: PageRequest, number: str) -> HttpResponse:
    if not request.user.is_staff:
        raise PermissionDenied
    order = order_or_404(number)
    documents: list[DryDocument] = []
    error, status = None, 200
    try:
        documents = order_dry_run(order=order)
    except (ConnectorError, ConnectorConfigurationError, OrderError) as problem:
        error, status = problem, http_status(problem) or 409
    if "file" in request.GET:
        return as_file(_chosen(documents, request.GET["file"]).body, f"{order.number}-dry-run")
    context = {"order": order, "documents": documents, "error": error}
    return render(request, "orders/dry_run.html", context, status=status)


def _chosen(documents: list[DryDocument], number: str) -> DryDocument:
    """Counted from one, as on the page."""
    found = dict(enumerate(documents, 1)).get(int(number) if number.isdecimal() and len(number) < 5 else 0)
    if found is None:
        raise Http404
    return found
