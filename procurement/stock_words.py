"""Reading who states what of a site's stock, and whom people chose to believe there."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any, TypeAlias

from django.db.models import Count, F, Max, Min, Q, QuerySet
from django.utils import timezone

from orders.models import Site
from procurement.models import StockChoice, StockLevel, StockStatement
from procurement.tellers import Statement, disputing

FIELDS = ("product", "teller", "on_hand", "since", "as_of", "teller__active", "source")
Products: TypeAlias = Collection[int] | QuerySet[Any, Any]  # ids, or a question for them


def statements_of(*, site: Site, products: Products) -> dict[int, list[Statement]]:
    """By product; in the order in which the tellers began to speak."""
    rows = StockStatement.objects.filter(site=site, product__in=products).order_by("pk")
    found: dict[int, list[Statement]] = defaultdict(list)
    for product, teller, on_hand, since, as_of, active, source in rows.values_list(*FIELDS):
        found[product].append(Statement(teller, on_hand, since, as_of, active is not False, source))
    return found


def choices_of(*, site: Site, products: Products) -> dict[int | None, list[int | None]]:
    """By product, the item's before the site's; under None what holds for all others."""
    rows = StockChoice.objects.filter(Q(product=None) | Q(product__in=products), site=site)
    chosen: dict[int | None, int | None] = dict(rows.values_list("product", "teller"))
    of_site = [chosen[None]] if None in chosen else []
    return {product: [teller, *of_site] for product, teller in chosen.items() if product} | {None: of_site}


def disputes(
    *, site: Site, products: range | Collection[int] | None = None, now: datetime | None = None
) -> dict[int, list[Statement]]:
    """By product, of those whose tellers differ: the statement that counts, then the others. Four queries."""
    now = now or timezone.now()
    rows = StockStatement.objects.filter(_within(products), site=site).order_by().values("product")
    rows = rows.annotate(n=Count("pk"), least=Min("on_hand"), most=Max("on_hand"))
    differing = rows.filter(n__gt=1, least__lt=F("most")).values("product")
    statements = statements_of(site=site, products=differing)
    if not statements:
        return {}
    held = dict(StockLevel.objects.filter(site=site, product__in=differing).values_list("product", "teller"))
    choices = choices_of(site=site, products=differing)
    found = {
        product: disputing(
            said,
            held_by=[held[product]] if product in held else [],
            chosen=choices.get(product, choices[None]),
            now=now,
        )
        for product, said in statements.items()
    }
    return {product: said for product, said in found.items() if said}


def _within(products: range | Collection[int] | None) -> Q:
    if products is None:
        return Q()
    if isinstance(products, range):
        return Q(product__gte=products.start, product__lt=products.stop)
    return Q(product__in=products)
