"""A site to plan: items with lumpy demand over two years, three quotes each, and stock. Seeded.

Most items sell on few days, some nearly daily; quantities are mostly small and now and then huge; Saturdays and a week
at the end of the year are closed; a fifth of the items came in the course of the two years. Where a data folder is
given, items are drawn from it instead, each with the days and quantities it had there.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta

import numpy as np
from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone
from numpy.typing import NDArray

from benchmarks.folders import Folder
from orders.models import Site
from procurement.models import DailyDemand, PlanningPolicy, StockLevel
from suppliers.models import PriceQuote, PriceTier, Product, Supplier, SupplierProduct

DAYS = 730
SELLING_DAYS = 60  # an item, on average
QUOTES = 3
SUPPLIERS = 12
AT_ONCE = 2_000
NOTHING = r"\N"
Demand = NDArray[np.float64]


def site_make(items: int, *, seed: int, folder: Folder | None = None) -> Site:
    """Fills an empty database. Statistics of the tables are up to date afterwards, as a running database keeps them."""
    random = np.random.default_rng(seed)
    site = Site.objects.get()
    PlanningPolicy.objects.get_or_create(site=site)
    suppliers = _suppliers(random)
    with transaction.atomic():
        _copy(Product, "id sku name", ((n, f"{n:07}", f"Product {n}") for n in range(1, items + 1)))
        for start in range(0, items, AT_ONCE):
            ids = np.arange(start + 1, min(start + AT_ONCE, items) + 1)
            demand = _drawn(random, folder, len(ids)) if folder else _lumpy(random, len(ids))
            _demand(site, ids, demand)
            _stock(site, ids, demand, random)
            _offers(suppliers, ids, demand, random)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return site


def _lumpy(random: np.random.Generator, n: int) -> Demand:
    """(n, DAYS). An item's share of selling days is log-normal; what it sells on one of them grows with that share."""
    share = random.lognormal(0, 1.1, n)
    share = np.clip(share / np.exp(1.1**2 / 2) * SELLING_DAYS / DAYS * 1.36, 0.002, 0.9)
    today = timezone.localdate()
    days = [today - timedelta(days=DAYS - n) for n in range(DAYS)]
    opened = np.array([day.weekday() != 5 and (day.month, day.day) < (12, 25) for day in days])
    season = 1 + 0.3 * np.sin(2 * np.pi * np.array([day.timetuple().tm_yday for day in days]) / 365)
    begins = np.where(random.random(n) < 0.2, random.integers(0, DAYS - 30, n), 0)
    sells = random.random((n, DAYS)) < share[:, None] * season * opened
    sells &= np.arange(DAYS) >= begins[:, None]
    usual = random.lognormal(1.2, 0.9, n) * (share * 20) ** 0.3
    return np.where(sells, np.ceil(usual[:, None] * random.lognormal(-0.3, 0.8, (n, DAYS))), 0.0)


def _drawn(random: np.random.Generator, folder: Folder, n: int) -> Demand:
    history = folder.demand[:, -DAYS:]
    out = np.zeros((n, DAYS))
    out[:, DAYS - history.shape[1] :] = history[random.integers(0, len(history), n)]
    return out


def _suppliers(random: np.random.Generator) -> list[Supplier]:
    return Supplier.objects.bulk_create(
        Supplier(
            code=f"bench-{n}",
            name=f"Bench Supplies {n}",
            lead_time_days=1 + n % 7,
            minimum_order_value=100 * (n % 4),
            delivery_fee=15 * (n % 3),
            free_delivery_from=500 if n % 2 else None,
        )
        for n in range(SUPPLIERS)
    )


def _demand(site: Site, ids: NDArray[np.int64], demand: Demand) -> None:
    first = timezone.localdate() - timedelta(days=DAYS)
    name_of = [(first + timedelta(days=day)).isoformat() for day in range(DAYS)]
    rows, columns = np.nonzero(demand)
    values = demand[rows, columns]
    _copy(
        DailyDemand,
        "site_id product_id date quantity source",
        (
            (site.pk, item, name_of[day], value, "bench")
            for item, day, value in zip(ids[rows].tolist(), columns.tolist(), values.tolist(), strict=True)
        ),
    )


def _stock(site: Site, ids: NDArray[np.int64], demand: Demand, random: np.random.Generator) -> None:
    """From nothing to what outlasts twice the year's busiest fortnight: under half of the items are due."""
    busiest = demand[:, -364:].reshape(len(ids), 26, 14).sum(axis=2).max(axis=1)
    on_hand = np.floor(busiest * random.uniform(0, 2, len(ids)))
    at = timezone.now().isoformat()
    _copy(
        StockLevel,
        "site_id product_id on_hand as_of source",
        ((site.pk, n, q, at, "bench") for n, q in zip(ids.tolist(), on_hand.tolist(), strict=True)),
    )


def _offers(
    suppliers: list[Supplier], ids: NDArray[np.int64], demand: Demand, random: np.random.Generator
) -> None:
    n = len(ids)
    chosen = np.argsort(random.random((n, len(suppliers))), axis=1)[:, :QUOTES]
    price = np.round(random.lognormal(1, 1, n)[:, None] * random.uniform(0.9, 1.2, (n, QUOTES)), 2) + 0.05
    pack = random.choice([1, 1, 6, 12], (n, QUOTES))
    stock = np.where(random.random((n, QUOTES)) < 0.5, random.integers(0, 5_000, (n, QUOTES)), -1)
    tiers = random.integers(1, 4, (n, QUOTES))
    at = timezone.now().isoformat()
    keys = ((ids[:, None] - 1) * QUOTES + np.arange(1, QUOTES + 1)).ravel().tolist()
    supplier_of = [suppliers[at].pk for at in chosen.ravel().tolist()]
    items, packs, stocks = (values.ravel().tolist() for values in (np.repeat(ids, QUOTES), pack, stock))
    _copy(
        SupplierProduct,
        "id supplier_id product_id supplier_sku pack_size minimum_quantity stock_on_offer stock_as_of",
        (
            (key, supplier, item, f"S{supplier}-{item}", size, size, has if has >= 0 else NOTHING, at)
            for key, item, supplier, size, has in zip(keys, items, supplier_of, packs, stocks, strict=True)
        ),
    )
    _copy(PriceQuote, "id supplier_product_id currency fetched_at", ((key, key, "GBP", at) for key in keys))
    each = zip(keys, tiers.ravel().tolist(), price.ravel().tolist(), strict=True)
    _copy(
        PriceTier,
        "quote_id from_quantity unit_price",
        (
            (key, (1, 48, 240)[tier], f"{first * (1, 0.96, 0.92)[tier]:.4f}")
            for key, number, first in each
            for tier in range(number)
        ),
    )


def _copy(model: type[Model], named: str, rows: Iterable[tuple[object, ...]]) -> None:
    """Columns that are not named get what the model has for them, which the database does not know."""
    names = named.split()
    others = [f for f in model._meta.concrete_fields if not f.primary_key and f.attname not in names]
    usual = [NOTHING if (value := field.get_default()) is None else str(value) for field in others]
    columns = ", ".join([*names, *(field.attname for field in others)])
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY {model._meta.db_table} ({columns}) FROM STDIN") as copy:
            for lines in _batches(rows, usual):
                copy.write(lines)
        if "id" in names:  # rows to come count on from these
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{model._meta.db_table}', 'id'), max(id))"
                f" FROM {model._meta.db_table}"
            )


def _batches(rows: Iterable[tuple[object, ...]], usual: list[str]) -> Iterator[str]:
    lines: list[str] = []
    for row in rows:
        lines.append("\t".join([*map(str, row), *usual]))
        if len(lines) == 10_000:
            yield "\n".join(lines) + "\n"
            lines = []
    if lines:
        yield "\n".join(lines) + "\n"
