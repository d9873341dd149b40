"""Reading a file of 1,000,000 order lines, against the database's own way of loading the same file.

The peer puts the file's columns into one table and makes one index: by COPY on PostgreSQL, by csv.reader and
executemany in one transaction on SQLite. Ours is the whole import: every line checked, and every row kept so that it
can be undone. --data names any CSV of order lines, or a folder with one; it is repeated under new order numbers up to
--lines.
"""

from benchmarks import installation  # isort: skip  (sets the environment before Django is imported)

import csv
import multiprocessing
import resource
import time
from collections.abc import Callable
from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone

from benchmarks import order_lines
from benchmarks.bars import Bar, parser, report
from orders.models import Site
from procurement.services.files.running import import_running
from procurement.services.records import records_import
from procurement.sources.csv_files import CsvFile
from procurement.sources.file_kinds import KINDS
from suppliers.models import Product

LINES = 1_000_000
AT_MOST, MEBIBYTES = 3, 300
SAMPLE = Path("procurement/sample/online_retail")
OURS = (
    "procurement_dailydemand", "procurement_customerorderline", "procurement_customerorder",
    "procurement_importedrow", "procurement_addedrows", "procurement_fileimport",
)  # fmt: skip
TYPES = {
    "quantity": "decimal(14, 4)",
    "unit_price": "decimal(14, 4)",
    "date": "timestamp",
    "ordered_on": "timestamp",
}


def catalogue(file: Path) -> None:
    with order_lines.opened(file) as rows:
        reader = csv.reader(rows)
        at = order_lines.columns(next(reader), "demand")["sku"]
        skus = {row[at] for row in reader}
    Product.objects.bulk_create([Product(sku=sku, name=sku) for sku in sorted(skus)], batch_size=5_000)


def emptied() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"TRUNCATE {', '.join(OURS)}")
        else:
            for table in OURS:
                cursor.execute(f"DELETE FROM {table}")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def ours(kind: str, file: Path) -> float:
    started = time.perf_counter()
    source = CsvFile(file, KINDS[kind], now=timezone.localtime())
    site = Site.objects.get()
    with import_running(kind=kind, file_name=file.name, site=site, by=None) as file_import:
        counts = records_import(kind=kind, source=source, site=site, file_import=file_import)
    seconds = time.perf_counter() - started
    if counts.refused or counts.rows < 2:
        raise SystemExit(f"{counts.refused} of {counts.rows} rows were refused: {counts.errors[:3]}")
    return seconds


def theirs(kind: str, file: Path) -> float:
    with file.open(encoding="utf-8", newline="") as text:
        header = next(csv.reader(text))
    at = order_lines.columns(header, kind)
    named = {place: name for name, place in at.items()}
    types = [TYPES.get(named.get(place, name), "varchar(200)") for place, name in enumerate(header)]
    names = [f"c{place}" for place in range(len(header))]
    index = [names[at["number"]]] if kind == "customer_orders" else [names[at["sku"]], names[at["date"]]]
    started = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        declared = ", ".join(f"{name} {kind}" for name, kind in zip(names, types, strict=True))
        cursor.execute(f"CREATE TABLE peer ({declared})")
        if connection.vendor == "postgresql":
            with cursor.copy("COPY peer FROM STDIN (FORMAT csv, HEADER)") as copy, file.open("rb") as raw:
                while chunk := raw.read(1 << 20):
                    copy.write(chunk)
        else:
            with file.open(encoding="utf-8", newline="") as text:
                reader = csv.reader(text)
                next(reader)
                places = ", ".join("?" * len(names))
                # As a plain program would: without Django's turning of places.
                connection.connection.executemany(f"INSERT INTO peer VALUES ({places})", reader)
        cursor.execute(f"CREATE INDEX peer_index ON peer ({', '.join(index)})")
    seconds = time.perf_counter() - started
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE peer")
    return seconds


def apart(work: Callable[[str, Path], float], kind: str, file: Path) -> tuple[float, float]:
    """Seconds, and MiB at most, in a process of its own."""
    connection.close()
    with multiprocessing.get_context("fork").Pool(1) as pool:
        return pool.apply(_measured, (work, kind, file))


def _measured(work: Callable[[str, Path], float], kind: str, file: Path) -> tuple[float, float]:
    seconds = work(kind, file)
    connection.close()
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def bars(kind: str, file: Path, lines: int, repeats: int) -> list[Bar]:
    first, again, peer, memory = [], [], [], []
    for _ in range(repeats):
        emptied()
        for seconds, figures in ((ours, first), (theirs, peer), (ours, again)):
            taken, peak = apart(seconds, kind, file)
            figures.append(taken)
            if seconds is ours:
                memory.append(peak)
    what = f"{lines:,} order lines read as {kind.replace('_', ' ')}"
    way = "COPY" if connection.vendor == "postgresql" else "executemany"
    against = f"{way} of the same file into a table with an index"
    limits = {"limit": AT_MOST, "at_most": True, "unit": "s"}
    return [
        Bar.of("reading", what, against, ours=first, theirs=peer, **limits),
        Bar.of("reading", f"{what}, nothing changed", against, ours=again, theirs=peer, **limits),
        Bar.of(
            "reading", f"{what}, memory at most", "the limit", ours=memory, theirs=[MEBIBYTES] * len(memory),
            limit=1, at_most=True, unit="MiB",
        ),
    ]  # fmt: skip


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument(
        "--data", type=Path, default=SAMPLE, help="a CSV of order lines, or a folder with one"
    )
    arguments.add_argument("--lines", type=int, default=LINES)
    arguments.add_argument("--kind", choices=("demand", "customer_orders"), action="append")
    options = arguments.parse_args()
    data = order_lines.found(options.data)
    file = installation.FOLDER / "order_lines.csv"
    order_lines.write(data, file, options.lines)
    catalogue(file)
    rows = []
    for kind in options.kind or ("demand", "customer_orders"):
        rows += bars(kind, file, options.lines, options.repeats)
    report(
        "reading", rows, data=f"{installation.DATABASE}: {data}", packages=["django", "numpy", "psycopg"],
        as_json=options.json,
    )  # fmt: skip


if __name__ == "__main__":
    main()
