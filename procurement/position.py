"""How far a site's numbers can be trusted: who told the stock, whether that is old, and whether tellers differ."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from orders.models import Site
from procurement.engine.caveats import lasted
from procurement.models import SourceAccount
from procurement.selectors import InventoryPosition
from procurement.source_status import sources_stale
from procurement.stock_words import disputes
from procurement.tellers import SILENT_AFTER, Statement


@dataclass(frozen=True, slots=True)
class Freshness:
    """Read once for any number of items."""

    now: datetime
    silent: Mapping[int, str]  # sources that told nothing for too long, and in words for how long

    def doubt(self, known: InventoryPosition) -> str:
        """Why the figure on hand is old; empty where it is not, or where there is none."""
        if known.teller is not None and known.teller in self.silent:
            return self.silent[known.teller]
        if known.as_of is None or self.now - known.as_of <= SILENT_AFTER:
            return ""
        return f"told {lasted(self.now - known.as_of)} ago"


def freshness() -> Freshness:
    now = timezone.now()
    silent = {
        source.pk: f"{source.name} has not been read for {lasted(now - source.last_success_at)}"
        if source.last_success_at
        else f"{source.name} could never be read"
        for source in sources_stale()
    }
    off = SourceAccount.objects.filter(active=False)
    return Freshness(now, silent | {source.pk: f"{source.name} is switched off" for source in off})


@dataclass(frozen=True, slots=True)
class Doubts:
    """Which items of a site have figures on hand that are disputed or old."""

    fresh: Freshness
    disputed: Mapping[int, Sequence[Statement]]

    def of(self, product: int, known: InventoryPosition) -> "Doubt":
        return Doubt(self.fresh.doubt(known), self.disputed.get(product, ()))


@dataclass(frozen=True, slots=True)
class Doubt:
    old: str  # why, in words
    dispute: Sequence[Statement]  # the one that counts first


def doubts(*, site: Site, products: range | Collection[int] | None = None) -> Doubts:
    """A fixed number of queries, for any number of items."""
    fresh = freshness()
    return Doubts(fresh, disputes(site=site, products=products, now=fresh.now))


@dataclass(frozen=True, slots=True)
class ReadAt:
    name: str
    at: datetime | None  # None: never
    doubt: str = ""


def order_sources(*, site: Site, fresh: Freshness) -> list[ReadAt]:
    """The systems whose customer orders are committed stock at the site, and when each was last read."""
    keepers = SourceAccount.objects.filter(customer_orders__site=site).distinct()
    return [
        ReadAt(source.name, source.last_success_at, fresh.silent.get(source.pk, "")) for source in keepers
    ]
