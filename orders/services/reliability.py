"""Counting how suppliers kept to our orders, for the price they are compared by: suppliers.reliability."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Count, Max, Q
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from orders.models import PurchaseOrder, PurchaseOrderLine, Status
from suppliers.models import Supplier, SupplierReliability

COUNTED = timedelta(days=365)
READ_AT_ONCE = 10_000


def reliability_measure() -> int:
    """Count anew for every supplier; those without an answered order have no row. Returns how many have one."""
    since = timezone.localdate() - COUNTED
    counts = defaultdict[int, Counter[str]](Counter)
    answered = PurchaseOrder.objects.filter(
        status__in=(Status.CONFIRMED, Status.SHIPPED, Status.REJECTED), answered_at__date__gte=since
    )
    sums = answered.order_by().values("supplier").annotate(
        orders=Count("pk"), rejected=Count("pk", filter=Q(status=Status.REJECTED))
    )  # fmt: skip
    for row in sums:
        counts[row["supplier"]].update(orders=row["orders"], rejected=row["rejected"])
    for supplier, is_cut, due, came in _lines(since):
        counts[supplier].update(lines=1, cut=int(is_cut))
        if due and (came or due < timezone.localdate()):
            counts[supplier].update(deliveries=1, late=int(came is None or came > due))
    _write(counts, since)
    return len(counts)


def _lines(since: date) -> Iterator[tuple[int, bool, date | None, date | None]]:
    """(supplier, confirmed with less than asked, due on, all of it came on) of each line that was confirmed."""
    lines = PurchaseOrderLine.objects.filter(
        order__status__in=(Status.CONFIRMED, Status.SHIPPED), order__answered_at__date__gte=since
    )
    rows = lines.order_by().annotate(
        due=Coalesce("promised_date", "requested_date"),
        came=TruncDate(Max("receipt_lines__receipt__received_at")),
    )
    for supplier, asked, confirmed, received, due, came in rows.values_list(
        "order__supplier", "quantity", "confirmed_quantity", "received_quantity", "due", "came"
    ).iterator(READ_AT_ONCE):
        if confirmed is None:
            continue
        expected = due if confirmed else None  # what will not come is cut, not late
        yield supplier, confirmed < asked, expected, came if received >= confirmed else None


@transaction.atomic
def _write(counts: dict[int, Counter[str]], since: date) -> None:
    SupplierReliability.objects.exclude(supplier__in=counts).delete()
    for supplier in Supplier.objects.filter(pk__in=counts):
        names = ("orders", "rejected", "lines", "cut", "deliveries", "late")
        values = {name: counts[supplier.pk][name] for name in names}
        SupplierReliability.objects.update_or_create(
            supplier=supplier, defaults={**values, "since": since, "measured_at": timezone.now()}
        )
