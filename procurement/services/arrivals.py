"""When goods of suppliers' offers arrive at a site, by both calendars and the lead times learned: as a plan counts."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.utils import timezone

from orders.models import Site
from orders.order_times import order_times
from procurement.models import PlanRun
from procurement.services.plan_calendars import leads_counted
from suppliers.calendars import as_date
from suppliers.models import SupplierProduct
from suppliers.order_times import OrderTimes


class OfferLead(NamedTuple):
    pk: int
    product: int
    supplier: int
    lead_time_days: int  # as stated


@dataclass(frozen=True, slots=True)
class Arrivals:
    now: datetime
    times: Mapping[int, OrderTimes]  # by supplier
    # By offer, in the supplier's working days; where no calendar says anything, in days
    leads: Mapping[int, int]

    def day(self, offer: SupplierProduct, *, waited: int = 0) -> date:
        """Of what is ordered after so many days of waiting."""
        times, lead = self.times[offer.supplier_id], self.leads[offer.pk]
        now = self.now + timedelta(days=waited)
        if times.is_plain:
            return timezone.localdate(now) + timedelta(days=lead)
        return as_date(times.delivered(times.next_moment(now), lead))

    def days(self, offer: SupplierProduct, *, waited: int = 0) -> int:
        """The same from now."""
        return max(0, (self.day(offer, waited=waited) - timezone.localdate(self.now)).days)

    def order_by(self, supplier: int) -> datetime | None:
        """The cut-off for what is ordered now; None where none is known."""
        return self.times[supplier].next_moment(self.now).until


def arrivals_of(*, site: Site, offers: Collection[SupplierProduct], run: PlanRun | None) -> Arrivals:
    """Of these offers, with their suppliers loaded. `run`: whose rules say whether lead times are learned."""
    stated = [
        OfferLead(
            offer.pk,
            offer.product_id,
            offer.supplier_id,
            offer.supplier.lead_time_days if offer.lead_time_days is None else offer.lead_time_days,
        )
        for offer in offers
    ]
    suppliers = {offer.supplier_id: offer.supplier for offer in offers}
    leads = {one.pk: one.lead_time_days for one in stated}
    learned = leads_counted(run or PlanRun(site=site), stated)
    leads |= {pk: lead.time.days for pk, lead in learned.items()}
    return Arrivals(timezone.now(), order_times(site=site, suppliers=list(suppliers.values())), leads)
