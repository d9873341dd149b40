"""Before a plan: suppliers are asked again for what it needs and what has become too old to order by.

What is needed shows in a first pass over the figures that are known. Each supplier gets a part of a stated time, so one
that does not answer costs the plan no more; what could not be asked is planned as it was known, and the lines say so.
"""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from procurement.engine.caveats import About, Caveat
from procurement.selectors import OfferInForce
from suppliers.connectors.base import Capability
from suppliers.exceptions import ConnectorConfigurationError, ConnectorError, SupplierUnavailable
from suppliers.models import Supplier, SupplierProduct
from suppliers.selectors import offers_with_old_prices
from suppliers.services.breaker import supplier_answered, supplier_failed
from suppliers.services.capabilities import supplier_capabilities
from suppliers.services.quotes import prices_refresh, stock_refresh

STOCK_KEEPS = timedelta(days=1)  # items near their reorder point are asked for more often
AT_LEAST = 3.0  # seconds for a supplier, else it is not begun with
MOST_OFFERS = 500  # of a supplier, the oldest figures first

Report = Callable[[str], None]


def figures_refresh(
    *, suppliers: Sequence[Supplier], products: Collection[int], report: Report
) -> dict[int, str]:
    """Ask for prices and stock of what is about to be ordered. By supplier: why it could not be asked for all of it.

    Needs the network; not inside a transaction. `report` is told what is done, again and again.
    """
    end = time.monotonic() + settings.PLAN_ASKS_SECONDS
    why: dict[int, str] = {}
    waiting = [(supplier, *_old(supplier, products)) for supplier in suppliers] if products else []
    waiting = [one for one in waiting if one[1] or one[2]]
    for at, (supplier, prices, stock) in enumerate(waiting):
        left = end - time.monotonic()
        if supplier.is_down:
            why[supplier.pk] = "it does not answer at present"
        elif left < AT_LEAST:
            why[supplier.pk] = "there was no time left for it"
        else:
            until = time.monotonic() + time_of_one(left, len(waiting) - at)
            why[supplier.pk] = _ask(supplier, prices, stock, until, report)
    return why


def time_of_one(left: float, waiting: int) -> float:
    """An even share, yet enough to answer in: who fails to is left alone later on, also by orders."""
    return max(AT_LEAST, left / waiting)


def _old(
    supplier: Supplier, products: Collection[int]
) -> tuple[list[SupplierProduct], list[SupplierProduct]]:
    """Offers whose prices, and offers whose stock, are too old."""
    can = supplier_capabilities(supplier) if not supplier.paused_reason else frozenset()
    prices, stock = list[SupplierProduct](), list[SupplierProduct]()
    if Capability.QUOTATION in can:
        prices = offers_with_old_prices(supplier=supplier, products=products)
    if Capability.STOCK in can:
        old = Q(stock_as_of=None) | Q(stock_as_of__lt=timezone.now() - STOCK_KEEPS)
        stock = list(
            supplier.products.filter(old, product__in=products, active=True).order_by("stock_as_of", "pk")
        )
    return prices[:MOST_OFFERS], stock[:MOST_OFFERS]


def _ask(
    supplier: Supplier,
    prices: Sequence[SupplierProduct],
    stock: Sequence[SupplierProduct],
    until: float,
    report: Report,
) -> str:
    def progress(stage: str, done: int, total: int) -> None:
        report(f"Asking {supplier.name} for {stage}")

    try:
        told = (
            stock_refresh(supplier=supplier, offers=stock, progress=progress, until=until) if stock else None
        )
        quoted = (
            prices_refresh(supplier=supplier, offers=prices, progress=progress, until=until)
            if prices
            else None
        )
    except ConnectorError as error:
        supplier_failed(supplier, error)
        return "it did not answer"
    except ConnectorConfigurationError:
        return "it is not set up rightly"
    put_off = [part for part in (told, quoted) if part and part.put_off]
    if (told and told.updated) or (quoted and quoted.answered):
        supplier_answered(supplier)
    elif put_off and put_off[0].out_of_time:
        # Else each plan would wait for it again, and so would everybody else.
        supplier_failed(supplier, SupplierUnavailable(f"{supplier.name} did not answer in time."))
        return "it did not answer in time"
    if not put_off:
        return ""
    return "there was no time for more" if put_off[0].out_of_time else "the calls it allows us are used up"


def caveats_together(*parts: Mapping[int, list[Caveat]]) -> dict[int, list[Caveat]]:
    found: dict[int, list[Caveat]] = {}
    for part in parts:
        for offer, caveats in part.items():
            found.setdefault(offer, []).extend(caveats)
    return found


def price_caveats(
    offers: Sequence[OfferInForce], suppliers: Sequence[Supplier], why: Mapping[int, str]
) -> dict[int, list[Caveat]]:
    """By offer, where the price is older than the supplier's answers hold. What nobody can be asked for ages not."""
    by_pk = {supplier.pk: supplier for supplier in suppliers}
    now = timezone.localtime()
    found: dict[int, list[Caveat]] = {}
    asked: dict[int, bool] = {}
    for offer in offers:
        supplier = by_pk.get(offer.supplier)
        if supplier is None or offer.price_as_of is None or not offer.tiers:
            continue
        if now - offer.price_as_of <= timedelta(hours=supplier.prices_valid_hours):
            continue
        if supplier.pk not in asked:
            asked[supplier.pk] = Capability.QUOTATION in supplier_capabilities(supplier)
        if asked[supplier.pk]:
            at = timezone.localtime(offer.price_as_of)
            reason = (
                f"{supplier.name} was not asked again, as {why[supplier.pk]}" if why.get(supplier.pk) else ""
            )
            found[offer.pk] = [
                Caveat(about=About.PRICES, source=supplier.name, now=now, read_at=at, as_of=at, reason=reason)
            ]
    return found
