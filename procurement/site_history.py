"""A site's own demand, offers and known days as a history to replay. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from django.conf import settings
from django.utils import timezone

from orders.models import Site
from procurement.engine.data import Floats
from procurement.engine.params import PlanningParams
from procurement.engine.replay import Allocation, Buffer
from procurement.engine.replay.history import History, TooLittleHistory
from procurement.known_days import known_days
from procurement.models import PlanningPolicy
from procurement.selectors import ItemRow, OfferInForce, demand_matrix, items_planned, offers_in_force
from procurement.services.plan_calendars import learned_leads
from procurement.site_levels import levels_by_hand
from suppliers.models import Product
from suppliers.selectors import rates_in_force

READ_AT_MOST = 5_000  # items, evenly drawn; a replay takes a part of these
DRAWN_SEED = 1
ORDER_COST = 20.0
LEFT_OUT = (
    "every supplier is ordered from on each review: order days, cut-offs, order minimums, supplier's stock, storage"
    " and longest cover, lot sizes, firm customer orders, stock put aside or always shown, items that new ones are"
    " like, and the site's calendar play no part, unlike in the plan"
)


@dataclass(frozen=True, slots=True)
class Terms:
    """Of the offer that is cheapest at its first price."""

    supplier: int
    price: float
    pack: float
    lead_days: float


def site_history(*, site: Site) -> History:
    """Raises `TooLittleHistory`."""
    policy, _ = PlanningPolicy.objects.get_or_create(site=site)
    items = _drawn(items_planned(site=site))
    terms = _terms([item.pk for item in items], learned=policy.learned_lead_times)
    priced = [item for item in items if item.pk in terms]
    ids = [item.pk for item in priced]
    today = timezone.localdate()
    demand = demand_matrix(site=site, products=ids, as_of=today, days=policy.history_days)
    days = known_days(site=site, products=ids, as_of=today, demand=demand)
    begun = np.flatnonzero(demand.any(axis=0))
    if not len(begun):
        raise TooLittleHistory(
            f"{site.name} has no demand of items with a price. Load some, or a supplier's price list."
        )
    start = int(begun[0])
    promoted = days.promoted(*demand.shape)
    suppliers = sorted({terms[pk].supplier for pk in ids})
    row_of = {supplier: row for row, supplier in enumerate(suppliers)}
    known = {
        pk: (name, life)
        for pk, name, life in Product.objects.filter(pk__in=ids).values_list("pk", "name", "shelf_life_days")
    }
    supplier = np.array([row_of[terms[pk].supplier] for pk in ids])
    lead = np.array([terms[pk].lead_days for pk in ids])
    price = np.array([terms[pk].price for pk in ids])
    by_hand = levels_by_hand(site=site, policy=policy, products=ids, demand=demand, price=price)
    return History(
        name=site.name,
        skus=tuple(item.sku for item in priced),
        names=tuple(known[pk][0] for pk in ids),
        first=today - timedelta(days=demand.shape[1] - start),
        demand=demand[:, start:],
        price=price,
        pack=np.array([terms[pk].pack for pk in ids]),
        shelf_life=np.array([known[pk][1] or 0 for pk in ids], dtype=np.int64),
        supplier=supplier,
        lead_days=np.array([max(lead[supplier == row].mean(), 1.0) for row in range(len(suppliers))]),
        promotion=None if promoted is None else promoted[:, start : demand.shape[1]],
        sold_out=None if days.censored is None else days.censored[:, start:],
        order_cost=ORDER_COST,
        review_days=policy.review_period_days,
        currency=settings.BASE_CURRENCY,
        buffer=_buffer(policy, by_hand),
        assumed=_assumed(len(items) - len(priced), policy.learned_lead_times),
    )


def _buffer(policy: PlanningPolicy, by_hand: Floats) -> Buffer:
    """As the site's plan spreads it."""
    bounds = PlanningParams(currency=settings.BASE_CURRENCY)
    by_worth = policy.buffer_spread == PlanningPolicy.Buffer.WORTH
    return Buffer(
        allocation=Allocation.SPREAD if by_worth else Allocation.EQUAL,
        least=float(bounds.least_spread_service),
        most=float(bounds.most_spread_service),
        usual=float(policy.service_level),
        by_hand=None if np.isnan(by_hand).all() else by_hand,
    )


def _assumed(without_price: int, learned: bool) -> tuple[str, ...]:
    said = [
        f"prices, packs and usual lead times{' as learned' if learned else ''} are those of today, of the cheapest"
        " supplier of each item",
        f"an order costs {ORDER_COST:.2f}",
        LEFT_OUT,
    ]
    if without_price:
        items = (
            "1 item without a price is"
            if without_price == 1
            else f"{without_price} items without a price are"
        )
        said.append(f"{items} left out")
    return tuple(said)


def _drawn(items: Sequence[ItemRow]) -> list[ItemRow]:
    if len(items) <= READ_AT_MOST:
        return list(items)
    rows = np.random.default_rng(DRAWN_SEED).choice(len(items), READ_AT_MOST, replace=False)
    return [items[row] for row in sorted(rows)]


def _terms(products: Sequence[int], *, learned: bool) -> dict[int, Terms]:
    rates = {
        code: float(rate.value) for code, rate in rates_in_force(day=timezone.localdate()).usable.items()
    }
    cheapest: dict[int, tuple[float, OfferInForce]] = {}
    for offer in offers_in_force(products=products):
        price = _price(offer, rates)
        if price is not None and (offer.product not in cheapest or price < cheapest[offer.product][0]):
            cheapest[offer.product] = price, offer
    leads = learned_leads([offer for _, offer in cheapest.values()]) if learned else {}
    return {
        product: Terms(
            offer.supplier,
            price,
            float(offer.pack_size),
            float(leads[offer.pk].time.days if offer.pk in leads else offer.lead_time_days),
        )
        for product, (price, offer) in cheapest.items()
    }


def _price(offer: OfferInForce, rates: dict[str, float]) -> float | None:
    rate = 1.0 if offer.currency == settings.BASE_CURRENCY else rates.get(offer.currency)
    if rate is None or not offer.tiers:
        return None
    return float(min(offer.tiers)[1]) * rate
