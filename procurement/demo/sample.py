"""Filling an installation with the sample world: a wholesaler's real order lines and six sandbox suppliers.

docs/sample-data.md says what is real and what is made. Safe to repeat: what is there already is left as it is.
"""

import io
import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from orders.models import Site
from orders.wakeups import wake
from procurement.demo.calendars import calendars_ready
from procurement.models import DailyDemand, StockLevel
from procurement.processes import sandbox_command
from procurement.sample import files
from procurement.sample.practice import orders_from
from procurement.sample.world import World, build
from procurement.services.installation import site_ensure
from procurement.services.sample_suppliers import sample_suppliers_connect
from procurement.sources.base import Capability
from suppliers.models import PriceQuote, Supplier

FILES = ("catalogue", "demand", "stock", "customer_orders")
BROUGHT_BY = {"stock": Capability.STOCK, "customer_orders": Capability.CUSTOMER_ORDERS}


def world_folder() -> Path:
    return Path(settings.VAR_DIR) / "sample"


def sandbox_folder() -> Path:
    return world_folder() / "sandbox"


def channels_folder() -> Path:
    return world_folder() / "channels"


def channels_command(port: int, *, web_port: int) -> list[str]:
    """Serves the suppliers of each protocol, beside the sample's own."""
    own = ["--world", str(channels_folder()), "--ledger", str(world_folder() / "channels.sqlite3")]
    return [*sandbox_command(port, web_port=web_port), *own]


@dataclass(frozen=True, slots=True)
class Loaded:
    rows: int
    added: int
    changed: int
    unchanged: int


@cache
def world_of(day: date) -> World:
    """Made once a process: it takes a second or two."""
    return build(day)


def sample_write(elsewhere: Collection[Capability] = ()) -> files.WorldFiles:
    """The sample's files, dated so that the history ends yesterday. `elsewhere`: what systems bring instead."""
    today = timezone.localdate()
    before = orders_from(today) if Capability.CUSTOMER_ORDERS in elsewhere else None
    return files.write(world_of(today), world_folder(), demand_before=before)


def sample_load(
    kind: str, written: files.WorldFiles, site: Site, elsewhere: Collection[Capability] = ()
) -> Loaded:
    """Read one file as anybody's file is read."""
    path: Path = getattr(written, kind)
    if BROUGHT_BY.get(kind) in elsewhere:
        return Loaded(0, 0, 0, 0)
    if kind == "stock" and StockLevel.objects.filter(site=site).exists():
        return Loaded(0, 0, 0, 0)  # opening stock is for the opening; what was received since must stay
    if kind == "demand":
        _forget_other_days(site, path, elsewhere)
    out = io.StringIO()
    call_command("import_data", kind, str(path), site=site.code, json=True, stdout=out)
    told = json.loads(out.getvalue().splitlines()[-1])
    return Loaded(told["rows"], told["added"], told["changed"], told["unchanged"])


def _forget_other_days(site: Site, path: Path, elsewhere: Collection[Capability]) -> None:
    """On another day the sample's history is dated anew; without this it would stand twice, some days apart."""
    last = (
        DailyDemand.objects.filter(site=site, source=path.name)
        .order_by("-date")
        .values_list("date", flat=True)
        .first()
    )
    if last and last != _last_day_told(elsewhere):
        DailyDemand.objects.filter(site=site, source=path.name).delete()


def _last_day_told(elsewhere: Collection[Capability]) -> date:
    """By the file; not every day has demand."""
    today = timezone.localdate()
    before = orders_from(today) if Capability.CUSTOMER_ORDERS in elsewhere else today
    return max(day for _, day, _ in world_of(today).demand if day < before)


def sample_ready(*, sandbox_url: str, say: Callable[[str], object]) -> None:
    """Make sure that there is something to try: the sample world, unless the suppliers here are somebody's own."""
    made = [path.stem for folder in (sandbox_folder(), channels_folder()) for path in folder.glob("*.json")]
    ours = Supplier.objects.exclude(code__in=made)
    if ours.exists():
        return
    site = site_ensure()
    if not Supplier.objects.exists():
        say("Loading the sample: a wholesaler's order lines of two years ...")
        written = sample_write()
        for kind in FILES:
            sample_load(kind, written, site)
    suppliers = sample_suppliers_connect(folder=sandbox_folder(), sandbox_url=sandbox_url)
    calendars_ready(site=site, suppliers=suppliers)
    if not PriceQuote.objects.exists():
        wake("procurement.tasks.first_plan", site.pk)
