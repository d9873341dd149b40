"""Adding products to a draft: as any other edit, it ends a standing decision."""

from collections.abc import Mapping
from decimal import Decimal

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from orders.exceptions import InvalidInput
from orders.models import PurchaseOrder, PurchaseOrderLine
from orders.services.editing import LARGEST_QUANTITY, delivery_refresh, draft_claim, draft_edited
from orders.state import record
from suppliers.models import SupplierProduct
from suppliers.packing import pack_up, plain, plain_price
from suppliers.selectors import price_in_force
from suppliers.terms_in_force import blocks

MOST_LINES = 50  # at once


@transaction.atomic
def order_lines_add(
    *,
    order: PurchaseOrder,
    wanted: Mapping[int, Decimal],
    by: AbstractBaseUser,
    version: int,
    via: str,
    why: str = "",
) -> list[PurchaseOrderLine]:
    """One line for each offer (by pk) of the order's supplier, rounded to what it sells, at the price in force.

    `why` is a sentence that goes into each line's reason. To take a line back, set its quantity to 0.
    """
    draft_claim(order, version=version)
    if not wanted or len(wanted) > MOST_LINES:
        raise InvalidInput(f"Say which products to add, at most {MOST_LINES} at once.", field="lines")
    offers = SupplierProduct.objects.filter(pk__in=wanted, supplier=order.supplier, active=True)
    found = {offer.pk: offer for offer in offers.select_related("product")}
    blocked = blocks(list(found.values()), day=timezone.localdate())
    for pk in wanted:
        if pk not in found:
            raise InvalidInput(
                f"{order.supplier.name} does not offer such a product (any more).", field="lines"
            )
        if pk in blocked:
            raise InvalidInput(f"{found[pk].product.name} is {blocked[pk]}.", field="lines")
    last = order.lines.aggregate(last=Max("line_number"))["last"] or 0
    lines = [
        _line(order, found[pk], quantity, last + at, why)
        for at, (pk, quantity) in enumerate(wanted.items(), start=1)
    ]
    PurchaseOrderLine.objects.bulk_create(lines)
    draft_edited(order, by=by, via=via, reason="Lines were added.")
    delivery_refresh(order)
    for line in lines:
        what = f"{plain(line.quantity)} at {plain_price(line.unit_price)}"
        text = f"Line {line.line_number}, {line.description}: added, {what}."
        record(order, "line_added", by=by, via=via, text=f"{text} {why}".strip()[:500])
    return lines


def _line(
    order: PurchaseOrder, offer: SupplierProduct, wanted: Decimal, number: int, why: str
) -> PurchaseOrderLine:
    name = offer.product.name
    if not wanted.is_finite() or not 0 < wanted <= LARGEST_QUANTITY:
        raise InvalidInput(
            f"{name}: a quantity is a number above 0, up to {LARGEST_QUANTITY:,}.", field="lines"
        )
    if order.lines.filter(supplier_product=offer).exists():
        raise InvalidInput(f"{name} is in this order already; raise its quantity.", field="lines")
    quantity = pack_up(wanted, pack_size=offer.pack_size, minimum=offer.minimum_quantity).quantity
    price = price_in_force(offer, quantity, currency=order.currency)
    if price is None:
        raise InvalidInput(f"There is no price of {name} yet.", field="lines")
    return PurchaseOrderLine(
        order=order, line_number=number, product=offer.product, supplier_product=offer,
        supplier_sku=offer.supplier_sku, description=name, unit=offer.product.unit, quantity=quantity,
        suggested_quantity=quantity, unit_price=price, requested_date=order.requested_date,
        reason={"sentence": why} if why else {},
    )  # fmt: skip
