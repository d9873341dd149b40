"""Rows for tests of orders, as small as they can be."""

import itertools
from decimal import Decimal

from django.contrib.auth.models import Permission, User
from django.utils import timezone

from orders.models import PurchaseOrder, Site
from orders.services.drafting import DraftLine, order_draft
from suppliers.models import PriceQuote, PriceTier, Product, Supplier, SupplierAccount, SupplierProduct

_count = itertools.count(1)


def make_user(*permissions: str, username: str = "") -> User:
    user = User.objects.create(username=username or f"person{next(_count)}")
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def buyer() -> User:
    return make_user("view_purchaseorder", "change_purchaseorder", "add_purchaseorder")


def approver() -> User:
    return make_user("view_purchaseorder", "approve_purchaseorder")


def make_supplier(**fields: object) -> Supplier:
    n = next(_count)
    supplier = Supplier.objects.create(**{"code": f"supplier-{n}", "name": f"Supplier {n}", **fields})
    SupplierAccount.objects.create(
        supplier=supplier, protocol="cerve", settings={"base_url": "http://127.0.0.1:9"}
    )
    return supplier


def make_offer(
    supplier: Supplier, *, price: str = "2.00", pack: str = "1", minimum: str = "1"
) -> SupplierProduct:
    n = next(_count)
    product = Product.objects.create(sku=f"SKU-{n}", name=f"Product {n}")
    offer = SupplierProduct.objects.create(
        supplier=supplier,
        product=product,
        supplier_sku=f"S{n}",
        external_id=f"id-{n}",
        pack_size=Decimal(pack),
        minimum_quantity=Decimal(minimum),
    )
    quote = PriceQuote.objects.create(
        supplier_product=offer, currency=supplier.currency, fetched_at=timezone.now()
    )
    PriceTier.objects.create(quote=quote, from_quantity=1, unit_price=Decimal(price))
    return offer


def make_site() -> Site:
    return Site.objects.get_or_create(code="main", defaults={"name": "Main warehouse"})[0]


def make_order(*, supplier: Supplier | None = None, lines: int = 2, by: User | None = None) -> PurchaseOrder:
    supplier = supplier or make_supplier()
    return order_draft(
        supplier=supplier,
        site=make_site(),
        lines=[DraftLine(make_offer(supplier), Decimal(10), Decimal("2.00")) for _ in range(lines)],
        by=by,
        origin="test",
        via="test",
        requested_date=timezone.localdate(),
    )
