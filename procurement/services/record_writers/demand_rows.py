"""A batch of daily demand, compared with what is stored and written as a set."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from orders.models import Site
from procurement.models import DailyDemand
from procurement.services.record_writers.base import Target, Written, products_hold
from procurement.services.record_writers.incoming import incoming, keys_drawn, parts_told, rows_insert
from procurement.services.record_writers.row_changes import Table
from procurement.sources.sums import Numbers

SHOWN = 20
COLUMNS = {"product_id": "bigint", "date": "date", "quantity": "decimal(14, 4)"}
# Nothing of a file or a person is ever part of these statements: all values are handed over beside them.
# ruff: noqa: S608
KNOWN = """procurement_dailydemand AS known ON known.site_id = %(site)s
    AND known.product_id = incoming.product_id AND known.date = incoming.date"""
RANGE = """(known.product_id, known.date) >= (%(first)s, %(first_day)s)
    AND (known.product_id, known.date) <= (%(last)s, %(last_day)s)"""
ANY = f"""SELECT 1 FROM procurement_dailydemand AS known WHERE known.site_id = %(site)s AND {RANGE} LIMIT 1"""
# An outer join, though it only counts what is known: an inner one SQLite would begin with the table.
COMPARE = f"""SELECT count(known.id), count(CASE WHEN known.quantity = incoming.quantity THEN 1 END)
    FROM incoming LEFT JOIN {KNOWN} AND {RANGE}"""
CHANGED = f"FROM incoming JOIN {KNOWN} WHERE known.quantity <> incoming.quantity"
UPDATE = """UPDATE procurement_dailydemand AS known SET quantity = incoming.quantity, source = %(source)s
    FROM incoming WHERE known.site_id = %(site)s AND known.product_id = incoming.product_id
    AND known.date = incoming.date AND known.quantity <> incoming.quantity"""
# In order, as that is how indexes grow fastest.
ADD = f"""INSERT INTO procurement_dailydemand (site_id, product_id, date, quantity, source)
    SELECT %(site)s, incoming.product_id, incoming.date, incoming.quantity, %(source)s
    FROM incoming LEFT JOIN {KNOWN} WHERE known.id IS NULL ORDER BY incoming.product_id, incoming.date"""
LOOK = f"""SELECT incoming.product_id, incoming.date, incoming.quantity, known.quantity, known.source
    FROM incoming LEFT JOIN {KNOWN} LIMIT {SHOWN}"""


@dataclass(frozen=True, slots=True)
class Days:
    """Totals of items and days, each once and in this order."""

    rows: int  # of the file, about
    products: Numbers
    days: Numbers  # as `date.toordinal` counts them
    parts: Numbers

    def columns(self) -> list[list[str]]:
        """Item, day, quantity."""
        days = self.days.tolist()
        dates = {day: date.fromordinal(day).isoformat() for day in set(days)}
        return [
            list(map(str, self.products.tolist())),
            [dates[day] for day in days],
            parts_told(self.parts),
        ]


def demand_write(target: Target, batch: Days) -> Written:
    """Call inside a transaction."""
    if not len(batch.parts):
        return Written()
    if not target.dry_run:
        # One at a time for a site: nobody else adds a day between looking and writing.
        Site.objects.select_for_update(no_key=True).get(pk=target.site.pk)
        products_hold(batch.products)
    place: dict[str, Any] = {"site": target.site.pk, "source": target.source}
    for end, at in (("first", 0), ("last", -1)):
        place[end] = int(batch.products[at])
        place[f"{end}_day"] = date.fromordinal(int(batch.days[at]))
    with connection.cursor() as cursor:
        cursor.execute(ANY, place)
        if not target.dry_run and cursor.fetchone() is None:
            return _add_all(target, batch, cursor)
    return _compare(target, batch, place)


def _add_all(target: Target, batch: Days, cursor: CursorWrapper) -> Written:
    """Where nothing is stored: straight into the table, under keys drawn before, as a mass of rows tells none."""
    count = len(batch.parts)
    keys = keys_drawn(cursor, "procurement_dailydemand", count)
    products, days, quantities = batch.columns()
    rows_insert(cursor, "procurement_dailydemand", {
        "id": list(map(str, keys)), "site_id": str(target.site.pk), "product_id": products, "date": days,
        "quantity": quantities, "source": target.source,
    })  # fmt: skip
    target.changes.added(Table.DEMAND, keys, [quantities, target.source])
    return Written(added=count)


def _compare(target: Target, batch: Days, place: dict[str, Any]) -> Written:
    written, changes = Written(), target.changes
    with incoming("incoming", COLUMNS, batch.columns()) as cursor:
        cursor.execute(COMPARE, place)
        known, written.unchanged = cursor.fetchone()
        written.added, written.changed = len(batch.parts) - known, known - written.unchanged
        if target.dry_run:
            _look(target, cursor, place)
            return written
        if written.changed:
            if changes.kept:
                before = ("CAST(known.quantity AS varchar)", "known.source")
                after = ("CAST(incoming.quantity AS varchar)", "%(source)s")
                changes.replaced(Table.DEMAND, before, after, CHANGED, place)
            cursor.execute(UPDATE, place)
        if written.added:
            cursor.execute(f"{ADD} RETURNING id, quantity", place)
            keys, quantities = zip(*cursor.fetchall(), strict=True)
            changes.added(Table.DEMAND, list(keys), [list(map(str, quantities)), target.source])
    return written


def _look(target: Target, cursor: CursorWrapper, place: dict[str, Any]) -> None:
    """The first ones, to be shown before anything is done."""
    cursor.execute(LOOK, place)
    for product, day, quantity, known, source in cursor.fetchall():
        row = DailyDemand(
            site=target.site,
            product_id=product,
            date=day if isinstance(day, date) else date.fromisoformat(day),
            quantity=Decimal(str(quantity)),
            source=target.source,
        )
        if known is not None and Decimal(str(known)) == row.quantity:
            target.changes.same(Table.DEMAND, row)
        else:
            before = None if known is None else [Decimal(str(known)), source]
            target.changes.note(Table.DEMAND, row, before)
