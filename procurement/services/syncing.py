"""Reading a source: claim it, fetch a page outside any transaction, take the page over with its cursor in one.

Whatever ends a reading, the next goes on from the last page that was taken over whole. One reading of a source at a
time, held by the database; one that died is taken over when its lease has run out, and cannot write any more.
"""

import logging
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from procurement.exceptions import SyncAlreadyRunning, SyncOverrun
from procurement.models import JournalLine, SourceAccount, SourceRun
from procurement.services.source_entries import entries_write
from procurement.sources.base import Capability, Page, Source, SourceConfig, StockEnd
from procurement.sources.registry import source_class
from suppliers.exceptions import (
    AuthenticationFailed,
    ConnectorConfigurationError,
    ConnectorError,
    RateLimited,
)
from suppliers.services.connections import credentials_live

log = logging.getLogger(__name__)

RETRIED = 200  # problems that are looked at again in one reading
QUIET = "No new orders."
WORDS_KEPT = 300
LONGEST_PAUSE = timedelta(hours=1)
DIED = "It gave no sign of life any more, and another reading took over. The pages before that were taken over whole."


def source_opened(source: SourceAccount) -> Source:
    """Its reader, not opened yet. Raises `ConnectorConfigurationError`."""
    config = SourceConfig(
        name=source.name,
        settings={name: str(value) for name, value in source.settings.items()},
        credentials=credentials_live(source.credentials.all()),
        allow_private_network=source.allow_private_network,
    )
    return source_class(source.kind)(config)


def source_check(*, source: SourceAccount) -> str:
    """A sentence of what works. Needs the network; raises `ConnectorError` and `ConnectorConfigurationError`."""
    with source_opened(source) as opened:
        return opened.check()


def source_sync(
    *, source: SourceAccount, by: AbstractBaseUser | None, within: timedelta | None = None
) -> SourceRun:
    """Take over what changed. Raises `SyncAlreadyRunning`; what else goes wrong is kept with the run.

    `within`: break off after that time and be due again at once.
    """
    until = time.monotonic() + within.total_seconds() if within is not None else None
    run = _claim(source, by)
    source.refresh_from_db()  # the cursor that the reading before this one left
    try:
        with source_opened(source) as opened:
            for page in _pages(opened, source):
                _take(run, source, page)
                if (
                    until is not None
                    and time.monotonic() > until
                    and page.entries
                    and page.cursor is not None
                ):
                    _done(run, source, again_at=timezone.now())
                    break
            else:
                quiet = QUIET if Capability.PROPOSALS in opened.capabilities else ""
                again_at = timezone.now() + timedelta(minutes=source.every_minutes)
                _done(run, source, again_at=again_at, quiet=quiet)
    except SyncOverrun as error:
        log.warning("Reading of %s: %s", source.code, error)
    except (ConnectorError, ConnectorConfigurationError) as error:
        _failed(run, source, error)
    except Exception as error:
        log.exception("Reading of %s broke", source.code)
        _failed(run, source, error)
    run.refresh_from_db()
    return run


def source_stop(*, source: SourceAccount, by: AbstractBaseUser | None) -> bool:
    """End the running reading after its last whole page; whether there was one."""
    running = SourceRun.objects.filter(account=source, status=SourceRun.Status.RUNNING)
    words = f"Stopped by {by.get_username() if by else 'the system'}."
    return bool(running.update(status=SourceRun.Status.CANCELLED, finished_at=timezone.now(), error=words))


def _claim(source: SourceAccount, by: AbstractBaseUser | None) -> SourceRun:
    now = timezone.now()
    SourceRun.objects.filter(account=source, status=SourceRun.Status.RUNNING, lease_until__lt=now).update(
        status=SourceRun.Status.FAILED, finished_at=now, error=DIED
    )
    try:
        with transaction.atomic():
            return SourceRun.objects.create(
                account=source, by_id=by.pk if by else None, lease_until=_lease(now)
            )
    except IntegrityError:
        raise SyncAlreadyRunning(f"{source} is being read already.") from None


def _lease(now: datetime) -> datetime:
    return now + timedelta(seconds=settings.SOURCE_LEASE_SECONDS)


def _pages(opened: Source, source: SourceAccount) -> Iterator[Page]:
    """First what could not be taken over before, then what changed."""
    if Capability.ENTRIES in opened.capabilities:
        waiting = source.problems.order_by("asked_at", "pk").values_list("external_id", flat=True)
        if again := list(dict.fromkeys(waiting[:RETRIED])):
            yield from opened.fetch_entries(again)
    yield from opened.fetch(source.cursor)


def _take(run: SourceRun, source: SourceAccount, page: Page) -> None:
    """A page and its cursor stand or fall together, and only while the source is held."""
    until = _lease(timezone.now())
    fetched = {entry.external_id for entry in page.entries if not isinstance(entry, StockEnd)}
    with transaction.atomic():
        held = SourceRun.objects.filter(
            pk=run.pk, status=SourceRun.Status.RUNNING, lease_until=run.lease_until
        ).update(lease_until=until, fetched=F("fetched") + len(fetched))
        if not held:
            raise SyncOverrun("It was stopped, or took too long and another one has started.")
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
            SourceAccount.objects.filter(pk=source.pk).update(cursor=page.cursor)
    run.lease_until = until


@transaction.atomic
def _done(run: SourceRun, source: SourceAccount, *, again_at: datetime, quiet: str = "") -> None:
    """`quiet`: what the journal says where nothing else is in it."""
    now = timezone.now()
    if _end(run, SourceRun.Status.DONE, now):
        if quiet and not run.journal.exists():
            JournalLine.objects.create(run=run, words=quiet)
        SourceAccount.objects.filter(pk=source.pk).update(
            next_run_at=again_at, last_success_at=now, failures=0, paused_reason=""
        )


@transaction.atomic
def _failed(run: SourceRun, source: SourceAccount, error: Exception) -> None:
    """Transient failures are tried again, at growing distances; what only a person can mend waits for one."""
    now = timezone.now()
    known = isinstance(error, ConnectorError | ConnectorConfigurationError)
    words = (
        str(error) if known else f"An error of the program ({type(error).__name__}); the log has the details."
    )
    if not _end(run, SourceRun.Status.FAILED, now, words):
        return
    rows = SourceAccount.objects.filter(pk=source.pk)
    if isinstance(error, AuthenticationFailed | ConnectorConfigurationError):
        rows.update(paused_reason=words[:300], failures=F("failures") + 1)
        return
    pause = min(timedelta(minutes=2 ** min(source.failures, 6)), LONGEST_PAUSE)
    asked_to_wait = error.retry_after if isinstance(error, RateLimited) else None
    rows.update(next_run_at=now + (asked_to_wait or pause), failures=F("failures") + 1)


def _end(run: SourceRun, status: str, now: datetime, error: str = "") -> bool:
    ours = SourceRun.objects.filter(pk=run.pk, status=SourceRun.Status.RUNNING, lease_until=run.lease_until)
    return bool(ours.update(status=status, finished_at=now, error=error))
