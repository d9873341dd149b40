"""Exchange rates that a source or a file told: days of quotations to rows, refusals to words."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from django.conf import settings

from procurement.models import SourceAccount
from procurement.services.record_writers.base import Written
from procurement.sources.base import ExchangeRateRecord, RowError
from suppliers.rates import QuotedRate
from suppliers.services.rates import rates_write


def rates_take(*, source: SourceAccount, records: Sequence[ExchangeRateRecord]) -> Written:
    """Call inside a transaction. An error's `value` is the entry's id, its `reason` the words."""
    if not records:
        return Written()
    done = rates_write(told=quoted_by_day(records), source=source.name)
    said = [(one, f"{one.currency} of {one.date:%-d %b %Y} {one.reason}.") for one in done.refused]
    return Written(
        added=done.added,
        changed=done.changed,
        unchanged=done.unchanged,
        errors=[RowError(0, "", one.date.isoformat(), words) for one, words in said if not one.held],
        journal=[f"The rate of {words}" for one, words in said if one.held],
    )


def quoted_by_day(records: Sequence[ExchangeRateRecord]) -> dict[date, list[QuotedRate]]:
    days = defaultdict[date, list[QuotedRate]](list)
    for record in records:
        quoted_in = record.quoted_in or settings.BASE_CURRENCY
        days[record.date].append(QuotedRate(currency=record.currency, quoted_in=quoted_in, value=record.rate))
    return dict(days)
