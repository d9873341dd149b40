"""The row of a reading: it holds the source, is renewed with every page, and says what the reading came to."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from procurement.exceptions import SyncAlreadyRunning, SyncOverrun
from procurement.models import JournalLine, SourceAccount, SourceRun
from procurement.services.source_entries import entries_write
from procurement.sources.base import Page, StockEnd
from suppliers.exceptions import (
    AuthenticationFailed,
    ConnectorConfigurationError,
    ConnectorError,
    RateLimited,
)

WORDS_KEPT = 300
LONGEST_PAUSE = timedelta(hours=1)
DIED = "It gave no sign of life any more, and another reading took over. The pages before that were taken over whole."


def reading_claim(
    source: SourceAccount, by: AbstractBaseUser | None, *, of_events: bool = False
) -> SourceRun:
    """One reading of a source at a time; one that died is ended. Raises `SyncAlreadyRunning`."""
    now = timezone.now()
    # A lease that ends far ahead is of before the clock was set back.
    over = Q(lease_until__lt=now) | Q(lease_until__gt=_lease(_lease(now)))
    SourceRun.objects.filter(over, account=source, status=SourceRun.Status.RUNNING).update(
        status=SourceRun.Status.FAILED, finished_at=now, error=DIED
    )
    try:
        with transaction.atomic():
            return SourceRun.objects.create(
                account=source,
                by_id=by.pk if by else None,
                of_events=of_events,
                lease_until=_lease(now),
            )
    except IntegrityError:
        raise SyncAlreadyRunning(f"{source} is being read already.") from None


def _lease(now: datetime) -> datetime:
    return now + timedelta(seconds=settings.SOURCE_LEASE_SECONDS)


def reading_hold(run: SourceRun, fetched: int = 0) -> datetime:
    """Go on holding the source, inside the transaction of what is written: until when, for `run` once that stands.

    Raises `SyncOverrun` where another does.
    """
    until = _lease(timezone.now())
    held = SourceRun.objects.filter(
        pk=run.pk, status=SourceRun.Status.RUNNING, lease_until=run.lease_until
    ).update(lease_until=until, fetched=F("fetched") + fetched)
    if not held:
        raise SyncOverrun("It was stopped, or took too long and another one has started.")
    return until


def reading_take(run: SourceRun, source: SourceAccount, page: Page) -> None:
    """A page and its cursor stand or fall together, and only while the source is held."""
    fetched = sum(not isinstance(entry, StockEnd) for entry in page.entries)
    with transaction.atomic():
        until = reading_hold(run, fetched)
        if page.entries:
            written = entries_write(source=source, entries=page.entries, as_of=page.as_of)
            JournalLine.objects.bulk_create(
                JournalLine(run=run, words=words[:WORDS_KEPT]) for words in written.journal
            )
            SourceRun.objects.filter(pk=run.pk).update(
                added=F("added") + written.added,
                changed=F("changed") + written.changed,
                unchanged=F("unchanged") + written.unchanged,
                removed=F("removed") + written.removed,
                failed=F("failed") + len(written.errors),
            )
        if page.cursor is not None:
            SourceAccount.objects.filter(pk=source.pk).update(cursor=page.cursor, unfinished=True)
    run.lease_until = until


@transaction.atomic
def reading_failed(run: SourceRun, source: SourceAccount, error: Exception) -> None:
    """Transient failures are tried again, at growing distances; what only a person can mend waits for one."""
    now = timezone.now()
    known = isinstance(error, ConnectorError | ConnectorConfigurationError)
    words = (
        str(error) if known else f"An error of the program ({type(error).__name__}); the log has the details."
    )
    if not reading_end(run, SourceRun.Status.FAILED, now, words):
        return
    rows = SourceAccount.objects.filter(pk=source.pk)
    if isinstance(error, AuthenticationFailed | ConnectorConfigurationError):
        rows.update(paused_reason=words[:300], failures=F("failures") + 1)
        return
    pause = min(timedelta(minutes=2 ** min(source.failures, 6)), LONGEST_PAUSE)
    asked_to_wait = error.retry_after if isinstance(error, RateLimited) else None
    rows.update(next_run_at=now + (asked_to_wait or pause), failures=F("failures") + 1)


def reading_end(run: SourceRun, status: str, now: datetime, error: str = "") -> bool:
    ours = SourceRun.objects.filter(pk=run.pk, status=SourceRun.Status.RUNNING, lease_until=run.lease_until)
    return bool(ours.update(status=status, finished_at=now, error=error))
