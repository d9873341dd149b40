"""What people ask of a supplier about an order that it has, and what they were told about it."""

from django.shortcuts import get_object_or_404

from orders.forms import DecisionForm, OutcomeForm, cleaned
from orders.models import Amendment, PurchaseOrder
from orders.services.amendments import amendment_decide, amendment_look_up, order_ask_to_cancel
from orders.views.actions import action
from orders.views.request import APPROVE, CHANGE, PageRequest


@action(CHANGE)
def ask_to_cancel(request: PageRequest, order: PurchaseOrder) -> str:
    order_ask_to_cancel(order=order, by=request.user, via="page", **cleaned(DecisionForm(request.POST)))
    return f"{order.supplier.name} is being asked to cancel {order.number}."


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
