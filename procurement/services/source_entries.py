"""Taking over a page of what a source said: records into rows, and what cannot be taken over into problems."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.utils import timezone

from procurement.models import Proposal, SourceAccount, SourceProblem
from procurement.services.codes.translating import Translator
from procurement.services.codes.waiting import Waits, waiting_replace
from procurement.services.order_demand import demand_of_orders
from procurement.services.proposals import proposals_write
from procurement.services.record_writers.base import Group, Target, Written
from procurement.services.record_writers.customer_orders import CustomerOrderWriter
from procurement.services.record_writers.kept_orders import orders_remove
from procurement.services.source_rates import rates_take
from procurement.services.source_stock import stock_end, stock_words, stock_write
from procurement.sources.base import (
    CustomerOrderGone,
    CustomerOrderRecord,
    Entry,
    ExchangeRateRecord,
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
    # What a code means is not changed meanwhile, or what was taken over under it could not be found and taken back.
    SourceAccount.objects.select_for_update(no_key=True).get(pk=source.pk)
    ids = {entry.external_id for entry in entries}
    records = [entry for entry in entries if isinstance(entry, CustomerOrderRecord)]
    gone = [entry.external_id for entry in entries if isinstance(entry, CustomerOrderGone)]
    with demand_of_orders(source, ids):
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
    rates = [entry for entry in entries if isinstance(entry, ExchangeRateRecord)]
    taken = rates_take(source=source, records=rates)
    problems += [(error.value, error.reason) for error in taken.errors]
    written.add(taken)
    unreadable = _unreadable(source, entries)
    _problems_replace(source, entries, problems + unreadable)
    waiting_replace(account=source, entries=ids, waits=written.waits)
    written.errors += [RowError(0, "", external_id, problem) for external_id, problem in unreadable]
    if ends := [entry for entry in entries if isinstance(entry, StockEnd)]:
        written.removed += stock_end(source=source, ends=ends, as_of=as_of)
    return written


def _unreadable(source: SourceAccount, entries: Sequence[Entry]) -> list[tuple[str, str]]:
    """What is gone and was never taken over is nobody's to mend."""
    found = [entry for entry in entries if isinstance(entry, UnreadableRecord)]
    gone = {entry.external_id for entry in found if entry.gone}
    taken = set[str]()
    if gone:
        known = Proposal.objects.filter(account=source, external_id__in=gone)
        taken = set(known.values_list("external_id", flat=True))
    return [(e.external_id, e.problem) for e in found if not e.gone or e.external_id in taken]


def _orders_write(source: SourceAccount, records: Sequence[CustomerOrderRecord]) -> Written:
    target = Target(
        site=source.site,
        supplier=None,
        source=source.name,
        as_of=timezone.now(),
        dry_run=False,
        kept_by=source,
    )
    writer, total, ours = CustomerOrderWriter(target), Written(), Translator(source)
    orders: dict[str, list[CustomerOrderRecord]] = {}
    # `line` leads from a refusal back to what was refused.
    for record in ours.records([replace(record, line=at) for at, record in enumerate(records)]):
        orders.setdefault(writer.key(record), []).append(record)
    for trouble in ours.troubles:
        told = records[trouble.line]
        words = _words(told, trouble.error())
        total.waits.append(Waits(told.external_id, trouble.found, words, trouble.description))
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
