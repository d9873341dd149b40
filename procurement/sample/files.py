"""The demo's world as files: CSV for `manage.py import_data`, one JSON a supplier for `manage.py sandbox`."""

import base64
import csv
import gzip
import io
import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, cast

from procurement.sample.suppliers import PROFILES, sandbox_file
from procurement.sample.world import World

SECRET_NAMES = ("client_id", "client_secret", "webhook_secret")


@dataclass(frozen=True, slots=True)
class WorldFiles:
    catalogue: Path
    demand: Path
    stock: Path
    customer_orders: Path
    sandbox: tuple[Path, ...]  # one a supplier


def write(world: World, folder: Path, *, demand_before: date | None = None) -> WorldFiles:
    """Written anew each time, but a supplier that has its file keeps its credentials: the database knows them.

    `demand_before`: demand from that day on comes from elsewhere.
    """
    suppliers = folder / "sandbox"
    suppliers.mkdir(parents=True, exist_ok=True)
    files = WorldFiles(
        catalogue=folder / "catalogue.csv",
        demand=folder / "demand.csv.gz",
        stock=folder / "stock.csv",
        customer_orders=folder / "customer_orders.csv",
        sandbox=tuple(suppliers / f"{profile.code}.json" for profile in PROFILES),
    )
    _csv(
        files.catalogue,
        "sku,description,unit,barcode",
        ((i.sku, i.name, "C62", i.barcode) for i in world.items),
    )
    told = (row for row in world.demand if demand_before is None or row[1] < demand_before)
    _csv(files.demand, "sku,date,quantity", told)
    _csv(files.stock, "sku,on_hand,as_of", ((sku, n, world.as_of) for sku, n in world.stock.items()))
    _csv(
        files.customer_orders,
        "number,line,sku,quantity,customer,ordered_on,due_date",
        (
            (line.number, line.line, line.sku, line.quantity, line.customer, line.ordered_on, line.due_date)
            for line in world.customer_lines
        ),
    )
    items = {item.sku: item for item in world.items}
    for profile, path in zip(PROFILES, files.sandbox, strict=True):
        content = sandbox_file(profile, world.offers[profile.code], items, credentials(path))
        path.touch(mode=0o600)  # before the secrets are in it
        path.write_text(json.dumps(content, indent=1), encoding="utf-8")
    return files


def credentials(path: Path) -> dict[str, str]:
    """Those in the file, which the database knows; new ones where there is no file yet."""
    if path.exists():
        known = json.loads(path.read_text(encoding="utf-8"))
        return {name: known[name] for name in SECRET_NAMES}
    return {
        "client_id": f"demo-{secrets.token_hex(8)}",
        "client_secret": secrets.token_urlsafe(32),
        "webhook_secret": f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}",
    }


def _csv(path: Path, header: str, rows: Iterable[Sequence[object]]) -> None:
    with (
        path.open("wb") as raw,
        gzip.GzipFile("", "wb", 6, raw, mtime=0) if path.suffix == ".gz" else raw as out,
    ):
        text = io.TextIOWrapper(cast(IO[bytes], out), encoding="utf-8", newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(header.split(","))
        writer.writerows(rows)
        text.flush()
        text.detach()
