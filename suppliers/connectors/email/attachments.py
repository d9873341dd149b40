"""The order as a table for spreadsheets. As a page to print: pdf.py."""

import csv
import io

from suppliers.messages import Order
from suppliers.packing import plain

COLUMNS = (
    "order", "reference", "line", "your_code", "our_code", "barcode", "description",
    "quantity", "unit", "unit_price", "currency", "wanted_by", "note",
)  # fmt: skip


def order_csv(order: Order) -> bytes:
    """One row a line; with the mark that tells spreadsheets that it is UTF-8."""
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(COLUMNS)
    for line in order.lines:
        day = line.requested_date or order.requested_date
        table.writerow(
            [
                order.number,
                order.buyer_reference,
                line.line_number,
                _cell(line.supplier_sku),
                _cell(line.sku),
                _cell(line.barcode),
                _cell(line.description),
                plain(line.quantity),
                line.unit,
                "" if line.unit_price is None else plain(line.unit_price),
                order.currency,
                day.isoformat() if day else "",
                _cell(line.note),
            ]
        )
    return text.getvalue().encode("utf-8-sig")


def _cell(text: str) -> str:
    """A spreadsheet takes a text that begins like this for a formula, and runs it."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
