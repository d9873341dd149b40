"""Daily demand: the file's total of an item and day replaces the stored one."""

from collections.abc import Sequence
from decimal import Decimal

from procurement.models import DailyDemand
from procurement.services.record_writers.base import Group, Target, Written, products_by_sku, unknown_sku
from procurement.sources.base import DemandRecord, RowError

LARGEST = Decimal(10) ** 10


class DemandWriter:
    batch = 5_000

    def __init__(self, target: Target) -> None:
        self._target = target

    def key(self, record: DemandRecord) -> str:
        return (
            f"{record.sku}\n{record.date.isoformat()}"  # by item, then day: neighbours share their look-ups
        )

    def write(self, groups: Sequence[Group]) -> Written:
        written = Written()
        products = products_by_sku(group[0].sku for group in groups)
        days = [group[0].date for group in groups]
        stored = {
            (product, day): quantity
            for product, day, quantity in DailyDemand.objects.filter(
                site=self._target.site, product__in=products.values(), date__range=(min(days), max(days))
            ).values_list("product", "date", "quantity")
        }
        rows = []
        for group in groups:
            record, quantity = group[0], sum((row.quantity for row in group), Decimal(0))
            product = products.get(record.sku)
            if product is None:
                written.errors += [unknown_sku(row.line, row.sku) for row in group]
                continue
            if quantity >= LARGEST:
                why = f"the rows of {record.sku} on {record.date} add up to {quantity}, which is too large"
                written.errors += [RowError(row.line, "quantity", str(row.quantity), why) for row in group]
                continue
            known = stored.get((product, record.date))
            written.count(known=known is not None, differs=known != quantity)
            if known != quantity:
                rows.append(
                    DailyDemand(
                        site_id=self._target.site.pk,
                        product_id=product,
                        date=record.date,
                        quantity=quantity,
                        source=self._target.source,
                    )
                )
        if not self._target.dry_run:
            DailyDemand.objects.bulk_create(
                rows,
                update_conflicts=True,
                unique_fields=["site", "product", "date"],
                update_fields=["quantity", "source"],
            )
        return written
