"""What people ask of a supplier about an order that it has, and what they were told about it."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from orders.exceptions import InvalidInput, OrderError
from orders.forms import DecisionForm, OutcomeForm, QuantityGrid, cleaned
from orders.models import Amendment, PurchaseOrder
from orders.selectors import order_actions
from orders.services.amendments import (
    amendment_decide,
    amendment_look_up,
    order_ask_to_cancel,
    order_ask_to_change,
)
from orders.views.actions import action, refusal_status
from orders.views.order_lines import order_rows
from orders.views.order_page import lines_of, order_or_404
from orders.views.request import APPROVE, CHANGE, PageRequest


@action(CHANGE)
def ask_to_cancel(request: PageRequest, order: PurchaseOrder) -> str:
    order_ask_to_cancel(order=order, by=request.user, via="page", **cleaned(DecisionForm(request.POST)))
    return f"{order.supplier.name} is being asked to cancel {order.number}."


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(CHANGE, raise_exception=True)
def change(request: PageRequest, number: str) -> HttpResponse:
    """Other quantities: a page of its own, as an order may have hundreds of lines."""
    order = order_or_404(number)
    grid, error, status = QuantityGrid(), None, 200
    if request.method == "POST":
        lines = lines_of(order)
        grid = QuantityGrid.read(request.POST, lines, blank=None)
        try:
            _change(request, order, grid)
        except OrderError as problem:
            error, status = problem, refusal_status(problem)
        else:
            messages.success(request, f"{order.supplier.name} is being asked for other quantities.")
            return redirect("order", number=number)
    context = {
        "order": order_or_404(number),
        "rows": order_rows(order, grid=grid, received=None),
        "may": order_actions(order, request.user).may_ask_to_change,
        "error": error,
        "posted": request.POST,
    }
    return render(request, "orders/change.html", context, status=status)


def _change(request: PageRequest, order: PurchaseOrder, grid: QuantityGrid) -> None:
    data = cleaned(DecisionForm(request.POST))
    if grid.errors:
        raise InvalidInput(" ".join(list(grid.errors.values())[:3]))
    order_ask_to_change(order=order, by=request.user, via="page", quantities=grid.differing(order), **data)


@action(CHANGE, APPROVE)
def outcome(request: PageRequest, order: PurchaseOrder, pk: int) -> str:
    data = cleaned(OutcomeForm(request.POST))
    amendment_decide(amendment=_amendment(order, pk), by=request.user, via="page", **data)
    return "Noted."


@action(CHANGE, APPROVE)
def look_up(request: PageRequest, order: PurchaseOrder, pk: int) -> str:
    amendment_look_up(amendment=_amendment(order, pk), by=request.user, via="page")
    return f"Asking {order.supplier.name} what became of it."


def _amendment(order: PurchaseOrder, pk: int) -> Amendment:
    amendments = order.amendments.select_related("order__supplier")
    amendment: Amendment = get_object_or_404(amendments, pk=pk)
    return amendment
