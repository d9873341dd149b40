"""What could be done about a draft that is short of its supplier's limits, on the order's page or alone."""

from decimal import Decimal

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from orders.exceptions import InvalidInput, OrderError
from orders.forms import NUMBER, VersionForm, cleaned
from orders.selectors import order_actions
from orders.services.adding import order_lines_add
from orders.views.actions import refusal_status
from orders.views.order_page import order_or_404, render_order
from orders.views.request import CHANGE, PageRequest, wants_part
from procurement.services.moving import draft_move
from procurement.services.top_up import WHY, top_up_advice

ADD = "add-"  # and the offer's id


@require_GET
@permission_required("orders.view_purchaseorder", raise_exception=True)
def top_up(request: PageRequest, number: str) -> HttpResponse:
    order = order_or_404(number)
    context = {
        "order": order,
        "advice": top_up_advice(order),
        "may_edit": order_actions(order, request.user).may_edit,
    }
    part = "procurement/_top_up.html" if wants_part(request) else "procurement/top_up.html"
    return render(request, part, context)


@require_POST
@permission_required(CHANGE, raise_exception=True)
def top_up_add(request: PageRequest, number: str) -> HttpResponse:
    """Adds what the person saw, whatever would be advised by now."""
    order = order_or_404(number)
    try:
        version = cleaned(VersionForm(request.POST))["version"]
        wanted = _wanted(request)
        lines = order_lines_add(
            order=order, wanted=wanted, by=request.user, version=version, via="page", why=WHY
        )
    except OrderError as error:
        return render_order(request, order_or_404(number), status=refusal_status(error), error=error)
    count = len(lines)
    messages.success(
        request, f"{count} line{'s' if count != 1 else ''} added. Set a quantity to 0 to take it back."
    )
    return redirect("order", number=number)


@require_POST
@permission_required(CHANGE, raise_exception=True)
def top_up_move(request: PageRequest, number: str) -> HttpResponse:
    """All lines to the supplier that the person saw, at its prices of now."""
    order = order_or_404(number)
    try:
        version = cleaned(VersionForm(request.POST))["version"]
        to = request.POST.get("supplier", "").replace("\x00", "?")[:100]
        draft = draft_move(order=order, to=to, by=request.user, version=version, via="page")
    except OrderError as error:
        return render_order(request, order_or_404(number), status=refusal_status(error), error=error)
    messages.success(
        request, f"Moved: {number} was cancelled, and this draft at {draft.supplier.name} has its lines."
    )
    return redirect("order", number=draft.number)


def _wanted(request: PageRequest) -> dict[int, Decimal]:
    wanted = {}
    for name, text in request.POST.items():
        if name.startswith(ADD):
            pk = name.removeprefix(ADD)
            if not (pk.isascii() and pk.isdecimal() and len(pk) < 19) or not NUMBER.fullmatch(str(text)):
                raise InvalidInput("The form names a product or quantity that cannot be. Reload the page.")
            wanted[int(pk)] = Decimal(str(text))
    return wanted
