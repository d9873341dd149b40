"""Deciding whom to buy from rather, or not at all, and taking it back."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from suppliers.models import SourcingDecision, Supplier, SupplierProduct


@dataclass(frozen=True, slots=True)
class Decided:
    kind: str
    reason: str
    until: date | None
    dearer_by_percent: Decimal | None


@transaction.atomic
def decision_make(
    *, supplier: Supplier, offer: SupplierProduct | None, decided: Decided, by: AbstractBaseUser
) -> SourcingDecision:
    """From today on, for all offers of the product of `offer`; None: all that the supplier sells.

    It takes the place of one of that kind that holds.
    """
    # Two people at once: one after the other
    Supplier.objects.select_for_update(no_key=True).get(pk=supplier.pk)
    about = {"supplier_product__product": offer.product_id} if offer else {"supplier_product": None}
    standing = SourcingDecision.objects.in_force(timezone.localdate()).filter(
        supplier=supplier, kind=decided.kind, **about
    )
    standing.update(ended_at=timezone.now(), ended_by_id=by.pk)
    return SourcingDecision.objects.create(
        supplier=supplier, supplier_product=offer, kind=decided.kind, reason=decided.reason,
        until=decided.until, dearer_by_percent=decided.dearer_by_percent, by_id=by.pk,
    )  # fmt: skip


def decision_undo(*, decision: SourcingDecision, by: AbstractBaseUser) -> bool:
    """False: somebody had undone it already."""
    rows = SourcingDecision.objects.filter(pk=decision.pk, ended_at=None)
    return bool(rows.update(ended_at=timezone.now(), ended_by_id=by.pk))
