"""Hours without stock, a day and item: what a shop system knows of shelves that were empty."""

from collections.abc import Sequence

from procurement.models import StockOut
from procurement.services.record_writers.base import Group, Target, Written, products_by_sku, unknown_sku
from procurement.services.record_writers.row_changes import Table, values_before
from procurement.sources.base import RowError, StockOutRecord


class StockOutWriter:
    """The same file as sales may be read: a day of no hours is written only where another figure stood."""

    batch = 200  # items

    def __init__(self, target: Target) -> None:
        self._target = target

    def key(self, record: StockOutRecord) -> str:
        return record.sku

    def write(self, groups: Sequence[Group]) -> Written:
        written = Written()
        products = products_by_sku(group[0].sku for group in groups)
        known = {
            (row.product_id, row.date): row
            for row in self._target.stored(
                StockOut.objects.filter(site=self._target.site, product__in=products.values())
            ).select_related("product")
        }
        rows: list[StockOut] = []
        for group in groups:
            product = products.get(group[0].sku)
            if product is None:
                written.errors += [unknown_sku(row.line, row.sku) for row in group]
                continue
            for record in self._days(group, written):
                stored = known.get((product, record.date))
                if stored is None and not record.hours:
                    continue
                row = StockOut(
                    pk=stored.pk if stored else None, site=self._target.site, product_id=product,
                    date=record.date, hours=record.hours, source=self._target.source,
                )  # fmt: skip
                differs = stored is None or stored.hours != record.hours
                written.count(known=stored is not None, differs=differs)
                if differs:
                    rows.append(row)
                    self._target.changes.note(Table.STOCK_OUT, row, values_before(Table.STOCK_OUT, stored))
                else:
                    self._target.changes.same(Table.STOCK_OUT, row)
        if not self._target.dry_run:
            self._save(rows)
        return written

    def _days(self, group: Group, written: Written) -> list[StockOutRecord]:
        first: dict[object, StockOutRecord] = {}
        for row in group:
            if row.date in first:
                why = f"has its hours in line {first[row.date].line} already"
                written.errors.append(RowError(row.line, "date", row.date.isoformat(), why))
            else:
                first[row.date] = row
        return list(first.values())

    def _save(self, rows: Sequence[StockOut]) -> None:
        StockOut.objects.bulk_create([row for row in rows if row.pk is None])
        StockOut.objects.bulk_create(
            [row for row in rows if row.pk],
            update_conflicts=True,
            unique_fields=["pk"],
            update_fields=["hours", "source"],
        )
        self._target.changes.save()
