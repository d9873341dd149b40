"""What tellers state of stock: kept a teller, made the site's figure where it counts, and written to the history.

All three in one transaction. Whatever writes stock of a site holds the site's row, so that nothing is decided on what
another is about to change.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Model
from django.utils import timezone

from orders.models import Site
from procurement.models import SourceAccount, StockChange, StockLevel, StockStatement
from procurement.services.record_writers.row_changes import RowChanges, Table, row_values, values_before
from procurement.stock_words import choices_of, statements_of
from procurement.tellers import Statement, counting, standing


@dataclass(frozen=True, slots=True)
class Stated:
    product: int
    on_hand: Decimal
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    known: bool = False  # the teller stated something of the item before
    differs: bool = False
    newer: datetime | None = None  # refused: what is known is of then


def stock_hold(*sites: int) -> None:
    """Until the end of the transaction, nobody else writes stock of these sites."""
    list(Site.objects.select_for_update(no_key=True).filter(pk__in=sites).order_by("pk").values_list("pk"))


def stock_state(
    *,
    site: Site,
    teller: SourceAccount | None,
    source: str,
    stated: Sequence[Stated],
    dry_run: bool = False,
    changes: RowChanges | None = None,
) -> list[Verdict]:
    """One verdict a statement, in their order. An item may be named once. Call inside a transaction."""
    if not dry_run:
        stock_hold(site.pk)
    ledger = _Ledger(site, teller, source, stated, changes or RowChanges())
    verdicts = [ledger.take(said) for said in stated]
    if not dry_run:
        ledger.save()
    return verdicts


@dataclass(slots=True)
class _Rows:
    """What is to be written. Most readings bring the same figures of one later moment: these are only moved to it."""

    new: list[StockStatement] = field(default_factory=list)
    changed: list[StockStatement] = field(default_factory=list)
    moved: list[int] = field(default_factory=list)
    levels: list[StockLevel] = field(default_factory=list)
    levels_moved: list[int] = field(default_factory=list)
    changes: list[StockChange] = field(default_factory=list)


class _Ledger:
    def __init__(
        self,
        site: Site,
        teller: SourceAccount | None,
        source: str,
        stated: Sequence[Stated],
        noted: RowChanges,
    ) -> None:
        self._site, self._teller, self._source, self._noted = site, teller, source, noted
        self._active = teller is None or teller.active
        self._now = timezone.now()
        self._moment = stated[0].as_of if stated else self._now
        products = [said.product for said in stated]
        levels = StockLevel.objects.filter(site=site, product__in=products)
        self._levels = {level.product_id: level for level in levels}
        self._said = statements_of(site=site, products=products)
        own = StockStatement.objects.filter(site=site, teller=teller, product__in=products)
        self._own = {row.product_id: row for row in own}
        self._choices = choices_of(site=site, products=products)
        self._rows = _Rows()

    def take(self, said: Stated) -> Verdict:
        own, level = self._own.get(said.product), self._levels.get(said.product)
        if own and own.as_of > said.as_of:
            return Verdict(newer=own.as_of)
        same = own is not None and own.on_hand == said.on_hand
        since = own.since if own and same else said.as_of
        teller = self._teller.pk if self._teller else None
        word = Statement(teller, said.on_hand, since, said.as_of, self._active)
        others = [other for other in self._said.get(said.product, ()) if other.teller != teller]
        if teller is None and word not in standing([word, *others], now=said.as_of):
            return Verdict(newer=max(other.since for other in others))
        counts = self._counting(said.product, [word, *others]) is word
        if counts and level and level.as_of > said.as_of:
            return Verdict(newer=level.as_of)
        self._state(said, own, since, same=same, noted=not counts)
        becomes = counts and self._level(said, level)
        if becomes or not same:
            self._rows.changes.append(
                StockChange(
                    product_id=said.product,
                    site=self._site,
                    at=self._now,
                    kind=StockChange.Kind.STATED,
                    on_hand=said.on_hand,
                    as_of=said.as_of,
                    teller=self._teller,
                    source=self._source,
                    counts=counts,
                )
            )
        return Verdict(known=own is not None, differs=not same)

    def _counting(self, product: int, statements: Sequence[Statement]) -> Statement | None:
        level = self._levels.get(product)
        held_by = [level.teller_id] if level else []
        chosen = self._choices.get(product, self._choices[None])
        return counting(statements, held_by=held_by, chosen=chosen, now=self._now)

    def _state(
        self, said: Stated, own: StockStatement | None, since: datetime, *, same: bool, noted: bool
    ) -> None:
        row = StockStatement(
            pk=own.pk if own else None, site=self._site, product_id=said.product, teller=self._teller,
            on_hand=said.on_hand, since=since, as_of=said.as_of, source=self._source,
        )  # fmt: skip
        if own is None:
            self._rows.new.append(row)
        elif same and own.source == self._source and said.as_of in (own.as_of, self._moment):
            self._rows.moved += [own.pk] if own.as_of != said.as_of else []
        else:
            self._rows.changed.append(row)
        if noted:
            self._note(Table.STATEMENT, row, own)

    def _level(self, said: Stated, level: StockLevel | None) -> bool:
        """Whether the site's figure becomes another."""
        row = StockLevel(
            pk=level.pk if level else None, site=self._site, product_id=said.product, on_hand=said.on_hand,
            as_of=said.as_of, source=self._source, teller=self._teller,
        )  # fmt: skip
        same = level is not None and level.on_hand == row.on_hand
        keeps = level is not None and (level.teller_id, level.source) == (row.teller_id, row.source)
        if level and same and keeps and said.as_of in (level.as_of, self._moment):
            self._rows.levels_moved += [level.pk] if level.as_of != said.as_of else []
        else:
            self._rows.levels.append(row)
        self._note(Table.STOCK, row, level)
        return not same

    def _note(self, table: int, row: Model, before: Model | None) -> None:
        values = values_before(table, before)
        if values == row_values(table, row):
            self._noted.same(table, row)
        else:
            self._noted.note(table, row, values)

    def save(self) -> None:
        rows = self._rows
        StockStatement.objects.bulk_create(rows.new)
        statements_rewrite(rows.changed)
        StockStatement.objects.filter(pk__in=rows.moved).update(as_of=self._moment)
        levels_save(rows.levels)
        StockLevel.objects.filter(pk__in=rows.levels_moved).update(as_of=self._moment)
        StockChange.objects.bulk_create(rows.changes)
        self._noted.save()


def statements_rewrite(statements: Sequence[StockStatement]) -> None:
    _rewrite(StockStatement, statements, ["on_hand", "since", "as_of", "source"])


def levels_save(levels: Iterable[StockLevel]) -> None:
    """New ones and others. The site has to be held."""
    levels = list(levels)
    StockLevel.objects.bulk_create([level for level in levels if level.pk is None])
    _rewrite(StockLevel, [level for level in levels if level.pk], ["on_hand", "as_of", "source", "teller"])


def _rewrite(model: type[Model], rows: Sequence[Any], fields: Sequence[str]) -> None:
    """One statement with a row each: `bulk_update` would make a case for every row and column."""
    model._base_manager.bulk_create(rows, update_conflicts=True, unique_fields=["pk"], update_fields=fields)
