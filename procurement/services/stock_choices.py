"""A person says whose figures count, and stock follows at once; it follows too when a teller goes away."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from decimal import Decimal

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from orders.models import ReceiptLine, Site
from procurement.models import SourceAccount, StockChange, StockChoice, StockLevel, StockStatement
from procurement.services.stock_ledger import levels_save, stock_hold
from procurement.stock_words import choices_of, statements_of
from procurement.tellers import Statement, counting
from suppliers.models import Product

AT_ONCE = 500


@transaction.atomic
def stock_choose(
    *, site: Site, product: Product | None, teller: SourceAccount | None, by: AbstractBaseUser
) -> None:
    """Believe `teller`, or files where it is None: of one item, or of all where `product` is None.

    The item's stock follows at once; a whole site's by `stock_settle`.
    """
    stock_hold(site.pk)
    StockChoice.objects.filter(site=site, product=product).delete()
    StockChoice.objects.create(site=site, product=product, teller=teller, by_id=by.pk, at=timezone.now())
    if product is not None:
        items_settle(site, [product.pk], by.pk)


@transaction.atomic
def stock_choice_end(*, site: Site, product: Product | None) -> None:
    """Nobody is preferred any more. Who counts goes on counting, by the rule."""
    StockChoice.objects.filter(site=site, product=product).delete()


def stock_settle(*, site: Site, by: AbstractBaseUser | None, after: int = 0) -> Iterator[tuple[int, int]]:
    """Let those count who should, a part of the site's items a turn, each a transaction.

    Gives the last item's id, to go on after, and how many figures are now another teller's.
    """
    while products := _unsettled(site, after):
        with transaction.atomic():
            stock_hold(site.pk)
            settled = items_settle(site, products, by.pk if by else None)
        after = products[-1]
        yield after, settled


def _unsettled(site: Site, after: int) -> list[int]:
    """Items of which somebody states something who does not count."""
    counted = StockLevel.objects.filter(site=site, product=OuterRef("product"))
    of_sources = Q(~Exists(counted.filter(teller=OuterRef("teller"))), teller__isnull=False)
    of_files = Q(~Exists(counted.filter(teller=None)), teller=None)
    found = StockStatement.objects.filter(of_sources | of_files, site=site, product__gt=after)
    return list(found.order_by("product").values_list("product", flat=True).distinct()[:AT_ONCE])


def items_settle(site: Site, products: Collection[int], by: int | None) -> int:
    """Let those count who should. The site has to be held; how many figures are now another teller's."""
    now = timezone.now()
    levels = {level.product_id: level for level in StockLevel.objects.filter(site=site, product__in=products)}
    choices = choices_of(site=site, products=products)
    changed: dict[int, Statement] = {}
    for product, statements in statements_of(site=site, products=products).items():
        level = levels.get(product)
        counts = counting(
            statements,
            held_by=[level.teller_id] if level else [],
            chosen=choices.get(product, choices[None]),
            now=now,
        )
        if counts and (level is None or level.teller_id != counts.teller):
            changed[product] = counts
    came = goods_since(site, {product: counts.as_of for product, counts in changed.items()})
    for product, counts in changed.items():
        level = levels.setdefault(product, StockLevel(site=site, product_id=product))
        since = came.get(product, [])
        level.on_hand = counts.on_hand + sum((quantity for _, quantity in since), Decimal(0))
        level.as_of = max([counts.as_of, *(at for at, _ in since)])
        level.source, level.teller_id = counts.source, counts.teller
    levels_save([levels[product] for product in changed])
    StockChange.objects.bulk_create(
        StockChange(
            product_id=product, site=site, at=now, kind=StockChange.Kind.CHOSEN, on_hand=levels[product].on_hand,
            as_of=levels[product].as_of, teller_id=counts.teller, source=counts.source, counts=True, by_id=by,
        )
        for product, counts in changed.items()
    )  # fmt: skip
    return len(changed)


def goods_since(site: Site, moments: Mapping[int, datetime]) -> dict[int, list[tuple[datetime, Decimal]]]:
    """By product, what we received of it after its moment; nothing of those of which nothing came."""
    found: dict[int, list[tuple[datetime, Decimal]]] = defaultdict(list)
    if moments:
        here = Q(site=site) | Q(site=None, receipt__order__site=site)
        earliest = min(moments.values())
        rows = ReceiptLine.objects.filter(here, line__product__in=moments, receipt__received_at__gt=earliest)
        for product, at, quantity in rows.values_list("line__product", "receipt__received_at", "quantity"):
            if at > moments[product]:
                found[product].append((at, quantity))
    return dict(found)
