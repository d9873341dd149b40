"""Promotions of a file, an item at a time: spans as they are told, single days put together to spans."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from procurement.models import Promotion
from procurement.services.record_writers.base import Group, Target, Written, products_by_sku, unknown_sku
from procurement.services.record_writers.row_changes import Table, values_before
from procurement.sources.base import PromotionRecord, RowError

Span = tuple[date, str]  # what is the same promotion of an item: its first day and its name


class PromotionWriter:
    batch = 500  # items

    def __init__(self, target: Target) -> None:
        self._target = target

    def key(self, record: PromotionRecord) -> str:
        return record.sku

    def write(self, groups: Sequence[Group]) -> Written:
        written = Written()
        products = products_by_sku(group[0].sku for group in groups)
        known = {
            (row.product_id, row.starts_on, row.name): row
            for row in self._target.stored(
                Promotion.objects.filter(site=self._target.site, product__in=products.values())
            ).select_related("product")
        }
        rows: list[Promotion] = []
        for group in groups:
            product = products.get(group[0].sku)
            if product is None:
                written.errors += [unknown_sku(row.line, row.sku) for row in group]
                continue
            for (start, name), end in self._spans(group, written).items():
                stored = known.get((product, start, name))
                row = Promotion(
                    pk=stored.pk if stored else None, site=self._target.site, product_id=product, name=name,
                    starts_on=start, ends_on=end, source=self._target.source,
                )  # fmt: skip
                differs = stored is None or stored.ends_on != end
                written.count(known=stored is not None, differs=differs)
                if differs:
                    rows.append(row)
                    self._target.changes.note(Table.PROMOTION, row, values_before(Table.PROMOTION, stored))
                else:
                    self._target.changes.same(Table.PROMOTION, row)
        if not self._target.dry_run:
            Promotion.objects.bulk_create([row for row in rows if row.pk is None])
            Promotion.objects.bulk_create(
                [row for row in rows if row.pk],
                update_conflicts=True,
                unique_fields=["pk"],
                update_fields=["ends_on", "source"],
            )
            self._target.changes.save()
        return written

    def _spans(self, group: Group, written: Written) -> dict[Span, date]:
        """The last day of each."""
        spans: dict[Span, date] = {}
        days: list[tuple[str, date]] = []
        for row in group:
            if why := _objection(row):
                written.errors.append(RowError(row.line, "starts_on", row.starts_on.isoformat(), why))
            elif row.promoted is not False and row.ends_on:
                span = row.starts_on, row.name
                spans[span] = max(row.ends_on, spans.get(span, row.ends_on))
            elif row.promoted is not False:
                days.append((row.name, row.starts_on))
        for span, end in _runs(sorted(set(days))):
            spans[span] = max(end, spans.get(span, end))
        return spans


def _objection(row: PromotionRecord) -> str:
    if row.ends_on and row.ends_on < row.starts_on:
        return f"lies after its last day, {row.ends_on}"
    if row.promoted is None and not row.ends_on and not row.name:
        return "is all that is told; say until when, or whether the item is promoted on that day"
    return ""


def _runs(days: Sequence[tuple[str, date]]) -> Iterator[tuple[Span, date]]:
    """Days that follow one another are one promotion."""
    at = 0
    while at < len(days):
        name, start = days[at]
        end = start
        while at + 1 < len(days) and days[at + 1] == (name, end + timedelta(days=1)):
            at, end = at + 1, days[at + 1][1]
        yield (start, name), end
        at += 1
