"""Booking goods in from the order page. It lives here because it touches stock."""

from decimal import Decimal

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from orders.exceptions import InvalidInput, OrderError
from orders.forms import QuantityGrid, SiteGrid, cleaned
from orders.models import LineShare, Receipt
from orders.views.actions import refusal_status
from orders.views.order_page import lines_of, order_or_404, render_order
from orders.views.request import APPROVE, CHANGE, PageRequest
from procurement.forms import ReceiveForm
from procurement.services.receiving import goods_receive


@require_POST
def receive(request: PageRequest, number: str) -> HttpResponse:
    if not (request.user.has_perm(CHANGE) or request.user.has_perm(APPROVE)):
        raise PermissionDenied
    order = order_or_404(number)
    grid = QuantityGrid.read(request.POST, lines_of(order), blank=Decimal(0))
    shares = LineShare.objects.filter(line__order=order).select_related("line", "site")
    sites = SiteGrid.read(request.POST, [(share.line, share.site) for share in shares])
    try:
        if errors := [*grid.errors.values(), *sites.errors.values()]:
            raise InvalidInput(" ".join(errors[:3]))
        data = cleaned(ReceiveForm(request.POST))
        receipt: Receipt | None = goods_receive(
            order=order, by=request.user, quantities=grid.quantities, at_sites=sites.quantities, **data
        )
    except OrderError as error:
        now = order_or_404(number)
        return render_order(
            request, now, status=refusal_status(error), error=error, received=grid, at_sites=sites
        )
    messages.success(request, "Booked in." if receipt else "This was booked in before; nothing was added.")
    return redirect("order", number=number)
