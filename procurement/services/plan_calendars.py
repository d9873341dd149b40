"""What a plan knows of deliveries: when each supplier delivers next, and how long its deliveries took so far."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Protocol
from zoneinfo import ZoneInfo

from django.conf import settings

from orders.order_times import order_times
from procurement.engine.data import SupplierTerms
from procurement.models import PlanRun
from suppliers.lead_times import LearnedLead, lead_of
from suppliers.models import DeliveryRecord, Supplier
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


class HasLead(Protocol):
    """An offer with the lead time that its supplier states."""

    @property
    def pk(self) -> int: ...
    @property
    def product(self) -> int: ...
    @property
    def supplier(self) -> int: ...
    @property
    def lead_time_days(self) -> int: ...


def leads_counted(run: PlanRun, offers: Sequence[HasLead]) -> dict[int, LearnedLead]:
    """`learned_leads`; none where the run's policy does not want it."""
    return learned_leads(offers) if run.parameters.get("learned_lead_times", True) else {}


def learned_leads(offers: Sequence[HasLead]) -> dict[int, LearnedLead]:
    """By offer, of those of which enough is known."""
    if not offers:
        return {}
    others = {
        record.supplier_id: record.histogram
        for record in DeliveryRecord.objects.filter(supplier_product=None)
    }
    if not others:
        return {}
    products = [offer.product for offer in offers]
    of_these = DeliveryRecord.objects.filter(
        supplier_product__product__gte=min(products), supplier_product__product__lte=max(products)
    )
    own = {record.supplier_product_id: record.histogram for record in of_these.iterator()}

    @cache  # most offers of a supplier have no deliveries of their own
    def usual(supplier: int, stated: int) -> LearnedLead | None:
        return lead_of(stated, {}, others.get(supplier, {}))

    found = {
        offer.pk: lead_of(offer.lead_time_days, own[offer.pk], others.get(offer.supplier, {}))
        if offer.pk in own
        else usual(offer.supplier, offer.lead_time_days)
        for offer in offers
    }
    return {offer: lead for offer, lead in found.items() if lead}
