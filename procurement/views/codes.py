"""Codes that nobody understands: what they could mean, several decided at once, and what was decided."""

import re
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from orders.views.request import PageRequest
from procurement.code_forms import ConversionForm, UnitForm
from procurement.code_lists import (
    codes_ignored,
    codes_mapped,
    codes_open,
    codes_under_way,
    conversions,
    overshadowed,
)
from procurement.code_suggestions import code_suggestions
from procurement.exceptions import CodeRefused
from procurement.models import UnitConversion, UnmatchedCode
from procurement.services.codes.conversions import unit_convert, unit_forget
from procurement.services.codes.mapping import Meaning, code_ignore, code_map, code_unignore
from suppliers.models import Product

PAGE_SIZE = 20
may_view = permission_required("procurement.view_unmatchedcode", raise_exception=True)
may_map = permission_required("procurement.add_itemcode", raise_exception=True)
may_convert = permission_required("procurement.add_unitconversion", raise_exception=True)
PICK = re.compile(r"(\d{1,18}):(\d{1,18})", re.ASCII)


@require_GET
@may_view
def code_list(request: PageRequest) -> HttpResponse:
    if request.GET.get("part") == "under-way":
        return render(request, "procurement/_codes_under_way.html", {"under_way": codes_under_way()})
    show = request.GET.get("show", "")
    lists: dict[str, Callable[[], Any]] = {
        "mapped": codes_mapped,
        "ignored": codes_ignored,
        "units": conversions,
    }
    if show == "mapped":
        rows: Any = codes_mapped(request.GET.get("q", "").replace("\x00", "")[:60])
    else:
        rows = lists.get(show, codes_open)()
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "show": show if show in lists else "",
        "page": page,
        "under_way": codes_under_way(),
    }
    context |= {"counts": {name: found().count() for name, found in lists.items()}}
    if show == "mapped":
        context["overshadowed"] = overshadowed(list(page))
    elif show not in lists:
        found = code_suggestions(list(page))
        context["rows"] = [(row, found.get(row.pk, [])) for row in page]
    return render(request, "procurement/code_list.html", context)


@require_POST
@may_map
def code_decide(request: PageRequest) -> HttpResponse:
    """One button of a row, or what is chosen in all of them."""
    if request.POST.get("ignore"):
        _ignore(request, request.POST["ignore"])
    else:
        one = request.POST.get("map")
        chosen = [one] if one else [request.POST[name] for name in request.POST if name.startswith("pick-")]
        done = [_map(request, pair) for pair in chosen]
        if count := sum(done):
            codes = "1 code is" if count == 1 else f"{count} codes are"
            messages.success(request, f"{codes} mapped. What waited is read again now; you see it below.")
        elif not chosen:
            messages.info(request, "Choose what a code means first.")
    return redirect("code-list")


def _map(request: PageRequest, pair: str) -> bool:
    ids = PICK.fullmatch(pair)
    row = UnmatchedCode.objects.filter(pk=ids[1]).first() if ids else None
    product = Product.objects.filter(pk=ids[2]).first() if ids else None
    if row is None or product is None:
        messages.error(request, "That code or product is gone; look at the list again.")
        return False
    try:
        told = code_map(system=row.system, code=row.code, meaning=Meaning(product=product), by=request.user)
    except CodeRefused as refusal:
        messages.error(request, str(refusal))
        return False
    for what in told:
        messages.info(
            request, f"{row.code} was another item until now: {what} are taken back and read again."
        )
    return True


def _ignore(request: PageRequest, pk: str) -> None:
    row = UnmatchedCode.objects.filter(pk=pk).first() if re.fullmatch(r"[0-9]{1,18}", pk) else None
    if row is None:
        messages.error(request, "That code is gone; look at the list again.")
        return
    try:
        if code_ignore(unmatched=row, by=request.user):
            words = f"{row.code} is none of ours from now on; you can undo that under Ignored."
            messages.success(request, words)
        else:
            messages.info(request, f"{row.code} was ignored already.")
    except CodeRefused as refusal:
        messages.error(request, str(refusal))


@require_POST
@may_map
def code_unignored(request: PageRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(UnmatchedCode, pk=pk)
    if code_unignore(unmatched=row):
        messages.success(request, f"{row.code} counts again; what names it is read again.")
    else:
        messages.info(request, f"{row.code} was not ignored any more.")
    return redirect("code-list")


@require_POST
@may_convert
def code_unit(request: PageRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(UnmatchedCode.objects.select_related("product"), pk=pk)
    form = ConversionForm(request.POST)
    if row.product is None or row.trouble != row.Trouble.UNIT or row.system.supplier_id:
        messages.error(request, f"Nothing waits for a unit of {row.code} any more.")
    elif not form.is_valid():
        messages.error(request, f"How many {row.product.unit} is one {row.unit}? Enter a number above 0.")
    else:
        try:
            made = unit_convert(
                product=row.product, unit=row.unit, quantity=form.cleaned_data["quantity"], by=request.user
            )
            messages.success(request, f"{made}. What waited is read again now.")
        except CodeRefused as refusal:
            messages.error(request, str(refusal))
    return redirect("code-list")


@require_POST
@may_convert
def unit_add(request: PageRequest) -> HttpResponse:
    form = UnitForm(request.POST)
    if form.is_valid():
        told = form.cleaned_data
        try:
            made = unit_convert(
                product=told["sku"], unit=told["unit"].upper(), quantity=told["quantity"], by=request.user
            )
            messages.success(request, f"{made}.")
        except CodeRefused as refusal:
            messages.error(request, str(refusal))
    else:
        wrong = {
            "sku": "our code of a product",
            "unit": "a UN/ECE code such as CS",
            "quantity": "a number above 0",
        }
        messages.error(
            request, f"Enter {', '.join(words for name, words in wrong.items() if name in form.errors)}."
        )
    return redirect("/stock/codes/?show=units")


@require_POST
@permission_required("procurement.delete_unitconversion", raise_exception=True)
def unit_delete(request: PageRequest, pk: int) -> HttpResponse:
    conversion = get_object_or_404(UnitConversion.objects.select_related("product"), pk=pk)
    if unit_forget(conversion=conversion):
        words = f"{conversion} holds no more. What was counted with it stays until it has been read again."
        messages.success(request, words)
    return redirect("/stock/codes/?show=units")
