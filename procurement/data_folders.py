"""A data folder as arrays: `demand.csv[.gz]` (sku,date,quantity[,promotion][,stockout_hours]), optionally `items.csv`.

`items.csv` may say `sku,description,price` and also `pack_size`, `shelf_life_days`, `supplier` and `lead_time_days`.
Other names of the file and of its columns are understood as far as they are usual. Rows of one item and day are added
up, returns are taken off, and a day does not go below nothing.
"""

import csv
import gzip
import math
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TextIO

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
MOST_DAYS = 366 * 30


class BadFolder(ValueError):
    """The folder cannot be read; says which file and line, and what it should hold."""


@dataclass(frozen=True, slots=True, eq=False)
class Folder:
    name: str
    skus: tuple[str, ...]
    first: date
    demand: NDArray[np.float64]  # (n, T)
    promotion: NDArray[np.bool_] | None  # (n, T)
    sold_out: NDArray[np.bool_] | None  # (n, T)
    price: NDArray[np.float64]  # (n,) 1 where the folder does not say
    items: dict[str, dict[str, str]] = field(default_factory=dict)  # rows of items.csv by sku


def read(folder: Path) -> Folder:
    """Raises `BadFolder`."""
    path = _demand_file(folder)
    rows: dict[str, dict[tuple[int, int], float]] = defaultdict(lambda: defaultdict(float))
    skus: dict[str, int] = {}
    with _text(path) as file:
        reader = csv.DictReader(file)
        columns = {
            name: next((known for known in usual if known in (reader.fieldnames or [])), None)
            for name, usual in NAMES.items()
        }
        if missing := [name for name in ("sku", "date", "quantity") if columns[name] is None]:
            raise BadFolder(f"{path} has no column {' and no '.join(missing)}.")
        told = {name: columns[name] or "" for name in NAMES if columns[name] and name not in ("sku", "date")}
        sku, day = columns["sku"] or "", columns["date"] or ""
        for number, row in enumerate(reader, start=2):
            try:
                key = (skus.setdefault(row[sku], len(skus)), date.fromisoformat(row[day][:10]).toordinal())
                for name, column in told.items():
                    rows[name][key] += _number(row[column])
            except (TypeError, ValueError) as error:
                raise BadFolder(
                    f"{path}, line {number}: {error}. A date is written 2026-11-22, a number 12.5."
                ) from None
    if not rows:
        raise BadFolder(f"{path} has no rows.")
    first = min(day for _, day in rows["quantity"])
    days = max(day for _, day in rows["quantity"]) - first + 1
    if days > MOST_DAYS:
        raise BadFolder(f"{path} reaches over {days:,} days; look for a mistaken year.")

    def matrix(name: str) -> NDArray[np.float64]:
        values = np.zeros((len(skus), days))
        for (item, day), value in rows[name].items():
            values[item, day - first] = value
        return values

    items = _items(folder)
    return Folder(
        name=folder.name,
        skus=tuple(skus),
        first=date.fromordinal(first),
        demand=np.maximum(matrix("quantity"), 0),
        promotion=matrix("promotion") > 0 if "promotion" in told else None,
        sold_out=matrix("stockout_hours") >= SOLD_OUT if "stockout_hours" in told else None,
        price=_prices(folder, items, skus),
        items=items,
    )


def _number(text: str | None) -> float:
    value = float(text or 0)
    if not math.isfinite(value):
        raise ValueError(f"{text!r} is no number")
    return value


def _demand_file(folder: Path) -> Path:
    if not folder.is_dir():
        raise BadFolder(f"There is no folder {folder}.")
    found = [path for path in sorted(folder.glob("*.csv*")) if not path.name.startswith("items.")]
    named = [path for path in found if path.name.startswith("demand.csv")]
    if not named and len(found) != 1:
        raise BadFolder(f"{folder} has no demand.csv or demand.csv.gz.")
    return (named or found)[0]


def _items(folder: Path) -> dict[str, dict[str, str]]:
    for path in sorted(folder.glob("items.csv*")):
        with _text(path) as file:
            return {row["sku"]: row for row in csv.DictReader(file) if row.get("sku")}
    return {}


def _prices(folder: Path, items: dict[str, dict[str, str]], skus: dict[str, int]) -> NDArray[np.float64]:
    columns = next(iter(items.values()), {})
    name = next((name for name in columns if "price" in name), None)
    prices = np.ones(len(skus))
    for sku, row in items.items():
        if name and sku in skus:
            try:
                prices[skus[sku]] = _number(row[name])
            except ValueError:
                raise BadFolder(f"{folder}: the price of {sku} is {row[name]!r}, not a number.") from None
    return prices


def _text(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")
