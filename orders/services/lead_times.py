"""Counting how long deliveries took, from when the order was sent to when the goods were received.

In the supplier's working days, from the order moment that it was sent in time for. What several receipts brought of a
line came with the first of them. Lines that were asked for much later than the supplier needs are left out: they say
nothing of it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Min, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from orders.models import ReceiptLine, Site
from orders.order_times import order_times
from suppliers.bulk_rows import rows_add
from suppliers.calendars import as_date
from suppliers.models import DeliveryRecord, Supplier
from suppliers.order_times import OrderTimes

COUNTED = timedelta(days=365)
READ_AT_ONCE = 10_000
ASKED_LATER = 5  # working days beyond the stated lead time, or twice that: then the date was the buyer's wish


class Delivered(NamedTuple):
    supplier: int
    offer: int
    order: int
    stated: int
    days: int


def deliveries_count() -> int:
    """Count anew for every supplier. Returns how many deliveries of lines there are."""
    own: dict[int, dict[int, Counter[int]]] = defaultdict(lambda: defaultdict(Counter))
    # Many lines that came together are one delivery, not as many proofs of how punctual the supplier is.
    others: dict[int, set[tuple[int, int]]] = defaultdict(set)
    counted = 0
    for one in _delivered(timezone.localdate() - COUNTED):
        own[one.supplier][one.offer][one.days] += 1
        others[one.supplier].add((one.order, one.days - one.stated))
        counted += 1
    now = timezone.now()
    with transaction.atomic():
        DeliveryRecord.objects.all().delete()
        rows: list[tuple[int, int | None, Counter[int]]] = []
        for supplier, of_offers in own.items():
            rows.append((supplier, None, Counter(deviation for _, deviation in others[supplier])))
            rows += [(supplier, offer, counts) for offer, counts in of_offers.items()]
        rows_add(
            DeliveryRecord,
            {
                "supplier_id": [supplier for supplier, _, _ in rows],
                "supplier_product_id": [offer for _, offer, _ in rows],
                "deliveries": [counts.total() for _, _, counts in rows],
                "counts": [dict(counts) for _, _, counts in rows],
            },
            same={"measured_at": now},
        )
    return counted


def _delivered(since: date) -> Iterator[Delivered]:
    lines = ReceiptLine.objects.filter(receipt__received_at__date__gte=since).exclude(
        line__order__transferred_at=None
    )
    rows = (
        lines.order_by()
        .values_list(
            "line",
            Coalesce("site", "line__order__site"),
            "line__supplier_product",
            "line__order",
            "line__order__supplier",
            "line__order__transferred_at",
            Coalesce("line__requested_date", "line__order__requested_date"),
            Coalesce("line__supplier_product__lead_time_days", "line__order__supplier__lead_time_days"),
        )
        .annotate(first=Min("receipt__received_at"))
    )
    times = _times_of_sites()
    for _, site, offer, order, supplier, sent, asked, stated, first in rows.iterator(READ_AT_ONCE):
        clock = times[site][supplier]
        came = timezone.localdate(first)
        if not _asked_later(clock, sent, stated, asked):
            yield Delivered(supplier, offer, order, stated, clock.lead_days(sent, came))


def _asked_later(clock: OrderTimes, sent: datetime, stated: int, asked: date | None) -> bool:
    if asked is None:
        return False
    moment = clock.next_moment(sent)
    return asked > as_date(clock.delivered(moment, max(2 * stated, stated + ASKED_LATER)))


def _times_of_sites() -> dict[int, dict[int, OrderTimes]]:
    suppliers = list(Supplier.objects.filter(Q(orders__receipts__isnull=False)).distinct())
    sites = Site.objects.filter(Q(orders__receipts__isnull=False) | Q(of_customer=False)).distinct()
    return {site.pk: order_times(site=site, suppliers=suppliers) for site in sites}
