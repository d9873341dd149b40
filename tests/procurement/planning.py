"""A small site to plan: items that sell two a day, and who offers them."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from orders.models import Site
from procurement.models import DailyDemand, StockLevel
from suppliers.models import PriceQuote, PriceTier, Product, Supplier, SupplierProduct

HISTORY_DAYS = 120


def make_item(site: Site, sku: str, *, on_hand: str = "0", daily: str = "2") -> Product:
    product = Product.objects.create(sku=sku, name=f"Product {sku}")
    today = timezone.localdate()
    DailyDemand.objects.bulk_create(
        DailyDemand(
            site=site,
            product=product,
            date=today - timedelta(days=ago),
            quantity=Decimal(daily),
            source="test",
        )
        for ago in range(1, HISTORY_DAYS + 1)
    )
    StockLevel.objects.create(
        site=site, product=product, on_hand=Decimal(on_hand), as_of=timezone.now(), source="test"
    )
    return product


def make_quote(supplier: Supplier, product: Product, price: str = "2.00", **fields: Any) -> SupplierProduct:
    offer = SupplierProduct.objects.create(
        supplier=supplier,
        product=product,
        supplier_sku=f"{supplier.code}-{product.sku}",
        stock_as_of=timezone.now() - timedelta(hours=1),
        **fields,
    )
    quote = PriceQuote.objects.create(
        supplier_product=offer, currency=supplier.currency, fetched_at=timezone.now()
    )
    PriceTier.objects.create(quote=quote, from_quantity=1, unit_price=Decimal(price))
    return offer


def make_item_too(site: Site, product: Product) -> None:
    """An item of another site, here as well: with the same demand, and nothing on hand."""
    rows = DailyDemand.objects.filter(product=product)
    DailyDemand.objects.bulk_create(
        DailyDemand(site=site, product=product, date=row.date, quantity=row.quantity, source="test")
        for row in rows
    )
    StockLevel.objects.create(site=site, product=product, on_hand=0, as_of=timezone.now(), source="test")
