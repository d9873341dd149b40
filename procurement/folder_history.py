"""A data folder as a history to replay."""

from pathlib import Path

import numpy as np

from procurement.data_folders import BadFolder, Folder, read
from procurement.engine.data import Floats
from procurement.engine.replay.history import History, dealt

SUPPLIERS = 12  # as many as there are shapes of lead times


def folder_history(path: Path) -> History:
    """Raises `BadFolder`."""
    return history_of(read(path))


def history_of(folder: Folder) -> History:
    assumed = []
    told = next(iter(folder.items.values()), {})
    suppliers = [folder.items.get(sku, {}).get("supplier", "") for sku in folder.skus]
    if any(suppliers):
        names, supplier = np.unique(suppliers, return_inverse=True)
        count = len(names)
    else:
        supplier, count = dealt(len(folder.skus), SUPPLIERS), SUPPLIERS
        assumed.append(f"items are dealt to {SUPPLIERS} suppliers")
    lead = _column(folder, "lead_time_days", np.nan)
    if not np.isfinite(lead).any():
        assumed.append("lead times are 1 to 7 days")
    if "pack_size" not in told:
        assumed.append("goods come in single units")
    if not any("price" in name for name in told):
        assumed.append("every unit is worth 1")
    return History(
        name=folder.name,
        skus=folder.skus,
        names=tuple((folder.items.get(sku, {}).get("description") or sku).strip() for sku in folder.skus),
        first=folder.first,
        demand=folder.demand,
        price=folder.price,
        pack=np.maximum(_column(folder, "pack_size", 1.0), 1e-4),
        shelf_life=_column(folder, "shelf_life_days", 0.0).astype(np.int64),
        supplier=supplier.astype(np.int64),
        lead_days=np.array([_mean(lead[supplier == one]) for one in range(count)]),
        promotion=folder.promotion,
        sold_out=folder.sold_out,
        assumed=tuple(assumed),
    )


def _mean(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")


def _column(folder: Folder, name: str, otherwise: float) -> Floats:
    values = np.full(len(folder.skus), otherwise)
    for row, sku in enumerate(folder.skus):
        if text := folder.items.get(sku, {}).get(name):
            try:
                values[row] = float(text)
            except ValueError:
                raise BadFolder(f"{folder.name}: {name} of {sku} is {text!r}, not a number.") from None
    return values
