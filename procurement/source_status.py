"""How the sources stand: whose turn it is, and what the status page tells of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from procurement.models import SourceAccount, SourceRun

STALE_AFTER = 3  # times the usual distance between two readings
LEAST_STALE = timedelta(minutes=15)


def sources_due() -> QuerySet[SourceAccount]:
    now = timezone.now()
    ready = SourceAccount.objects.filter(active=True, paused_reason="")
    return ready.filter(Q(next_run_at=None) | Q(next_run_at__lte=now)).order_by("pk")


@dataclass(frozen=True, slots=True)
class SourceStatus:
    source: SourceAccount
    last: SourceRun | None
    running: bool
    stale: bool  # no good reading for much longer than it should be
    problems: int


def source_statuses(sources: QuerySet[SourceAccount] | None = None) -> list[SourceStatus]:
    """Two queries, however many sources there are."""
    newest = (
        SourceRun.objects.filter(account=OuterRef("pk"), of_events=False)
        .order_by("-started_at", "-pk")
        .values("pk")[:1]
    )
    rows = SourceAccount.objects.all() if sources is None else sources
    rows = rows.select_related("site").annotate(
        newest_run=Subquery(newest), problem_count=Count("problems__external_id", distinct=True)
    )
    found: Sequence[SourceAccount] = list(rows)
    runs = SourceRun.objects.select_related("by").in_bulk(
        [pk for row in found if (pk := getattr(row, "newest_run", None))]
    )
    return [_status(row, runs.get(getattr(row, "newest_run", None) or 0)) for row in found]


def sources_stale(sources: QuerySet[SourceAccount] | None = None) -> list[SourceAccount]:
    """In use, asked at least once, and without a good reading for much longer than it should be."""
    rows = SourceAccount.objects.all() if sources is None else sources
    asked = rows.filter(Exists(SourceRun.objects.filter(account=OuterRef("pk"))), active=True)
    now = timezone.now()
    return [source for source in asked if _overdue(source, now)]


def _overdue(source: SourceAccount, now: datetime) -> bool:
    patience = max(STALE_AFTER * timedelta(minutes=source.every_minutes), LEAST_STALE)
    return source.last_success_at is None or now - source.last_success_at > patience


def _status(source: SourceAccount, last: SourceRun | None) -> SourceStatus:
    now = timezone.now()
    running = last is not None and last.status == SourceRun.Status.RUNNING and last.lease_until > now
    stale = source.active and last is not None and _overdue(source, now)
    return SourceStatus(source, last, running, stale and not running, getattr(source, "problem_count", 0))
