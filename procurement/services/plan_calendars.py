"""What a plan knows of calendars: when each supplier delivers next, as seen when the plan began."""

from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from django.conf import settings

from orders.order_times import order_times
from procurement.engine.data import SupplierTerms
from procurement.models import PlanRun
from suppliers.models import Supplier
from suppliers.order_times import DeliveryWindow


def with_windows(
    terms: Sequence[SupplierTerms], run: PlanRun, suppliers: Sequence[Supplier]
) -> tuple[SupplierTerms, ...]:
    """`terms`: one a supplier. Where no calendar says anything, lead time + review period stay what they are."""
    times = order_times(site=run.site, suppliers=suppliers)
    review, ours = run.parameters["review_period_days"], ZoneInfo(settings.TIME_ZONE)
    return tuple(
        one
        if times[supplier.pk].is_plain
        else replace(
            one,
            window=DeliveryWindow.of(
                times[supplier.pk], now=run.started_at, as_of=run.as_of, review_days=review, ours=ours
            ),
        )
        for one, supplier in zip(terms, suppliers, strict=True)
    )
