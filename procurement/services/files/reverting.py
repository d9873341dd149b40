"""Giving rows of one table back what they were before, where they still are as the import left them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models.fields.reverse_related import ManyToOneRel

from procurement.models import ImportedRow, StockChange, StockStatement
from procurement.services.record_writers.row_changes import ROW_FIELDS, Table
from procurement.services.record_writers.row_words import RELATED, changed_words, row_name
from procurement.services.stock_ledger import stock_hold
from procurement.services.stock_undoing import stock_undone
from suppliers.models import PriceQuote, PriceTier

PARTS = (PriceTier, StockStatement, StockChange)  # belong to the row they refer to, and go with it
WORDS_KEPT = 300


@dataclass(slots=True)
class Reverted:
    removed: int = 0
    restored: int = 0
    left: int = 0

    def add(self, other: "Reverted") -> None:
        self.removed += other.removed
        self.restored += other.restored
        self.left += other.left


def rows_revert(table: int, changes: Sequence[ImportedRow]) -> Reverted:
    """In a transaction. What is left gets its reason in words."""
    model, fields = ROW_FIELDS[table]
    if table == Table.STOCK and changes:
        stock_hold(changes[0].file_import.site_id)
    # Locked against changes and against new rows that refer to them.
    found = model._base_manager.filter(pk__in=[change.row for change in changes]).order_by("pk")
    rows: dict[int, Any] = {
        row.pk: row for row in found.select_related(*RELATED[table]).select_for_update(of=("self",))
    }
    added = [change for change in changes if change.before is None]
    replaced = [change for change in changes if change.before is not None]
    same = {change.row for change in changes if change.row in rows and _unchanged(table, rows, change)}
    needed = _referred_to(model, [change.row for change in added if change.row in same])
    for change in changes:
        row = rows.get(change.row)
        if row is None:
            # Added and gone already is what undoing is for.
            change.left = "It was deleted since, and stays so." if change.before is not None else ""
        elif change.row not in same:
            change.left = changed_words(table, row, _values(model, fields, change.after))
        elif keeper := _keeper(table, row):
            change.left = f"{row_name(table, row)} is kept by {keeper} now."
        elif change.before is None and change.row in needed:
            change.left = f"{row_name(table, row)} is still needed: {needed[change.row]} refer to it."
    gone = [change.row for change in added if change.row in rows and not change.left]
    model._base_manager.filter(pk__in=gone).delete()
    if table == Table.QUOTE:
        _leave_ended(rows, replaced)
    back = [change for change in replaced if not change.left]
    _restore(model, fields, rows, back)
    if table == Table.STOCK:
        stock_undone(
            rows=rows, changes=[change for change in changes if change.row in rows and not change.left]
        )
    left = [change for change in changes if change.left]
    for change in left:
        change.left = change.left[:WORDS_KEPT]
    ImportedRow.objects.bulk_update([change for change in left if change.pk], ["left"])
    ImportedRow.objects.bulk_create(change for change in left if not change.pk)
    return Reverted(removed=len(gone), restored=len(back), left=len(left))


def _values(model: type[models.Model], fields: Sequence[str], values: Sequence[Any]) -> list[Any]:
    """As Python has them, from JSON."""
    columns: dict[str, Any] = {field.attname: field for field in model._meta.concrete_fields}
    return [columns[name].to_python(value) for name, value in zip(fields, values, strict=True)]


def _unchanged(table: int, rows: dict[int, models.Model], change: ImportedRow) -> bool:
    model, fields = ROW_FIELDS[table]
    row = rows[change.row]
    return [getattr(row, name) for name in fields] == _values(model, fields, change.after)


def _keeper(table: int, row: Any) -> str:
    """The system that has taken an order over since."""
    order = {Table.ORDER: lambda: row, Table.ORDER_LINE: lambda: row.order}.get(Table(table))
    return str(order().kept_by or "") if order else ""


def _referred_to(model: type[models.Model], rows: Collection[int]) -> dict[int, str]:
    """Which of these other rows refer to, and what these are called: deleting would take them along."""
    found: dict[int, str] = {}
    if not rows:
        return found
    for relation in model._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ManyToOneRel) or relation.related_model in PARTS:
            continue
        other, field = relation.field.model, relation.field
        referring = other._base_manager.filter(**{f"{field.name}__in": rows})
        name = str(other._meta.verbose_name_plural)
        found |= dict.fromkeys(referring.order_by().values_list(field.attname, flat=True).distinct(), name)
    return found


def _leave_ended(rows: dict[int, Any], replaced: Sequence[ImportedRow]) -> None:
    """A price list comes into force again only where none has taken its place."""
    offers = {rows[change.row].supplier_product_id for change in replaced if change.row in rows}
    in_force = set(
        PriceQuote.objects.filter(supplier_product__in=offers, superseded_at=None).values_list(
            "supplier_product", flat=True
        )
    )
    for change in replaced:
        row = rows.get(change.row)
        if row and not change.left and row.supplier_product_id in in_force:
            change.left = f"{row_name(Table.QUOTE, row)}: a newer price list is in force."


def _restore(
    model: type[models.Model], fields: Sequence[str], rows: dict[int, Any], back: Sequence[ImportedRow]
) -> None:
    for change in back:
        for name, value in zip(fields, _values(model, fields, change.before or []), strict=True):
            setattr(rows[change.row], name, value)
    # One statement with a row each: `bulk_update` would make a case for every row and column.
    columns = [name.removesuffix("_id") for name in fields]
    model._base_manager.bulk_create(
        [rows[change.row] for change in back],
        update_conflicts=True,
        unique_fields=["pk"],
        update_fields=columns,
    )
