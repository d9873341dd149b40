"""Stock on hand: one figure an item and teller, and never an older one over a newer."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from procurement.services.record_writers.base import (
    Group,
    Target,
    Written,
    products_by_sku,
    unknown_sku,
)
from procurement.services.record_writers.stock_parts import moment, parts_added
from procurement.services.stock_ledger import Stated, stock_hold, stock_state
from procurement.sources.base import RowError, StockRecord

FAST_CLOCK = timedelta(minutes=15)  # a figure of a later moment would keep out all that come until then


class StockWriter:
    batch = 1_000

    def __init__(self, target: Target) -> None:
        self._target = target

    def key(self, record: StockRecord) -> str:
        return record.sku

    def write(self, groups: Sequence[Group]) -> Written:
        written = Written()
        if not self._target.dry_run:
            stock_hold(self._target.site.pk)  # before its parts are read
        products = products_by_sku(group[0].sku for group in groups)
        groups = parts_added(self._target, groups, products, written)
        latest = timezone.now() + FAST_CLOCK
        stated: dict[int, tuple[StockRecord, Stated]] = {}
        for group in groups:
            record = group[0]
            written.errors += [
                RowError(row.line, "sku", row.sku, f"stands in line {record.line} already")
                for row in group[1:]
            ]
            product = products.get(record.sku)
            if product is None:
                written.errors.append(unknown_sku(record.line, record.sku))
                continue
            as_of = moment(self._target, record)
            if as_of > latest:
                why = "has not come yet; the clock of the system that wrote it is wrong"
                written.errors.append(RowError(record.line, "as_of", _minute(as_of), why))
                continue
            stated[product] = record, Stated(product, record.on_hand, as_of)
        self._state(list(stated.values()), written)
        return written

    def _state(self, stated: Sequence[tuple[StockRecord, Stated]], written: Written) -> None:
        verdicts = stock_state(
            site=self._target.site,
            teller=self._target.teller,
            source=self._target.source,
            stated=[said for _, said in stated],
            dry_run=self._target.dry_run,
            changes=self._target.changes,
        )
        for (record, said), verdict in zip(stated, verdicts, strict=True):
            if verdict.newer is None:
                written.count(known=verdict.known, differs=verdict.differs)
                continue
            why = f"is of {_minute(said.as_of)}; the stock known is newer, of {_minute(verdict.newer)}"
            written.errors.append(RowError(record.line, "on_hand", str(record.on_hand), why))


def _minute(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"
