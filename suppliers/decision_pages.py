"""Blocking or preferring a supplier, altogether or for an item, and undoing it."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from suppliers.decision_forms import DecisionForm
from suppliers.models import SourcingDecision, Supplier
from suppliers.services.decisions import decision_make, decision_undo


@require_http_methods(["GET", "POST"])
@permission_required("suppliers.add_sourcingdecision", raise_exception=True)
def decide(request: HttpRequest, code: str) -> HttpResponse:
    supplier = get_object_or_404(Supplier, code=code)
    asked = {name: request.GET[name][:60] for name in ("kind", "item") if name in request.GET}
    form = DecisionForm(request.POST or None, supplier=supplier, initial=asked)
    back = _back(request, supplier)
    if request.method == "POST" and form.is_valid():
        made = decision_make(
            supplier=supplier, offer=form.offer, decided=form.decided(), by=cast(User, request.user)
        )
        messages.success(request, f"{made.subject} is {made.words}. The next plan goes by it.")
        return HttpResponseRedirect(back)
    context = {"supplier": supplier, "form": form, "back": back}
    status = 422 if request.method == "POST" else 200
    return render(request, "suppliers/decide.html", context, status=status)


@require_POST
@permission_required("suppliers.change_sourcingdecision", raise_exception=True)
def undo(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    rows = SourcingDecision.objects.select_related("supplier", "supplier_product__product")
    found = get_object_or_404(rows, pk=pk, supplier__code=code)
    if decision_undo(decision=found, by=cast(User, request.user)):
        messages.success(request, f"{found.subject} is not {found.kind} any more. The next plan goes by it.")
    else:
        messages.info(request, "That had been undone already.")
    return HttpResponseRedirect(_back(request, found.supplier))


def _back(request: HttpRequest, supplier: Supplier) -> str:
    """The page that somebody came from, of ours alone."""
    asked = request.POST.get("back") or request.GET.get("back") or ""
    if url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure()):
        return asked
    return f"{reverse('supplier', args=[supplier.code])}#terms-title"
