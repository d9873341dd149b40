"""Promotions that people enter: rows of several items with the same name and days are one promotion."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet

from orders.models import Site
from procurement.models import Promotion
from suppliers.models import Product


@dataclass(frozen=True, slots=True)
class PromotionTold:
    site: Site
    name: str
    starts_on: date
    ends_on: date
    products: Collection[Product]


def promotion_rows(one: Promotion) -> QuerySet[Promotion]:
    """All items of the promotion that this row is a part of."""
    return Promotion.objects.filter(
        site=one.site_id, name=one.name, starts_on=one.starts_on, ends_on=one.ends_on
    )


@transaction.atomic
def promotion_save(
    *, told: PromotionTold, by: AbstractBaseUser, instead_of: Promotion | None = None
) -> Promotion:
    """Its first row. An item that is promoted under this name from this day already ends when this one ends."""
    if instead_of:
        promotion_rows(instead_of).delete()
    Promotion.objects.bulk_create(
        [
            Promotion(
                site=told.site, product=product, name=told.name, starts_on=told.starts_on,
                ends_on=told.ends_on, source=by.get_username()[:40],
            )
            for product in told.products
        ],
        update_conflicts=True,
        unique_fields=["site", "product", "starts_on", "name"],
        update_fields=["ends_on", "source"],
    )  # fmt: skip
    rows = Promotion.objects.filter(site=told.site, name=told.name, starts_on=told.starts_on)
    return rows.filter(ends_on=told.ends_on).order_by("pk")[0]


@transaction.atomic
def promotion_delete(*, promotion: Promotion) -> int:
    """How many items it was of."""
    return promotion_rows(promotion).delete()[0]
