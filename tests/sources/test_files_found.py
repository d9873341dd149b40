"""Files that a source finds in a folder load themselves, once each, and are put away; what is wrong is said."""

import os
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from procurement.models import (
    ColumnMapping,
    DailyDemand,
    FileImport,
    SourceAccount,
    SourceProblem,
    SourceRun,
    StockLevel,
)
from procurement.services.files.choosing import Choice, choice_propose, choice_save
from procurement.services.files.undoing import undo_all
from procurement.services.files.working import file_discard, file_work, files_waiting, load_start
from procurement.services.syncing import source_check, source_sync
from procurement.sources.layout import headers_key
from procurement.sources.sandbox.file_drop import System
from suppliers.exceptions import ConnectorConfigurationError
from tests import factories
from tests.sources.accounts import make_products

pytestmark = pytest.mark.django_db
WHOLE = timedelta(minutes=5)


@pytest.fixture
def system(settings: Any, tmp_path: Path) -> Iterator[System]:
    system = System()
    settings.DROP_DIR, settings.FILES_DIR = system.root, tmp_path / "files"
    return system


@pytest.fixture
def source(system: System) -> SourceAccount:
    make_products("A", "B")
    return SourceAccount.objects.create(
        code="store", name="Warehouse", kind="file_drop", site=factories.site(),
        settings={**system.account_settings(""), "pattern": "*.csv"},
    )  # fmt: skip


def look(source: SourceAccount) -> SourceRun:
    source.refresh_from_db()
    run = source_sync(source=source, by=None)
    for waiting in reversed(files_waiting()):
        file_work(pk=waiting.pk, within=WHOLE)
    run.refresh_from_db()
    return run


def levels() -> dict[str, int]:
    return {level.product.sku: int(level.on_hand) for level in StockLevel.objects.select_related("product")}


def lying(system: System, folder: str = ".") -> list[str]:
    return sorted(path.name for path in (system.folder / folder).glob("*") if path.is_file())


def test_file_loads_itself_is_counted_with_its_reading_and_put_away(system, source):
    system.put("stock.csv", "sku,on_hand\nA,4\nB,2\nX,1\n")
    run = look(source)
    counts = {"fetched": 3, "added": 2, "changed": 0, "unchanged": 0, "removed": 0, "failed": 1}
    assert (run.status, run.counts()) == ("done", counts)
    assert levels() == {"A": 4, "B": 2}
    assert StockLevel.objects.first().teller == source
    assert lying(system) == []
    assert len(lying(system, "done")) == 1
    assert "1 of 3 rows were refused" in SourceProblem.objects.get().words
    undo_all(file_import=FileImport.objects.get(), by=None)
    assert levels() == {}


def test_older_file_is_loaded_before_a_newer_one_whoever_is_woken_first(system, source):
    source.settings["holds"] = "demand"
    source.save()
    for n in (1, 2):
        system.put(f"{n}.csv", f"sku,date,quantity\nA,2026-03-01,{n}\n", seconds_ago=900 - n)
    source_sync(source=source, by=None)
    newer, older = files_waiting()
    for waiting in (newer, older, newer):
        file_work(pk=waiting.pk, within=WHOLE)
    assert DailyDemand.objects.get().quantity == 2


def test_figures_count_from_when_the_file_was_written(system, source):
    system.put("stock.csv", "sku,on_hand\nA,4\n", seconds_ago=7200)
    look(source)
    assert StockLevel.objects.get().as_of < timezone.now() - timedelta(minutes=119)


def test_same_file_twice_is_loaded_once_and_a_changed_one_again(system, source):
    now = time.time()
    for _ in range(2):
        os.utime(system.put("stock.csv", "sku,on_hand\nA,4\n"), (now - 3600, now - 3600))
        look(source)
    assert (FileImport.objects.count(), lying(system)) == (1, [])
    system.put("stock.csv", "sku,on_hand\nA,5\n", seconds_ago=900)
    assert look(source).counts()["changed"] == 1
    assert (levels(), len(lying(system, "done"))) == ({"A": 5}, 2)


@pytest.mark.parametrize("after", ["move", "keep"])
def test_stock_that_is_again_what_it_was_before_is_loaded(system, source, after):
    source.settings["after"] = after
    source.save()
    for n, quantity in enumerate((5, 7, 5)):
        system.put("stock.csv", f"sku,on_hand\nA,{quantity}\n", seconds_ago=3600 - 600 * n)
        look(source)
        assert levels() == {"A": quantity}
    system.put("stock.csv", "sku,on_hand\nA,5\n", seconds_ago=700)
    look(source)
    assert StockLevel.objects.get().as_of > timezone.now() - timedelta(minutes=12)


def test_file_that_still_grows_is_left_alone_until_it_is_the_same_for_a_while(system, source):
    system.put("stock.csv", "sku,on_hand\nA,4", seconds_ago=-3600)  # by a clock that is ahead
    look(source)
    look(source)
    system.put("stock.csv", "sku,on_hand\nA,45\n", seconds_ago=-3601)
    look(source)
    assert not FileImport.objects.exists()
    source.refresh_from_db()
    stamp, since = source.cursor["seen"]["stock.csv"]
    SourceAccount.objects.update(cursor={"seen": {"stock.csv": [stamp, since - 11]}})
    look(source)
    assert levels() == {"A": 45}


def test_bad_files_cost_the_good_ones_nothing_and_are_named(system, source):
    system.put("a.csv", "")
    system.put("b.csv", "article name;how many\nA;4\n")
    system.put("c.csv", "sku,on_hand\nA,4\n")
    run = look(source)
    assert (run.status, run.fetched, run.added, run.failed) == ("done", 3, 1, 2)
    empty, unknown = SourceProblem.objects.order_by("external_id")
    assert (empty.external_id, "is empty" in empty.words) == ("a.csv", True)
    assert "It is not known which column of b.csv is" in unknown.words
    assert levels() == {"A": 4}
    assert len(lying(system, "refused")) == 4
    reasons = [path.read_text() for path in (system.folder / "refused").glob("a.*.errors.csv")]
    assert "no bytes at all" in reasons[0]
    assert FileImport.objects.get(file_name="a.csv").status == "failed"
    waiting = FileImport.objects.get(file_name="b.csv")
    assert waiting.status == "draft"
    file_discard(file_import=waiting)
    assert SourceProblem.objects.get() == empty


def test_file_that_waited_for_its_columns_is_loaded_once_somebody_chose_them(system, source, client: Client):
    system.put("b.csv", "article name,how many\nA,4\n")
    run = look(source)
    waiting, person = FileImport.objects.get(), factories.user(is_superuser=True)
    client.force_login(person)
    assert "how many" in client.get(f"/stock/files/{waiting.pk}/columns/").content.decode()
    chosen = Choice(columns={"sku": "article name", "on_hand": "how many"})
    choice_save(file_import=waiting, proposed=choice_propose(file_import=waiting, chosen=chosen), by=person)
    file_work(pk=waiting.pk, within=WHOLE)
    load_start(file_import=waiting, by=person)
    file_work(pk=waiting.pk, within=WHOLE)
    run.refresh_from_db()
    assert (levels(), run.added, SourceProblem.objects.count()) == ({"A": 4}, 1, 0)
    system.put("b.csv", "article name,how many\nA,5\n", seconds_ago=900)
    assert (look(source).changed, levels()) == (1, {"A": 5})


def test_columns_are_read_as_they_were_chosen_for_the_last_one_like_it(system, source):
    header = ["article name", "how many"]
    ColumnMapping.objects.create(
        kind="stock", site=source.site, headers=headers_key(header), decimal_sign=".",
        columns={"sku": "article name", "on_hand": "how many"},
    )  # fmt: skip
    system.put("b.csv", "article name,how many\nA,4\n")
    look(source)
    assert levels() == {"A": 4}


def test_too_large_a_file_is_refused_without_copying_it(system, source, settings):
    settings.FILE_MAX_BYTES = 10
    system.put("stock.csv", "sku,on_hand\nA,4\n")
    look(source)
    assert "which is the most that is taken" in SourceProblem.objects.get().words
    assert list(settings.FILES_DIR.iterdir()) == []
    assert lying(system) == []


def test_files_that_are_kept_are_read_again_once_they_changed(system, source):
    source.settings["after"] = "keep"
    source.save()
    system.put("stock.csv", "sku,on_hand\nA,4\n")
    look(source)
    look(source)
    system.put("stock.csv", "sku,on_hand\nA,5\n", seconds_ago=900)
    look(source)
    assert (levels(), FileImport.objects.count(), lying(system)) == ({"A": 5}, 2, ["stock.csv"])


def test_file_that_cannot_be_moved_is_loaded_once_said_and_moved_later(system, source):
    (system.folder / "done").write_text("in the way")
    system.put("stock.csv", "sku,on_hand\nA,4\n")
    for _ in range(2):
        run = look(source)
        assert (run.status, "could not move stock.csv to done/" in run.error) == ("failed", True)
    assert (levels(), FileImport.objects.count()) == ({"A": 4}, 1)
    (system.folder / "done").unlink()
    assert look(source).status == "done"
    assert lying(system) == []


def test_slices_go_on_where_the_last_one_ended(system, source):
    for n in range(4):
        system.put(f"{n}.csv", f"sku,on_hand\nA,{n}\n", seconds_ago=1000 - n)
    source_sync(source=source, by=None, within=timedelta(0))
    source.refresh_from_db()
    assert source.unfinished
    look(source)
    assert levels() == {"A": 3}


@pytest.mark.parametrize("name", ["/etc", "../elsewhere", "a/../../b", "~root", "..\\x", "", "a\0b"])
def test_folder_elsewhere_is_refused_where_it_is_entered_and_where_it_is_used(system, source, name):
    source.settings["folder"] = name
    SourceAccount.objects.filter(pk=source.pk).update(settings=source.settings) if "\0" not in name else None
    with pytest.raises(ConnectorConfigurationError):
        source_check(source=source)


def test_links_that_lead_out_are_not_followed(system, source, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "stock.csv").write_text("sku,on_hand\nA,4\n")
    (system.folder / "linked.csv").symlink_to(outside / "stock.csv")
    assert (look(source).status, FileImport.objects.count()) == ("done", 0)
    (system.folder / "done").symlink_to(outside)
    system.put("stock.csv", "sku,on_hand\nA,4\n")
    assert "is no folder of its own" in look(source).error
    assert lying(system) == ["linked.csv", "stock.csv"]
    assert [path.name for path in outside.iterdir()] == ["stock.csv"]
    (system.root / "way-out").symlink_to(outside)
    SourceAccount.objects.update(settings={"folder": "way-out"}, paused_reason="")
    assert "leads out of" in look(source).error


def test_page_of_the_source_shows_what_came_and_what_is_wrong(system, source, client: Client):
    system.put("a.csv", "")
    look(source)
    client.force_login(factories.user(is_superuser=True))
    page = client.get("/stock/sources/store/").content.decode()
    assert "a.csv is empty" in page
    assert "wait there for their columns" in page
    assert "asked for again" not in page
    assert "a.csv" in client.get("/stock/files/").content.decode()
