"""What we book into stock ourselves. It counts until the teller of the site has a later figure."""

from collections import defaultdict
from decimal import Decimal

from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone

from orders.models import Receipt
from procurement.models import StockChange, StockLevel
from procurement.services.stock_ledger import levels_save, stock_hold

BY_RECEIPT = "receipt"


def stock_receive(*, receipt: Receipt, by: AbstractBaseUser) -> None:
    """Raise stock by what came in, each line at its site. Call inside a transaction."""
    came: dict[int, dict[int, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for line in receipt.lines.select_related("line"):
        came[line.site_id or receipt.order.site_id][line.line.product_id] += line.quantity
    stock_hold(*came)
    words = f"Receipt of {receipt.order.number}"[:40]
    now = timezone.now()
    for site, quantities in came.items():
        known = StockLevel.objects.filter(site=site, product__in=quantities)
        levels = {level.product_id: level for level in known}
        for product, quantity in quantities.items():
            level = levels.setdefault(
                product, StockLevel(site_id=site, product_id=product, on_hand=Decimal(0), source=BY_RECEIPT)
            )
            level.on_hand += quantity
            # The new time keeps an older figure, taken over afterwards, from undoing the receipt.
            level.as_of = now
        levels_save(levels.values())
        StockChange.objects.bulk_create(
            StockChange(
                product_id=level.product_id, site_id=site, at=now, kind=StockChange.Kind.RECEIVED,
                on_hand=level.on_hand, as_of=now, teller_id=level.teller_id, source=words,
                counts=True, receipt=receipt, by_id=by.pk,
            )
            for level in levels.values()
        )  # fmt: skip
