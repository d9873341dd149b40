"""Reading a source: claim it, fetch a page outside any transaction, take the page over with its cursor in one.

Whatever ends a reading, the next goes on from the last page that was taken over whole. One reading of a source at a
time, held by the database; one that died is taken over when its lease has run out, and cannot write any more.
"""

import logging
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings as django_settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from orders.wakeups import wake
from procurement.exceptions import SyncOverrun
from procurement.models import FIRST_IN_LINE, JournalLine, SourceAccount, SourceEvent, SourceRun
from procurement.services.files.finding import files_take
from procurement.services.source_calls import calls_journal
from procurement.services.source_runs import reading_claim, reading_end, reading_failed, reading_take
from procurement.sources.base import Capability, FileSource, Page, Source, SourceConfig
from procurement.sources.registry import source_class
from suppliers.exceptions import (
    ConnectorConfigurationError,
    ConnectorError,
)
from suppliers.services.connections import credentials_live

log = logging.getLogger(__name__)

RETRIED = 200  # problems that are looked at again in one reading
QUIET = "No new orders."


def source_opened(source: SourceAccount) -> Source:
    """Its reader, not opened yet. Raises `ConnectorConfigurationError`."""
    config = SourceConfig(
        name=source.name,
        settings={name: str(value) for name, value in source.settings.items()},
        credentials=credentials_live(source.credentials.all()),
        allow_private_network=source.allow_private_network,
        files_below=django_settings.DROP_DIR,
        journal=calls_journal(source),
    )
    return source_class(source.kind)(config)


def source_check(*, source: SourceAccount) -> str:
    """A sentence of what works. Needs the network; raises `ConnectorError` and `ConnectorConfigurationError`."""
    with source_opened(source) as opened:
        return opened.check()


def source_sync(
    *,
    source: SourceAccount,
    by: AbstractBaseUser | None,
    within: timedelta | None = None,
    on_page: Callable[[int], object] = lambda entries: None,
) -> SourceRun:
    """Take over what changed. Raises `SyncAlreadyRunning`; what else goes wrong is kept with the run.

    `within`: break off after that time and be due again at once. `on_page`: is told how many entries each page had.
    """
    until = time.monotonic() + within.total_seconds() if within is not None else None
    run = reading_claim(source, by)
    source.refresh_from_db()  # the cursor that the reading before this one left
    try:
        with source_opened(source) as opened:
            _take_up(source, opened)
            if isinstance(opened, FileSource):
                whole = files_take(run=run, source=source, opened=opened, within=within)
                _done(run, source, again_at=_next_turn(source, whole), whole=whole)
                return _ended(run)
            for page in _pages(opened, source, within):
                reading_take(run, source, page)
                on_page(len(page.entries))
                if (
                    until is not None
                    and time.monotonic() > until
                    and page.entries
                    and page.cursor is not None
                ):
                    _done(run, source, again_at=timezone.now(), whole=False)
                    break
            else:
                quiet = QUIET if Capability.PROPOSALS in opened.capabilities else ""
                _done(run, source, again_at=_next_turn(source, whole=True), quiet=quiet)
    except SyncOverrun as error:
        log.warning("Reading of %s: %s", source.code, error)
    except (ConnectorError, ConnectorConfigurationError) as error:
        reading_failed(run, source, error)
    except Exception as error:
        log.exception("Reading of %s broke", source.code)
        reading_failed(run, source, error)
    run = _ended(run)
    if SourceEvent.objects.filter(account=source, status=SourceEvent.Status.WAITING).exists():
        wake("procurement.tasks.fetch_events_of", source.pk)  # they waited for the end of this reading
    return run


def _next_turn(source: SourceAccount, whole: bool) -> datetime:
    return timezone.now() + (timedelta(minutes=source.every_minutes) if whole else timedelta(0))


def _ended(run: SourceRun) -> SourceRun:
    run.refresh_from_db()
    return run


def source_stop(*, source: SourceAccount, by: AbstractBaseUser | None) -> bool:
    """End the running reading after its last whole page; whether there was one."""
    running = SourceRun.objects.filter(account=source, status=SourceRun.Status.RUNNING)
    words = f"Stopped by {by.get_username() if by else 'the system'}."
    return bool(running.update(status=SourceRun.Status.CANCELLED, finished_at=timezone.now(), error=words))


def _take_up(source: SourceAccount, opened: Source) -> None:
    """What it told is understood otherwise now: what waits comes first anyway, else everything is read again.

    Not in the middle of a reading, which that would end; then it is the next one's.
    """
    entries = Capability.ENTRIES in opened.capabilities
    if source.wanted_at is None or (source.unfinished and source.cursor and not entries):
        return
    again: dict[str, Any] = {} if entries else {"cursor": {}}
    SourceAccount.objects.filter(pk=source.pk, wanted_at=source.wanted_at).update(wanted_at=None, **again)
    source.cursor = again.get("cursor", source.cursor)


def _pages(opened: Source, source: SourceAccount, within: timedelta | None) -> Iterator[Page]:
    """First what could not be taken over before, for a third of the time at most; then what changed."""
    if Capability.ENTRIES in opened.capabilities:
        until = time.monotonic() + within.total_seconds() / 3 if within is not None else None
        # Longest not asked first: what is left for another time has its turn then.
        waiting = source.problems.order_by("asked_at", "pk").values_list("external_id", flat=True)
        if again := list(dict.fromkeys(waiting[:RETRIED])):
            for page in opened.fetch_entries(again):
                yield page
                if until is not None and time.monotonic() > until:
                    break
            else:
                # What it did not answer at all must not be asked for at once again and again.
                stuck = source.problems.filter(asked_at=FIRST_IN_LINE, external_id__in=again)
                stuck.update(asked_at=timezone.now())
    yield from opened.fetch(source.cursor)


@transaction.atomic
def _done(
    run: SourceRun, source: SourceAccount, *, again_at: datetime, quiet: str = "", whole: bool = True
) -> None:
    """`quiet`: what the journal says where nothing else is in it. `whole`: nothing of this reading is left."""
    now = timezone.now()
    if reading_end(run, SourceRun.Status.DONE, now):
        if quiet and not run.journal.exists():
            JournalLine.objects.create(run=run, words=quiet)
        SourceAccount.objects.filter(pk=source.pk).update(
            next_run_at=again_at, last_success_at=now, failures=0, paused_reason="", unfinished=not whole
        )
        wanted = SourceAccount.objects.filter(pk=source.pk)
        if not source.problems.filter(asked_at=FIRST_IN_LINE).exists():
            wanted = wanted.filter(wanted_at__isnull=False)
        wanted.update(next_run_at=now)
