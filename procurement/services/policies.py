"""Setting how safe items should be, how much there may be of them, and what is put aside."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from orders.models import Site
from procurement.models import ClassServiceLevel, ItemPolicy, StockReservation
from procurement.services.policy_history import SET_BY_HAND, policy_change_add, policy_texts
from suppliers.models import Product
from suppliers.templatetags.figures import plain


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


@transaction.atomic
def item_policy_set(
    *, site: Site, product: Product, values: Mapping[str, Any], why: str, by: AbstractBaseUser
) -> ItemPolicy | None:
    """What is empty follows the item's class, or is not limited. None: nothing is set by hand any more."""
    # Of two at once the second one's history begins where the first one's ends.
    Product.objects.select_for_update(no_key=True).get(pk=product.pk)
    found = ItemPolicy.objects.filter(site=site, product=product).select_related("storage_area").first()
    before = policy_texts(found)
    row = _policy_write(site, product, values, why, by)
    policy_change_add(site=site, product=product, before=before, after=policy_texts(row), why=why, by=by)
    return row


def _policy_write(
    site: Site, product: Product, values: Mapping[str, Any], why: str, by: AbstractBaseUser
) -> ItemPolicy | None:
    if all(values.get(name) in (None, "") for name in SET_BY_HAND):
        ItemPolicy.objects.filter(site=site, product=product).delete()
        return None
    defaults = {name: values.get(name) for name in SET_BY_HAND} | {"why": why, "by_id": by.pk}
    row, _ = ItemPolicy.objects.update_or_create(site=site, product=product, defaults=defaults)
    return row


@transaction.atomic
def stock_reserve(
    *,
    site: Site,
    product: Product,
    quantity: Decimal,
    purpose: str,
    until: date | None,
    by: AbstractBaseUser,
) -> StockReservation:
    row = StockReservation.objects.create(
        site=site, product=product, quantity=quantity, purpose=purpose, until=until, by_id=by.pk
    )
    _put_aside_told(row, "", _put_aside(row), by)
    return row


@transaction.atomic
def reservation_end(*, reservation: StockReservation, by: AbstractBaseUser) -> None:
    """What was put aside counts again."""
    was = _put_aside(reservation)
    deleted, _ = StockReservation.objects.filter(pk=reservation.pk).delete()
    if deleted:
        _put_aside_told(reservation, was, "", by)


def _put_aside(row: StockReservation) -> str:
    until = f" until {row.until:%-d %b %Y}" if row.until else ""
    return f"{plain(row.quantity)} for {row.purpose}{until}"


def _put_aside_told(row: StockReservation, before: str, after: str, by: AbstractBaseUser) -> None:
    told = {"put_aside": before}, {"put_aside": after}
    policy_change_add(site=row.site, product=row.product, before=told[0], after=told[1], by=by)
