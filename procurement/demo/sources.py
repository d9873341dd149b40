"""Reading the practice systems, as the worker would: what changed since the last time, and how much that was."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import requests

from orders.models import Site
from procurement.exceptions import SyncAlreadyRunning
from procurement.models import SourceAccount, SourceRun
from procurement.services.practice_sources import practice_source_connect, practice_sources
from procurement.services.syncing import source_sync
from procurement.sources.base import Capability, SourceConfig
from procurement.sources.registry import SOURCES, source_class


class SourceNotRead(Exception):
    """The message says which, and why."""


class Progress(Protocol):
    def advance(self, note: str = "") -> None: ...

    def note(self, note: str) -> None: ...


@dataclass(frozen=True, slots=True)
class SourceRead:
    account: SourceAccount
    run: SourceRun
    happened: list[str]  # at the system, since the last time

    def as_json(self) -> dict[str, Any]:
        return self.run.counts() | {"happened": self.happened}


def brought_by_systems(kinds: Iterable[str]) -> frozenset[Capability]:
    """What comes from these, or came from others of them before: files must not say it again."""
    known = practice_sources().filter(kind__in=SOURCES).values_list("kind", flat=True)
    return frozenset[Capability]().union(
        *(source_class(kind)(SourceConfig(kind)).capabilities for kind in {*kinds, *known})
    )


def sources_read(systems: Mapping[str, str], *, site: Site, stage: Progress) -> dict[str, SourceRead]:
    """`systems`: addresses by kind. A system that was read before has lived on since. Raises `SourceNotRead`."""
    read = {}
    for kind, url in systems.items():
        # Inactive, so that no worker reads it before we do.
        account = practice_source_connect(kind=kind, url=url, site=site, active=False)
        happened: list[str] = []
        if account.runs.filter(status=SourceRun.Status.DONE).exists():
            happened = _lived_on(account, url)
        read[kind] = SourceRead(account, _read(account, stage), happened)
        # From now on it is not due for a while, and no line of the plan has to say that it is switched off.
        SourceAccount.objects.filter(pk=account.pk).update(active=True)
        stage.advance(str(account))
    return read


def _lived_on(account: SourceAccount, url: str) -> list[str]:
    try:
        answer = requests.post(f"{url}/_sandbox/live-on", timeout=60)
        answer.raise_for_status()
    except requests.RequestException as error:
        raise SourceNotRead(f"{account} does not answer ({type(error).__name__}).") from None
    happened: list[str] = answer.json()["happened"]
    return happened


def _read(account: SourceAccount, stage: Progress) -> SourceRun:
    entries = 0

    def on_page(more: int) -> None:
        nonlocal entries
        entries += more
        stage.note(f"{account}: {entries:,}")

    try:
        run = source_sync(source=account, by=None, on_page=on_page)
    except SyncAlreadyRunning as error:
        raise SourceNotRead(f"{error} Wait a moment and try again.") from None
    if run.status != SourceRun.Status.DONE:
        raise SourceNotRead(f"{account} could not be read: {run.error}")
    return run
