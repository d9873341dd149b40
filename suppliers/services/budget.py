"""No more calls a day than a supplier allows, and orders first: what can wait stops before the allowance is used up.

As with the calls of a minute the row is the truth: a call is written down before it is made, by a conditional update
over all processes and machines. Orders are written down and never refused.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, time, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Sum
from django.utils import timezone

from suppliers.connectors.registry import CONNECTORS, connector_class
from suppliers.exceptions import CallsUsedUp
from suppliers.models import CallDay, CallHour, Purpose, Supplier, SupplierAccount

KEPT_FOR_ORDERS = 5  # one in so many; questions in the background leave them
FOR_ANSWERS = 4  # collecting answers, which never ends, uses at most one in so many, evenly over the day
BACKGROUND = (Purpose.PRICES, Purpose.STOCK, Purpose.CATALOGUE)


def calls_a_day(supplier: Supplier, *, protocol: str | None = None) -> int | None:
    """As an administrator says, else as the protocol declares, which is looked up where it is not given."""
    if supplier.calls_per_day is not None:
        return supplier.calls_per_day
    known = SupplierAccount.objects.filter(supplier=supplier).values_list("protocol", flat=True)
    protocol = protocol or known.first()
    return connector_class(protocol).calls_per_day if protocol in CONNECTORS else None


def calls_kept(limit: int) -> int:
    """How many of a day's calls only orders, checks of people and answers may use."""
    return -(-limit // KEPT_FOR_ORDERS)


def allowance(limit: int, purpose: Purpose) -> int:
    return limit - calls_kept(limit) if purpose in BACKGROUND else limit


def calls_used(supplier: Supplier) -> int:
    """Today."""
    row = CallDay.objects.filter(supplier=supplier, day=timezone.localdate()).first()
    return row.calls if row else _made_before(supplier)


def _made_before(supplier: Supplier) -> int:
    """Today, while nobody had said yet how many it allows: it counts them all the same."""
    made = CallHour.objects.filter(supplier=supplier, day=timezone.localdate())
    return made.aggregate(n=Sum("calls"))["n"] or 0


def call_possible(supplier: Supplier, limit: int, purpose: Purpose) -> None:
    """Raises `CallsUsedUp` where the day has no call left for it; nothing is written down of a call."""
    if purpose != Purpose.ORDERS and calls_used(supplier) >= allowance(limit, purpose):
        _put_off(supplier, limit, purpose)


def call_take(supplier: Supplier, limit: int, purpose: Purpose) -> None:
    """Write a call down. Raises `CallsUsedUp`."""
    day = timezone.localdate()
    while True:
        today = CallDay.objects.filter(supplier=supplier, day=day)
        room = today if purpose == Purpose.ORDERS else today.filter(calls__lt=allowance(limit, purpose))
        if room.update(calls=F("calls") + 1):
            return
        if today.exists():
            _put_off(supplier, limit, purpose)
        CallDay.objects.get_or_create(supplier=supplier, day=day, defaults={"calls": _made_before(supplier)})


def _put_off(supplier: Supplier, limit: int, purpose: Purpose) -> None:
    calls_count(supplier, {_hour(timezone.now()): 0}, purpose, put_off=1)
    now = timezone.localtime()
    midnight = timezone.make_aware(datetime.combine(now.date() + timedelta(days=1), time.min))
    raise CallsUsedUp(
        f"{supplier.name} allows us {limit:,} call{'s' if limit != 1 else ''} a day. What may be used for"
        f" {Purpose(purpose).label.lower()} is used up"
        f"{'; the rest is kept for orders' if purpose in BACKGROUND else ''}."
        f" It goes on after midnight ({timezone.get_current_timezone_name()}).",
        retry_after=midnight - now,
    )


def answers_due(supplier: Supplier) -> bool:
    """Whether its answers may be collected now; at an even pace, where there is a daily allowance."""
    limit = calls_a_day(supplier)
    if limit is None:
        return True
    now = timezone.localtime()
    passed = (now.hour * 60 + now.minute + 1) / 1440
    used = CallHour.objects.filter(supplier=supplier, day=now.date(), purpose=Purpose.ANSWERS)
    return (used.aggregate(n=Sum("calls"))["n"] or 0) <= limit / FOR_ANSWERS * passed


Hour = tuple[str, int]  # day and hour


def hours_of(moments: Iterable[datetime]) -> dict[Hour, int]:
    return dict(Counter(_hour(moment) for moment in moments))


def _hour(moment: datetime) -> Hour:
    local = timezone.localtime(moment)
    return local.date().isoformat(), local.hour


def calls_count(supplier: Supplier, calls: dict[Hour, int], purpose: Purpose, *, put_off: int = 0) -> None:
    """Add calls that were made, for the picture."""
    for (day, hour), number in calls.items():
        key = {"supplier": supplier, "day": day, "hour": hour, "purpose": purpose}
        more = {"calls": F("calls") + number, "put_off": F("put_off") + put_off}
        if CallHour.objects.filter(**key).update(**more):
            continue
        try:
            with transaction.atomic():
                CallHour.objects.create(**key, calls=number, put_off=put_off)
        except IntegrityError:  # somebody else made the row just now
            CallHour.objects.filter(**key).update(**more)
