"""Who has an item on a draft already, where a site limits over how many suppliers a need may be spread.

Two plans in a row must agree: what one left out, as further suppliers were one too many, the next would otherwise ask
of them, as it finds the first ones' drafts on order. What is missing once a draft was sent is a new need. Drafts at
suppliers that are blocked or inactive by now keep nobody out: nothing is bought there.
"""

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import Q

from orders.models import PurchaseOrderLine, Status
from procurement.engine.terms import no_more_than
from procurement.models import PlanRun
from procurement.selectors import OfferInForce
from suppliers.terms_in_force import decisions_in_force


def offers_too_many(run: PlanRun, offers: Sequence[OfferInForce]) -> dict[int, str]:
    """By offer, why its supplier is one too many; none where the run's policy sets no limit."""
    most = run.parameters.get("most_suppliers_a_line")
    if not most or not offers:
        return {}
    products = [offer.product for offer in offers]
    lines = PurchaseOrderLine.objects.filter(
        Q(order__site=run.site, shares=None) | Q(shares__site=run.site),
        order__status=Status.DRAFT,
        order__supplier__active=True,
        product__gte=min(products),
        product__lte=max(products),
    )
    having: dict[int, dict[int, str]] = defaultdict(dict)
    about = Q(supplier_product__product__gte=min(products), supplier_product__product__lte=max(products))
    decisions = decisions_in_force(day=run.as_of, within=about)
    found = lines.values_list("product", "order__supplier", "order__supplier__name")
    for product, supplier, name in found:
        if decisions.block_on(supplier=supplier, product=product) is None:
            having[product][supplier] = name
    return {
        offer.pk: _words(most, sorted(having[offer.product].values()))
        for offer in offers
        if offer.supplier not in having[offer.product] and len(having[offer.product]) >= most
    }


def _words(most: int, names: Sequence[str]) -> str:
    drafts = f"a draft at {names[0]} has" if len(names) == 1 else f"drafts at {', '.join(names)} have"
    return f"{no_more_than(most)}, and {drafts} it"
