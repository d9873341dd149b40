"""Bar 9: a whole plan on PostgreSQL, against one SQL statement that reads and writes the same rows.

Ours reads demand, stock, offers and prices, forecasts, nets, sources, and writes what it found and the suggested
orders, with two workers. The peer reads the same rows of the same tables, collected by item, and writes the very rows
that ours wrote (orders, lines, what was found, with their reasons) into the same tables with the same indexes, in one
statement: it has them in a table beside, so it computes nothing. Memory is of all our processes together, without the
database's.

Each number of items is planned with empty result tables, ours and the peer in turn. BENCH_DATABASE_URL names a database
of the server on which another one may be made.
"""

from benchmarks import own_database  # isort: skip  (sets the environment before Django is imported)

from benchmarks import installation  # isort: skip

import multiprocessing
import os
import time
from pathlib import Path
from statistics import median

from django.db import connection, transaction

from benchmarks.bars import Bar, parser, report
from benchmarks.folders import Folder, read
from benchmarks.peak_memory import measured
from benchmarks.plan_site import QUOTES, site_make
from orders.models import Site
from procurement.models import PlanRun
from procurement.services.plan_claims import plan_start
from procurement.services.planning import plan_execute

ITEMS = (10_000, 50_000, 100_000)
SEED = 20_09
WORKERS = 2
AT_MOST, GROWTH, MEBIBYTES = 8, 6, 2048
RESULTS = (
    "procurement_planrun", "procurement_requirement", "procurement_requirement_order_lines",
    "procurement_requirementexception",
    "orders_purchaseorder", "orders_purchaseorderline", "orders_orderevent",
)  # fmt: skip
FILLED = (
    "procurement_dailydemand", "procurement_stocklevel", "suppliers_product", "suppliers_supplier",
)  # fmt: skip
READ = """
    demand AS (
        SELECT product_id, array_agg(date) AS days, array_agg(quantity) AS quantities
        FROM procurement_dailydemand
        WHERE site_id = %(site)s AND date >= %(as_of)s::date - 730 AND date < %(as_of)s GROUP BY product_id),
    priced AS (
        SELECT quote.supplier_product_id, quote.currency, quote.fetched_at,
            array_agg(tier.from_quantity) AS starts, array_agg(tier.unit_price) AS prices
        FROM suppliers_pricequote AS quote JOIN suppliers_pricetier AS tier ON tier.quote_id = quote.id
        WHERE quote.superseded_at IS NULL GROUP BY quote.id),
    offered AS (
        SELECT product_id, array_agg(row(offer.id, supplier.id, supplier_sku, pack_size, minimum_quantity,
            stock_on_offer, stock_as_of, coalesce(offer.lead_time_days, supplier.lead_time_days),
            priced.currency, fetched_at, starts, prices)::text) AS offers
        FROM suppliers_supplierproduct AS offer
        JOIN suppliers_supplier AS supplier ON supplier.id = offer.supplier_id
        LEFT JOIN priced ON priced.supplier_product_id = offer.id
        WHERE offer.active AND supplier.active GROUP BY product_id),
    item AS (
        SELECT product.id, sku, unit, on_hand AS held, as_of AS held_at, stock.source AS told_by,
            days, quantities, offers
        FROM suppliers_product AS product
        LEFT JOIN procurement_stocklevel AS stock ON stock.product_id = product.id AND stock.site_id = %(site)s
        LEFT JOIN demand ON demand.product_id = product.id
        LEFT JOIN offered ON offered.product_id = product.id
        WHERE product.active)"""
# Each condition holds for every row, which only what was read can tell; written so that the database expects as much.
WRITE = """
WITH {read},
    run AS (INSERT INTO procurement_planrun SELECT * FROM kept_procurement_planrun),
    orders AS (INSERT INTO orders_purchaseorder SELECT * FROM kept_orders_purchaseorder),
    events AS (INSERT INTO orders_orderevent SELECT * FROM kept_orders_orderevent),
    lines AS (INSERT INTO orders_purchaseorderline SELECT * FROM kept_orders_purchaseorderline),
    links AS (INSERT INTO procurement_requirement_order_lines
        SELECT * FROM kept_procurement_requirement_order_lines),
    odd AS (INSERT INTO procurement_requirementexception SELECT * FROM kept_procurement_requirementexception)
INSERT INTO procurement_requirement
SELECT found.* FROM kept_procurement_requirement AS found JOIN item ON item.id = found.product_id
WHERE cardinality(days) IS DISTINCT FROM -1 AND cardinality(quantities) IS DISTINCT FROM -1
    AND cardinality(offers) IS DISTINCT FROM -1 AND held IS DISTINCT FROM -1 AND held_at IS DISTINCT FROM 'infinity'
    AND (told_by, sku, unit) IS DISTINCT FROM ('-', '-', '-')
"""


def filled(items: int, folder: Folder | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join((*FILLED, *RESULTS))} CASCADE")
    site_make(items, seed=SEED, folder=folder)


def emptied() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(RESULTS)} CASCADE")
        cursor.execute("CHECKPOINT")  # what was written before is nobody's burden


def ours() -> tuple[float, float]:
    """Seconds, and MiB at most."""
    connection.close()
    with multiprocessing.get_context("fork").Pool(WORKERS) as pool, measured() as memory:
        pool.map(_ready, range(WORKERS), chunksize=1)
        started = time.perf_counter()
        run = plan_start(site=Site.objects.get(), by=None)
        busy = sum(pool.map(_work, [run.pk] * WORKERS, chunksize=1))
        seconds = time.perf_counter() - started
    run.refresh_from_db()
    if not run.lines:
        raise SystemExit("The plan suggested nothing.")
    print(
        f"  {run.items:,} items, {run.lines:,} lines in {seconds:.1f} s, {busy:.1f} s of work, {memory.peak:.0f} MiB",
        flush=True,
    )
    return seconds, memory.peak


def _ready(_: int) -> None:
    """A worker that is up has its connection."""
    connection.ensure_connection()
    time.sleep(0.2)  # so that each gets one


def _work(run: int) -> float:
    """What nobody else is at, until the run has ended: as workers of the queue do, without the queue's own pauses.

    Returns the seconds of processor time that this took, here and in the database.
    """
    before = time.process_time() + _of_database()
    plan_execute(run=PlanRun.objects.get(pk=run))
    return time.process_time() + _of_database() - before


def _of_database() -> float:
    """Seconds of processor time that our connection's process has had; 0 where it runs on another machine."""
    connection.ensure_connection()
    told = Path(f"/proc/{connection.connection.info.backend_pid}/stat")
    if connection.settings_dict["HOST"] not in ("127.0.0.1", "localhost") or not told.exists():
        return 0.0
    after_name = told.read_text().rsplit(")", 1)[1].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


def keep() -> None:
    """The rows that ours wrote, for the peer to write."""
    with connection.cursor() as cursor:
        for table in RESULTS:
            cursor.execute(f"DROP TABLE IF EXISTS kept_{table}")
            cursor.execute(f"CREATE UNLOGGED TABLE kept_{table} AS SELECT * FROM {table}")
        cursor.execute("VACUUM ANALYZE")


def theirs(items: int) -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(as_of) FROM kept_procurement_planrun")
        place = {"site": Site.objects.get().pk, "as_of": cursor.fetchone()[0]}
    before, started = _of_database(), time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(WRITE.format(read=READ), place)
        written = cursor.rowcount
    seconds = time.perf_counter() - started
    if written != items:
        raise SystemExit(f"The peer wrote {written} rows for {items} items.")
    print(f"  the peer in {seconds:.1f} s, {_of_database() - before:.1f} s of work", flush=True)
    return seconds


def taken(items: int, folder: Folder | None, repeats: int) -> tuple[list[float], list[float], list[float]]:
    """Seconds of ours and of the peer, MiB of ours."""
    filled(items, folder)
    mine, peer, memory = [], [], []
    for number in range(repeats):
        emptied()
        seconds, peak = ours()
        if not number:
            keep()
        mine.append(seconds)
        memory.append(peak)
        emptied()
        peer.append(theirs(items))
    return mine, peer, memory


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--items", type=int, action="append")
    arguments.add_argument("--data", type=Path, help="a data folder to draw the items' demand from")
    options = arguments.parse_args()
    if not own_database.ANSWERS:
        print(f"Whole plans are measured on PostgreSQL, and no server answers: {own_database.WHY_NOT}")
        return
    folder = read(options.data) if options.data else None
    bars, time_of = [], {}
    for items in options.items or ITEMS:
        print(f"{items:,} items", flush=True)
        mine, peer, memory = taken(items, folder, options.repeats)
        time_of[items] = mine
        what = f"plan of {items:,} items with {QUOTES} quotes each"
        bars += [
            Bar.of(9, what, "one SQL statement that reads and writes the same rows", ours=mine, theirs=peer,
                   limit=AT_MOST, at_most=True, unit="s"),
            Bar.of(9, f"{what}, memory", "the limit", ours=memory, theirs=[MEBIBYTES] * len(memory), limit=1,
                   at_most=True, unit="MiB"),
        ]  # fmt: skip
    if 10_000 in time_of and 50_000 in time_of:
        bars.append(
            Bar.of(9, "time of 50,000 items", "time of 10,000", ours=time_of[50_000],
                   theirs=[median(time_of[10_000])] * options.repeats, limit=GROWTH, at_most=True, unit="s")
        )  # fmt: skip
    data = f"{installation.DATABASE}: {options.data or f'generated, seed {SEED}'}"
    report("plan", bars, data=data, packages=["django", "numpy", "psycopg"], as_json=options.json)


if __name__ == "__main__":
    main()
