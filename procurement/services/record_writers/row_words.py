"""Rows in a person's words: what they are called, and what differs."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from procurement.services.record_writers.row_changes import ROW_FIELDS, Table, row_values

# What the names need besides the row itself.
RELATED: dict[int, tuple[str, ...]] = {
    Table.PRODUCT: (),
    Table.OFFER: ("supplier",),
    Table.QUOTE: ("supplier_product__supplier",),
    Table.ORDER: ("kept_by",),
    Table.ORDER_LINE: ("order__kept_by",),
    Table.STOCK: ("product", "site"),
    Table.DEMAND: ("product", "site"),
    Table.STATEMENT: ("product", "site"),
    Table.RATE: (),
    Table.STOCK_PART: ("product", "site"),
    Table.PROMOTION: ("product",),
    Table.STOCK_OUT: ("product",),
    Table.CONTRACT: ("supplier_product__supplier",),
}


def row_name(table: int, row: Any) -> str:
    match table:
        case Table.PRODUCT:
            return f"Item {row.sku}"
        case Table.OFFER:
            return f"{row.supplier.name}'s offer {row.supplier_sku}"
        case Table.QUOTE:
            offer = row.supplier_product
            return f"The prices of {offer.supplier.name}'s offer {offer.supplier_sku}"
        case Table.ORDER:
            return f"Order {row.number}"
        case Table.ORDER_LINE:
            return f"Order {row.order.number} line {row.line_number}"
        case Table.STOCK:
            return f"Stock of {row.product.sku} at {row.site.code}"
        case Table.RATE:
            return f"The rate of {row.currency} of {row.date:%d %b %Y}"
        case Table.STOCK_PART:
            return f"Stock of {row.product.sku} at {row.site.code}, told as {row.code},"
        case Table.PROMOTION:
            return f"The promotion of {row.product.sku} from {row.starts_on:%d %b %Y}"
        case Table.STOCK_OUT:
            return f"Hours without {row.product.sku} on {row.date:%d %b %Y}"
        case Table.CONTRACT:
            offer = row.supplier_product
            return f"Contract {row.number} on {offer.supplier.name}'s {offer.supplier_sku}"
        case Table.STATEMENT:
            return f"Stock of {row.product.sku} at {row.site.code}, where another teller counts,"
    return f"Demand of {row.product.sku} on {row.date:%d %b %Y}"


def value_words(value: Any) -> str:
    match value:
        case None | "":
            return "empty"
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return f"{value.normalize():f}"
        case datetime():
            return f"{timezone.localtime(value):%d %b %Y %H:%M}"
        case date():
            return f"{value:%d %b %Y}"
    return str(value)


def changed_words(table: int, row: Any, after: Sequence[Any]) -> str:
    """Why a row is no longer as an import left it: its columns that differ."""
    pairs = zip(ROW_FIELDS[table][1], row_values(table, row), after, strict=True)
    said = [
        "another item"
        if name == "product_id"
        else f"{name.replace('_', ' ')} {value_words(now)} and no longer {value_words(then)}"
        for name, now, then in pairs
        if now != then
    ]
    return f"{row_name(table, row)} was changed since: {', '.join(said)}."
