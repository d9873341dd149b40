"""Stock that one system tells under several codes of an item: added up where a person said so, else refused.

What each code told is kept, as codes may come in different pages, and a sum must not lose the one that came before.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from procurement.models import SourceAccount, SourceProblem, StockPart, StockStatement
from procurement.services.codes.resolving import Trouble, Unmatched, codes_ignored, mapped_codes
from procurement.services.codes.waiting import Waits, code_system
from procurement.services.record_writers.base import Group, Target, Written
from procurement.services.record_writers.row_changes import Table, row_values, values_before
from procurement.services.stock_unsaying import part_take_back
from procurement.sources.base import RowError, StockRecord
from suppliers.packing import plain


def moment(target: Target, record: StockRecord) -> datetime:
    if record.as_of is None:
        return target.as_of
    return record.as_of if timezone.is_aware(record.as_of) else timezone.make_aware(record.as_of)


def parts_added(
    target: Target, groups: Sequence[Group], products: Mapping[str, int], written: Written
) -> Sequence[Group]:
    """Groups of our items, each with the sum over its codes; what contradicts goes to the errors."""
    if not target.dry_run:
        _moved_take_back(target, groups, products)
    parts = _Parts(target, groups, products)
    if not parts.any:
        return groups
    added = [parts.added(group, written) if parts.several(group) else group for group in groups]
    parts.save()
    return [group for group in added if group]


def _moved_take_back(target: Target, groups: Sequence[Group], products: Mapping[str, int]) -> None:
    """What is told of another item now, as somebody has mended a bar code, is not that of the item before any more."""
    means = {row.code or row.sku: products.get(row.sku) for group in groups for row in group}
    of_system = StockPart.objects.filter(
        site=target.site, system__account=target.kept_by, system__supplier=None, code__in=means
    )
    for part in of_system.select_related("system").order_by("pk"):
        if means[part.code] is not None and means[part.code] != part.product_id:
            part_take_back(part, f"{part.code} is another item")


def parts_end(source: SourceAccount, sites: Collection[str], as_of: datetime) -> list[StockPart]:
    """What was told before `as_of` and not since is used up; of each item concerned the newest part, with the sum left.

    Of a code that could not be taken over since, nobody knows: its part stays. Call inside a transaction.
    """
    of_source = StockPart.objects.filter(system__account=source)
    unknown = SourceProblem.objects.filter(account=source).values("external_id")
    stale = (
        of_source.filter(site__code__in=sites, as_of__lt=as_of).exclude(on_hand=0).exclude(code__in=unknown)
    )
    items = set(stale.values_list("site", "product"))
    stale.update(on_hand=0, as_of=as_of)  # and not deleted: it is known to be none, where its item is not
    left = of_source.filter(product__in={product for _, product in items})
    left = left.exclude(product__in=codes_meant(source, unknown))
    by_item = defaultdict[tuple[int, int], list[StockPart]](list)
    for part in left.select_related("site").order_by("as_of"):
        by_item[part.site_id, part.product_id].append(part)
    sums = []
    for item in sorted(items & by_item.keys()):
        newest = by_item[item][-1]
        newest.on_hand = sum((part.on_hand for part in by_item[item]), Decimal(0))
        sums.append(newest)
    return sums


def codes_meant(source: SourceAccount, codes: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    """Items that these codes of the source mean, or were when they were told last, as by a bar code."""
    mapped = mapped_codes(source).filter(code__in=codes).values("product")
    told = StockPart.objects.filter(system__account=source, code__in=codes).values("product")
    return mapped.order_by().union(told)


class _Parts:
    def __init__(self, target: Target, groups: Sequence[Group], products: Mapping[str, int]) -> None:
        self._target, self._products = target, products
        self._new: dict[str, StockPart] = {}
        self._gone: list[str] = []
        by_code = {products[g[0].sku] for g in groups if g[0].sku in products and any(row.code for row in g)}
        rows = StockPart.objects.filter(
            site=target.site,
            system__account=target.kept_by,
            system__supplier=None,
            product__in=products.values(),
        )
        self._told = defaultdict[int, dict[str, StockPart]](dict)
        self._before = {part.code: part for part in rows}
        for part in self._before.values():
            self._told[part.product_id][part.code] = part
        self._several = by_code | self._told.keys()
        self.any = bool(self._several)
        if self.any:
            self._system = code_system(account=target.kept_by)
            said = mapped_codes(target.kept_by).filter(product__in=self._several, adds_up=True)
            self._adds_up = set(said.values_list("product", "code"))
            self._ignored = codes_ignored(target.kept_by, [row.code or row.sku for g in groups for row in g])
            stated = StockStatement.objects.filter(
                site=target.site, product__in=self._several, teller=target.teller
            )
            self._stated = {row.product_id: row for row in stated}

    def several(self, group: Group) -> bool:
        return self._products.get(group[0].sku) in self._several

    def added(self, group: Group, written: Written) -> Group:
        """One record with the sum; none where no code of it could be taken over."""
        taken: list[StockRecord] = []
        for record in group:
            if why := self._refusal(record, taken):
                code = record.code or record.sku
                found = Unmatched(code, Trouble.AMBIGUOUS, why, ignored=code in self._ignored)
                if not found.ignored:
                    written.errors.append(RowError(record.line, "sku", code, why))
                written.waits.append(Waits(record.external_id or self._target.source, found))
            else:
                taken.append(record)
                self._tell(record)
        if not taken:
            return ()
        parts = self._told[self._products[taken[0].sku]].values()
        total = sum((part.on_hand for part in parts), Decimal(0))
        return [replace(taken[-1], on_hand=total, as_of=max(part.as_of for part in parts))]

    def _refusal(self, record: StockRecord, taken: Sequence[StockRecord]) -> str:
        product, code = self._products[record.sku], record.code or record.sku
        if same := next((one for one in taken if (one.code or one.sku) == code), None):
            return f"stands in line {same.line} already"
        self._seed(product, record)
        known = self._told[product].get(code)
        if known and known.as_of > moment(self._target, record):
            return "is of an older moment than what is known under this code"
        for other in self._told[product].values():
            if other.code == code or not other.on_hand or not self._still_told(other, record):
                continue
            if (product, code) not in self._adds_up and (product, other.code) not in self._adds_up:
                return (
                    f"is {record.sku}, whose stock is told as {other.code} as well ({plain(other.on_hand)});"
                    " say under Unmatched codes, Mapped, whether the two add up"
                )
        return ""

    def _seed(self, product: int, record: StockRecord) -> None:
        """A figure without parts came under our own code: it was the only one until now."""
        stated = self._stated.get(product)
        if stated is None or self._told[product] or not record.code:
            return
        adds_up = (product, record.code) in self._adds_up
        if self._target.kept_by or adds_up or stated.as_of == moment(self._target, record):
            self._keep(product, record.sku, stated.on_hand, stated.as_of)

    def _still_told(self, part: StockPart, record: StockRecord) -> bool:
        """A source says when something is used up; of files, only what comes at the same time stands beside it."""
        return self._target.kept_by is not None or part.as_of >= moment(self._target, record)

    def _tell(self, record: StockRecord) -> None:
        product, code = self._products[record.sku], record.code or record.sku
        if not self._target.kept_by and (product, code) not in self._adds_up:
            for other in list(
                self._told[product]
            ):  # what an older file said under a code that does not add up
                stale = self._told[product][other]
                if not self._still_told(stale, record) and (product, other) not in self._adds_up:
                    self._forget(product, other)
        self._keep(product, code, record.on_hand, moment(self._target, record))

    def _keep(self, product: int, code: str, on_hand: Decimal, as_of: datetime) -> None:
        part = StockPart(
            site=self._target.site,
            system=self._system,
            product_id=product,
            code=code,
            on_hand=on_hand,
            as_of=as_of,
        )
        self._told[product][code] = self._new[code] = part

    def _forget(self, product: int, code: str) -> None:
        del self._told[product][code]
        self._gone.append(code)

    def save(self) -> None:
        if self._target.dry_run:
            return
        for code, part in self._new.items():
            before = values_before(Table.STOCK_PART, self._before.get(code))
            if before != row_values(Table.STOCK_PART, part):
                self._target.changes.note(Table.STOCK_PART, part, before)
        StockPart.objects.filter(site=self._target.site, system=self._system, code__in=self._gone).delete()
        StockPart.objects.bulk_create(
            self._new.values(),
            update_conflicts=True,
            unique_fields=["site", "system", "code"],
            update_fields=["product", "on_hand", "as_of"],
        )
        self._target.changes.save()
