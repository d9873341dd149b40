"""How one item is planned at a site: its class, its service level and where they come from, and what is put aside."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings

from orders.models import Site
from procurement.models import ItemPolicy, Requirement, StockReservation
from procurement.selectors import newest_plan, reservations
from suppliers.models import Product
from suppliers.templatetags.figures import money


@dataclass(frozen=True, slots=True)
class ItemPlanning:
    cell: str
    cell_words: str
    level: Decimal | None  # None: no plan has looked at it
    level_words: str
    by_hand: ItemPolicy | None
    reserved: Sequence[StockReservation]


def item_planning(*, site: Site, product: Product) -> ItemPlanning:
    run = newest_plan(site=site)
    found = Requirement.objects.filter(run=run, product=product).first() if run else None
    reason = found.reason if found and isinstance(found.reason, dict) else {}
    buffer, classed = reason.get("buffer") or {}, reason.get("class") or {}
    by_hand = (
        ItemPolicy.objects.filter(site=site, product=product).select_related("by", "storage_area").first()
    )
    held = StockReservation.objects.filter(reservations(site=site), product=product).select_related("by")
    level = buffer.get("service_level")
    return ItemPlanning(
        cell=found.cell if found else "",
        cell_words=_class_words(classed),
        level=Decimal(level) if level else None,
        level_words=buffer.get("service_from")
        or ("as the site" if level else "no plan has looked at it yet"),
        by_hand=by_hand,
        reserved=list(held),
    )


def _class_words(classed: dict[str, str]) -> str:
    """For a class that history gave: the figures it came from; for one set by hand, that it was."""
    if not classed:
        return ""
    value, varies = classed.get("value"), classed.get("variation")
    worth = (
        f"worth {money(value, settings.BASE_CURRENCY)} a year"
        if value
        else "no price or demand to value it by"
    )
    spread = (
        f"varies by {varies} of its mean a week" if varies else "too little history to tell how it varies"
    )
    by_hand = f"; {classed['by_hand']} by hand" if classed.get("by_hand") else ""
    return f"{worth}, {spread}{by_hand}"
