"""No more calls a minute than a supplier allows, counted over all processes and machines.

The row is the truth: whoever wants to call writes its call down first, by compare-and-swap, outside any transaction of
its own. What is done when the minute is full depends on who asks. A person is told; a long list waits; a job is put
back before it begins. An order under way is never broken off halfway: its calls count, and the next ones wait for them.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone

from suppliers.connectors.registry import CONNECTORS, connector_class
from suppliers.exceptions import CallsUsedUp, TimeUsedUp
from suppliers.models import CallWindow, Purpose, Supplier, SupplierAccount
from suppliers.services.budget import call_possible, call_take, calls_a_day

MINUTE = 60.0
AT_ONCE = timedelta(seconds=2)  # how long a person's question may wait
IN_THE_BACKGROUND = timedelta(seconds=20)  # a worker has other suppliers, too
UNTIL_FREE = timedelta(seconds=MINUTE + 5)  # of a list that is fetched in one go


def calls_limit(supplier: Supplier, *, protocol: str | None = None) -> int | None:
    """As an administrator says, else as the protocol declares, which is looked up where it is not given."""
    if supplier.calls_per_minute is not None:
        return supplier.calls_per_minute
    protocol = (
        protocol
        or SupplierAccount.objects.filter(supplier=supplier).values_list("protocol", flat=True).first()
    )
    return connector_class(protocol).calls_per_minute if protocol in CONNECTORS else None


def calls_wait(supplier: Supplier) -> timedelta:
    """How long until the supplier may be called again; nothing is written down."""
    limit = calls_limit(supplier)
    window = CallWindow.objects.filter(supplier=supplier).first() if limit else None
    return timedelta(0) if limit is None or window is None else _wait(_recent(window), limit)


def pace_of(
    supplier: Supplier,
    *,
    patience: timedelta | None,
    protocol: str | None = None,
    purpose: Purpose = Purpose.ORDERS,
    until: float | None = None,
) -> Callable[[], None]:
    """To be called before each call of a connector; raises `CallsUsedUp` where it takes longer than `patience`, or
    where the day has no call left for what it is made for. None: the call is made all the same, and counted.

    `until`: by the monotonic clock; nothing is called or waited for beyond it: `TimeUsedUp`.
    """
    a_minute = _minute_of(supplier, patience=patience, protocol=protocol, end=until)
    a_day = calls_a_day(supplier, protocol=protocol)

    def before_a_call() -> None:
        if until is not None and time.monotonic() > until:
            raise TimeUsedUp(f"{supplier.name} was not asked everything: the time for it was used up.")
        if a_day is not None:
            call_possible(supplier, a_day, purpose)  # not waited for in vain
        a_minute()
        if a_day is not None:
            call_take(supplier, a_day, purpose)

    return before_a_call


def _minute_of(
    supplier: Supplier, *, patience: timedelta | None, protocol: str | None, end: float | None
) -> Callable[[], None]:
    limit = calls_limit(supplier, protocol=protocol)
    if limit is None:
        return lambda: None

    def before_a_call() -> None:
        until = timezone.now() + (patience or timedelta(0))
        if end is not None:
            until = min(until, timezone.now() + timedelta(seconds=max(0.0, end - time.monotonic())))
        while wait := _taken(supplier, limit, anyway=patience is None):
            if timezone.now() + wait > until:
                seconds = max(1, round(wait.total_seconds()))
                raise CallsUsedUp(
                    f"{supplier.name} allows us {limit} call{'s' if limit != 1 else ''} a minute, and they are "
                    f"used up. Try again in {seconds} second{'s' if seconds != 1 else ''}.",
                    retry_after=wait,
                )
            time.sleep(wait.total_seconds())

    return before_a_call


def _taken(supplier: Supplier, limit: int, *, anyway: bool) -> timedelta:
    """Write a call down; how long to wait where it may not be made yet."""
    while True:
        window, _ = CallWindow.objects.get_or_create(supplier=supplier)
        recent = _recent(window)
        if not anyway and (wait := _wait(recent, limit)):
            return wait
        unchanged = CallWindow.objects.filter(pk=window.pk, version=window.version)
        if unchanged.update(calls=sorted([*recent, _now()]), version=F("version") + 1):
            return timedelta(0)


def _now() -> float:
    return timezone.now().timestamp()


def _recent(window: CallWindow) -> list[float]:
    since = _now() - MINUTE
    return [at for at in window.calls if at > since]


def _wait(recent: list[float], limit: int) -> timedelta:
    if len(recent) < limit:
        return timedelta(0)
    free_at = datetime.fromtimestamp(recent[-limit] + MINUTE, tz=timezone.get_current_timezone())
    return max(free_at - timezone.now(), timedelta(milliseconds=1))
