"""What a buyer decides about a change the supplier made."""

from collections.abc import Iterable

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from orders.exceptions import ConcurrentTransition
from orders.models import OrderException, PurchaseOrder
from orders.state import record


@transaction.atomic
def exception_accept(*, exception: OrderException, by: AbstractBaseUser, via: str) -> None:
    """Take the supplier's change as it is."""
    still_open = OrderException.objects.filter(pk=exception.pk, resolved_at=None)
    if still_open.update(resolved_at=timezone.now(), resolved_by_id=by.pk, resolution="accepted") == 0:
        raise ConcurrentTransition("Somebody has dealt with this already.")
    record(exception.order, "change_accepted", by=by, via=via, text=f"Accepted: {exception.text}")


@transaction.atomic
def exceptions_accept(*, order: PurchaseOrder, seen: Iterable[int], by: AbstractBaseUser, via: str) -> int:
    """Take those changes as they are that the person has `seen` (ids) and nobody has dealt with; how many they were."""
    found = list(order.exceptions.filter(pk__in=seen, resolved_at=None))
    for exception in found:
        exception_accept(exception=exception, by=by, via=via)
    if not found:
        raise ConcurrentTransition("Somebody has dealt with all of these already.")
    return len(found)
