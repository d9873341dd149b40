"""Writing down who changed how an item is planned, from what to what."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AbstractBaseUser

from orders.models import Site
from procurement.models import ItemPolicy, ItemPolicyChange
from suppliers.models import Product
from suppliers.templatetags.figures import plain

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
Texts = Mapping[str, str]


def policy_texts(row: ItemPolicy | None) -> Texts:
    """What is set, by name; what is not is empty."""
    return {name: _text(getattr(row, name, None)) for name in SET_BY_HAND}


def policy_change_add(
    *, product: Product, site: Site | None, before: Texts, after: Texts, why: str = "", by: AbstractBaseUser
) -> ItemPolicyChange | None:
    """None: nothing changed."""
    changed = {name: [before[name], after[name]] for name in before if before[name] != after[name]}
    if not changed:
        return None
    return ItemPolicyChange.objects.create(product=product, site=site, changed=changed, why=why, by_id=by.pk)


def _text(value: Any) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    return "" if value is None else getattr(value, "name", str(value))
