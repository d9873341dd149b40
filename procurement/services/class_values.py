"""What a year's demand of every item of a site is worth: from which value on an item is A, and from which B."""

from datetime import timedelta
from decimal import Decimal

import numpy as np
from django.db.models import Min, Sum

from procurement.engine.classes import YEAR, ClassRules, value_cuts
from procurement.engine.data import Floats, Offers
from procurement.models import DailyDemand, PlanRun
from suppliers.models import PriceTier
from suppliers.selectors import RatesKnown


def class_cuts(run: PlanRun, rules: ClassRules, rates: RatesKnown) -> list[str | None]:
    """Two queries, whatever the number of items. None: nothing is worth anything, and all is C."""
    since = run.as_of - timedelta(days=YEAR)
    sold = DailyDemand.objects.filter(site=run.site, date__gte=since, date__lt=run.as_of).order_by()
    taken = dict(sold.values("product").annotate(all=Sum("quantity")).values_list("product", "all"))
    prices: dict[int, Decimal] = {}
    in_force = PriceTier.objects.filter(
        quote__superseded_at=None, quote__supplier_product__active=True,
        quote__supplier_product__supplier__active=True,
    ).order_by()  # fmt: skip
    lowest = in_force.values("quote__supplier_product__product", "quote__currency").annotate(
        least=Min("unit_price")
    )
    for product, currency, least in lowest.values_list(
        "quote__supplier_product__product", "quote__currency", "least"
    ):
        if (worth := _worth(rates, currency)) is not None:
            prices[product] = min(least * worth, prices.get(product, least * worth))
    values = [float(quantity * prices[product]) for product, quantity in taken.items() if product in prices]
    cuts = value_cuts(np.array(values, dtype=np.float64), rules)
    return [repr(cut) if np.isfinite(cut) else None for cut in (cuts.a_from, cuts.b_from)]


def price_known(offers: Offers, items: int, rates: RatesKnown) -> Floats:
    """The lowest price of each item in the base currency; 0 where none is known. -> (n,)"""
    found = np.full(items, np.inf)
    if offers.tier_price.shape[1]:
        worth = np.array(
            [float(_worth(rates, currency) or "nan") for currency in offers.currency], dtype=np.float64
        )
        least = np.where(np.isfinite(offers.tier_price), offers.tier_price, np.inf).min(axis=1) * worth
        np.minimum.at(found, offers.item, np.where(np.isfinite(least), least, np.inf))
    return np.where(np.isfinite(found), found, 0.0)


def _worth(rates: RatesKnown, currency: str) -> Decimal | None:
    if currency == rates.base:
        return Decimal(1)
    rate = rates.usable.get(currency)
    return rate.value if rate else None
