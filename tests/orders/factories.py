"""Orders as `order_draft` makes them, and people with single rights, on the rows of tests.factories."""

from decimal import Decimal
from itertools import count

from django.contrib.auth.models import Permission, User
from django.utils import timezone

from orders.models import PurchaseOrder
from orders.services.drafting import DraftLine, order_draft
from suppliers.models import Supplier, SupplierProduct
from tests.factories import offer
from tests.factories import site as make_site
from tests.factories import supplier as make_supplier

__all__ = ["approver", "buyer", "make_offer", "make_order", "make_site", "make_supplier", "make_user"]
_next = count(1)


def make_user(*permissions: str, username: str = "") -> User:
    user = User.objects.create(username=username or f"person{next(_next)}")
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def buyer() -> User:
    return make_user("view_purchaseorder", "change_purchaseorder", "add_purchaseorder")


def approver() -> User:
    return make_user("view_purchaseorder", "approve_purchaseorder")


def make_offer(
    supplier: Supplier, *, price: str = "2.00", pack: str = "1", minimum: str = "1"
) -> SupplierProduct:
    return offer(supplier, tiers=((1, price),), pack_size=Decimal(pack), minimum_quantity=Decimal(minimum))


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
