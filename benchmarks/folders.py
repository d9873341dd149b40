"""A data folder as arrays: `demand.csv[.gz]` (sku,date,quantity[,promotion][,stockout_hours]), optionally `items.csv`.

Other names of the file and of its columns are understood as far as they are usual. Rows of one item and day are added
up, returns are taken off, and a day does not go below nothing.
"""

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

NAMES = {
    "sku": ("sku", "item"),
    "date": ("date", "ordered_at"),
    "quantity": ("quantity", "value"),
    "promotion": ("promotion",),
    "stockout_hours": ("stockout_hours",),
}
SOLD_OUT = 12  # hours without stock from which a day says nothing about demand


@dataclass(frozen=True, slots=True, eq=False)
class Folder:
    name: str
    skus: tuple[str, ...]
    first: date
    demand: NDArray[np.float64]  # (n, T)
    promotion: NDArray[np.bool_] | None  # (n, T)
    sold_out: NDArray[np.bool_] | None  # (n, T)
    price: NDArray[np.float64]  # (n,) 1 where the folder does not say


def read(folder: Path) -> Folder:
    path = _demand_file(folder)
    rows: dict[str, dict[tuple[int, int], float]] = defaultdict(lambda: defaultdict(float))
    items: dict[str, int] = {}
    with _text(path) as file:
        reader = csv.DictReader(file)
        columns = {
            name: next((known for known in usual if known in (reader.fieldnames or [])), None)
            for name, usual in NAMES.items()
        }
        if missing := [name for name in ("sku", "date", "quantity") if columns[name] is None]:
            raise SystemExit(f"{path} has no column {' and no '.join(missing)}.")
        told = [name for name in ("quantity", "promotion", "stockout_hours") if columns[name]]
        for row in reader:
            key = (
                items.setdefault(row[columns["sku"]], len(items)),
                date.fromisoformat(row[columns["date"]][:10]).toordinal(),
            )
            for name in told:
                rows[name][key] += float(row[columns[name]] or 0)
    first = min(day for _, day in rows["quantity"])
    last = max(day for _, day in rows["quantity"])

    def matrix(name: str) -> NDArray[np.float64]:
        values = np.zeros((len(items), last - first + 1))
        for (item, day), value in rows[name].items():
            values[item, day - first] = value
        return values

    prices = _prices(folder)
    return Folder(
        name=folder.name,
        skus=tuple(items),
        first=date.fromordinal(first),
        demand=np.maximum(matrix("quantity"), 0),
        promotion=matrix("promotion") > 0 if "promotion" in told else None,
        sold_out=matrix("stockout_hours") >= SOLD_OUT if "stockout_hours" in told else None,
        price=np.array([prices.get(sku, 1.0) for sku in items]),
    )


def _demand_file(folder: Path) -> Path:
    found = [path for path in sorted(folder.glob("*.csv*")) if not path.name.startswith("items.")]
    named = [path for path in found if path.name.startswith("demand.csv")]
    if not named and len(found) != 1:
        raise SystemExit(f"{folder} has no demand.csv or demand.csv.gz.")
    return (named or found)[0]


def _prices(folder: Path) -> dict[str, float]:
    for path in sorted(folder.glob("items.csv*")):
        with _text(path) as file:
            rows = list(csv.DictReader(file))
        names = [name for name in (rows[0] if rows else ()) if "price" in name]
        if names:
            return {row["sku"]: float(row[names[0]] or 0) for row in rows}
    return {}


def _text(path: Path) -> Iterator[str]:
    opener = gzip.open if path.suffix == ".gz" else open
    return opener(path, "rt", encoding="utf-8", newline="")
