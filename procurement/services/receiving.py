"""Goods on the shelf: the one place where an order changes stock."""

from collections.abc import Mapping
from decimal import Decimal

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from orders.models import PurchaseOrder, Receipt
from orders.services.receipts import receipt_record
from procurement.models import StockLevel


@transaction.atomic
def goods_receive(
    *,
    order: PurchaseOrder,
    by: AbstractBaseUser,
    quantities: Mapping[int, Decimal],
    form_token: str,
    note: str = "",
    via: str = "page",
    at_sites: Mapping[tuple[int, int], Decimal] | None = None,
) -> Receipt | None:
    """Book quantities by line pk into stock, and of split lines by line and site pk (`at_sites`), each at its site.

    The same form sent twice books once and returns None the second time.
    """
    receipt = receipt_record(
        order=order,
        by=by,
        quantities=quantities,
        at_sites=at_sites,
        form_token=form_token,
        note=note,
        via=via,
    )
    if receipt is None:
        return None
    for line in receipt.lines.select_related("line").order_by("line__product", "site"):
        level, _ = StockLevel.objects.get_or_create(
            site_id=line.site_id or order.site_id,
            product_id=line.line.product_id,
            defaults={"on_hand": 0, "as_of": timezone.now(), "source": "receipt"},
        )
        # The new time keeps an older stock file, loaded afterwards, from undoing the receipt.
        StockLevel.objects.filter(pk=level.pk).update(
            on_hand=F("on_hand") + line.quantity, as_of=timezone.now()
        )
    return receipt
