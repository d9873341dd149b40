"""Taking over a page of what a source said: records into rows, and what cannot be taken over into problems."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.utils import timezone

from procurement.models import SourceAccount, SourceProblem
from procurement.services.order_demand import demand_of_orders
from procurement.services.proposals import proposals_write
from procurement.services.record_writers.base import Group, Target, Written
from procurement.services.record_writers.customer_orders import CustomerOrderWriter
from procurement.services.record_writers.kept_orders import orders_remove
from procurement.services.source_stock import stock_end, stock_words, stock_write
from procurement.sources.base import (
    CustomerOrderGone,
    CustomerOrderRecord,
    Entry,
    ProposalRecord,
    ProposalWithdrawn,
    RowError,
    StockEnd,
    StockRecord,
    UnreadableRecord,
)

WORDS_KEPT = 400


def entries_write(
    *, source: SourceAccount, entries: Sequence[Entry], as_of: datetime | None = None
) -> Written:
    """Call inside a transaction. `errors` has one a refused record; they are kept as the entry's problems.

    `as_of`: when the figures were taken; None: just now.
    """
    as_of = as_of or timezone.now()
    records = [entry for entry in entries if isinstance(entry, CustomerOrderRecord)]
    gone = [entry.external_id for entry in entries if isinstance(entry, CustomerOrderGone)]
    with demand_of_orders(source, {entry.external_id for entry in entries}):
        removed = orders_remove(source, gone)
        written = _orders_write(source, records)
    written.removed += removed
    problems = [
        (records[error.line].external_id, _words(records[error.line], error)) for error in written.errors
    ]
    stock = [entry for entry in entries if isinstance(entry, StockRecord)]
    told = stock_write(source=source, records=stock, as_of=as_of)
    problems += [(stock[e.line].external_id, stock_words(stock[e.line], e)) for e in told.errors]
    written.add(told)
    proposed = proposals_write(
        source=source, entries=[e for e in entries if isinstance(e, ProposalRecord | ProposalWithdrawn)]
    )
    problems += [(error.value, error.reason) for error in proposed.errors]
    written.add(proposed)
    unreadable = [(e.external_id, e.problem) for e in entries if isinstance(e, UnreadableRecord)]
    _problems_replace(source, entries, problems + unreadable)
    written.errors += [RowError(0, "", external_id, problem) for external_id, problem in unreadable]
    if ends := [entry for entry in entries if isinstance(entry, StockEnd)]:
        written.removed += stock_end(source=source, ends=ends, as_of=as_of)
    return written


def _orders_write(source: SourceAccount, records: Sequence[CustomerOrderRecord]) -> Written:
    target = Target(
        site=source.site,
        supplier=None,
        source=source.name,
        as_of=timezone.now(),
        dry_run=False,
        kept_by=source,
    )
    writer, total = CustomerOrderWriter(target), Written()
    orders: dict[str, list[CustomerOrderRecord]] = {}
    for at, record in enumerate(records):  # `line` leads from a refusal back to what was refused
        orders.setdefault(writer.key(record), []).append(replace(record, line=at))
    groups: list[Group] = list(orders.values())
    for start in range(0, len(groups), writer.batch):
        total.add(writer.write(groups[start : start + writer.batch]))
    return total


def _words(record: CustomerOrderRecord, error: RowError) -> str:
    return f"Order {record.number}, line {record.order_line}: {error.column} {error.value!r} {error.reason}."


def _problems_replace(
    source: SourceAccount, entries: Sequence[Entry], problems: Sequence[tuple[str, str]]
) -> None:
    """What was wrong with these entries before is forgotten: they are as they are now."""
    now = timezone.now()
    SourceProblem.objects.filter(account=source, external_id__in={e.external_id for e in entries}).delete()
    SourceProblem.objects.bulk_create(
        SourceProblem(account=source, external_id=external_id, words=words[:WORDS_KEPT], asked_at=now)
        for external_id, words in problems
    )
