"""What writers do to rows: kept so that a whole import can be undone, or shown before anything is done."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

from django.db import connection, models

from procurement.models import (
    AddedRows,
    CustomerOrder,
    CustomerOrderLine,
    DailyDemand,
    FileImport,
    ImportedRow,
    Promotion,
    StockLevel,
    StockOut,
    StockPart,
    StockStatement,
)
from suppliers.models import ContractItem, ExchangeRate, PriceQuote, Product, SupplierProduct

Table = ImportedRow.Table
Prices: TypeAlias = tuple[str, Mapping[Decimal, Decimal]]  # currency, and the price from each quantity
# The columns an import writes, in the order in which `ImportedRow` lists their values. Append only.
ROW_FIELDS: dict[int, tuple[type[models.Model], tuple[str, ...]]] = {
    Table.PRODUCT: (Product, ("name", "unit", "barcode")),
    Table.OFFER: (
        SupplierProduct,
        ("pack_size", "minimum_quantity", "lead_time_days", "stock_on_offer", "stock_as_of"),
    ),
    Table.QUOTE: (PriceQuote, ("superseded_at",)),
    Table.ORDER: (CustomerOrder, ("customer", "ordered_on", "due_date", "open", "source")),
    Table.ORDER_LINE: (CustomerOrderLine, ("product_id", "quantity", "shipped_quantity", "code")),
    Table.STOCK: (StockLevel, ("on_hand", "as_of", "source", "teller_id")),
    Table.DEMAND: (DailyDemand, ("quantity", "source")),
    Table.STATEMENT: (StockStatement, ("on_hand", "since", "as_of", "source")),
    Table.RATE: (ExchangeRate, ("rate", "status", "doubt", "read_at")),
    Table.STOCK_PART: (StockPart, ("product_id", "on_hand", "as_of")),
    Table.PROMOTION: (Promotion, ("name", "starts_on", "ends_on", "source")),
    Table.STOCK_OUT: (StockOut, ("hours", "source")),
    Table.CONTRACT: (ContractItem, ("valid_until", "unit_price", "currency", "share_percent", "note")),
}
# Whose added rows are kept many at once. All of them: they are undone after single rows, the last ones first, and an
# order goes after its lines.
PACKED = (Table.ORDER, Table.ORDER_LINE)
ADDED_AT_ONCE = 5_000  # in one `AddedRows`, and in one step of undoing


def row_values(table: int, row: models.Model) -> list[Any]:
    return [getattr(row, name) for name in ROW_FIELDS[table][1]]


def values_before(table: int, stored: models.Model | None) -> list[Any] | None:
    return None if stored is None else row_values(table, stored)


class RowChanges:
    """Told by the writers what they do, before they do it. This one forgets it."""

    kept = False  # whether what is stored must be locked, as it is remembered

    def note(self, table: int, row: models.Model, before: Sequence[Any] | None) -> None:
        """`row` is about to be written; `before`: its values so far, None if it is new."""

    def same(self, table: int, row: models.Model) -> None:
        """`row` is stored like this already."""

    def priced(self, offer: SupplierProduct, was: Prices | None, becomes: Prices, *, known: bool) -> None:
        """An offer is about to get another price list."""

    def save(self) -> None:
        """The batch was written: the rows have their keys. Called in its transaction."""

    def added(self, table: int, keys: Sequence[int], columns: Sequence[Any]) -> None:
        """Many rows were added at once. Their values as JSON has them: a list a column, or what all have in common."""

    def replaced(
        self, table: int, before: Sequence[str], after: Sequence[str], rows: str, values: Any
    ) -> None:
        """Many rows are about to be replaced, by one statement; `before` and `after` are in SQL, of `rows` as known."""


class KeptChanges(RowChanges):
    kept = True

    def __init__(self, file_import: FileImport) -> None:
        self._import = file_import
        self._noted: list[tuple[int, models.Model, Sequence[Any] | None]] = []

    def note(self, table: int, row: models.Model, before: Sequence[Any] | None) -> None:
        self._noted.append((table, row, before))

    def save(self) -> None:
        added: dict[int, list[models.Model]] = {table: [] for table in PACKED}
        single: list[ImportedRow] = []
        for table, row, before in self._noted:
            if before is None and table in PACKED:
                added[table].append(row)
                continue
            was = None if before is None else [_plain(value) for value in before]
            after = [_plain(value) for value in row_values(table, row)]
            single.append(
                ImportedRow(file_import=self._import, table=table, row=row.pk, before=was, after=after)
            )
        ImportedRow.objects.bulk_create(single)
        for table, rows in added.items():
            values = [[_plain(getattr(row, name)) for row in rows] for name in ROW_FIELDS[Table(table)][1]]
            self.added(table, [row.pk for row in rows], values)
        self._noted.clear()

    def added(self, table: int, keys: Sequence[int], columns: Sequence[Any]) -> None:
        for start in range(0, len(keys), ADDED_AT_ONCE):
            part = slice(start, start + ADDED_AT_ONCE)
            values = [column[part] if isinstance(column, list) else column for column in columns]
            # One by one: `bulk_create` would quote each value of these long lists.
            AddedRows.objects.create(
                file_import=self._import, table=table, rows=_runs(keys[part]), columns=values
            )

    def replaced(
        self, table: int, before: Sequence[str], after: Sequence[str], rows: str, values: Any
    ) -> None:
        array = "jsonb_build_array" if connection.vendor == "postgresql" else "json_array"
        with connection.cursor() as cursor:
            cursor.execute(
                f"""INSERT INTO procurement_importedrow (file_import_id, "table", "row", before, after, "left")
                SELECT %(import)s, %(table)s, known.id, {array}({", ".join(before)}), {array}({", ".join(after)}), ''
                {rows}""",
                {**values, "import": self._import.pk, "table": int(table)},
            )


def _runs(keys: Sequence[int]) -> list[tuple[int, int]]:
    """Keys that follow one another: the first, and how many."""
    if isinstance(keys, range):
        return [(keys.start, len(keys))]
    starts = [at for at in range(len(keys)) if not at or keys[at] != keys[at - 1] + 1]
    return [(keys[at], end - at) for at, end in zip(starts, [*starts[1:], len(keys)], strict=True)]


def _plain(value: Any) -> Any:
    """As JSON keeps it without loss."""
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date | datetime) else value
