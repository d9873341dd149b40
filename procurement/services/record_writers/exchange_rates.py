"""Exchange rates of a file, a day at a time. What jumps is refused here and held for a person to look at."""

from collections.abc import Sequence

from django.conf import settings

from procurement.services.record_writers.base import Group, Target, Written
from procurement.services.record_writers.row_changes import Table, values_before
from procurement.services.source_rates import quoted_by_day
from procurement.sources.base import ExchangeRateRecord, RowError
from suppliers.services.rates import rates_write


class ExchangeRateWriter:
    batch = 30  # days: the next batch is compared with what this one wrote

    def __init__(self, target: Target) -> None:
        self._target = target

    def key(self, record: ExchangeRateRecord) -> str:
        return record.date.isoformat()

    def write(self, groups: Sequence[Group]) -> Written:
        written = Written()
        good: list[ExchangeRateRecord] = []
        for group in groups:
            good += self._good(group, written)
        done = rates_write(told=quoted_by_day(good), source=self._target.source, dry_run=self._target.dry_run)
        for rate, before in done.rows:
            self._target.changes.note(Table.RATE, rate, values_before(Table.RATE, before))
        for rate in done.same:
            self._target.changes.same(Table.RATE, rate)
        if not self._target.dry_run:
            self._target.changes.save()
        lines = {(row.date, _meant(row)): row.line for row in good}
        for refused in done.refused:
            line = lines.get((refused.date, refused.currency), 0)
            written.errors.append(RowError(line, "rate", refused.currency, refused.reason))
        written.added, written.changed, written.unchanged = done.added, done.changed, done.unchanged
        return written

    def _good(self, group: Group, written: Written) -> list[ExchangeRateRecord]:
        """Of one day, each currency once."""
        first: dict[str, ExchangeRateRecord] = {}
        for row in group:
            name = _meant(row)
            why = ""
            if name == (row.quoted_in or settings.BASE_CURRENCY) and name == row.currency:
                why = "is the base currency, which is always worth 1"
            elif name in first:
                why = f"has a rate of this day in line {first[name].line} already"
            if why:
                written.errors.append(RowError(row.line, "currency", name, why))
            else:
                first[name] = row
        return list(first.values())


def _meant(row: ExchangeRateRecord) -> str:
    """Of the two currencies the one that the row is about."""
    base = settings.BASE_CURRENCY
    return row.currency if (row.quoted_in or base) == base else row.quoted_in
