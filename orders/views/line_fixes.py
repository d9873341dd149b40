"""The ways on for a line that the supplier cannot take; each is one form and one service call."""

from decimal import Decimal

from django.shortcuts import get_object_or_404

from orders.forms import CodeForm, LessForm, VersionForm, cleaned
from orders.models import PurchaseOrder, PurchaseOrderLine
from orders.services.editing import order_edit
from orders.services.line_problems import line_move, line_recode, line_swap
from orders.views.actions import action
from orders.views.request import CHANGE, PageRequest


def _line(order: PurchaseOrder, line_number: int) -> PurchaseOrderLine:
    lines = order.lines.select_related("supplier_product__product", "supplier_product__supplier", "product")
    line: PurchaseOrderLine = get_object_or_404(lines, line_number=line_number)
    return line


@action(CHANGE)
def recode(request: PageRequest, order: PurchaseOrder, line_number: int) -> str:
    data, line = cleaned(CodeForm(request.POST)), _line(order, line_number)
    line_recode(
        order=order,
        line=line,
        supplier_sku=data["code"],
        by=request.user,
        version=data["version"],
        via="page",
    )
    return f"Line {line_number} is ordered as {line.supplier_sku} from now on."


@action(CHANGE)
def swap(request: PageRequest, order: PurchaseOrder, line_number: int) -> str:
    data, line = cleaned(CodeForm(request.POST)), _line(order, line_number)
    note = line_swap(
        order=order, line=line, code=data["code"], by=request.user, version=data["version"], via="page"
    )
    return f"Line {line_number} is {line.description} now. {note}".strip()


@action(CHANGE)
def less(request: PageRequest, order: PurchaseOrder, line_number: int) -> str:
    data, line = cleaned(LessForm(request.POST)), _line(order, line_number)
    notes = order_edit(
        order=order,
        by=request.user,
        version=data["version"],
        quantities={line.pk: data["quantity"]},
        via="page",
    )
    return " ".join(["Saved.", *notes])


@action(CHANGE)
def drop(request: PageRequest, order: PurchaseOrder, line_number: int) -> str:
    version, line = cleaned(VersionForm(request.POST))["version"], _line(order, line_number)
    order_edit(order=order, by=request.user, version=version, quantities={line.pk: Decimal(0)}, via="page")
    return f"{line.description} is not ordered."


@action(CHANGE)
def move(request: PageRequest, order: PurchaseOrder, line_number: int) -> str:
    version, line = cleaned(VersionForm(request.POST))["version"], _line(order, line_number)
    draft = line_move(order=order, line=line, by=request.user, version=version, via="page")
    return f"{line.description} is now in {draft.number}, a new draft with {draft.supplier.name}."
