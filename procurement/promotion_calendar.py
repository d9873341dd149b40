"""Promotions for the pages: what is on, what comes, what was, and what it did to each item. Reads only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Min, QuerySet, Sum
from django.utils import timezone

from orders.models import Site
from procurement.models import DailyDemand, Promotion
from procurement.services.promotions import promotion_rows
from suppliers.models import Product

BEFORE = timedelta(days=56)  # what is called usual
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    pk: int  # of its first row
    name: str
    starts_on: date
    ends_on: date
    items: int
    first_sku: str
    source: str

    @property
    def days(self) -> int:
        return (self.ends_on - self.starts_on).days + 1

    @property
    def when(self) -> str:
        today = timezone.localdate()
        return "coming" if self.starts_on > today else "on now" if self.ends_on >= today else "over"


@dataclass(frozen=True, slots=True)
class ItemEffect:
    product: Product
    usual: Decimal  # a day, in the weeks before
    during: Decimal | None  # a day; None: it has not begun

    @property
    def added_percent(self) -> int | None:
        if self.during is None or not self.usual:
            return None
        return round(100 * (self.during / self.usual - 1))


def promotions_grouped(*, site: Site) -> QuerySet[Any, Any]:
    """One row a promotion, the latest first."""
    groups = Promotion.objects.filter(site=site).values("name", "starts_on", "ends_on").order_by()
    found = groups.annotate(
        first=Min("pk"), items=Count("pk"), first_sku=Min("product__sku"), told_by=Max("source")
    )
    return found.order_by("-starts_on", "name", "ends_on")


def calendar_entries(rows: Iterable[dict[str, Any]]) -> list[CalendarEntry]:
    names = ("first", "name", "starts_on", "ends_on", "items", "first_sku", "told_by")
    return [CalendarEntry(*(row[name] for name in names)) for row in rows]


def promotion_effects(*, promotion: Promotion) -> list[ItemEffect]:
    """What was sold a day while it ran, against the eight weeks before; by item."""
    today = timezone.localdate()
    start, end = promotion.starts_on, min(promotion.ends_on, today - timedelta(days=1))
    before = min(start, today)
    rows = promotion_rows(promotion).select_related("product").order_by("product__sku")
    products = [row.product for row in rows]
    usual = _sold(promotion.site, products, before - BEFORE, before - timedelta(days=1))
    days = (end - start).days + 1
    during = _sold(promotion.site, products, start, end) if days > 0 else {}
    return [
        ItemEffect(
            product=product,
            usual=usual.get(product.pk, ZERO) / BEFORE.days,
            during=during.get(product.pk, ZERO) / days if days > 0 else None,
        )
        for product in products
    ]


def _sold(site: Site, products: Sequence[Product], first: date, last: date) -> dict[int, Decimal]:
    demand = DailyDemand.objects.filter(site=site, product__in=products, date__gte=first, date__lte=last)
    return dict(
        demand.order_by().values("product").annotate(total=Sum("quantity")).values_list("product", "total")
    )
