"""Saving the quantities and texts of a draft."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from orders.exceptions import InvalidInput, OrderError
from orders.forms import QuantityGrid, TextsForm, cleaned
from orders.models import PurchaseOrder
from orders.services.editing import order_edit
from orders.views.actions import refusal_status
from orders.views.order_page import lines_of, order_or_404, render_order
from orders.views.request import CHANGE, PageRequest


@require_POST
@permission_required(CHANGE, raise_exception=True)
def edit(request: PageRequest, number: str) -> HttpResponse:
    order = order_or_404(number)
    grid = _grid(request, order)
    before = order.version
    try:
        notes = _save(request, order, grid)
    except OrderError as error:
        return render_order(
            request, order_or_404(number), status=refusal_status(error), error=error, grid=grid
        )
    for note in notes:
        messages.info(request, note)
    order.refresh_from_db(fields=["version"])
    messages.success(request, "Saved." if order.version != before else "Nothing was changed.")
    return redirect("order", number=number)


def _grid(request: PageRequest, order: PurchaseOrder) -> QuantityGrid:
    lines = lines_of(order)
    grid = QuantityGrid.read(request.POST, lines, blank=None)
    for line in lines:
        if request.POST.get("reset") == str(line.pk):
            grid.reset(line)
    return grid


def _save(request: PageRequest, order: PurchaseOrder, grid: QuantityGrid) -> list[str]:
    form = TextsForm(request.POST)
    version = cleaned(form)["version"]
    known = {f"quantity-{pk}" for pk in grid.typed}
    if any(name.startswith("quantity-") and name not in known for name in request.POST):
        raise InvalidInput(f"The form names a line that {order.number} does not have. Reload the page.")
    if grid.errors:
        raise InvalidInput(" ".join(list(grid.errors.values())[:3]))
    quantities, texts = grid.differing(order), form.given()
    if (
        version == order.version
        and not quantities
        and not any(value != getattr(order, name) for name, value in texts.items())
    ):
        return []  # saving without a change must not make the person the last editor
    return order_edit(
        order=order, by=request.user, version=version, quantities=quantities, via="page", **texts
    )
