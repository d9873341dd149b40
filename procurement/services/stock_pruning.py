"""Keeping the history of stock bounded. Plans carry what they knew with them, so that none of them loses anything."""

import time
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from procurement.models import StockChange

KEEP = timedelta(days=400)
AT_ONCE = 5_000
LONGEST = 20  # seconds; the next run takes the rest


def stock_history_prune() -> int:
    """How many rows went. What was so when the time that is kept begins stays, of each teller."""
    old = StockChange.objects.filter(at__lt=timezone.now() - KEEP)
    same_teller = Q(teller=OuterRef("teller")) | Q(teller=None, source=OuterRef("source"))
    newer = old.filter(
        same_teller,
        product=OuterRef("product"),
        site=OuterRef("site"),
        counts=OuterRef("counts"),
        pk__gt=OuterRef("pk"),
    )
    until, after, gone = time.monotonic() + LONGEST, 0, 0
    while part := list(old.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        gone += old.filter(Exists(newer), pk__in=part).delete()[0]
        after = part[-1]
        if time.monotonic() > until:
            break
    return gone
