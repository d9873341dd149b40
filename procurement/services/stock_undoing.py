"""What else goes when a file's stock is undone: the statement it was; and the history says what counts again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from procurement.models import ImportedRow, StockChange, StockLevel, StockStatement
from procurement.services.stock_ledger import statements_rewrite


def stock_undone(*, rows: Mapping[int, StockLevel], changes: Sequence[ImportedRow]) -> None:
    """`rows`: the levels as they are again, or were where they are gone. In the transaction that undoes `changes`."""
    if not changes:
        return
    _take_back(rows, changes)
    now, file_import = timezone.now(), changes[0].file_import
    StockChange.objects.bulk_create(
        StockChange(
            product_id=rows[change.row].product_id,
            site_id=rows[change.row].site_id,
            at=now,
            kind=StockChange.Kind.UNDONE,
            on_hand=rows[change.row].on_hand if change.before else Decimal(0),
            as_of=rows[change.row].as_of if change.before else now,
            teller_id=rows[change.row].teller_id if change.before else None,
            source=f"Undone: {file_import}"[:40],
            counts=True,
            by_id=file_import.undone_by_id,
        )
        for change in changes
    )


class _Values(NamedTuple):
    """Of a level; the order is that of row_changes.ROW_FIELDS."""

    on_hand: Decimal
    as_of: datetime | None
    source: str
    teller: int | None

    @classmethod
    def of(cls, values: Sequence[Any]) -> "_Values":
        on_hand, as_of, source, teller = values
        return cls(Decimal(on_hand), parse_datetime(as_of), source, teller)


def _take_back(rows: Mapping[int, StockLevel], changes: Sequence[ImportedRow]) -> None:
    """Unless its teller has stated something else since. What it stated before is known only where that counted."""
    found = StockStatement.objects.filter(
        site__in={row.site_id for row in rows.values()}, product__in={row.product_id for row in rows.values()}
    )
    statements = {(row.site_id, row.product_id, row.teller_id): row for row in found}
    gone, back = [], []
    for change in changes:
        level, after = rows[change.row], _Values.of(change.after)
        said = statements.get((level.site_id, level.product_id, after.teller))
        if said is None or (said.on_hand, said.as_of, said.source) != after[:3]:
            continue
        before = _Values.of(change.before) if change.before else None
        if before is None or before.as_of is None or before.teller != after.teller:
            gone.append(said.pk)
            continue
        said.on_hand, said.since, said.as_of, said.source = (
            before.on_hand,
            before.as_of,
            before.as_of,
            before.source,
        )
        back.append(said)
    StockStatement.objects.filter(pk__in=gone).delete()
    statements_rewrite(back)
