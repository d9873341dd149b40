"""Loading demand, customer orders, stock and catalogue from a source: good rows are kept, bad ones reported.

Rows are first sorted on disk, then compared with what is stored and written in batches, each batch a transaction of
its own. What is stored already is left alone, so the same file twice changes nothing, and a load that was
interrupted is finished by loading the file again.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

from django.db import transaction

from orders.models import Site
from procurement.services.record_writers.base import Group, Target, Writer, Written
from procurement.services.record_writers.catalogue import CatalogueWriter
from procurement.services.record_writers.customer_orders import CustomerOrderWriter
from procurement.services.record_writers.demand import DemandWriter
from procurement.services.record_writers.stock import StockWriter
from procurement.sources.base import RecordFile, RowError
from procurement.sources.spool import Spool
from suppliers.models import Supplier

WRITERS: dict[str, Callable[[Target], Writer]] = {
    "demand": DemandWriter,
    "customer_orders": CustomerOrderWriter,
    "stock": StockWriter,
    "catalogue": CatalogueWriter,
}
ERRORS_KEPT = 200  # in the result; all go to `on_error`


@dataclass(slots=True)
class RecordCounts:
    """rows and refused count the file's rows; the others what they came to in the database."""

    kind: str
    source: str
    rows: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    dry_run: bool = False
    warnings: list[str] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def records_import(
    *,
    kind: str,
    source: RecordFile,
    site: Site,
    supplier: Supplier | None = None,
    dry_run: bool = False,
    on_error: Callable[[RowError], None] = lambda error: None,
    on_progress: Callable[[str, int], None] = lambda stage, rows: None,
) -> RecordCounts:
    """Load all of `source`. `on_progress` is told "reading" or "writing" and the rows done.

    Raises `SourceUnreadable`.
    """
    target = Target(site=site, supplier=supplier, source=source.name, as_of=source.as_of, dry_run=dry_run)
    result = RecordCounts(kind=kind, source=source.name, dry_run=dry_run)
    writer = WRITERS[kind](target)
    with Spool() as spool:
        _read(source, writer, spool, result, on_error, on_progress)
        done = 0
        for groups in _batches(spool.groups(), writer.batch):
            with transaction.atomic():
                written = writer.write(groups)
            _count(result, written, on_error)
            done += sum(len(group) for group in groups)
            on_progress("writing", done)
    result.warnings = list(source.warnings)
    return result


def _read(
    source: RecordFile,
    writer: Writer,
    spool: Spool,
    result: RecordCounts,
    on_error: Callable[[RowError], None],
    on_progress: Callable[[str, int], None],
) -> None:
    last_refused = 0
    for record in source.records():
        if isinstance(record, RowError):
            if record.line != last_refused:  # a row with two bad cells is one row
                last_refused = record.line
                result.rows += 1
                result.refused += 1
            _keep(result, record, on_error)
        else:
            result.rows += 1
            spool.add(writer.key(record), record.line, record)
        if result.rows % 1_000 == 0:
            on_progress("reading", result.rows)


def _count(result: RecordCounts, written: Written, on_error: Callable[[RowError], None]) -> None:
    result.added += written.added
    result.changed += written.changed
    result.unchanged += written.unchanged
    result.refused += len(written.errors)
    for error in written.errors:
        _keep(result, error, on_error)


def _keep(result: RecordCounts, error: RowError, on_error: Callable[[RowError], None]) -> None:
    if len(result.errors) < ERRORS_KEPT:
        result.errors.append(error)
    on_error(error)


def _batches(groups: Iterator[tuple[str, list[Any]]], size: int) -> Iterator[list[Group]]:
    while batch := list[Group](group for _, group in islice(groups, size)):
        yield batch
