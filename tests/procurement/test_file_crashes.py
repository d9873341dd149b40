"""A file's checking, loading and undoing end at every place where they can; afterwards all is as if they had not."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from openpyxl import Workbook

from procurement.models import (
    AddedRows,
    CustomerOrder,
    CustomerOrderLine,
    DailyDemand,
    FileImport,
    ImportedRow,
    StockLevel,
)
from procurement.services.files import loading, undoing, working
from procurement.services.files.choosing import Choice, choice_propose, choice_save
from procurement.services.files.holding import lease_take
from procurement.services.files.places import rows_path
from procurement.services.files.pruning import files_prune
from procurement.services.files.row_store import RowStore
from procurement.services.files.running import import_running
from procurement.services.files.taking import file_take
from procurement.services.files.working import file_undo, file_work, files_waiting, load_start
from procurement.services.record_writers.customer_orders import CustomerOrderWriter
from procurement.services.record_writers.demand import DemandWriter
from procurement.services.record_writers.stock import StockWriter
from procurement.sources import sheets
from tests import factories
from tests.procurement.imports import make_products, make_site
from tests.sources.codes import mapped

pytestmark = pytest.mark.django_db
WHOLE = timedelta(minutes=5)
KINDS = {
    "stock": ["sku,on_hand", *(f"I{n},{n}" for n in range(7)), "X,1", "I1,x"],
    "demand": ["sku,date,quantity", *(f"I{n % 7},2026-03-0{n % 5 + 1},{n}" for n in range(20)), "X,2026-03-01,1"],
    "customer_orders": [
        "number,sku,quantity,ordered_on", *(f"O{n % 4},I{n % 7},1,2026-03-01" for n in range(12)), "O9,X,1,2026-03-01",
    ],
}  # fmt: skip


class Killed(BaseException):
    """No part of the program catches it, like a worker that is ended."""


@pytest.fixture(autouse=True)
def small_steps(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.FILES_DIR = tmp_path / "files"
    monkeypatch.setattr(loading, "AT_ONCE", 5)
    monkeypatch.setattr(sheets, "BLOCK", 700)
    monkeypatch.setattr(undoing, "SLICE", 4)
    for writer in (StockWriter, DemandWriter, CustomerOrderWriter):
        monkeypatch.setattr(writer, "batch", 3)


def bring(tmp_path: Path, kind: str, *, as_sheet: bool = False) -> FileImport:
    path = tmp_path / "up.part"
    if as_sheet:
        book = Workbook()
        for line in KINDS[kind]:
            book.active.append(line.split(","))
        book.save(path)
    else:
        path.write_text("\n".join(KINDS[kind]))
    (tmp_path / "files").mkdir(exist_ok=True)
    path = path.rename(tmp_path / "files" / f"{kind}{as_sheet}.part")
    by = factories.user()
    taken = file_take(path=path, name="list", kind=kind, site=make_site(), supplier=None, by=by)
    choice_save(file_import=taken, proposed=choice_propose(file_import=taken, chosen=Choice()), by=by)
    return taken


def _all(model: Any, *names: str) -> list[Any]:
    return list(model.objects.order_by(*names).values_list(*names))


def outcome(taken: FileImport) -> dict[str, Any]:
    taken.refresh_from_db()
    with RowStore(rows_path(taken)) as store:
        refused = [str(error) for error in store.refused()]
    counts = {
        name: getattr(taken, name) for name in ("status", "rows", "refused", "added", "changed", "unchanged")
    }
    return {
        **counts,
        "refused rows": refused,
        "stock": _all(StockLevel, "product__sku", "on_hand"),
        "demand": _all(DailyDemand, "product__sku", "date", "quantity"),
        "lines": _all(CustomerOrderLine, "order__number", "line_number", "product__sku"),
        "orders": CustomerOrder.objects.count(),
    }  # fmt: skip


def kills(monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    """The worker dies at its `at`th sign of life: half of the time before it, half of the time after it."""
    left = [at]
    renew = loading.lease_renew

    def renew_or_die(*args: Any, **values: Any) -> None:
        left[0] -= 1
        if left[0] == 0 and at % 2:
            raise Killed
        renew(*args, **values)
        if left[0] == 0:
            raise Killed

    monkeypatch.setattr(loading, "lease_renew", renew_or_die)
    monkeypatch.setattr(undoing, "lease_renew", renew_or_die)


def work(taken: FileImport) -> None:
    file_work(pk=taken.pk, within=WHOLE)


def died_and_again(taken: FileImport, monkeypatch: pytest.MonkeyPatch, at: int) -> bool:
    """Whether it came that far before it was done."""
    with monkeypatch.context() as patched:
        kills(patched, at)
        try:
            work(taken)
            return False
        except Killed:
            pass
    assert [found.pk for found in files_waiting()] == []  # its lease still holds
    FileImport.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    taken.refresh_from_db()
    if taken.busy:  # else that was its last sign of life
        assert [found.pk for found in files_waiting()] == [taken.pk]
        work(taken)
    return True


def whole_way(taken: FileImport) -> Iterator[str]:
    yield "checked"
    load_start(file_import=taken, by=taken.by)
    yield "loaded"


@pytest.mark.parametrize(
    ("kind", "as_sheet"), [("stock", True), ("demand", False), ("customer_orders", False)]
)
def test_killed_at_every_step_ends_as_undisturbed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, as_sheet: bool
) -> None:
    make_products(*(f"I{n}" for n in range(7)))
    expected = []
    taken = bring(tmp_path, kind, as_sheet=as_sheet)
    for _ in whole_way(taken):
        work(taken)
        expected.append(outcome(taken))
    assert [said["status"] for said in expected] == ["checked", "done"]
    assert expected[1]["added"] > 3
    file_undo(file_import=taken, by=taken.by)
    work(taken)
    nothing = outcome(taken)
    assert (nothing["stock"], nothing["demand"], nothing["lines"]) == ([], [], [])

    for at in range(1, 40):
        again = bring(tmp_path, kind, as_sheet=as_sheet)
        died = []
        for stage, _ in enumerate(whole_way(again)):
            died.append(died_and_again(again, monkeypatch, at))
            assert outcome(again) == expected[stage], f"killed at step {at}"
        changes = ImportedRow.objects.filter(file_import=again).values_list("table", "row")
        assert len(set(changes)) == len(changes), "a row was written twice"
        file_undo(file_import=again, by=again.by)
        died.append(died_and_again(again, monkeypatch, at))
        assert outcome(again)["status"] == "undone", f"undoing killed at step {at}"
        assert (StockLevel.objects.count(), DailyDemand.objects.count(), CustomerOrder.objects.count()) == (
            0,
            0,
            0,
        )
        if not any(died):
            assert at > 6
            return
    pytest.fail("it never ends")


def test_task_of_before_cannot_write_beside_its_successor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_products(*(f"I{n}" for n in range(7)))
    taken = bring(tmp_path, "stock")
    work(taken)
    load_start(file_import=taken, by=taken.by)
    late = FileImport.objects.get(pk=taken.pk)
    working.lease_take(late)
    steps = loading.load_steps(late)
    next(steps)
    FileImport.objects.update(lease_until=timezone.now() - timedelta(seconds=1))  # it sleeps too long
    work(taken)
    done = outcome(taken)
    with pytest.raises(working.FileOverrun):
        next(steps)
    assert outcome(taken) == done


def test_error_of_the_program_ends_it_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_products(*(f"I{n}" for n in range(7)))
    taken = bring(tmp_path, "stock")
    work(taken)
    load_start(file_import=taken, by=taken.by)
    with monkeypatch.context() as patched:
        patched.setattr(StockWriter, "write", lambda *args: 1 / 0)
        work(taken)
    taken.refresh_from_db()
    assert taken.status == "failed"
    assert "error of the program (ZeroDivisionError)" in taken.error
    load_start(file_import=taken, by=taken.by)
    work(taken)
    assert outcome(taken)["status"] == "done"


def test_old_files_go_and_their_entries_stay(tmp_path: Path, settings: Any) -> None:
    make_products(*(f"I{n}" for n in range(7)))
    loaded = bring(tmp_path, "stock")
    work(loaded)
    load_start(file_import=loaded, by=loaded.by)
    work(loaded)
    AddedRows.objects.create(
        file_import=loaded, table=ImportedRow.Table.DEMAND, rows=[[1, 1]], columns=[["1"], "x"]
    )
    drafted = bring(tmp_path, "demand")
    work(drafted)
    assert files_prune() == 0
    FileImport.objects.update(created_at=timezone.now() - timedelta(days=settings.FILE_KEEP_DAYS + 1))
    assert files_prune() == 2
    assert list((tmp_path / "files").iterdir()) == []
    assert not ImportedRow.objects.exists()
    assert not AddedRows.objects.exists()
    assert [found.pk for found in FileImport.objects.all()] == [loaded.pk]
    with pytest.raises(undoing.FileNotUndoable, match="too old to be undone"):
        file_undo(file_import=loaded, by=loaded.by)
    assert StockLevel.objects.count() == 7


def test_load_at_a_terminal_that_died_can_be_undone(tmp_path: Path) -> None:
    with (
        pytest.raises(Killed),
        import_running(kind="stock", file_name="x.csv", site=make_site(), by=None) as running,
    ):
        raise Killed
    running.refresh_from_db()
    assert (running.status, "broken off" in running.error) == ("failed", True)
    # And one that could not even say so.
    FileImport.objects.update(status="loading", lease_until=timezone.now() - timedelta(seconds=1))
    assert [found.pk for found in files_waiting()] == [running.pk]
    work(running)
    running.refresh_from_db()
    assert running.status == "failed"
    assert "undo it" in running.error
    assert running.undoable


def test_code_explained_while_a_load_rests_replaces_nothing_that_it_has_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        KINDS, "demand", ["sku,date,quantity", *(f"I{n},2026-03-01,1" for n in range(7)), "X,2026-03-01,9"]
    )
    make_products(*(f"I{n}" for n in range(7)))
    taken = bring(tmp_path, "demand")
    file_work(pk=taken.pk, within=WHOLE)
    load_start(file_import=taken, by=factories.user())
    taken.refresh_from_db()
    steps = loading.load_steps(taken)
    lease_take(taken)
    next(steps)
    mapped(None, "X", "I0")
    for _ in steps:
        pass
    assert set(DailyDemand.objects.values_list("quantity", flat=True)) == {1}
    with RowStore(rows_path(taken)) as store:
        assert [(error.line, error.reason) for error in store.refused()] == [(9, loading.EXPLAINED)]
