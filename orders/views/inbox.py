"""Messages from suppliers that could not be read: shown as they came, to be read again once the cause is mended."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from orders.exceptions import OrderError
from orders.models import CallbackRefusal, InboundMessage
from orders.services.inbound import message_guess, message_replay
from orders.views.request import APPROVE, CHANGE, PageRequest
from suppliers.payload import as_file

PAGE_SIZE = 25
may_view = permission_required("orders.view_purchaseorder", raise_exception=True)


@require_GET
@may_view
def inbox(request: PageRequest) -> HttpResponse:
    stored = InboundMessage.objects.select_related("supplier").defer("body")
    show_all = request.GET.get("show") == "all"
    if not show_all:
        stored = stored.filter(status=InboundMessage.Status.PARKED)
    context = {
        "page": Paginator(stored, PAGE_SIZE).get_page(request.GET.get("page")),
        "show_all": show_all,
        "refusals": CallbackRefusal.objects.order_by("-day", "supplier_code", "reason")[:10],
    }
    return render(request, "orders/inbox.html", context)


@require_GET
@may_view
def message(request: PageRequest, pk: int) -> HttpResponse:
    stored = get_object_or_404(InboundMessage.objects.select_related("supplier"), pk=pk)
    guess = message_guess(stored) if stored.status == InboundMessage.Status.PARKED else None
    return render(request, "orders/message.html", {"stored": stored, "guess": guess})


@require_GET
@may_view
def message_file(request: PageRequest, pk: int) -> HttpResponse:
    """The message byte for byte."""
    stored = get_object_or_404(InboundMessage.objects.select_related("supplier"), pk=pk)
    return as_file(bytes(stored.body), f"{stored.supplier.code}-{stored.channel}-{stored.pk}")


@require_POST
def replay(request: PageRequest, pk: int) -> HttpResponse:
    if not (request.user.has_perm(CHANGE) or request.user.has_perm(APPROVE) or request.user.is_staff):
        raise PermissionDenied
    stored = get_object_or_404(InboundMessage, pk=pk)
    try:
        message_replay(message=stored, by=request.user)
    except OrderError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "It is being read again. Look here in a moment.")
    return redirect("inbound-message", pk=pk)
