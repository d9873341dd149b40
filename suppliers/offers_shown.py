"""Who sells an item, for how much, and what was decided about each, as the item's page shows it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils import timezone

from suppliers.models import Product, SourcingDecision, SupplierProduct
from suppliers.terms_in_force import PriceList, price_lists


@dataclass(frozen=True, slots=True)
class OfferShown:
    offer: SupplierProduct
    prices: PriceList | None
    # About the item or all that the supplier sells; in force and to come
    decisions: Sequence[SourcingDecision]

    @property
    def lead_time_days(self) -> int:
        own = self.offer.lead_time_days
        return self.offer.supplier.lead_time_days if own is None else own


def offers_shown(product: Product, *, day: date | None = None) -> list[OfferShown]:
    day = day or timezone.localdate()
    rows = SupplierProduct.objects.filter(product=product, active=True, supplier__active=True)
    offers = list(rows.select_related("supplier").order_by("supplier__name", "pk"))
    prices = price_lists([offer.pk for offer in offers], day=day)
    decided = _decisions(offers, day)
    return [OfferShown(one, prices.get(one.pk), decided[one.pk]) for one in offers]


def _decisions(offers: Sequence[SupplierProduct], day: date) -> dict[int, list[SourcingDecision]]:
    sellers = [offer.supplier_id for offer in offers]
    products = {offer.product_id for offer in offers}
    of_these = Q(supplier_product=None) | Q(supplier_product__product__in=products)
    rows = SourcingDecision.objects.standing(day).filter(of_these, supplier__in=sellers)
    found: dict[int, list[SourcingDecision]] = defaultdict(list)
    for row in rows.select_related("by", "supplier", "supplier_product").order_by("-since", "-pk"):
        of = row.supplier_product
        for offer in offers:
            if offer.supplier_id == row.supplier_id and (of is None or of.product_id == offer.product_id):
                found[offer.pk].append(row)
    return found
