"""The sample's stock as a system keeps it: batches and storage locations, and what is no free stock beside it."""

import random
from collections.abc import Iterator
from typing import Any

from procurement.sources.sandbox.sample import Sample

BLOCKED = "07"
CHANGED = 12


def rows(sample: Sample) -> Iterator[dict[str, str]]:
    """Of an item that has none, none: so do systems."""
    dice = random.Random("stock")
    for sku, quantity in sample.stock.items():
        while quantity > 0:
            part = quantity if quantity < 10 or dice.random() < 0.5 else dice.randint(1, quantity)
            location = dice.choice(("0001", "0001", "0002"))
            batch = f"{dice.randrange(10**8):010}"
            yield _row(sku, part, StorageLocation=location, Batch=batch)
            quantity -= part
        if dice.random() < 0.1:
            yield _row(sku, dice.randint(1, 20), InventoryStockType=BLOCKED)


def live_on(stock: list[dict[str, str]], dice: random.Random) -> list[str]:
    """Some of it is sold, and where hardly any is left, some comes in."""
    free = [row for row in stock if row["InventoryStockType"] != BLOCKED]
    said: list[str] = []
    for row in dice.sample(free, min(CHANGED, len(free))):
        before = int(row["MatlWrhsStkQtyInMatlBaseUnit"])
        after = before - dice.randint(1, min(before - 1, 12)) if before > 1 else before + dice.randint(1, 12)
        row["MatlWrhsStkQtyInMatlBaseUnit"] = str(after)
        said.append(f"{row['Material'].lstrip('0')}: {before} became {after}")
    return said


def _row(sku: str, quantity: int, **more: str) -> dict[str, Any]:
    return {"Material": sku, "MatlWrhsStkQtyInMatlBaseUnit": str(quantity)} | more
