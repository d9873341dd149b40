"""Whom a new item is expected to sell like: said by a person, until the item has weeks of its own."""

from django.contrib.auth.models import AbstractBaseUser

from procurement.models import LikeItem
from suppliers.models import Product


def like_item_set(*, product: Product, like: Product | None, by: AbstractBaseUser) -> None:
    """None: like no other, whatever a plan finds."""
    LikeItem.objects.update_or_create(product=product, defaults={"like": like, "by_id": by.pk})


def like_item_unset(*, product: Product) -> None:
    """Plans look for the most alike themselves again."""
    LikeItem.objects.filter(product=product).delete()
