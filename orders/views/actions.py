"""What people do with an order. Each view: load, form, one service call; its return value is told to the person."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from orders.errors import http_status
from orders.exceptions import InvalidInput, InvalidTransition, OrderError
from orders.forms import ApproveForm, DecideForm, DecisionForm, ReasonForm, SeenForm, VersionForm, cleaned
from orders.models import PurchaseOrder, TransferJob
from orders.selectors import order_live_transfer
from orders.services.approval import order_approve, order_cancel, order_return, order_withdraw
from orders.services.drafting import order_replace
from orders.services.exceptions import exception_accept, exceptions_accept
from orders.services.link_answers import order_came_back, order_remind
from orders.services.live_check import prices_take_over
from orders.services.settlement import transfer_decide, transfer_look_up
from orders.services.transfer import transfer_retry
from orders.views.order_page import order_or_404, render_order
from orders.views.request import APPROVE, CHANGE, PageRequest
from suppliers.exceptions import ConnectorConfigurationError, ConnectorError

Action = Callable[..., str]
View = Callable[..., HttpResponse]


def refusal_status(error: Exception) -> int:
    return 422 if isinstance(error, InvalidInput) else http_status(error) or 409


def action(*permissions: str) -> Callable[[Action], View]:
    """An action on an order for people with any of the permissions. A refusal shows the order again and says why."""

    def decorate(act: Action) -> View:
        @require_POST
        @wraps(act)
        def view(request: PageRequest, number: str, **kwargs: int) -> HttpResponse:
            if not any(request.user.has_perm(permission) for permission in permissions):
                raise PermissionDenied
            order = order_or_404(number)
            try:
                said = act(request, order, **kwargs)
            except (OrderError, ConnectorError, ConnectorConfigurationError) as error:
                now = order_or_404(number)  # as it is, not as the refused action left it in memory
                return render_order(request, now, status=refusal_status(error), error=error)
            messages.success(request, said)
            return redirect("order", number=number)

        return view

    return decorate


@action(APPROVE)
def approve(request: PageRequest, order: PurchaseOrder) -> str:
    data = cleaned(ApproveForm(request.POST))
    order_approve(order=order, by=request.user, version=data["version"], comment=data["comment"], via="page")
    return f"Approved. It is being sent to {order.supplier.name}."


@action(APPROVE)
def send_back(request: PageRequest, order: PurchaseOrder) -> str:
    data = cleaned(DecisionForm(request.POST))
    order_return(order=order, by=request.user, version=data["version"], reason=data["reason"], via="page")
    return "Sent back to the buyer with your reason."


@action(CHANGE)
def take_prices(request: PageRequest, order: PurchaseOrder) -> str:
    version = cleaned(VersionForm(request.POST))["version"]
    changed = prices_take_over(order=order, by=request.user, version=version, via="page")
    return f"Today's price taken over on {changed} line{'s' if changed != 1 else ''}."


@action(CHANGE)
def cancel(request: PageRequest, order: PurchaseOrder) -> str:
    order_cancel(order=order, by=request.user, via="page", **cleaned(DecisionForm(request.POST)))
    return f"{order.number} is cancelled. Nothing was sent."


@action(CHANGE)
def withdraw(request: PageRequest, order: PurchaseOrder) -> str:
    order_withdraw(order=order, by=request.user, via="page", **cleaned(DecisionForm(request.POST)))
    return f"{order.number} is withdrawn with the supplier's word."


@action(CHANGE, APPROVE)
def came_back(request: PageRequest, order: PurchaseOrder) -> str:
    data = cleaned(ReasonForm(request.POST))
    order_came_back(order=order, by=request.user, words=data["reason"], via="page")
    return "Noted. It is in the list of what waits for a decision."


@action(CHANGE, APPROVE)
def remind(request: PageRequest, order: PurchaseOrder) -> str:
    order_remind(order=order, by=request.user, via="page")
    return f"{order.supplier.name} has been sent a reminder with a fresh link."


@require_POST
def replace(request: PageRequest, number: str) -> HttpResponse:
    """The one action that leads to another order."""
    if not request.user.has_perm(CHANGE):
        raise PermissionDenied
    order = order_or_404(number)
    try:
        draft = order_replace(order=order, by=request.user, via="page")
    except OrderError as error:
        return render_order(request, order_or_404(number), status=refusal_status(error), error=error)
    messages.success(
        request, f"This new draft has the lines of {order.number}. Check it and have it approved."
    )
    return redirect("order", number=draft.number)


@action(CHANGE, APPROVE)
def retry(request: PageRequest, order: PurchaseOrder) -> str:
    transfer_retry(order=order, by=request.user, via="page")
    return f"It is being sent to {order.supplier.name} again."


@action(CHANGE, APPROVE)
def look_up(request: PageRequest, order: PurchaseOrder) -> str:
    transfer_look_up(job=_unknown_job(order), by=request.user, via="page")
    return f"Asking {order.supplier.name} whether it has the order."


@action(CHANGE, APPROVE)
def decide(request: PageRequest, order: PurchaseOrder) -> str:
    data = cleaned(DecideForm(request.POST))
    transfer_decide(
        job=_unknown_job(order),
        by=request.user,
        arrived=data["arrived"],
        attempt=data["attempt"],
        supplier_reference=data["supplier_reference"],
        via="page",
    )
    return "Noted that it arrived." if data["arrived"] else "It is sent again under the same reference."


@action(CHANGE, APPROVE)
def accept(request: PageRequest, order: PurchaseOrder, pk: int) -> str:
    exception = get_object_or_404(order.exceptions.all(), pk=pk)
    exception_accept(exception=exception, by=request.user, via="page")
    return f"Accepted: {exception.text}"


@action(CHANGE, APPROVE)
def accept_all(request: PageRequest, order: PurchaseOrder) -> str:
    """All that the page showed; what the supplier changed since is not among them."""
    seen = cleaned(SeenForm(request.POST))["seen"]
    count = exceptions_accept(order=order, seen=seen, by=request.user, via="page")
    return "Accepted 1 change." if count == 1 else f"Accepted {count} changes."


def _unknown_job(order: PurchaseOrder) -> TransferJob:
    job = order_live_transfer(order)
    if job is None or job.status != TransferJob.Status.UNKNOWN:
        raise InvalidTransition(f"It is known by now what became of {order.number}.")
    return job
