"""A circuit breaker a supplier: one that does not answer is left alone for a while, then asked by one caller at a time.

Its orders keep their attempts meanwhile, and the workers stay free for everybody else.
"""

from datetime import datetime, timedelta

from django.db.models import F, Q
from django.utils import timezone

from suppliers.exceptions import (
    CallsUsedUp,
    ConnectorError,
    NotDelivered,
    OutcomeUnknown,
    RateLimited,
    SupplierUnavailable,
)
from suppliers.models import Supplier

OPENS_AFTER = 5  # failures in a row
FIRST_REST = timedelta(seconds=30)
LONGEST_REST = timedelta(minutes=15)


def reachable(prefix: str = "") -> Q:
    """Suppliers that may be talked to now."""
    return Q(**{f"{prefix}down_until": None}) | Q(**{f"{prefix}down_until__lte": timezone.now()})


def supplier_probe(supplier: Supplier) -> bool:
    """Whether this caller may talk to the supplier now; of those who wait for one that was down, one at a time."""
    now = timezone.now()
    if supplier.failures < OPENS_AFTER:
        return supplier.down_until is None or supplier.down_until <= now
    due = Supplier.objects.filter(pk=supplier.pk, down_until__lte=now)
    return due.update(down_until=now + FIRST_REST) == 1


def supplier_failed(supplier: Supplier, error: ConnectorError) -> datetime | None:
    """Note a failure; until when the supplier is left alone, if it is."""
    now = timezone.now()
    known = Supplier.objects.filter(pk=supplier.pk)
    if isinstance(error, CallsUsedUp):
        return None  # we did not ask it
    if isinstance(error, RateLimited):
        if error.retry_after is None:
            return None
        until = now + min(error.retry_after, LONGEST_REST)
        known.update(down_until=until)
        return until
    if not isinstance(error, NotDelivered | SupplierUnavailable | OutcomeUnknown):
        return None
    known.update(failures=F("failures") + 1)
    failures = known.values_list("failures", flat=True).get()
    if failures < OPENS_AFTER:
        return None
    rest = min(FIRST_REST * 2 ** min(failures - OPENS_AFTER, 10), LONGEST_REST)
    known.update(down_until=now + rest)
    return now + rest


def supplier_answered(supplier: Supplier) -> bool:
    """Note that the supplier works; whether it had been left alone until now."""
    known = Supplier.objects.filter(pk=supplier.pk)
    was_down = known.filter(failures__gte=OPENS_AFTER).update(failures=0, down_until=None) == 1
    known.filter(failures__gt=0).update(failures=0, down_until=None)
    return was_down
