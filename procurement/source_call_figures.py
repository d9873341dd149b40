"""How often a source was called today, and what it says we may."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q
from django.db.models.functions import ExtractHour
from django.utils import timezone

from procurement.models import SourceAccount, SourceCall

FAILED = Q(status=None) | Q(status__gte=400) | ~Q(error="")
LAST, LAST_FAILED = 10, 5


@dataclass(frozen=True, slots=True)
class SourceCallsToday:
    calls: int
    failed: int
    hours: Sequence[int]  # of the 24 of today
    told: SourceCall | None  # the last one whose answer said how many we have used


def source_calls_shown(source: SourceAccount) -> list[SourceCall]:
    """The last ones, and the last that failed, newest first."""
    calls = SourceCall.objects.filter(account=source).defer("request_body")
    found = {call.pk: call for call in (*calls[:LAST], *calls.filter(FAILED)[:LAST_FAILED])}
    return sorted(found.values(), key=lambda call: (call.started_at, call.pk), reverse=True)


def source_calls_today(source: SourceAccount) -> SourceCallsToday:
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    today = SourceCall.objects.filter(account=source, started_at__gte=midnight)
    rows = today.annotate(hour=ExtractHour("started_at")).order_by().values("hour")
    hours, failures = [0] * 24, 0
    for row in rows.annotate(n=Count("pk"), bad=Count("pk", filter=FAILED)):
        hours[row["hour"]] += row["n"]
        failures += row["bad"]
    told = SourceCall.objects.filter(account=source, allowed__isnull=False).defer("response_body").first()
    return SourceCallsToday(sum(hours), failures, hours, told)
