"""Loading demand, customer orders, stock and catalogue from a source: good rows are kept, bad ones reported.

Rows are first read, checked and sorted or added up, on disk if they are many; then compared with what is stored and
written in batches, each batch a transaction of its own. What is stored already is left alone, so the same file twice
changes nothing, and a load that was interrupted is finished by loading the file again.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import F

from orders.models import Site
from procurement.models import FileImport
from procurement.services.codes.file_codes import FileCodes
from procurement.services.files.holding import lease_renew
from procurement.services.record_writers.base import Load, Target, Writer
from procurement.services.record_writers.catalogue import CatalogueWriter
from procurement.services.record_writers.contracts import ContractWriter
from procurement.services.record_writers.customer_orders import CustomerOrderWriter
from procurement.services.record_writers.demand import DemandLoad, DemandWriter
from procurement.services.record_writers.exchange_rates import ExchangeRateWriter
from procurement.services.record_writers.order_load import CustomerOrderLoad
from procurement.services.record_writers.promotions import PromotionWriter
from procurement.services.record_writers.row_changes import KeptChanges, RowChanges
from procurement.services.record_writers.sorted_load import SortedLoad
from procurement.services.record_writers.stock import StockWriter
from procurement.services.record_writers.stock_outs import StockOutWriter
from procurement.sources.base import RowError
from procurement.sources.file_kinds import KINDS
from procurement.sources.record_files import RecordFile
from suppliers.models import Supplier

WRITERS: dict[str, Callable[[Target], Writer]] = {
    "demand": DemandWriter,
    "customer_orders": CustomerOrderWriter,
    "stock": StockWriter,
    "catalogue": CatalogueWriter,
    "contracts": ContractWriter,
    "exchange_rates": ExchangeRateWriter,
    "promotions": PromotionWriter,
    "stock_outs": StockOutWriter,
}
# What comes by the million lines is taken as columns, not as records.
LOADS: dict[str, Callable[[Target, FileCodes], Any]] = {
    "demand": DemandLoad,
    "customer_orders": CustomerOrderLoad,
}
NAMED_OTHERWISE = ("demand", "customer_orders", "stock")  # a catalogue says what our codes are
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

    def refuse(self, errors: Sequence[RowError]) -> None:
        self.refused += len({error.line for error in errors})  # a row with two bad cells is one row
        self.errors += errors[: max(0, ERRORS_KEPT - len(self.errors))]


def records_import(
    *,
    kind: str,
    source: RecordFile,
    site: Site,
    supplier: Supplier | None = None,
    dry_run: bool = False,
    file_import: FileImport | None = None,
    on_error: Callable[[RowError], None] = lambda error: None,
    on_progress: Callable[[str, int], None] = lambda stage, rows: None,
) -> RecordCounts:
    """Load all of `source`. `on_progress` is told "reading" or "writing" and the rows done.

    `file_import`: being loaded and held; what is done to every row is kept with it, so that it can be undone.
    Raises `SourceUnreadable`; `FileOverrun` if it is held no longer, with the batches before that written.
    """
    target = Target(
        site=site,
        supplier=supplier,
        source=source.name,
        as_of=source.as_of,
        dry_run=dry_run,
        changes=KeptChanges(file_import) if file_import and not dry_run else RowChanges(),
    )
    result = RecordCounts(kind=kind, source=source.name, dry_run=dry_run)

    def refuse(errors: Sequence[RowError]) -> None:
        result.refuse(errors)
        for error in errors:
            on_error(error)

    codes = FileCodes()
    load: Load
    if kind in LOADS:
        load = LOADS[kind](target, codes)
    else:
        load = SortedLoad(KINDS[kind], WRITERS[kind](target), codes if kind in NAMED_OTHERWISE else None)
    with load:
        for block in source.blocks():
            refuse([*block.errors, *load.take(block)])
            result.rows += len(block.lines) + len({error.line for error in block.errors})
            on_progress("reading", result.rows)
        done = 0
        for batch in load.batches():
            with transaction.atomic():
                written = load.write(batch)
                if file_import:
                    lease_renew(
                        file_import,
                        added=F("added") + written.added,
                        changed=F("changed") + written.changed,
                        unchanged=F("unchanged") + written.unchanged,
                    )
            result.added += written.added
            result.changed += written.changed
            result.unchanged += written.unchanged
            refuse(written.errors)
            codes.written(written.waits)
            done += batch.rows
            on_progress("writing", done)
        if load.refuses_more:
            for block in source.blocks():
                refuse(load.refused_after_all(block))
    if not dry_run and kind in NAMED_OTHERWISE:
        codes.keep(source.name)
    result.warnings = list(source.warnings)
    if file_import:  # written when it ends
        file_import.rows, file_import.refused = result.rows, result.refused
        file_import.warnings = result.warnings
    return result
