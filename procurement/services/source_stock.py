"""Taking over stock that a source tells: of several sites, and what is used up once a site was told whole."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from orders.models import Site
from procurement.models import SourceAccount, SourceProblem, StockLevel
from procurement.services.record_writers.base import Group, Target, Written
from procurement.services.record_writers.stock import StockWriter
from procurement.sources.base import RowError, StockEnd, StockRecord


def stock_write(*, source: SourceAccount, records: Sequence[StockRecord], as_of: datetime) -> Written:
    """Call inside a transaction. The `line` of an error leads back to its record."""
    total = Written()
    sites = {site.code: site for site in Site.objects.filter(code__in={r.site for r in records if r.site})}
    by_site: dict[Site, dict[str, list[StockRecord]]] = {}
    for at, record in enumerate(records):
        site = sites.get(record.site) if record.site else source.site
        if site is None:
            total.errors.append(RowError(at, "site", record.site, "is none of our sites; mend the settings"))
        else:
            by_site.setdefault(site, {}).setdefault(record.sku, []).append(replace(record, line=at))
    for site, items in by_site.items():
        writer = StockWriter(
            Target(site=site, supplier=None, source=source.name, as_of=as_of, dry_run=False, kept_by=source)
        )
        groups: list[Group] = list(items.values())
        for start in range(0, len(groups), writer.batch):
            total.add(writer.write(groups[start : start + writer.batch]))
    return total


def stock_end(*, source: SourceAccount, ends: Sequence[StockEnd], as_of: datetime) -> int:
    """Nothing is left of what this source told before `as_of` and not since; how many levels that were.

    Of an item that could not be taken over since, nobody knows: it stays. Call inside a transaction.
    """
    SourceProblem.objects.filter(account=source, asked_at__lt=as_of).delete()
    unknown = SourceProblem.objects.filter(account=source).values("external_id")
    told = StockLevel.objects.filter(site__code__in={end.site for end in ends}, source=source.name)
    # As of the whole reading, also where there was nothing before.
    used_up = told.filter(as_of__lt=as_of).exclude(product__sku__in=unknown)
    removed = used_up.exclude(on_hand=0).count()
    used_up.update(on_hand=0, as_of=as_of)
    return removed


def stock_words(record: StockRecord, error: RowError) -> str:
    at = f" at {record.site}" if record.site else ""
    return f"Stock of {record.sku}{at}: {error.column} {error.value!r} {error.reason}."
