"""Choose the items of the shipped sample from the full UCI Online Retail II extract.

    python -m procurement.sample.choose FOLDER

FOLDER holds `items.csv` and `order_lines.csv.gz`. Writes the sample beside this file. The rule is in
online_retail/SOURCE.md; with the same folder and seed the bytes are the same.
"""

import argparse
import csv
import gzip
import io
import random
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

SAMPLE_DIR = Path(__file__).parent / "online_retail"
SEED = 20111209
LINE_COLUMNS = ["invoice", "sku", "quantity", "ordered_at", "unit_price", "customer", "country"]
ITEM_COLUMNS = ["sku", "description", "median_price"]
# Goods have a code of five digits and perhaps letters; POST, M, D, DOT, BANK CHARGES, GIFT... are not goods.
GOODS = re.compile(r"^\d{5}[A-Z]{0,2}$", re.IGNORECASE)
# Band, fewest and most days with a sale in the last year, items wanted.
BANDS = [
    ("lumpy", 12, 40, 90),
    ("slow", 41, 90, 90),
    ("steady", 91, 150, 90),
    ("brisk", 151, 210, 90),
    ("fast", 211, 366, 90),
]
LAST_SEEN_DAYS = 60  # a planner plans what still sells
MAX_LINES_AN_ITEM = 6000


def _is_sale(line: dict[str, str]) -> bool:
    """A sale of goods: no return or cancellation, no postage, fee or manual entry, nothing given away."""
    return (
        bool(GOODS.match(line["sku"]))
        and not line["invoice"].upper().startswith(("C", "A"))
        and float(line["quantity"]) > 0
        and float(line["unit_price"]) > 0
    )


def _sales(folder: Path) -> Iterator[dict[str, str]]:
    with gzip.open(folder / "order_lines.csv.gz", "rt", encoding="utf-8", newline="") as file:
        yield from (line for line in csv.DictReader(file) if _is_sale(line))


def _stratified(folder: Path, rng: random.Random) -> dict[str, str]:
    """The chosen items, each with its band."""
    days: dict[str, set[str]] = defaultdict(set)
    lines: Counter[str] = Counter()
    for line in _sales(folder):
        days[line["sku"]].add(line["ordered_at"][:10])
        lines[line["sku"]] += 1
    last = max(day for seen in days.values() for day in seen)
    year_ago = (date.fromisoformat(last) - timedelta(days=365)).isoformat()
    alive = (date.fromisoformat(last) - timedelta(days=LAST_SEEN_DAYS)).isoformat()

    bands: dict[str, str] = {}
    for name, least, most, wanted in BANDS:
        pool = sorted(
            sku
            for sku, seen in days.items()
            if least <= sum(day > year_ago for day in seen) <= most
            and max(seen) >= alive
            and lines[sku] <= MAX_LINES_AN_ITEM
        )
        for sku in rng.sample(pool, min(wanted, len(pool))):
            bands[sku] = name
    return bands


def _write_gzip(path: Path, header: list[str], rows: Iterator[list[str]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    # No name and no time in the gzip header: the same choice gives the same bytes.
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed:
        packed.write(text.getvalue().encode())


def choose(folder: Path, target: Path = SAMPLE_DIR, seed: int = SEED) -> dict[str, int]:
    """Write the sample; returns how many items each band gave."""
    bands = _stratified(folder, random.Random(seed))
    target.mkdir(parents=True, exist_ok=True)
    with (folder / "items.csv").open(encoding="utf-8", newline="") as file:
        items = [item for item in csv.DictReader(file) if item["sku"] in bands]
    _write_gzip(
        target / "items.csv.gz",
        [*ITEM_COLUMNS, "band"],
        ([*(item[column].strip() for column in ITEM_COLUMNS), bands[item["sku"]]] for item in items),
    )
    _write_gzip(
        target / "order_lines.csv.gz",
        LINE_COLUMNS,
        ([line[column] for column in LINE_COLUMNS] for line in _sales(folder) if line["sku"] in bands),
    )
    return dict(Counter(bands.values()))


def main() -> None:
    parser = argparse.ArgumentParser(description="Choose the sample's items from the full extract.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--target", type=Path, default=SAMPLE_DIR)
    parser.add_argument("--seed", type=int, default=SEED)
    args = parser.parse_args()
    counts = choose(args.folder, args.target, args.seed)
    sys.stdout.write(f"{sum(counts.values())} items: {counts}\n")


if __name__ == "__main__":
    main()
