"""Filling an installation with the sample world: a wholesaler's real order lines and six sandbox suppliers.

docs/sample-data.md says what is real and what is made. Safe to repeat: what is there already is left as it is.
"""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from orders.models import Site
from orders.wakeups import wake
from procurement.models import DailyDemand, StockLevel
from procurement.processes import sandbox_command
from procurement.sample import files
from procurement.sample.world import build
from procurement.services.installation import site_ensure
from procurement.services.sample_suppliers import sample_suppliers_connect
from suppliers.models import PriceQuote, Supplier

FILES = ("catalogue", "demand", "stock", "customer_orders")


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


def sample_write() -> files.WorldFiles:
    """The sample's files, dated so that the history ends yesterday."""
    return files.write(build(timezone.localdate()), world_folder())


def sample_load(kind: str, written: files.WorldFiles, site: Site) -> Loaded:
    """Read one file as anybody's file is read."""
    path: Path = getattr(written, kind)
    if kind == "stock" and StockLevel.objects.filter(site=site).exists():
        return Loaded(0, 0, 0, 0)  # opening stock is for the opening; what was received since must stay
    if kind == "demand":
        _forget_other_days(site, path)
    out = io.StringIO()
    call_command("import_data", kind, str(path), site=site.code, json=True, stdout=out)
    told = json.loads(out.getvalue().splitlines()[-1])
    return Loaded(told["rows"], told["added"], told["changed"], told["unchanged"])


def _forget_other_days(site: Site, path: Path) -> None:
    """On another day the sample's history is dated anew; without this it would stand twice, some days apart."""
    last = (
        DailyDemand.objects.filter(site=site, source=path.name)
        .order_by("-date")
        .values_list("date", flat=True)
        .first()
    )
    if last and last != timezone.localdate() - timedelta(days=1):
        DailyDemand.objects.filter(site=site, source=path.name).delete()


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
    sample_suppliers_connect(folder=sandbox_folder(), sandbox_url=sandbox_url)
    if not PriceQuote.objects.exists():
        wake("procurement.tasks.first_plan", site.pk)
