"""One code: what it means, what it could mean, and who said so."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from orders.views.request import PageRequest
from procurement.code_forms import MeaningForm, NewProductForm
from procurement.code_suggestions import code_suggestions, products_found
from procurement.exceptions import CodeRefused
from procurement.models import ItemCode, UnmatchedCode
from procurement.services.codes.mapping import Meaning, code_change, code_create_product, code_map, code_unmap
from procurement.views.codes import may_map, may_view
from suppliers.packing import plain

ENTRIES_SHOWN = 20
FIELDS = ("product", "factor", "unit", "adds_up")
with_system = ("system__account", "system__supplier", "product")


@require_http_methods(["GET", "POST"])
@may_view
def code(request: PageRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(UnmatchedCode.objects.select_related(*with_system), pk=pk)
    form = MeaningForm(request.POST or None)
    if request.method == "POST":
        if not request.user.has_perm("procurement.add_itemcode"):
            return render(request, "403.html", status=403)
        if form.is_valid():
            try:
                told = code_map(system=row.system, code=row.code, meaning=_meaning(form), by=request.user)
                _say(request, f"{row.code} is mapped.", told)
                return redirect("code-list")
            except CodeRefused as refusal:
                form.add_error(None, str(refusal))
    return _page(request, row, form, NewProductForm(initial=_initial(row)))


@require_POST
@may_map
@permission_required("suppliers.add_product", raise_exception=True)
def code_product(request: PageRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(UnmatchedCode.objects.select_related(*with_system), pk=pk)
    form = NewProductForm(request.POST)
    if form.is_valid():
        try:
            code_create_product(unmatched=row, product=form.save(commit=False), by=request.user)
            _say(request, f"{form.instance} is a product now.", [])
            return redirect("code-list")
        except CodeRefused as refusal:
            form.add_error(None, str(refusal))
    return _page(request, row, MeaningForm(), form)


@require_GET
@may_view
def mapping(request: PageRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(ItemCode.objects.select_related(*with_system, "mapped_by"), pk=pk)
    initial: dict[str, Any] = {"sku": found.product.sku, "unit": found.unit, "adds_up": found.adds_up}
    initial["factor"] = plain(found.factor) if found.factor else ""
    return _mapping_page(request, found, MeaningForm(initial=initial))


@require_POST
@permission_required("procurement.change_itemcode", raise_exception=True)
def mapping_change(request: PageRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(ItemCode.objects.select_related(*with_system, "mapped_by"), pk=pk)
    form = MeaningForm(request.POST)
    try:
        if not form.is_valid():
            return _mapping_page(request, found, form)
        if request.POST.get("seen") != found.mapped_at.isoformat():
            raise CodeRefused(
                f"{found.mapped_by} has changed what {found.code} means meanwhile; look at it again."
            )
        told = code_change(mapping=found, meaning=_meaning(form), by=request.user)
    except CodeRefused as refusal:
        form.add_error(None, str(refusal))
        return _mapping_page(request, found, form)
    _say(request, f"{found.code} means {form.cleaned_data['product'].sku} now.", told)
    return redirect("code-mapping", pk=pk)


@require_POST
@permission_required("procurement.delete_itemcode", raise_exception=True)
def mapping_delete(request: PageRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(ItemCode.objects.select_related(*with_system), pk=pk)
    try:
        told = code_unmap(mapping=found)
    except CodeRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("code-mapping", pk=pk)
    _say(request, f"Nobody says any more what {found.code} means.", told)
    return redirect("code-list")


def _page(request: PageRequest, row: UnmatchedCode, form: MeaningForm, new: NewProductForm) -> HttpResponse:
    search = request.GET.get("q", "").replace("\x00", "")[:100]
    suggested = code_suggestions([row]).get(row.pk, [])
    known = {one.product.pk for one in suggested}
    context: dict[str, Any] = {
        "row": row,
        "form": form,
        "new": new,
        "search": search,
        "suggested": suggested,
        "products": [product for product in products_found(search) if product.pk not in known],
        "waiting": row.waiting.order_by("external_id")[:ENTRIES_SHOWN],
        "mapping": ItemCode.objects.filter(system=row.system, code=row.code).first(),
    }
    return render(request, "procurement/code.html", context, status=422 if form.errors or new.errors else 200)


def _mapping_page(request: PageRequest, found: ItemCode, form: MeaningForm) -> HttpResponse:
    others = ItemCode.objects.filter(system=found.system, product=found.product).exclude(pk=found.pk)
    context = {"mapping": found, "form": form, "others": others}
    return render(request, "procurement/code_mapping.html", context, status=422 if form.errors else 200)


def _meaning(form: MeaningForm) -> Meaning:
    return Meaning(**{name: form.cleaned_data[name] for name in FIELDS})


def _initial(row: UnmatchedCode) -> dict[str, str]:
    unit = row.unit if len(row.unit) in (2, 3) else "C62"
    return {"sku": row.code, "name": row.description, "unit": unit, "barcode": row.barcode}


def _say(request: PageRequest, words: str, taken_back: list[str]) -> None:
    back = f" Taken back: {', '.join(taken_back)}." if taken_back else ""
    messages.success(request, f"{words}{back} What names it is read again now; you see it below.")
