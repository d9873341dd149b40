"""What systems tell of changes: stored once, answered at once, and then only a reason to ask for those entries.

An event waits while its source is being read, is inactive or paused. The rows are the truth: whoever is woken takes all
that wait of a source, and what nobody was woken for is found within a minute. Asking twice does no harm.
"""

import logging
from collections.abc import Sequence
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from orders.wakeups import wake
from procurement.exceptions import SyncOverrun
from procurement.models import SourceAccount, SourceEvent, SourceRun
from procurement.services.source_runs import reading_claim, reading_end, reading_failed, reading_take
from procurement.services.syncing import source_opened
from procurement.sources.base import Source
from suppliers.exceptions import ConnectorConfigurationError, ConnectorError, ProtocolError
from suppliers.messages import RawDocument

log = logging.getLogger(__name__)
ENTRIES_AT_ONCE = 400  # asked for in one reading
EVENTS_AT_ONCE = 200
MOST_WAITING = 10_000  # of a source
MOST_ATTEMPTS = 8
LONGEST_PAUSE = timedelta(hours=1)


class TooManyEvents(Exception):
    """More wait than anybody will ask for soon; the system repeats what is not taken."""


@transaction.atomic
def event_store(*, source: SourceAccount, raw: RawDocument) -> tuple[SourceEvent, bool]:
    """Once; one that is told again returns its row and False. Wakes whoever asks for it. Raises `TooManyEvents`."""
    if events_waiting(source)[MOST_WAITING - 1 :].exists():
        raise TooManyEvents(f"{MOST_WAITING} events of {source} wait already.")
    try:
        with transaction.atomic():
            event = SourceEvent.objects.create(
                account=source,
                message_id=raw.message_id,
                content_type=raw.content_type.replace("\0", "")[:100],
                body=raw.body,
            )
    except IntegrityError:
        event = SourceEvent.objects.get(account=source, message_id=raw.message_id)
        SourceEvent.objects.filter(pk=event.pk).update(repeats=F("repeats") + 1)
        return event, False
    wake("procurement.tasks.fetch_events_of", source.pk)
    return event, True


def events_waiting(source: SourceAccount) -> QuerySet[SourceEvent]:
    return SourceEvent.objects.filter(account=source, status=SourceEvent.Status.WAITING)


def events_due(source: SourceAccount) -> QuerySet[SourceEvent]:
    """Oldest first."""
    ready = Q(not_before=None) | Q(not_before__lte=timezone.now())
    return events_waiting(source).filter(ready).order_by("received_at", "pk")


def sources_with_events() -> QuerySet[SourceAccount]:
    ready = Q(events__not_before=None) | Q(events__not_before__lte=timezone.now())
    waiting = ready & Q(events__status=SourceEvent.Status.WAITING)
    return SourceAccount.objects.filter(waiting, active=True, paused_reason="").order_by("pk").distinct()


def events_fetch(*, source: SourceAccount) -> SourceRun | None:
    """Ask for what some of the waiting events told of, in one reading. None: nothing to ask for.

    Raises `SyncAlreadyRunning`; they wait for its end. What else goes wrong is kept with the reading.
    """
    if not source.active or source.paused_reason or not events_due(source).exists():
        return None
    run = reading_claim(source, None, of_events=True)
    events = list(events_due(source)[:EVENTS_AT_ONCE])
    try:
        with source_opened(source) as opened:
            ids, events = _understood(opened, events)
            for page in opened.fetch_entries(ids) if ids else ():
                reading_take(run, source, page)
        _fetched(run, events)
    except SyncOverrun as error:
        log.warning("Events of %s: %s", source.code, error)
    except (ConnectorError, ConnectorConfigurationError) as error:
        _failed(run, source, events, error)
    except Exception as error:
        log.exception("Events of %s broke", source.code)
        _failed(run, source, events, error)
    run.refresh_from_db()
    return run


def _understood(opened: Source, events: Sequence[SourceEvent]) -> tuple[list[str], list[SourceEvent]]:
    """Whose entries are asked for, each once, and the events that say so; the others are settled here."""
    ids: dict[str, None] = {}
    taken: list[SourceEvent] = []
    for event in events:
        if len(ids) >= ENTRIES_AT_ONCE:
            break  # the rest waits for the next reading
        try:
            contents = opened.event_contents(event.raw)
        except ProtocolError as error:
            _settle(event, SourceEvent.Status.PARKED, str(error))
            continue
        if contents.ignored:
            _settle(event, SourceEvent.Status.IGNORED, contents.ignored)
            continue
        event.entries = len(contents.external_ids)
        ids |= dict.fromkeys(contents.external_ids)
        taken.append(event)
    return list(ids), taken


def _settle(event: SourceEvent, status: SourceEvent.Status, words: str) -> None:
    waiting = SourceEvent.objects.filter(pk=event.pk, status=SourceEvent.Status.WAITING)
    waiting.update(status=status, words=words[:400], finished_at=timezone.now())


@transaction.atomic
def _fetched(run: SourceRun, events: Sequence[SourceEvent]) -> None:
    """Only by the reading that still holds the source: another one asks for them again."""
    now = timezone.now()
    if not reading_end(run, SourceRun.Status.DONE, now):
        return
    for event in events:
        SourceEvent.objects.filter(pk=event.pk, status=SourceEvent.Status.WAITING).update(
            status=SourceEvent.Status.FETCHED, finished_at=now, run=run, entries=event.entries
        )


def _failed(run: SourceRun, source: SourceAccount, events: Sequence[SourceEvent], error: Exception) -> None:
    """The source pauses or waits as after any reading that failed; its events are tried again after that."""
    reading_failed(run, source, error)
    run.refresh_from_db()
    now = timezone.now()
    for event in events:
        attempts = event.attempts + 1
        if attempts >= MOST_ATTEMPTS:
            words = (
                f"It failed {attempts} times, at last: {run.error} What changed comes with the next reading."
            )
            _settle(event, SourceEvent.Status.PARKED, words)
            continue
        pause = min(timedelta(minutes=2 ** min(attempts - 1, 6)), LONGEST_PAUSE)
        asked = getattr(error, "retry_after", None)
        SourceEvent.objects.filter(pk=event.pk, status=SourceEvent.Status.WAITING).update(
            attempts=attempts, not_before=now + (asked or pause), words=run.error[:400]
        )
