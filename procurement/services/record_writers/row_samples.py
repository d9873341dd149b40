"""The first rows of each kind that would be written, in words: what a person looks at before anything is done."""

from collections.abc import Sequence
from typing import Any

from django.db import models

from procurement.models import CustomerOrderLine
from procurement.services.record_writers.row_changes import ROW_FIELDS, Prices, RowChanges, Table, row_values
from procurement.services.record_writers.row_words import row_name, value_words
from suppliers.models import SupplierProduct
from suppliers.packing import plain, plain_price

EACH = 8
HIDDEN = ("source", "product_id", "teller_id")
Samples = dict[str, list[dict[str, Any]]]


class RowSamples(RowChanges):
    def __init__(self, so_far: Samples) -> None:
        self.found: Samples = {kind: list(so_far.get(kind, ())) for kind in ("added", "changed", "unchanged")}

    def priced(self, offer: SupplierProduct, was: Prices | None, becomes: Prices, *, known: bool) -> None:
        kind = "changed" if known else "added"
        if len(self.found[kind]) < EACH:
            words = {
                "name": "prices",
                "was": _price_words(was) if was else "",
                "becomes": _price_words(becomes),
            }
            self.found[kind].append({"what": row_name(Table.OFFER, offer), "values": [words]})

    def note(self, table: int, row: models.Model, before: Sequence[Any] | None) -> None:
        kind = "added" if before is None else "changed"
        if len(self.found[kind]) >= EACH:
            return
        names, now = ROW_FIELDS[table][1], row_values(table, row)
        new = before is None
        values = [
            {
                "name": name.replace("_", " "),
                "was": "" if new else value_words(then),
                "becomes": value_words(value),
            }
            for name, then, value in zip(names, before or [None] * len(now), now, strict=True)
            if name not in HIDDEN and (value not in (None, "") if new else then != value)
        ]
        if isinstance(row, CustomerOrderLine):
            values.insert(0, {"name": "item", "was": "", "becomes": row.product.sku})
        self.found[kind].append({"what": row_name(table, row), "values": values})

    def same(self, table: int, row: models.Model) -> None:
        if len(self.found["unchanged"]) < EACH:
            self.found["unchanged"].append({"what": row_name(table, row), "values": []})


def _price_words(prices: Prices) -> str:
    currency, tiers = prices
    said = [
        f"{plain_price(price, currency)} from {plain(start)}"
        if len(tiers) > 1
        else plain_price(price, currency)
        for start, price in sorted(tiers.items())
    ]
    return ", ".join(said)
