"""Having another supplier deliver a draft's lines; what the plan found for their items leads to the new lines."""

from django.contrib.auth.models import User
from django.db import transaction

from orders.exceptions import InvalidInput
from orders.models import PurchaseOrder
from orders.services.moving import order_move
from procurement.models import Requirement
from procurement.selectors import newest_plan
from procurement.services.arrivals import arrivals_of
from suppliers.models import Supplier, SupplierProduct


@transaction.atomic
def draft_move(*, order: PurchaseOrder, to: str, by: User, version: int, via: str) -> PurchaseOrder:
    """To the supplier of that code; returns the draft that has the lines then. Raises `OrderError`."""
    supplier = Supplier.objects.filter(code=to).first()
    if supplier is None:
        raise InvalidInput(f"There is no supplier {to!r}.", field="supplier")
    offers = SupplierProduct.objects.filter(supplier=supplier, product__in=order.lines.values("product"))
    arrivals = arrivals_of(
        site=order.site,
        offers=list(offers.select_related("supplier")),
        run=newest_plan(site=order.site),
    )
    found = list(Requirement.objects.filter(order_lines__order=order).distinct())
    target = order_move(
        order=order,
        supplier=supplier,
        by=by,
        version=version,
        via=via,
        arrives=arrivals.day,
        approve_before=arrivals.order_by(supplier.pk) if arrivals.times else None,
    )
    lines = {line.product_id: line for line in target.lines.all()}
    for need in found:
        need.order_lines.remove(*need.order_lines.filter(order=order))
        need.order_lines.add(lines[need.product_id])
    return target
