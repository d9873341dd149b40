"""A supplier's code is our offer of that supplier: mapping one makes or moves it."""

from django.db.models import ProtectedError

from orders.models import PurchaseOrderLine, Status
from procurement.exceptions import CodeRefused
from suppliers.models import Product, Supplier, SupplierProduct

UNDER_WAY = (Status.DRAFT, Status.TRANSFERRED, Status.CONFIRMED)


def offer_map(*, supplier: Supplier, code: str, product: Product) -> None:
    """Inactive until the supplier's list has it, with its packs. Raises `CodeRefused`."""
    offer, made = SupplierProduct.objects.get_or_create(
        supplier=supplier, supplier_sku=code, defaults={"product": product, "active": False}
    )
    if made or offer.product_id == product.pk:
        return
    _nothing_under_way(offer)
    SupplierProduct.objects.filter(pk=offer.pk).update(product=product, active=False)


def offer_drop(*, supplier: Supplier, code: str) -> None:
    """Raises `CodeRefused`."""
    for offer in SupplierProduct.objects.filter(supplier=supplier, supplier_sku=code):
        _nothing_under_way(offer)
        try:
            offer.delete()
        except ProtectedError:
            raise CodeRefused(
                f"{offer.supplier.name} delivered {code} as {offer.product.sku} before, so that stays known;"
                " change what it means instead."
            ) from None


def _nothing_under_way(offer: SupplierProduct) -> None:
    lines = PurchaseOrderLine.objects.filter(supplier_product=offer, order__status__in=UNDER_WAY)
    if numbers := list(lines.values_list("order__number", flat=True).distinct()[:3]):
        raise CodeRefused(
            f"{offer.supplier_sku} is in orders under way as {offer.product.sku} ({', '.join(numbers)});"
            " finish or cancel them first."
        )
