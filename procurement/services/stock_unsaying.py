"""What a teller said of stock holds no more: nobody knows the figure now, or part of it was another item's.

Goods that we received since then are in our own books, and stay.
"""

from collections.abc import Sequence
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from procurement.models import CodeSystem, FileImport, StockChange, StockLevel, StockPart, StockStatement
from procurement.services.stock_bookings import BY_RECEIPT
from procurement.services.stock_choices import goods_since, items_settle
from procurement.services.stock_ledger import levels_save, stock_hold


def stock_unsay(*, statements: Sequence[StockStatement], why: str) -> None:
    """Of one teller at one site. Not known is not the same as none: then who else tells it counts, by the rule.

    Call inside a transaction.
    """
    if not statements:
        return
    site, teller, now = statements[0].site, statements[0].teller, timezone.now()
    stock_hold(site.pk)
    told_at = {said.product_id: said.as_of for said in statements}
    StockStatement.objects.filter(pk__in=[said.pk for said in statements]).delete()
    levels = StockLevel.objects.filter(site=site, product__in=told_at, teller=teller)
    held = {level.product_id: level.pk for level in levels.exclude(source=BY_RECEIPT)}
    StockLevel.objects.filter(pk__in=held.values()).delete()
    StockChange.objects.bulk_create(
        StockChange(
            product_id=product, site=site, at=now, kind=StockChange.Kind.STATED, on_hand=Decimal(0), as_of=now,
            teller=teller, source=why[:40], counts=True,
        )
        for product in held
    )  # fmt: skip
    items_settle(site, list(held), None)
    known = set(StockLevel.objects.filter(site=site, product__in=held).values_list("product", flat=True))
    unknown = {product: told_at[product] for product in held if product not in known}
    levels_save(
        StockLevel(
            site=site,
            product_id=product,
            on_hand=sum((quantity for _, quantity in came), Decimal(0)),
            as_of=max(at for at, _ in came),
            source=BY_RECEIPT,
        )
        for product, came in goods_since(site, unknown).items()
    )


def part_take_back(part: StockPart, why: str) -> None:
    """The code is none of this item's: what its other codes told is left. Call inside a transaction."""
    stock_hold(part.site_id)
    StockPart.objects.filter(pk=part.pk).delete()
    stated = (
        _told_by(part.system).filter(site=part.site_id, product=part.product_id).order_by("-as_of").first()
    )
    left = StockPart.objects.filter(system=part.system_id, site=part.site_id, product=part.product_id)
    if stated is not None and left.exists():
        stock_restate(stated=stated, on_hand=left.aggregate(sum=Sum("on_hand"))["sum"] or Decimal(0))
    elif stated is not None:
        stock_unsay(statements=[stated], why=why)


def _told_by(system: CodeSystem) -> QuerySet[StockStatement]:
    """Files speak for the people who load them, or for the folder in which they were found."""
    statements = StockStatement.objects.select_related("site", "product", "teller")
    if system.account_id is not None:
        return statements.filter(teller=system.account_id)
    folders = FileImport.objects.filter(source=OuterRef("teller"))
    return statements.filter(Q(teller=None) | Exists(folders))


def stock_restate(*, stated: StockStatement, on_hand: Decimal) -> None:
    """Its teller has told only this of the item, at the moment of its statement. Call inside a transaction."""
    stock_hold(stated.site_id)
    said_at = {stated.product_id: stated.as_of}
    StockStatement.objects.filter(pk=stated.pk).update(on_hand=on_hand, since=stated.as_of)
    levels = StockLevel.objects.filter(site=stated.site, product=stated.product, teller=stated.teller)
    level = levels.exclude(source=BY_RECEIPT).first()
    if level is not None:
        came = goods_since(stated.site, said_at).get(stated.product_id, [])
        level.on_hand = on_hand + sum((quantity for _, quantity in came), Decimal(0))
        level.save(update_fields=["on_hand"])
    StockChange.objects.create(
        product=stated.product, site=stated.site, at=timezone.now(), kind=StockChange.Kind.STATED,
        on_hand=level.on_hand if level else on_hand, as_of=stated.as_of, teller=stated.teller,
        source=stated.source, counts=level is not None,
    )  # fmt: skip
