"""The order list and its export."""

import csv
from decimal import Decimal

from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.db.models import OuterRef, Subquery
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from orders.filters import OrderFilter
from orders.models import Approval, Status, TransferJob
from orders.selectors import order_list
from orders.views.request import PageRequest, wants_part
from suppliers.models import Supplier
from suppliers.packing import plain

PAGE_SIZE = 50
may_view = permission_required("orders.view_purchaseorder", raise_exception=True)

COLUMNS = (
    ("number", "Order"),
    ("supplier", "Supplier"),
    ("status", "Status"),
    (None, "Lines"),
    ("value", "Value"),
    (None, "Confirmed"),
    ("requested", "Wanted on"),
    ("created", "Age"),
)


@require_GET
@may_view
def order_index(request: PageRequest) -> HttpResponse:
    found = _found(request)
    page = Paginator(found.qs, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "filter": found,
        "errors": [f"{name}: {errors[0]}" for name, errors in found.form.errors.items()],
        "suppliers": Supplier.objects.all(),
        "statuses": [("", "Open"), *Status.choices],
        "columns": COLUMNS,
        "sort": request.GET.get("sort", "-created"),
    }
    partial = wants_part(request)
    return render(request, "orders/_order_list.html" if partial else "orders/order_list.html", context)


@require_GET
@may_view
def order_export(request: PageRequest) -> HttpResponse:
    """What the list shows under the same filters, all pages of it."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="orders-{timezone.localdate()}.csv"'
    response.write("\ufeff")  # spreadsheets take UTF-8 for granted only with it
    writer = csv.writer(response)
    writer.writerow(
        [
            "order",
            "supplier",
            "status",
            "lines",
            "currency",
            "value",
            "confirmed",
            "wanted_on",
            "created",
            "reference",
        ]
    )
    for order in _found(request).qs.iterator(chunk_size=500):
        confirmed = (
            "" if order.confirmed_value is None else plain(order.confirmed_value.quantize(Decimal("0.01")))
        )
        row = [
            order.number,
            order.supplier.name,
            order.status,
            order.line_count,
            order.currency,
            plain(order.value.quantize(Decimal("0.01"))),
            confirmed,
            order.requested_date or "",
            timezone.localtime(order.created_at).strftime("%Y-%m-%d %H:%M"),
            order.supplier_reference,
        ]
        writer.writerow([_cell(value) for value in row])
    return response


def _found(request: PageRequest) -> OrderFilter:
    """An empty choice in the form means "any", so it is left out; the default order is newest first."""
    params = QueryDict(mutable=True)
    for name, values in request.GET.lists():
        if kept := [value for value in values if value.strip()]:
            params.setlist(name, kept)
    transfers = TransferJob.objects.filter(order=OuterRef("pk")).order_by("-pk").values("status")
    standing = Approval.objects.filter(order=OuterRef("pk"), withdrawn_at=None).values("decision")
    orders = order_list().annotate(transfer_status=Subquery(transfers[:1]), decision=Subquery(standing[:1]))
    return OrderFilter(params, queryset=orders, request=request)


def _cell(value: object) -> object:
    """A text that a spreadsheet would run as a formula is exported as text."""
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" and value else value
