"""How often a supplier was called today, by the hour and by what for, and what is left."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from suppliers.models import CallHour, Purpose, Supplier
from suppliers.services.budget import BACKGROUND, calls_a_day, calls_kept, calls_used


@dataclass(frozen=True, slots=True)
class PurposeCalls:
    label: str
    calls: int
    hours: Sequence[int]  # of the 24 of today
    put_off: int


@dataclass(frozen=True, slots=True)
class CallsToday:
    limit: int | None
    used: int
    kept: int  # of the limit, for orders
    purposes: Sequence[PurposeCalls]
    stopped: bool  # nothing is asked in the background any more
    zone: str

    @property
    def left(self) -> int:
        return max(0, (self.limit or 0) - self.used)

    @property
    def for_background(self) -> int:
        return max(0, (self.limit or 0) - self.kept)


def calls_today(supplier: Supplier) -> CallsToday:
    hours: dict[str, list[int]] = defaultdict(lambda: [0] * 24)
    put_off: dict[str, int] = defaultdict(int)
    for row in CallHour.objects.filter(supplier=supplier, day=timezone.localdate()):
        hours[row.purpose][row.hour % 24] += row.calls
        put_off[row.purpose] += row.put_off
    limit = calls_a_day(supplier)
    counted = sum(map(sum, hours.values()))
    used = counted if limit is None else max(counted, calls_used(supplier))
    kept = calls_kept(limit) if limit is not None else 0
    return CallsToday(
        limit=limit,
        used=used,
        kept=kept,
        purposes=[
            PurposeCalls(str(purpose.label), sum(hours[purpose]), hours[purpose], put_off[purpose])
            for purpose in Purpose
            if purpose in hours
        ],
        stopped=limit is not None and used >= limit - kept and any(put_off[p] for p in BACKGROUND),
        zone=timezone.get_current_timezone_name(),
    )
