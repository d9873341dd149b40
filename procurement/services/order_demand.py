"""Demand from customer orders: what was ordered of an item on a day at a site, in all systems that speak for it."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date

from django.db.models import Sum

from orders.models import Site
from procurement.models import CustomerOrderLine, DailyDemand, SourceAccount
from procurement.services.record_writers.demand import LARGEST

DAYS_AT_ONCE = 500


@contextmanager
def demand_of_orders(source: SourceAccount, external_ids: Collection[str]) -> Iterator[None]:
    """Whatever happens to these orders inside, the demand of the days they had and have is right afterwards."""
    if not source.gives_demand:
        yield
        return
    # Two systems of one site count the same days: one after the other, or neither would see the other's orders.
    Site.objects.select_for_update(no_key=True).get(pk=source.site_id)
    days = _days(source, external_ids)
    yield
    days |= _days(source, external_ids)
    ordered = sorted(days)
    for start in range(0, len(ordered), DAYS_AT_ONCE):
        _recount(source, set(ordered[start : start + DAYS_AT_ONCE]))


def _days(source: SourceAccount, external_ids: Collection[str]) -> set[tuple[int, date]]:
    lines = CustomerOrderLine.objects.filter(order__kept_by=source, order__external_id__in=external_ids)
    return set(lines.values_list("product", "order__ordered_on"))


def _recount(source: SourceAccount, days: set[tuple[int, date]]) -> None:
    """From the rows and not by adding differences: counting twice counts the same."""
    within = {product for product, _ in days}, {day for _, day in days}
    givers = dict(SourceAccount.objects.filter(site=source.site, gives_demand=True).values_list("pk", "name"))
    lines = CustomerOrderLine.objects.filter(
        order__kept_by__in=givers, product__in=within[0], order__ordered_on__in=within[1], quantity__gt=0
    )
    totals = {
        (product, day): total
        for product, day, total in lines.order_by()
        .values("product", "order__ordered_on")
        .annotate(total=Sum("quantity"))
        .values_list("product", "order__ordered_on", "total")
        if total < LARGEST  # more than a row holds is nobody's demand of a day
    }
    stored = {
        (product, day): (pk, quantity, source_name)
        for pk, product, day, quantity, source_name in DailyDemand.objects.filter(
            site=source.site, product__in=within[0], date__in=within[1]
        ).values_list("pk", "product", "date", "quantity", "source")
    }
    DailyDemand.objects.bulk_create(
        [
            DailyDemand(
                site=source.site, product_id=key[0], date=key[1], quantity=totals[key], source=source.name
            )
            for key in sorted(days & totals.keys())
            if key not in stored or stored[key][1] != totals[key] or stored[key][2] not in givers.values()
        ],
        update_conflicts=True,
        unique_fields=["site", "product", "date"],
        update_fields=["quantity", "source"],
    )
    # A day that a file speaks for is left alone: there is nothing to replace it with.
    emptied = [
        stored[key][0] for key in days & stored.keys() - totals.keys() if stored[key][2] in givers.values()
    ]
    DailyDemand.objects.filter(pk__in=emptied).delete()
