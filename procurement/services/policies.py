"""Setting how safe items should be, how much there may be of them, and what is put aside."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from orders.models import Site
from procurement.models import ClassServiceLevel, ItemPolicy, StockReservation
from suppliers.models import Product


@transaction.atomic
def class_levels_set(*, site: Site, levels: Mapping[str, Decimal | None], by: AbstractBaseUser) -> list[str]:
    """Of each class named; None takes it back to the site's own level. Returns the classes that changed."""
    known = {row.cell: row for row in ClassServiceLevel.objects.filter(site=site)}
    changed = []
    for cell, level in levels.items():
        row = known.get(cell)
        if level == (row.service_level if row else None):
            continue
        changed.append(cell)
        if level is None:
            ClassServiceLevel.objects.filter(site=site, cell=cell).delete()
        else:
            ClassServiceLevel.objects.update_or_create(
                site=site, cell=cell, defaults={"service_level": level, "by_id": by.pk}
            )
    return changed


SET_BY_HAND = (
    "value_class",
    "variation_class",
    "service_level",
    "presentation_stock",
    "maximum_stock",
    "maximum_cover_days",
    "storage_area",
    "storage_size",
)


def item_policy_set(
    *, site: Site, product: Product, values: Mapping[str, Any], why: str, by: AbstractBaseUser
) -> ItemPolicy | None:
    """What is empty follows the item's class, or is not limited. None: nothing is set by hand any more."""
    if all(values.get(name) in (None, "") for name in SET_BY_HAND):
        ItemPolicy.objects.filter(site=site, product=product).delete()
        return None
    defaults = {name: values.get(name) for name in SET_BY_HAND} | {"why": why, "by_id": by.pk}
    row, _ = ItemPolicy.objects.update_or_create(site=site, product=product, defaults=defaults)
    return row


def stock_reserve(
    *,
    site: Site,
    product: Product,
    quantity: Decimal,
    purpose: str,
    until: date | None,
    by: AbstractBaseUser,
) -> StockReservation:
    return StockReservation.objects.create(
        site=site, product=product, quantity=quantity, purpose=purpose, until=until, by_id=by.pk
    )


def reservation_end(*, reservation: StockReservation) -> None:
    """What was put aside counts again."""
    reservation.delete()
