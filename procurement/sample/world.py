"""The demo's world, made from the shipped order lines by a seeded rule: same day and seed, same world.

docs/sample-data.md states the rule with its numbers. `build` makes it, `write` puts it into a folder as the files
that `manage.py import_data` and `manage.py sandbox` read.
"""

import csv
import gzip
import random
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from procurement.sample.suppliers import Item, Offer, offers_for

SAMPLE_DIR = Path(__file__).parent / "online_retail"
SEED = 7
OPEN_TRADING_DAYS = 2
RECENT_DAYS = 60
COVER_DAYS = 10
ORDER_DAYS = 60  # before `as_of`, of which not only the demand is told but the very orders


@dataclass(frozen=True, slots=True)
class CustomerLine:
    number: str
    line: int
    sku: str
    quantity: int
    customer: str
    ordered_on: date
    due_date: date


@dataclass(frozen=True, slots=True)
class World:
    as_of: date
    items: tuple[Item, ...]
    demand: tuple[tuple[str, date, int], ...]  # (sku, day, quantity), ordered
    customer_lines: tuple[CustomerLine, ...]
    past_lines: tuple[CustomerLine, ...]  # what the demand of the last `ORDER_DAYS` days was made of
    stock: Mapping[str, int]  # on hand by sku
    offers: Mapping[str, list[Offer]]  # by supplier code


def build(as_of: date, *, seed: int = SEED, sample: Path = SAMPLE_DIR) -> World:
    """History ends the day before `as_of`; what customers ordered on the two trading days after it is still open."""
    lines = _read(sample / "order_lines.csv.gz")
    days = sorted({date.fromisoformat(line["ordered_at"][:10]) for line in lines})
    last_day = days[-1 - OPEN_TRADING_DAYS]
    shift = as_of - timedelta(days=1) - last_day

    daily: dict[tuple[str, date], int] = defaultdict(int)
    waiting: dict[tuple[str, str], list[int | str]] = {}
    for line in lines:
        day, quantity = date.fromisoformat(line["ordered_at"][:10]), int(line["quantity"])
        if day <= last_day:
            daily[line["sku"], day + shift] += quantity
        else:
            at = waiting.setdefault((line["invoice"], line["sku"]), [0, line["customer"]])
            at[0] = int(at[0]) + quantity
    customer_lines = _customer_lines(waiting, as_of, random.Random(f"{seed} due dates"))
    past_lines = _past_lines(lines, last_day - timedelta(days=ORDER_DAYS - 1), last_day, shift)

    first = days[0] + shift
    series = _series(daily, first, as_of)
    items = tuple(
        Item(
            sku=row["sku"],
            name=row["description"].strip(),
            barcode=_barcode(number),
            sale_price=Decimal(row["median_price"]),
            daily=float(series[row["sku"]][-RECENT_DAYS:].mean()) if row["sku"] in series else 0.0,
        )
        for number, row in enumerate(_read(sample / "items.csv.gz"), start=1)
    )
    promised: dict[str, int] = defaultdict(int)
    for waits in customer_lines:
        promised[waits.sku] += waits.quantity
    rng = random.Random(f"{seed} opening stock")
    return World(
        as_of=as_of,
        items=items,
        demand=tuple((sku, day, quantity) for (sku, day), quantity in sorted(daily.items())),
        customer_lines=customer_lines,
        past_lines=past_lines,
        stock={
            item.sku: _opening_stock(series.get(item.sku), item.daily, promised[item.sku], rng)
            for item in items
        },
        offers=offers_for(list(items), seed),
    )


def _read(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _series(
    daily: Mapping[tuple[str, date], int], first: date, as_of: date
) -> dict[str, NDArray[np.float64]]:
    """Demand of every day from `first` to yesterday, by sku."""
    series: dict[str, NDArray[np.float64]] = {}
    length = (as_of - first).days
    for (sku, day), quantity in daily.items():
        series.setdefault(sku, np.zeros(length))[(day - first).days] = quantity
    return series


def _customer_lines(
    waiting: Mapping[tuple[str, str], list[int | str]], as_of: date, rng: random.Random
) -> tuple[CustomerLine, ...]:
    """One order an invoice, one line an item, ordered today and due in one to three days."""
    by_invoice: dict[str, list[tuple[str, int, str]]] = defaultdict(list)
    for (invoice, sku), (quantity, customer) in sorted(waiting.items()):
        by_invoice[invoice].append((sku, int(quantity), str(customer)))
    made = []
    for invoice, lines in by_invoice.items():
        due = as_of + timedelta(days=rng.randint(1, 3))
        for number, (sku, quantity, customer) in enumerate(lines, start=1):
            name = f"Customer {customer}" if customer else ""
            made.append(CustomerLine(f"SO-{invoice}", number, sku, quantity, name, as_of, due))
    return tuple(made)


def _past_lines(
    lines: list[dict[str, str]], first: date, last: date, shift: timedelta
) -> tuple[CustomerLine, ...]:
    """One order an invoice, one line an item, delivered on the day they were ordered."""
    totals: dict[tuple[date, str, str], int] = defaultdict(int)
    within = range(first.toordinal(), last.toordinal() + 1)
    customers: dict[str, str] = {}
    for line in lines:
        day = date.fromisoformat(line["ordered_at"][:10])
        if day.toordinal() in within:
            totals[day + shift, line["invoice"], line["sku"]] += int(line["quantity"])
            customers[line["invoice"]] = f"Customer {line['customer']}" if line["customer"] else ""
    made, counts = [], dict[str, int]()
    for (day, invoice, sku), quantity in sorted(totals.items()):
        counts[invoice] = counts.get(invoice, 0) + 1
        made.append(
            CustomerLine(f"SO-{invoice}", counts[invoice], sku, quantity, customers[invoice], day, day)
        )
    return tuple(made)


def _opening_stock(
    series: NDArray[np.float64] | None, recent: float, promised: int, rng: random.Random
) -> int:
    """What is promised to customers and a share of ten days' cover; about one item in twenty has nothing left.

    Ten days' cover: recent demand of ten days, plus what the worst twentieth of ten-day spans of the last year was
    above their mean. Six items in ten have 15 to 95 % of it, the others 105 to 220 %.
    """
    kind, low, high = rng.random(), rng.uniform(0.15, 0.95), rng.uniform(1.05, 2.2)
    if series is None or kind < 0.05:
        return 0
    spans = np.convolve(series[-365:], np.ones(COVER_DAYS), mode="valid")
    cover = recent * COVER_DAYS + max(0.0, float(np.quantile(spans, 0.95) - spans.mean()))
    return round(promised + cover * (low if kind < 0.62 else high))


def _barcode(number: int) -> str:
    """An EAN-13 of the range that GS1 keeps for demonstrations (952): nobody's, and the same thing for everybody."""
    digits = f"952{number:09d}"
    check = -sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(digits)) % 10
    return f"{digits}{check}"
