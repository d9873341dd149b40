"""Lead times drawn for each supplier and day, in shapes that deliveries really had (SOURCE.md)."""

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from procurement.engine.data import Floats

TABLE = Path(__file__).with_name("lead_times.csv")


def shapes() -> Floats:
    """Probability of 1 to 7 days, a shape a row. (shapes, 7)"""
    with TABLE.open(encoding="utf-8") as file:
        counts = np.array([[float(row[f"days_{k}"]) for k in range(1, 8)] for row in csv.DictReader(file)])
    return np.asarray(counts / counts.sum(axis=1, keepdims=True))


def draw(suppliers: int, days: int, seed: int) -> NDArray[np.int64]:
    """Supplier k has shape k, over and over. -> (suppliers, days)"""
    table = shapes()
    random = np.random.default_rng(seed)
    drawn = [
        random.choice(np.arange(1, 8), size=days, p=table[supplier % len(table)])
        for supplier in range(suppliers)
    ]
    return np.array(drawn, dtype=np.int64)
