"""Taking over stock that a source tells: of several sites, and what is used up once a site was told whole."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from django.db.models import Q

from orders.models import Site
from procurement.models import SourceAccount, SourceProblem, StockLevel, StockPart, StockStatement
from procurement.services.codes.translating import Translator
from procurement.services.codes.waiting import Waits, waiting_end
from procurement.services.record_writers.base import Group, Target, Written
from procurement.services.record_writers.stock import StockWriter
from procurement.services.record_writers.stock_parts import codes_meant, parts_end
from procurement.services.stock_ledger import Stated, stock_hold, stock_state
from procurement.services.stock_unsaying import stock_unsay
from procurement.sources.base import RowError, StockEnd, StockRecord

AT_ONCE = 1_000


def stock_write(*, source: SourceAccount, records: Sequence[StockRecord], as_of: datetime) -> Written:
    """Call inside a transaction. The `line` of an error leads back to its record."""
    total = Written()
    sites = {site.code: site for site in Site.objects.filter(code__in={r.site for r in records if r.site})}
    by_site: dict[Site, dict[str, list[StockRecord]]] = {}
    ours = Translator(source)
    for record in ours.records([replace(record, line=at) for at, record in enumerate(records)]):
        site = sites.get(record.site) if record.site else source.site
        if site is None:
            total.errors.append(
                RowError(record.line, "site", record.site, "is none of our sites; mend the settings")
            )
        else:
            by_site.setdefault(site, {}).setdefault(record.sku, []).append(record)
    for trouble in ours.troubles:
        told, error = records[trouble.line], trouble.error()
        total.errors += [] if trouble.found.ignored else [error]
        words = stock_words(told, error)
        total.waits.append(Waits(told.external_id, trouble.found, words, trouble.description))
    stock_hold(*(site.pk for site in by_site))
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
    waiting_end(source)
    sites = {end.site for end in ends}
    codes = SourceProblem.objects.filter(account=source).values("external_id")
    meant = codes_meant(source, codes)
    told = {"teller": source, "site__code__in": sites, "as_of__lt": as_of}
    unknown = Q(product__sku__in=codes) | Q(product__in=meant)
    # As of the whole reading, also where there was nothing before.
    for rows in (StockStatement.objects, StockLevel.objects):
        rows.filter(**told, on_hand=0).exclude(unknown).update(as_of=as_of)
    used_up = StockStatement.objects.filter(**told).exclude(on_hand=0).exclude(unknown)
    by_site: dict[Site, dict[int, Stated]] = {}
    for row in used_up.select_related("site").order_by("pk"):
        by_site.setdefault(row.site, {})[row.product_id] = Stated(row.product_id, Decimal(0), as_of)
    for left in parts_end(source, sites, as_of):
        sum_left = Stated(left.product_id, left.on_hand, max(left.as_of, as_of))
        by_site.setdefault(left.site, {})[left.product_id] = sum_left
    stock_hold(*(site.pk for site in by_site))
    removed = 0
    for site, of_site in by_site.items():
        stated = list(of_site.values())
        for start in range(0, len(stated), AT_ONCE):
            part = stated[start : start + AT_ONCE]
            verdicts = stock_state(site=site, teller=source, source=source.name, stated=part)
            removed += sum(verdict.newer is None for verdict in verdicts)
    return removed + _elsewhere_end(source, ends)


def _elsewhere_end(source: SourceAccount, ends: Sequence[StockEnd]) -> int:
    """Of sites that it does not tell of any more nobody knows by it: its plants may be counted at another one now."""
    told_of = {site for end in ends for site in end.told_of}
    if not told_of or Site.objects.filter(code__in=told_of).count() < len(told_of):
        return 0  # the name of a site is wrong, and so might be which ones are missing
    StockPart.objects.filter(system__account=source).exclude(site__code__in=told_of).delete()
    statements = StockStatement.objects.filter(teller=source).exclude(site__code__in=told_of)
    by_site: dict[int, list[StockStatement]] = {}
    for said in statements.select_related("site", "teller").order_by("site", "pk"):
        by_site.setdefault(said.site_id, []).append(said)
    for of_site in by_site.values():
        for start in range(0, len(of_site), AT_ONCE):
            part = of_site[start : start + AT_ONCE]
            stock_unsay(statements=part, why=f"{source.name} tells other sites")
    return sum(map(len, by_site.values()))


def stock_words(record: StockRecord, error: RowError) -> str:
    at = f" at {record.site}" if record.site else ""
    return f"Stock of {record.sku}{at}: {error.column} {error.value!r} {error.reason}."
