"""Reading what suppliers offer."""

from decimal import Decimal

from suppliers.models import PriceTier, SupplierProduct


def price_in_force(offer: SupplierProduct, quantity: Decimal) -> Decimal | None:
    """The unit price for buying `quantity` by the quote in force, or None where there is no quote."""
    tiers = PriceTier.objects.filter(quote__supplier_product=offer, quote__superseded_at=None)
    tier = tiers.filter(from_quantity__lte=quantity).order_by("-from_quantity").first()
    tier = tier or tiers.order_by("from_quantity").first()  # below the first tier its price is the best guess
    return tier.unit_price if tier else None
