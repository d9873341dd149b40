"""Looking at one order: the page, its news, a line's reason, and the live check with the supplier."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from orders.errors import http_status
from orders.exceptions import OrderError
from orders.selectors import order_actions
from orders.services.live_check import order_preview, problems_note
from orders.views.order_page import order_context, order_or_404, render_order
from orders.views.request import PageRequest
from suppliers.exceptions import ConnectorConfigurationError, ConnectorError

may_view = permission_required("orders.view_purchaseorder", raise_exception=True)


@require_GET
@may_view
def order(request: PageRequest, number: str) -> HttpResponse:
    return render_order(request, order_or_404(number))


@require_GET
@may_view
def live(request: PageRequest, number: str) -> HttpResponse:
    """What changed since the page was drawn; 204 where nothing did, so that nothing on the screen moves."""
    context = order_context(request, order_or_404(number))
    if context["seen"] == request.GET.get("seen"):
        return HttpResponse(status=204)
    return render(request, "orders/_order.html", context)


@require_GET
@may_view
def reason(request: PageRequest, number: str, line_number: int) -> HttpResponse:
    order = order_or_404(number)
    line = get_object_or_404(
        order.lines.select_related("product", "supplier_product"), line_number=line_number
    )
    template = "orders/_reason.html" if request.htmx else "orders/reason.html"
    return render(request, template, {"order": order, "line": line, "reason": line.reason})


@require_POST
@may_view
def check(request: PageRequest, number: str) -> HttpResponse:
    """Asks the supplier and orders nothing; what cannot be had is noted on the lines."""
    order = order_or_404(number)
    result, error, status = None, None, 200
    try:
        if not order_actions(order, request.user).may_preview:
            raise ConnectorConfigurationError(f"There is no live check for {order.number} now.")
        result = order_preview(order=order)
        problems_note(order=order, check=result)
    except (ConnectorError, ConnectorConfigurationError, OrderError) as problem:
        error, status = problem, http_status(problem) or 409
    if request.htmx:
        context = {"order": order, "check": result, "check_error": error}
        return render(request, "orders/_check.html", context, status=status)
    return render_order(request, order, status=status, error=error, check=result)
