"""A request as views get it: somebody is signed in, and htmx has said what it wants."""

from django.contrib.auth.models import User
from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

CHANGE = "orders.change_purchaseorder"
APPROVE = "orders.approve_purchaseorder"


class PageRequest(HttpRequest):
    user: User  # LoginRequiredMiddleware lets nobody else come this far
    htmx: HtmxDetails


def wants_part(request: PageRequest) -> bool:
    """Only the changed part of the page, unless the browser restores the whole of it."""
    return bool(request.htmx) and not request.htmx.history_restore_request
