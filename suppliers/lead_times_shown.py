"""What a supplier's page says of its lead time: what it states, and what its deliveries so far say."""

from dataclasses import dataclass
from datetime import datetime

from suppliers.lead_times import ENOUGH, LearnedLead, lead_of
from suppliers.models import DeliveryRecord, Supplier, SupplierProduct

ITEMS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class ItemLead:
    offer: SupplierProduct
    lead: LearnedLead


@dataclass(frozen=True, slots=True)
class LeadTimesShown:
    deliveries: int
    lead: LearnedLead | None  # of an item without deliveries of its own, as the supplier states its lead time
    punctual: int  # percent of deliveries that took no longer than stated
    measured_at: datetime | None
    items: list[ItemLead]  # those most often delivered
    enough: int = ENOUGH


def lead_times_shown(supplier: Supplier) -> LeadTimesShown:
    records = DeliveryRecord.objects.filter(supplier=supplier)
    whole = records.filter(supplier_product=None).first()
    if whole is None:
        return LeadTimesShown(0, None, 0, None, [])
    others = whole.histogram
    most = records.exclude(supplier_product=None).select_related("supplier_product__product")
    items = []
    for record in most.order_by("-deliveries", "supplier_product")[:ITEMS_SHOWN]:
        offer = record.supplier_product
        if offer is None:
            continue
        stated = supplier.lead_time_days if offer.lead_time_days is None else offer.lead_time_days
        if lead := lead_of(stated, record.histogram, others):
            items.append(ItemLead(offer, lead))
    in_time = sum(number for days, number in others.items() if days <= 0)
    return LeadTimesShown(
        whole.deliveries,
        lead_of(supplier.lead_time_days, {}, others),
        round(100 * in_time / max(whole.deliveries, 1)),
        whole.measured_at,
        items,
    )
