"""Demand of many lines is added up first and written as a set; it comes to what single records come to."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procurement.models import AddedRows, DailyDemand, FileImport, ImportedRow
from procurement.services.files import undoing
from procurement.services.files.undoing import undo_all
from procurement.services.record_writers import demand, row_changes
from procurement.services.record_writers.base import Target
from procurement.services.record_writers.demand import DemandWriter
from procurement.services.records import records_import
from procurement.sources.base import DemandRecord, RowError, SourceUnreadable
from procurement.sources.csv_files import CsvFile
from procurement.sources.file_kinds import KINDS
from suppliers.models import Product
from tests.procurement.imports import NOW, command, counts, load, make_products, make_site, said, write

pytestmark = pytest.mark.django_db
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["A", "A", "B", "C", "nobody"]),
        st.sampled_from(["2026-05-01", "2026-05-02", "2025-12-31"]),
        st.sampled_from(["0", "1", "1.5", "0.0001", "9999999999.9999", "123.4567"]),
    ),
    max_size=25,
)


def stored() -> list[tuple[object, ...]]:
    return list(
        DailyDemand.objects.order_by("product__sku", "date").values_list(
            "product__sku", "date", "quantity", "source"
        )
    )


def one_by_one(path: Path) -> tuple[list[int], set[RowError]]:
    """As single records, sorted by hand: (added, changed, unchanged), refused."""
    source = CsvFile(path, KINDS["demand"], now=NOW)
    target = Target(site=make_site(), supplier=None, source=source.name, as_of=NOW, dry_run=False)
    writer, groups = DemandWriter(target), dict[str, list[DemandRecord]]()
    for record in source.records():
        assert isinstance(record, DemandRecord)
        groups.setdefault(writer.key(record), []).append(record)
    written = writer.write(list(groups.values()))
    return [written.added, written.changed, written.unchanged], set(written.errors)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=ROWS, second=ROWS, batch=st.sampled_from([1, 2, 50_000]))
def test_file_comes_to_what_its_records_come_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: object, second: object, batch: int
) -> None:
    monkeypatch.setattr(demand, "BATCH", batch)
    for sku in "ABC":
        Product.objects.get_or_create(sku=sku, defaults={"name": sku})
    results = []
    for way in ("file", "records"):
        DailyDemand.objects.all().delete()
        told = []
        for name, rows in (("first.csv", first), ("second.csv", second)):
            text = "".join(",".join(row) + "\n" for row in rows)  # type: ignore[attr-defined]
            path = write(tmp_path, "sku,date,quantity\n" + text, name)
            if way == "file":
                source = CsvFile(path, KINDS["demand"], now=NOW)
                done = records_import(kind="demand", source=source, site=make_site())
                told.append(([done.added, done.changed, done.unchanged], set(done.errors)))
            else:
                told.append(one_by_one(path))
        results.append((told, stored()))
    assert results[0] == results[1]


def test_rows_that_add_up_to_too_much_are_named_when_all_are_known(tmp_path: Path) -> None:
    make_products("A", "B")
    text = "sku,date,quantity\nA,2026-05-01,9999999999\nB,2026-05-01,1\nA,2026-05-01,0.5\nA,2026-05-01,7\n"
    result = load(write(tmp_path, text), "demand")
    why = "the rows of A on 2026-05-01 add up to 10000000006.5, which is too large"
    assert said(result) == [(line, "quantity", why) for line in (2, 4, 5)]
    assert (result.rows, *counts(result)) == (4, 1, 0, 0, 3)


def test_import_of_many_rows_is_undone_but_for_what_changed_since(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_changes, "ADDED_AT_ONCE", 3)
    monkeypatch.setattr(undoing, "SLICE", 2)
    make_products("A", "B")
    make_site()
    command("demand", write(tmp_path, "sku,date,quantity\nA,2026-05-01,1\nA,2026-05-02,2\nB,2026-05-01,3\n"))
    before = stored()
    text = "".join(f"{sku},2026-05-{day:02},7\n" for sku in "AB" for day in range(1, 6))
    _, told = command("demand", write(tmp_path, "sku,date,quantity\n" + text, "second.csv"))
    assert (told["added"], told["changed"]) == (7, 3)
    file_import = FileImport.objects.get(pk=told["import"])
    assert AddedRows.objects.filter(file_import=file_import).count() == 3
    assert ImportedRow.objects.filter(file_import=file_import).count() == 3
    DailyDemand.objects.filter(product__sku="B", date=date(2026, 5, 4)).update(quantity=Decimal(8))
    done = undo_all(file_import=file_import, by=None)
    assert (done.removed, done.restored, done.left) == (6, 3, 1)
    assert stored() == [*before, ("B", date(2026, 5, 4), Decimal(8), "second.csv")]
    why = file_import.imported_rows.exclude(left="").get().left
    assert why == "Demand of B on 04 May 2026 was changed since: quantity 8 and no longer 7."


def test_interrupted_load_is_finished_by_loading_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demand, "BATCH", 2)
    make_products("A")
    text = "sku,date,quantity\n" + "".join(f"A,2026-05-{day:02},1\n" for day in range(1, 8))
    path, written = write(tmp_path, text), demand.demand_write

    def dies(target: Target, batch: demand.Days) -> object:
        done = written(target, batch)
        if DailyDemand.objects.count() == 6:
            raise KeyboardInterrupt
        return done

    monkeypatch.setattr(demand, "demand_write", dies)
    with pytest.raises(KeyboardInterrupt):
        load(path, "demand")
    assert DailyDemand.objects.count() == 4  # the batch it died in is not there at all
    monkeypatch.setattr(demand, "demand_write", written)
    assert counts(load(path, "demand")) == (3, 0, 4, 0)


def test_nothing_is_written_of_an_item_that_is_deleted_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_products("A", "B")
    path = write(tmp_path, "sku,date,quantity\nA,2026-05-01,1\nB,2026-05-01,2\n")
    batches = demand.DemandLoad.batches

    def deleting(self: demand.DemandLoad) -> object:
        Product.objects.filter(sku="B").delete()
        yield from batches(self)

    monkeypatch.setattr(demand.DemandLoad, "batches", deleting)
    with pytest.raises(SourceUnreadable, match="deleted while the file was read"):
        load(path, "demand")
    assert stored() == []
    assert (said(load(path, "demand"))[0][:2], len(stored())) == ((3, "sku"), 1)
