"""Stock on hand: one figure an item, and never an older one over a newer."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from procurement.models import StockLevel
from procurement.services.record_writers.base import (
    Group,
    Target,
    Written,
    products_by_sku,
    units_by_sku,
    unknown_sku,
)
from procurement.sources.base import RowError, StockRecord


class StockWriter:
    batch = 1_000

    def __init__(self, target: Target) -> None:
        self._target = target

    def key(self, record: StockRecord) -> str:
        return record.sku

    def write(self, groups: Sequence[Group]) -> Written:
        written = Written()
        products = products_by_sku(group[0].sku for group in groups)
        stored = {
            level.product_id: level
            for level in StockLevel.objects.filter(site=self._target.site, product__in=products.values())
        }
        units = units_by_sku(group[0].sku for group in groups if group[0].unit)
        rows = []
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
            if record.unit and record.unit != units[record.sku]:
                why = f"is not {units[record.sku]}, which our item is counted in"
                written.errors.append(RowError(record.line, "unit", record.unit, why))
                continue
            as_of = self._moment(record)
            known = stored.get(product)
            if known and known.as_of > as_of:
                why = (
                    f"is of {timezone.localtime(as_of):%Y-%m-%d %H:%M}; the stock known is newer,"
                    f" of {timezone.localtime(known.as_of):%Y-%m-%d %H:%M}"
                )
                written.errors.append(RowError(record.line, "on_hand", str(record.on_hand), why))
                continue
            # The same figure of a later time is no news, and known to be right for longer.
            written.count(known=known is not None, differs=known is None or known.on_hand != record.on_hand)
            if known is None or (known.on_hand, known.as_of) != (record.on_hand, as_of):
                rows.append(
                    StockLevel(
                        site=self._target.site,
                        product_id=product,
                        on_hand=record.on_hand,
                        as_of=as_of,
                        source=self._target.source,
                    )
                )
        if not self._target.dry_run:
            StockLevel.objects.bulk_create(
                rows,
                update_conflicts=True,
                unique_fields=["site", "product"],
                update_fields=["on_hand", "as_of", "source"],
            )
        return written

    def _moment(self, record: StockRecord) -> datetime:
        if record.as_of is None:
            return self._target.as_of
        return record.as_of if timezone.is_aware(record.as_of) else timezone.make_aware(record.as_of)
