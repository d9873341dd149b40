"""Whom new items are expected to sell like: as a person said, else the one that is most alike. Reads only.

What is found without a person is computed anew by each plan and kept in its reasons, nowhere else.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

import numpy as np
from django.db.models import Exists, Max, Min, OuterRef
from numpy.typing import NDArray

from orders.models import Site
from procurement.engine.alike import Traits, most_alike
from procurement.engine.forecast import NEW_DAYS
from procurement.engine.known_days import FOUND_DAYS, Likeness
from procurement.models import DailyDemand, LikeItem, StockChange
from procurement.selectors import within_products
from suppliers.models import PriceTier, Product, SupplierProduct

MOST_COMPARED = 2_000  # offers of items that sell, those of the newest items first
SETTLED = timedelta(days=1)  # what was loaded that soon after a site's first stock was there before we were


def likenesses(
    *, site: Site, products: Sequence[int], as_of: date, demand: NDArray[np.floating]
) -> dict[int, Likeness]:
    """By row of `demand` (n, T): the last column is the day before `as_of`, its rows are `products`, ascending."""
    row_of = {product: row for row, product in enumerate(products)}
    within = within_products(range(products[0], products[-1] + 1) if products else ())
    said = dict(LikeItem.objects.filter(within).values_list("product", "like"))
    liked = {product: like for product, like in said.items() if like and product in row_of}
    found = _found(site, [pk for pk in _new(site, products, as_of, demand) if pk not in said], as_of)
    daily = first_weeks(site, {*liked.values(), *(like for like, _ in found.values())}, as_of)
    skus = dict(Product.objects.filter(pk__in=daily).values_list("pk", "sku")) if daily else {}
    by_hand = {row_of[pk]: Likeness(skus[like], daily[like]) for pk, like in liked.items() if like in daily}
    return by_hand | {
        row_of[pk]: Likeness(skus[like], daily[like], FOUND_DAYS, by)
        for pk, (like, by) in found.items()
        if like in daily
    }


def first_weeks(site: Site, products: Collection[int], as_of: date) -> dict[int, float]:
    """What each sold a day in its own first weeks at the site; of those that sold any."""
    if not products:
        return {}
    sold = DailyDemand.objects.filter(
        site=site, product__in=products, date__lt=as_of, quantity__gt=0
    ).order_by()
    begun = dict(sold.values("product").annotate(first=Min("date")).values_list("product", "first"))
    if not begun:
        return {}
    new, total = timedelta(days=NEW_DAYS), dict.fromkeys(begun, 0.0)
    rows = sold.filter(date__gte=min(begun.values()), date__lt=max(begun.values()) + new)
    for product, day, quantity in rows.values_list("product", "date", "quantity").iterator():
        if day < begun[product] + new:
            total[product] += float(quantity)
    return {pk: total[pk] / (min(first + new, as_of) - first).days for pk, first in begun.items()}


def _new(site: Site, products: Sequence[int], as_of: date, demand: NDArray[np.floating]) -> list[int]:
    """Whose first sale was in the last weeks; or who have not sold yet, also by nobody's count of days without sale,
    and came after the site had begun.
    """
    long_ago = max(demand.shape[1] - NEW_DAYS, 0)
    recent = ~demand[:, :long_ago].any(axis=1)
    if not recent.any() or not _has_begun(site, as_of):
        return []
    sells = demand[:, long_ago:].any(axis=1)
    unsold = [products[row] for row in np.flatnonzero(recent & ~sells).tolist()]
    came = [products[row] for row in np.flatnonzero(recent & sells).tolist()]
    return sorted([*came, *_arrived(site, unsold, as_of)])


def _has_begun(site: Site, as_of: date) -> bool:
    """Not new itself. Asked of all its items, as those of a part may be new together."""
    long_ago = as_of - timedelta(days=NEW_DAYS)
    return DailyDemand.objects.filter(site=site, quantity__gt=0, date__lt=long_ago).exists()


def _arrived(site: Site, products: Sequence[int], as_of: date) -> Iterable[int]:
    """Of these, those whose first stock was told in the last weeks, long after the site's own; or never."""
    if not products:
        return ()
    counted = DailyDemand.objects.filter(site=site, product__in=products, date__lt=as_of).order_by()
    products = sorted({*products} - {*counted.values_list("product", flat=True).distinct()})
    changes = StockChange.objects.filter(site=site).order_by("pk")
    begun: datetime | None = changes.values_list("at", flat=True).first()
    told = changes.filter(product__in=products).order_by().values("product").annotate(first=Min("at"))
    first: dict[int, datetime] = dict(told.values_list("product", "first"))

    def is_new(product: int) -> bool:
        at = first.get(product)
        recent = at is None or at.date() >= as_of - timedelta(days=NEW_DAYS)
        return recent and (at is None or begun is None or at > begun + SETTLED)

    return [product for product in products if is_new(product)]


def _found(site: Site, products: Sequence[int], as_of: date) -> Mapping[int, tuple[int, tuple[str, ...]]]:
    """The most alike of the items that sell, and by what; by product. Only of those that somebody offers."""
    if not products:
        return {}
    offers = SupplierProduct.objects.filter(active=True, supplier__active=True)
    own = _suppliers(offers.filter(product__in=products).values_list("product", "supplier"))
    if not own:
        return {}
    sells = DailyDemand.objects.filter(
        site=site, product=OuterRef("product"), quantity__gt=0, date__lt=as_of - timedelta(days=NEW_DAYS)
    )
    rows = offers.filter(Exists(sells), product__active=True).order_by("-product", "pk")
    theirs = _suppliers(rows.values_list("product", "supplier")[:MOST_COMPARED])
    others = [pk for pk in theirs if pk not in own]
    traits = _traits(theirs | own)
    found = most_alike([traits[pk] for pk in own], [traits[pk] for pk in others])
    return {pk: (others[one.item], one.by) for pk, one in zip(own, found, strict=True) if one}


def _suppliers(rows: Iterable[tuple[int, int]]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for product, supplier in rows:
        found[product].add(supplier)
    return dict(found)


def _traits(suppliers: Mapping[int, Collection[int]]) -> dict[int, Traits]:
    prices: dict[int, tuple[float, str]] = {}
    tiers = PriceTier.objects.filter(
        quote__superseded_at=None, quote__supplier_product__product__in=list(suppliers)
    )
    offered = tiers.order_by().values("quote__supplier_product__product", "quote__currency", "quote")
    for product, currency, price in offered.annotate(first=Max("unit_price")).values_list(
        "quote__supplier_product__product", "quote__currency", "first"
    ):
        prices[product] = min(prices.get(product, (np.inf, currency)), (float(price), currency))
    return {
        pk: Traits(name, unit, suppliers[pk], *prices.get(pk, (np.nan, "")))
        for pk, name, unit in Product.objects.filter(pk__in=list(suppliers)).values_list("pk", "name", "unit")
    }
