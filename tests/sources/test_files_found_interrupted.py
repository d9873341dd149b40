"""Fetching files ends at every place where it can; afterwards files, rows and counts are as if it had not."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from procurement.models import FileImport, SourceAccount, SourceProblem, SourceRun, StockLevel, StockStatement
from procurement.services.files.working import file_work, files_waiting
from procurement.services.syncing import source_sync
from procurement.sources.file_drop.folder import Folder
from procurement.sources.sandbox.file_drop import System
from tests import factories
from tests.sources.accounts import make_products

pytestmark = pytest.mark.django_db(transaction=True)
STEPS = ("files", "copied", "moved", "stamp_in", "written")


class Killed(BaseException):
    """No part of the program catches it, like a worker that is ended."""


WRITTEN = int(time.time()) - 900  # part of what a file is
FILES = {
    "a.csv": "sku,on_hand\nA,4\nX,1\n",
    "b.csv": "",
    "c.csv": "what,how\nA,4\n",
    "d.csv": "sku,on_hand\nA,5\nB,1\n",
}


class Places:
    def __init__(self, ends_at: int = 0) -> None:
        self.ends_at, self.passed = ends_at, 0

    def step(self) -> None:
        self.passed += 1
        if self.passed == self.ends_at:
            raise Killed

    def statement(self, execute: Any, *args: Any) -> Any:
        self.step()
        return execute(*args)

    @contextmanager
    def watching(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        with monkeypatch.context() as patch, connection.execute_wrapper(self.statement):
            for name in STEPS:
                plain = getattr(Folder, name)

                def stepping(*args: Any, plain: Any = plain) -> Any:
                    self.step()
                    return plain(*args)

                patch.setattr(Folder, name, stepping)
            yield


def begin(settings: Any, tmp_path: Path) -> tuple[System, SourceAccount]:
    """All of it new: what a killed one has left must be of no use to the next."""
    for model in (FileImport, StockLevel, StockStatement, SourceAccount):
        model.objects.all().delete()
    system = System()
    settings.DROP_DIR, settings.FILES_DIR = system.root, tmp_path / system.root.name
    for at, (name, content) in enumerate(FILES.items()):
        os.utime(system.put(name, content), (WRITTEN + at, WRITTEN + at))
    source = SourceAccount.objects.create(
        code="store", name="Warehouse", kind="file_drop", site=factories.site(),
        settings=system.account_settings(""),
    )  # fmt: skip
    return system, source


def work(source: SourceAccount) -> None:
    source_sync(source=source, by=None)
    for waiting in reversed(files_waiting()):
        file_work(pk=waiting.pk, within=timedelta(minutes=5))


def state(system: System) -> dict[str, Any]:
    names = ("fetched", "added", "changed", "unchanged", "failed")
    return {
        "stock": list(StockLevel.objects.order_by("product__sku").values_list("product__sku", "on_hand")),
        "files": list(FileImport.objects.order_by("file_name").values_list("file_name", "status", "added")),
        "problems": list(SourceProblem.objects.order_by("external_id").values_list("external_id", "words")),
        "counts": SourceRun.objects.aggregate(**{name: Sum(name) for name in names}),
        "lying": sorted(str(p.relative_to(system.root)) for p in system.root.rglob("*") if p.is_file()),
    }


def test_killed_at_any_place_and_started_again_leaves_the_same(settings, tmp_path, monkeypatch):
    make_products("A", "B")
    system, source = begin(settings, tmp_path)
    places = Places()
    with places.watching(monkeypatch):
        work(source)
    undisturbed = state(system)
    assert undisturbed["counts"] == {"fetched": 6, "added": 2, "changed": 1, "unchanged": 0, "failed": 3}
    assert [status for _, status, _ in undisturbed["files"]] == ["done", "failed", "draft", "done"]
    tried = range(1, places.passed + 1, max(1, places.passed // 40))
    ended = 0
    for place in tried:
        system, source = begin(settings, tmp_path)
        # The last places of the first time are none later, when codes are known that were new then.
        with suppress(Killed), Places(place).watching(monkeypatch):
            work(source)
            ended -= 1
        ended += 1
        past = timezone.now() - timedelta(seconds=1)
        SourceRun.objects.filter(status="running").update(lease_until=past)
        FileImport.objects.exclude(lease_until=None).update(lease_until=past)
        source.refresh_from_db()
        work(source)
        assert state(system) == undisturbed, f"ended at place {place} of {places.passed}"
    assert ended >= 20
