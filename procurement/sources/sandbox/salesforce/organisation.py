"""What a Salesforce organisation keeps: rows of a few objects, their time stamps, and its recycle bin."""

import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

SYSTEM_FIELDS = ("Id", "IsDeleted", "SystemModstamp")
FIELDS: dict[str, tuple[str, ...]] = {
    "Account": (*SYSTEM_FIELDS, "Name"),
    "Product2": (*SYSTEM_FIELDS, "Name", "ProductCode", "StockKeepingUnit"),
    "Order": (
        *SYSTEM_FIELDS, "OrderNumber", "AccountId", "Status", "StatusCode", "EffectiveDate", "EndDate", "TotalAmount",
    ),
    "OrderItem": (
        *SYSTEM_FIELDS, "OrderItemNumber", "OrderId", "Product2Id", "Quantity", "UnitPrice", "OriginalOrderItemId",
    ),
}  # fmt: skip
# A related object's name in a query, and the field that points to it.
RELATED = {
    ("Order", "Account"): ("AccountId", "Account"),
    ("OrderItem", "Order"): ("OrderId", "Order"),
    ("OrderItem", "Product2"): ("Product2Id", "Product2"),
    ("OrderItem", "OriginalOrderItem"): ("OriginalOrderItemId", "OrderItem"),
}
DAILY_CALLS = 15_000


class NoSuchField(Exception):
    """A query names a field that the object does not have."""


class Organisation:
    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.hidden: set[str] = set()  # fields that are gone, or that our user may not see
        self.custom: set[str] = set()
        self.used, self.allowed = 0, DAILY_CALLS  # calls of the last 24 hours
        self.asked_at: datetime | None = None  # the last time
        self._rows: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in FIELDS}

    def put(self, sobject: str, row: Mapping[str, Any], *, stamp: datetime | None = None) -> None:
        """Add a row, or change those fields of it. `stamp`: when it was changed; a past one is a late commit."""
        with self.lock:
            kept = self._rows[sobject].setdefault(row["Id"], {"IsDeleted": False})
            kept.update(row)
            self.custom |= {name for name in row if name.endswith("__c")}
            if stamp or "SystemModstamp" not in row:
                kept["SystemModstamp"] = written(stamp or datetime.now(UTC))

    def delete(self, sobject: str, row_id: str, *, stamp: datetime | None = None) -> None:
        """Into the recycle bin; an order takes its items along."""
        self.put(sobject, {"Id": row_id, "IsDeleted": True}, stamp=stamp)
        if sobject == "Order":
            for item in [row for row in self.rows("OrderItem") if row["OrderId"] == row_id]:
                self.delete("OrderItem", item["Id"], stamp=stamp)

    def rows(self, sobject: str) -> list[dict[str, Any]]:
        with self.lock:
            return [dict(row) for row in self._rows[sobject].values()]

    def count(self, sobject: str) -> int:
        return len(self._rows[sobject])

    def value(self, sobject: str, row: Mapping[str, Any] | None, path: str) -> Any:
        """Of a field, perhaps of a related object: `Product2.ProductCode`. Raises `NoSuchField`."""
        first, _, rest = path.partition(".")
        if rest:
            if (sobject, first) not in RELATED:
                raise NoSuchField(f"Didn't understand relationship '{first}' in field path.")
            key, other = RELATED[sobject, first]
            there = self._rows[other].get(row[key]) if row and row.get(key) else None
            return self.value(other, there, rest)
        if first in self.hidden or (first not in FIELDS[sobject] and first not in self.custom):
            raise NoSuchField(f"No such column '{first}' on entity '{sobject}'.")
        return row.get(first) if row else None


def written(moment: datetime) -> str:
    """As answers have it: 2026-11-22T02:17:33.000+0000."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000+0000"
