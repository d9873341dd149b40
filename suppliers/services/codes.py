"""Codes under which a supplier knows a product: a correction is remembered and outlives the supplier's own list."""

from django.db import transaction
from django.utils import timezone

from suppliers.models import PriceQuote, PriceTier, SupplierProduct


class CodeRefused(Exception):
    """The code cannot stand for this product; the message says why."""


@transaction.atomic
def offer_recode(*, offer: SupplierProduct, supplier_sku: str) -> SupplierProduct:
    """The offer of the same product under another code. The old code points to it from now on and is not ordered again.

    Raises `CodeRefused`.
    """
    code = supplier_sku.strip()
    if not code or len(code) > 60 or not code.isprintable():
        raise CodeRefused("A supplier's code has 1 to 60 characters.")
    if code == offer.supplier_sku:
        raise CodeRefused(f"{code} is the code that was refused.")
    other = SupplierProduct.objects.filter(supplier=offer.supplier, supplier_sku=code).first()
    if other is not None and other.product_id != offer.product_id:
        raise CodeRefused(
            f"{code} is {other.product.name} at {offer.supplier.name}, which is another product."
        )
    if other is None:
        other = SupplierProduct.objects.create(
            supplier=offer.supplier, product=offer.product, supplier_sku=code, pack_size=offer.pack_size,
            minimum_quantity=offer.minimum_quantity, lead_time_days=offer.lead_time_days,
        )  # fmt: skip
        _copy_price(offer, other)
    other.active, other.replaced_by = True, None
    other.save(update_fields=["active", "replaced_by"])
    offer.active, offer.replaced_by = False, other
    offer.save(update_fields=["active", "replaced_by"])
    # What pointed to the old code points to the new one: one step from any code to the one in use.
    SupplierProduct.objects.filter(replaced_by=offer).update(replaced_by=other)
    return other


def _copy_price(before: SupplierProduct, after: SupplierProduct) -> None:
    """Until the supplier prices the new code itself, the same product costs what it cost."""
    quote = PriceQuote.objects.filter(supplier_product=before, superseded_at=None).first()
    if quote is None:
        return
    copy = PriceQuote.objects.create(
        supplier_product=after, currency=quote.currency, fetched_at=timezone.now()
    )
    PriceTier.objects.bulk_create(
        PriceTier(quote=copy, from_quantity=tier.from_quantity, unit_price=tier.unit_price)
        for tier in quote.tiers.all()
    )
