"""What a supplier sells that is due soon anyway, and how much of it there may be."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from django.db.models import F
from django.utils import timezone

from orders.models import PurchaseOrder
from orders.selectors import open_on_offer
from procurement.engine.items import ItemRequirement
from procurement.engine.limits import Limit
from procurement.engine.needs import OfferLevel
from procurement.engine.storage import Stored
from procurement.engine.top_up import FARTHEST, SoonDue
from procurement.models import PlanRun, Requirement
from procurement.services.arrivals import Arrivals
from procurement.services.storage_areas import limits_in_places
from procurement.services.top_up_elsewhere import cheapest_elsewhere
from suppliers.models import SupplierProduct
from suppliers.packing import pack_down, pack_up
from suppliers.prices import unit_price
from suppliers.terms_in_force import PriceList, blocks, price_lists

CANDIDATES = 20
LOOKED_AT = 60
ZERO = Decimal(0)


def near_products(order: PurchaseOrder, run: PlanRun, ordered: Collection[int]) -> list[int]:
    """What the supplier offers and was due soonest by that plan, without what is in the order."""
    above = F("position") - F("order_up_to")
    needs = Requirement.objects.alias(above=above).filter(
        run=run,
        daily_demand__gt=0,
        above__lte=F("daily_demand") * 2 * FARTHEST,
        product__active=True,
        product__offers__supplier=order.supplier,
        product__offers__active=True,
    )
    nearest = needs.exclude(product__in=ordered).order_by(F("above") / F("daily_demand"), "pk")
    return list(dict.fromkeys(nearest.values_list("product", flat=True)[:LOOKED_AT]))


def days_until_due(need: ItemRequirement) -> int:
    """At the demand expected; 0: it is due."""
    above = need.position - need.order_up_to
    return max(0, int(above / need.daily_demand)) if above > 0 else 0


def soon_due(
    order: PurchaseOrder,
    offers: Sequence[SupplierProduct],
    needs: Mapping[int, ItemRequirement],
    arrivals: Arrivals,
) -> list[SoonDue]:
    """What the supplier is cheapest for and is due within `FARTHEST` days, nearest first."""
    found = [pair for pair in _offered(order, offers, needs, arrivals) if pair[1].most > 0]
    rooms = limits_in_places(site=order.site, stored=lambda sizes: _stored(found, needs, sizes))
    inside = [
        (offer, _within(soon, needs[offer.product_id], rooms.get(offer.product_id))) for offer, soon in found
    ]
    inside = [(offer, soon) for offer, soon in inside if soon.most > 0]
    elsewhere = cheapest_elsewhere({offer.product_id: _usual(soon) for offer, soon in inside}, order)
    own = [soon for offer, soon in inside if not _dearer(soon, elsewhere.get(offer.product_id))]
    return sorted(own, key=lambda soon: (soon.days, soon.name))[:CANDIDATES]


def _offered(
    order: PurchaseOrder,
    offers: Sequence[SupplierProduct],
    needs: Mapping[int, ItemRequirement],
    arrivals: Arrivals,
) -> Iterator[tuple[SupplierProduct, SoonDue]]:
    today, asked = timezone.localdate(), open_on_offer()
    blocked, prices = blocks(offers, day=today), price_lists([offer.pk for offer in offers], day=today)
    for offer in offers:
        told, need = prices.get(offer.pk), needs.get(offer.product_id)
        level = next((one for one in need.levels if one.offer_key == offer.pk), None) if need else None
        if need is None or level is None or not need.daily_demand or days_until_due(need) > FARTHEST:
            continue
        if offer.pk in blocked or told is None or told.currency != order.currency:
            continue
        left = None if offer.stock_on_offer is None else offer.stock_on_offer - asked.get(offer.pk, ZERO)
        yield offer, _soon_due(offer, need, level, told, arrivals, left)


def _soon_due(
    offer: SupplierProduct,
    need: ItemRequirement,
    level: OfferLevel,
    told: PriceList,
    arrivals: Arrivals,
    left: Decimal | None,
) -> SoonDue:
    """`left`: of the supplier's stock; None where it does not say."""
    days, daily = days_until_due(need), need.daily_demand
    cycle = max(1, int(level.told["demand"]["review_period_days"]))
    most = daily * FARTHEST if left is None else min(daily * FARTHEST, left)
    packed = pack_down(max(ZERO, most), pack_size=offer.pack_size, minimum=offer.minimum_quantity)
    for limit in map(Limit.read, level.told.get("limits", [])):
        packed = limit.of(packed, need.position, pack_size=offer.pack_size, minimum=offer.minimum_quantity)
    return SoonDue(
        key=offer.pk,
        name=offer.product.name,
        days=days,
        earlier=arrivals.days(offer, waited=days) - arrivals.days(offer),
        batch=daily * cycle,
        cycle_days=cycle,
        tiers=told.tiers,
        incremental=told.incremental,
        pack_size=offer.pack_size,
        minimum=offer.minimum_quantity,
        most=packed,
    )


def _stored(
    found: Sequence[tuple[SupplierProduct, SoonDue]],
    needs: Mapping[int, ItemRequirement],
    sizes: Mapping[int, Decimal],
) -> list[Stored]:
    return [
        Stored(product, needs[product].position, soon.most, needs[product].daily_demand, sizes[product], ZERO)
        for product, soon in {offer.product_id: soon for offer, soon in found}.items()
        if product in sizes
    ]


def _within(soon: SoonDue, need: ItemRequirement, limit: Limit | None) -> SoonDue:
    """As far as there is room in the place that it shares with others."""
    if limit is None:
        return soon
    most = limit.of(soon.most, need.position, pack_size=soon.pack_size, minimum=soon.minimum)
    return replace(soon, most=most)


def _usual(soon: SoonDue) -> Decimal:
    packed = pack_up(soon.batch, pack_size=soon.pack_size, minimum=soon.minimum).quantity
    return min(packed, soon.most)


def _dearer(soon: SoonDue, elsewhere: Decimal | None) -> bool:
    """Whether somebody else asks less for the usual batch: then topping up with it would cost that, too."""
    here = unit_price(soon.tiers, _usual(soon), incremental=soon.incremental)
    return elsewhere is not None and elsewhere < here
