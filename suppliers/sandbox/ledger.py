"""What the sandbox suppliers know for certain: the orders they were sent, what these did, what is yet to say.

SQLite, one file for all suppliers of a server. Receipts and orders only grow. A second effect of one
reference is a second row of `orders`, so that a doubled order can be seen and counted.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS receipts (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, supplier TEXT NOT NULL, reference TEXT NOT NULL,
    body TEXT NOT NULL, effect INTEGER NOT NULL, answer TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS orders (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, supplier TEXT NOT NULL, reference TEXT NOT NULL,
    number TEXT NOT NULL, currency TEXT NOT NULL, total TEXT NOT NULL, delivery_fee TEXT NOT NULL,
    lines TEXT NOT NULL, unavailable TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS orders_reference ON orders (supplier, reference);
CREATE TABLE IF NOT EXISTS taken (
    supplier TEXT NOT NULL, sku TEXT NOT NULL, at TEXT NOT NULL, quantity TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS taken_sku ON taken (supplier, sku, at);
CREATE TABLE IF NOT EXISTS callbacks (
    id INTEGER PRIMARY KEY, supplier TEXT NOT NULL, order_id INTEGER NOT NULL, message_id TEXT NOT NULL,
    body TEXT NOT NULL, due_at TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    delivered_at TEXT, last_answer TEXT NOT NULL DEFAULT '', address TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS callbacks_due ON callbacks (delivered_at, due_at);
"""
RESTOCKED_AFTER = timedelta(days=7)  # what was sold longer ago is on the shelf again


@dataclass(frozen=True, slots=True)
class PlacedLine:
    supplier_product_id: str
    unit_of_measure: str
    quantity: Decimal
    unit_price: Decimal


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    id: int
    at: datetime
    reference: str
    number: str
    currency: str
    total: Decimal
    delivery_fee: Decimal
    lines: tuple[PlacedLine, ...]
    unavailable: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DueCallback:
    id: int
    supplier: str
    message_id: str
    body: str
    attempts: int
    address: str  # empty: the one address for all callbacks


class Ledger:
    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(SCHEMA)
        if "address" not in {row["name"] for row in self._db.execute("PRAGMA table_info(callbacks)")}:
            self._db.execute("ALTER TABLE callbacks ADD COLUMN address TEXT NOT NULL DEFAULT ''")

    def close(self) -> None:
        with self._lock:
            self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, and one at a time."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    # -- orders -----------------------------------------------------------------------------------------
    def receipt_add(self, *, supplier: str, reference: str, body: str, effect: bool, answer: str) -> None:
        with self._lock:
            self._db.execute(
                "INSERT INTO receipts (at, supplier, reference, body, effect, answer) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (_now(), supplier, reference, body, effect, answer),
            )

    def order_add(
        self,
        *,
        supplier: str,
        reference: str,
        number: str,
        currency: str,
        total: Decimal,
        delivery_fee: Decimal,
        lines: tuple[PlacedLine, ...],
        unavailable: tuple[str, ...],
    ) -> PlacedOrder:
        now = _now()
        listed = [
            [p.supplier_product_id, p.unit_of_measure, str(p.quantity), str(p.unit_price)] for p in lines
        ]
        cursor = self._db.execute(
            "INSERT INTO orders (at, supplier, reference, number, currency, total, delivery_fee, lines, "
            "unavailable) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (now, supplier, reference, number, currency, str(total), str(delivery_fee),
             json.dumps(listed), json.dumps(unavailable)),
        )  # fmt: skip
        self._db.executemany(
            "INSERT INTO taken (supplier, sku, at, quantity) VALUES (?, ?, ?, ?)",
            [(supplier, line.supplier_product_id, now, str(line.quantity)) for line in lines],
        )
        row = self._db.execute("SELECT * FROM orders WHERE id = ?", (cursor.lastrowid,)).fetchone()
        return _order(row)

    def orders_find(self, supplier: str, reference: str) -> list[PlacedOrder]:
        with self._lock:
            rows = self._db.execute(
                "SELECT * FROM orders WHERE supplier = ? AND reference = ? ORDER BY id", (supplier, reference)
            ).fetchall()
        return [_order(row) for row in rows]

    def order_request(self, supplier: str, reference: str) -> str:
        """The request that placed the order, for what a protocol wants back and the order does not hold."""
        with self._lock:
            row = self._db.execute(
                "SELECT body FROM receipts WHERE supplier = ? AND reference = ? AND effect = 1 "
                "ORDER BY id DESC LIMIT 1",
                (supplier, reference),
            ).fetchone()
        return str(row["body"]) if row else ""

    def orders_all(self, supplier: str) -> list[PlacedOrder]:
        with self._lock:
            rows = self._db.execute(
                "SELECT * FROM orders WHERE supplier = ? ORDER BY id", (supplier,)
            ).fetchall()
        return [_order(row) for row in rows]

    def quantity_taken(self, supplier: str, sku: str) -> Decimal:
        since = _stamp(datetime.now(UTC) - RESTOCKED_AFTER)
        with self._lock:
            rows = self._db.execute(
                "SELECT quantity FROM taken WHERE supplier = ? AND sku = ? AND at > ?", (supplier, sku, since)
            ).fetchall()
        return sum((Decimal(row["quantity"]) for row in rows), Decimal(0))

    # -- callbacks --------------------------------------------------------------------------------------
    def callback_add(
        self, *, supplier: str, order_id: int, message_id: str, body: str, due_at: datetime, address: str = ""
    ) -> None:
        self._db.execute(
            "INSERT INTO callbacks (supplier, order_id, message_id, body, due_at, address) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (supplier, order_id, message_id, body, _stamp(due_at), address),
        )

    def callbacks_due(self, until: datetime, supplier: str = "") -> list[DueCallback]:
        """What is to be said by then, by one supplier or by all."""
        with self._lock:
            rows = self._db.execute(
                "SELECT * FROM callbacks WHERE delivered_at IS NULL AND due_at <= ? AND ? IN ('', supplier) "
                "ORDER BY due_at, id LIMIT 100",
                (_stamp(until), supplier),
            ).fetchall()
        return [
            DueCallback(
                row["id"], row["supplier"], row["message_id"], row["body"], row["attempts"], row["address"]
            )
            for row in rows
        ]

    def callback_next_at(self) -> datetime | None:
        with self._lock:
            row = self._db.execute("SELECT min(due_at) FROM callbacks WHERE delivered_at IS NULL").fetchone()
        return datetime.fromisoformat(row[0]) if row[0] else None

    def callback_attempted(self, callback_id: int, *, answer: str, again_at: datetime | None) -> None:
        """`again_at` None: delivered."""
        with self._lock:
            self._db.execute(
                "UPDATE callbacks SET attempts = attempts + 1, last_answer = ?, delivered_at = ?, "
                "due_at = coalesce(?, due_at) WHERE id = ?",
                (
                    answer,
                    None if again_at else _now(),
                    _stamp(again_at) if again_at else None,
                    callback_id,
                ),
            )

    def callbacks_delivered(self, order_id: int) -> set[str]:
        """The ids of the messages about the order that somebody took."""
        with self._lock:
            rows = self._db.execute(
                "SELECT message_id FROM callbacks WHERE order_id = ? AND delivered_at IS NOT NULL",
                (order_id,),
            ).fetchall()
        return {row["message_id"] for row in rows}

    def order_change(self, order_id: int, lines: tuple[PlacedLine, ...]) -> None:
        """Other quantities; what was still to be said of those before is not said any more."""
        listed = [
            [p.supplier_product_id, p.unit_of_measure, str(p.quantity), str(p.unit_price)] for p in lines
        ]
        with self.transaction():
            self._db.execute("UPDATE orders SET lines = ? WHERE id = ?", (json.dumps(listed), order_id))
            self._db.execute("DELETE FROM callbacks WHERE order_id = ? AND delivered_at IS NULL", (order_id,))

    def callbacks_address(self, order_id: int) -> str:
        """Where what waits to be said about the order goes; empty: nothing waits."""
        with self._lock:
            row = self._db.execute(
                "SELECT address FROM callbacks WHERE order_id = ? AND delivered_at IS NULL", (order_id,)
            ).fetchone()
        return str(row["address"]) if row else ""

    def callbacks_withdraw(self, order_id: int) -> bool:
        """A cancelled order is not answered any more; False where the first answer is out already."""
        with self.transaction():
            told = self._db.execute(
                "SELECT 1 FROM callbacks WHERE order_id = ? AND delivered_at IS NOT NULL", (order_id,)
            ).fetchone()
            if not told:
                self._db.execute("DELETE FROM callbacks WHERE order_id = ?", (order_id,))
        return not told

    # -- for comparing ----------------------------------------------------------------------------------
    def summary(self) -> dict[str, Any]:
        """How often each reference was received and had an effect (more than once: doubled)."""
        with self._lock:
            orders = self._db.execute(
                "SELECT supplier, reference, count(*) AS received, sum(effect) AS effects FROM receipts "
                "WHERE reference != '' GROUP BY supplier, reference ORDER BY min(id)"
            ).fetchall()
            placed = self._db.execute("SELECT * FROM orders ORDER BY id").fetchall()
            waiting = self._db.execute(
                "SELECT count(*), coalesce(sum(attempts), 0) FROM callbacks WHERE delivered_at IS NULL"
            ).fetchone()
        totals = {(row["supplier"], row["reference"]): row for row in placed}
        listed = []
        for row in orders:
            order = totals.get((row["supplier"], row["reference"]))
            listed.append(
                {
                    "supplier": row["supplier"],
                    "reference": row["reference"],
                    "received": row["received"],
                    "effects": row["effects"],
                    "supplier_order_id": order["number"] if order else None,
                    "total": order["total"] if order else None,
                }
            )
        return {"orders": listed, "callbacks_waiting": waiting[0], "callbacks_failed_attempts": waiting[1]}


def _order(row: sqlite3.Row) -> PlacedOrder:
    return PlacedOrder(
        id=row["id"],
        at=datetime.fromisoformat(row["at"]),
        reference=row["reference"],
        number=row["number"],
        currency=row["currency"],
        total=Decimal(row["total"]),
        delivery_fee=Decimal(row["delivery_fee"]),
        lines=tuple(
            PlacedLine(sku, unit, Decimal(quantity), Decimal(price))
            for sku, unit, quantity, price in json.loads(row["lines"])
        ),
        unavailable=tuple(json.loads(row["unavailable"])),
    )


def _now() -> str:
    return _stamp(datetime.now(UTC))


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")  # always of one length, so that text compares like time
