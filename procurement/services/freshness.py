"""Which figures a plan should not trust: those of sources and suppliers that have told nothing for too long."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from orders.models import Site
from procurement.engine.caveats import About, Caveat, Dispute
from procurement.models import SourceAccount
from procurement.position import Freshness, freshness
from procurement.selectors import InventoryPosition, ItemRow, OfferInForce
from procurement.services.syncing import source_opened
from procurement.source_status import sources_stale
from procurement.sources.base import Capability as Gives
from procurement.tellers import Statement
from suppliers.connectors.base import Capability
from suppliers.exceptions import ConnectorConfigurationError
from suppliers.models import Supplier
from suppliers.packing import plain
from suppliers.services.capabilities import supplier_capabilities

STOCK_HOLDS = timedelta(days=2)  # of suppliers; a plan asks again for what it needs


@dataclass(frozen=True, slots=True)
class Doubts:
    """Read once a plan; empty in a system that runs well, and then nothing more is read."""

    site: Site
    now: datetime  # local
    stale: Mapping[int, SourceAccount]
    fresh: Freshness
    orders: Sequence[SourceAccount]
    silent: SourceAccount | None  # the source of the site's stock, where none of them was read
    asked_for_stock: Mapping[int, str]  # names of suppliers that can be asked what they have, by id


def doubts_of(*, site: Site, suppliers: Sequence[Supplier]) -> Doubts:
    stale = sources_stale()
    of_site = SourceAccount.objects.filter(site=site, active=True) if stale else []
    giving = {source.pk for source in of_site if _gives(source, Gives.STOCK)}
    return Doubts(
        site=site,
        now=timezone.localtime(),
        stale={source.pk: source for source in stale},
        fresh=freshness(),
        orders=[s for s in stale if s.site_id == site.pk and _gives(s, Gives.CUSTOMER_ORDERS)],
        silent=_silent(giving, stale),
        asked_for_stock={s.pk: s.name for s in suppliers if Capability.STOCK in supplier_capabilities(s)},
    )


def item_caveats(
    doubts: Doubts,
    items: Sequence[ItemRow],
    position: Mapping[int, InventoryPosition],
    disputed: Mapping[int, Sequence[Statement]],
) -> dict[str, list[Caveat | Dispute]]:
    """By sku, of the items whose own figures are in doubt."""
    orders = [_caveat(doubts, About.ORDERS, source) for source in doubts.orders]
    found: dict[str, list[Caveat | Dispute]] = {item.sku: list(orders) for item in items} if orders else {}
    if not doubts.stale and not disputed:
        return found
    for item in items:
        at = position.get(item.pk)
        if said := disputed.get(item.pk):
            found.setdefault(item.sku, []).insert(0, _dispute(doubts, said))
        if at and at.teller is not None and at.teller in doubts.stale:
            caveat = _caveat(doubts, About.STOCK, doubts.stale[at.teller], at.as_of)
        elif (at is None or at.as_of is None) and doubts.silent:
            caveat = _caveat(doubts, About.STOCK, doubts.silent)
        else:
            continue
        found.setdefault(item.sku, []).insert(0, caveat)
    return found


def stock_known(
    doubts: Doubts,
    items: Sequence[ItemRow],
    position: Mapping[int, InventoryPosition],
    disputed: Mapping[int, Sequence[Statement]],
) -> dict[str, dict[str, Any]]:
    """By sku, what a plan keeps of where the stock on hand came from; the shape: procurement.engine.explain."""
    found: dict[str, dict[str, Any]] = {}
    for item in items:
        at = position.get(item.pk)
        if at is None or at.as_of is None:
            continue
        known: dict[str, Any] = {"as_of": at.as_of.isoformat(timespec="seconds"), "source": at.source}
        if old := doubts.fresh.doubt(at):
            known["old"] = old
        if said := disputed.get(item.pk):
            known["told"] = [
                [one.source, plain(one.on_hand), one.as_of.isoformat(timespec="seconds")] for one in said
            ]
        found[item.sku] = known
    return found


def _dispute(doubts: Doubts, said: Sequence[Statement]) -> Dispute:
    told = [(one.source, plain(one.on_hand), timezone.localtime(one.as_of)) for one in said]
    return Dispute(now=doubts.now, said=told)


def offer_caveats(
    doubts: Doubts, offers: Sequence[OfferInForce], not_asked: Mapping[int, str]
) -> dict[int, list[Caveat]]:
    """By offer, where the supplier was to tell what it has and its figure is old; a plan is limited by that figure.

    `not_asked`: by supplier, why it was not asked again; it is not to be blamed for that.
    """
    found: dict[int, list[Caveat]] = {}
    for offer in offers:
        name = doubts.asked_for_stock.get(offer.supplier)
        if name is None or offer.stock is None or offer.stock_as_of is None:
            continue
        if doubts.now - offer.stock_as_of > STOCK_HOLDS:
            at = timezone.localtime(offer.stock_as_of)
            why = not_asked.get(offer.supplier)
            reason = f"{name} was not asked again, as {why}" if why else ""
            found[offer.pk] = [
                Caveat(about=About.ON_OFFER, source=name, now=doubts.now, read_at=at, as_of=at, reason=reason)
            ]
    return found


def _caveat(doubts: Doubts, about: About, source: SourceAccount, as_of: datetime | None = None) -> Caveat:
    heard = source.last_success_at
    return Caveat(
        about=about,
        source=source.name,
        now=doubts.now,
        read_at=timezone.localtime(heard) if heard else None,
        as_of=timezone.localtime(as_of) if as_of else None,
    )


def _silent(giving: set[int], stale: Sequence[SourceAccount]) -> SourceAccount | None:
    found = [source for source in stale if source.pk in giving]
    return found[0] if found and len(found) == len(giving) else None


def _gives(source: SourceAccount, what: Gives) -> bool:
    """One that is set up wrongly cannot be asked: what it brought before is what it gives."""
    try:
        return what in source_opened(source).capabilities
    except ConnectorConfigurationError:
        return what == Gives.CUSTOMER_ORDERS and source.customer_orders.exists()
