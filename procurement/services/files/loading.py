"""Checking and loading a file, step by step: turn a sheet into CSV, read and sort the rows, compare and write them.

Each step leaves the next one its place in what it wrote, in one transaction with it, so that a task that dies loses
only the step it was at, and no row is written twice.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from procurement.models import FileImport
from procurement.services.codes.file_codes import (
    MOST_KEPT,
    FileCodes,
    file_codes_refused,
    file_codes_stamp,
)
from procurement.services.files.holding import lease_renew
from procurement.services.files.outcomes import file_loaded
from procurement.services.files.places import csv_path, format_stored, rows_path, stored_path
from procurement.services.files.row_store import RowStore
from procurement.services.record_writers.base import Target, Writer, Written
from procurement.services.record_writers.row_changes import KeptChanges
from procurement.services.record_writers.row_samples import RowSamples
from procurement.services.records import NAMED_OTHERWISE, WRITERS
from procurement.sources.base import RowError
from procurement.sources.csv_files import NAME_KEPT, CsvFile
from procurement.sources.file_formats import FileFormat
from procurement.sources.file_kinds import KINDS
from procurement.sources.sheets import Sheet, Turned

EXPLAINED = "was explained while the file was being loaded; load the file once more"
AT_ONCE = 5_000  # records from the file into the store
SHEET_SHARE, READ_SHARE = 40, 50  # percent of the progress bar, where there is a sheet; where there is none
Status = FileImport.Status


def load_steps(file_import: FileImport) -> Iterator[None]:
    """A step a turn, until it is checked or loaded. It has to be held; raises `FileOverrun` when it is no longer,
    and `SourceUnreadable`.
    """
    stored_path(file_import)  # or say that it is not here
    sheet = format_stored(file_import) == FileFormat.XLSX
    if sheet and not file_import.cursor.get("turned", {}).get("done"):
        yield from _turn_sheet(file_import)
    with RowStore(rows_path(file_import)) as store:
        dry_run = file_import.status == Status.CHECKING
        samples = RowSamples(file_import.samples) if dry_run else None
        target = _target(file_import, samples)
        writer = WRITERS[file_import.kind](target)
        codes = FileCodes() if file_import.kind in NAMED_OTHERWISE else None
        if codes and not dry_run and _said_otherwise(file_import):
            store.begin_again()  # they were sorted by what their codes meant
            turned = {name: value for name, value in file_import.cursor.items() if name != "codes"}
            lease_renew(file_import, cursor=turned)
        if not store.whole:
            yield from _read(file_import, store, writer, codes, begin=SHEET_SHARE if sheet else 0)
        yield from _write(file_import, store, writer, codes, samples)
        if codes:
            refused = store.codes_refused(MOST_KEPT)
            file_codes_refused(file_name=file_import.file_name[:NAME_KEPT], refused=refused)
        _end(file_import)


def _said_otherwise(file_import: FileImport) -> bool:
    """Somebody explained a code of files between the check and the load, of which nothing is written yet."""
    checked = file_import.cursor.get("codes")
    return checked is not None and "batch" not in file_import.cursor and checked != file_codes_stamp()


def _target(file_import: FileImport, samples: RowSamples | None) -> Target:
    return Target(
        site=file_import.site,
        supplier=file_import.supplier,
        source=file_import.file_name[:NAME_KEPT],
        as_of=file_import.written_at or file_import.created_at,
        found_by=file_import.source,
        dry_run=samples is not None,
        changes=samples or KeptChanges(file_import),
    )


def file_opened(file_import: FileImport) -> CsvFile:
    """As its columns were chosen. Raises `SourceUnreadable`."""
    sheet = format_stored(file_import) == FileFormat.XLSX
    return CsvFile(
        csv_path(file_import),
        KINDS[file_import.kind],
        name=file_import.file_name,
        # Always the same moment, or a day would be in the future in one task and not in the next.
        now=timezone.localtime(file_import.created_at),
        decimal_sign=file_import.decimal_sign,
        month_first=file_import.month_first,
        columns=file_import.columns,
        encoding="utf-8" if sheet else file_import.encoding,
        header_line=file_import.header_line,
    )


def _turn_sheet(file_import: FileImport) -> Iterator[None]:
    so_far = Turned(**file_import.cursor.get("turned", {}))
    with Sheet(
        stored_path(file_import),
        file_import.sheet,
        name=file_import.file_name,
        decimal_sign=file_import.decimal_sign,
    ) as opened:
        for turned in opened.turn(csv_path(file_import), so_far):
            lease_renew(
                file_import,
                stage="Reading the sheet",
                cursor={**file_import.cursor, "turned": asdict(turned)},
                progress=SHEET_SHARE * turned.taken // max(turned.size, turned.taken, 1),
            )
            yield


def _read(
    file_import: FileImport, store: RowStore, writer: Writer, codes: FileCodes | None, *, begin: int
) -> Iterator[None]:
    source = file_opened(file_import)
    taken = store.taken
    stamp = {"codes": file_codes_stamp()} if codes else {}
    key = codes.keyed(writer.key) if codes else writer.key
    records = islice(source.records(), taken, None)
    while found := list(islice(records, AT_ONCE)):
        if codes:
            codes.look_up(found)
        store.take(taken, found, key)
        taken += len(found)
        done = min(1.0, found[-1].line / max(1, source.lines))
        rows, refused = store.counts
        lease_renew(
            file_import, stage="Reading rows", rows=rows, refused=refused,
            progress=begin + int((READ_SHARE - begin / 2) * done),
        )  # fmt: skip
        yield
    store.finish()
    rows, refused = store.counts
    turned = file_import.cursor.get("turned", {})
    lease_renew(
        file_import, rows=rows, refused=refused, warnings=[*(Turned(**turned).notes()), *source.warnings],
        cursor={**file_import.cursor, **stamp},
    )  # fmt: skip
    yield


def _write(
    file_import: FileImport,
    store: RowStore,
    writer: Writer,
    codes: FileCodes | None,
    samples: RowSamples | None,
) -> Iterator[None]:
    number, done = file_import.cursor.get("batch", 0), file_import.cursor.get("done", 0)
    rows, refused = store.counts
    if number == 0:
        lease_renew(file_import, rows=rows, refused=refused, added=0, changed=0, unchanged=0)
    begin = READ_SHARE if samples else 0
    while batch := store.groups(file_import.cursor.get("key", ""), writer.batch):
        with transaction.atomic():
            ours, errors = (
                _in_our_codes(batch, codes, writer) if codes else ([group for _, group in batch], [])
            )
            written = writer.write(ours) if ours else Written()
            written.errors += errors
            done += sum(len(group) for _, group in batch)
            lease_renew(
                file_import,
                stage="Comparing" if samples else "Writing",
                cursor={**file_import.cursor, "key": batch[-1][0], "batch": number + 1, "done": done},
                progress=min(99, begin + (100 - begin) * done // max(1, rows - refused)),
                added=F("added") + written.added,
                changed=F("changed") + written.changed,
                unchanged=F("unchanged") + written.unchanged,
                refused=F("refused") + len(written.errors),
                **({"samples": samples.found} if samples else {}),
            )
            # Only while it is held, and before the transaction ends: should it not, the next try replaces them.
            store.refuse(number, written.errors)
            number += 1
        yield


def _in_our_codes(
    batch: Sequence[tuple[str, list[Any]]], codes: FileCodes, writer: Writer
) -> tuple[list[list[Any]], list[RowError]]:
    """Rows were sorted by what their codes meant: by another meaning they would replace what is written already."""
    codes.look_up(record for _, group in batch for record in group)
    key = codes.keyed(writer.key)
    same = [[record for record in group if key(record) == name] for name, group in batch]
    moved = [record for name, group in batch for record in group if key(record) != name]
    ours, errors = codes.groups([group for group in same if group])
    return ours, errors + [RowError(record.line, "sku", record.sku, EXPLAINED) for record in moved]


def _end(file_import: FileImport) -> None:
    kept: dict[str, Any] = {
        name: file_import.cursor[name] for name in ("turned", "codes") if name in file_import.cursor
    }
    if file_import.status == Status.CHECKING:
        lease_renew(file_import, status=Status.CHECKED, stage="", progress=100, cursor=kept)
    else:
        with transaction.atomic():
            lease_renew(
                file_import,
                status=Status.DONE,
                stage="",
                progress=100,
                cursor=kept,
                finished_at=timezone.now(),
            )
            file_loaded(file_import)
