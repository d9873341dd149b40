"""Goods on the shelf: the one place where an order changes stock."""

from collections.abc import Mapping
from decimal import Decimal

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from orders.models import PurchaseOrder, Receipt
from orders.services.receipts import receipt_record
from procurement.services.stock_bookings import stock_receive


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
    stock_receive(receipt=receipt, by=by)
    return receipt
