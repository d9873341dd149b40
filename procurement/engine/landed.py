"""Landed prices: what a unit costs delivered, in the currency of the plan, and why a price cannot be compared."""

from decimal import Decimal

import numpy as np

from procurement.engine.data import Floats, Market, Offers, SupplierTerms
from procurement.engine.params import PlanningParams


def delivery_share(terms: SupplierTerms, params: PlanningParams, worth: Decimal = Decimal(1)) -> Decimal:
    """Delivery fee as a share of goods value: landed price = tier price * (1 + share).

    The fee is spread over the value from which delivery is free, else over the minimum order value, else over
    `order_value_without_minimum`, which is in the plan's currency; `worth`: a unit of the supplier's, in that.
    """
    if not terms.delivery_fee or terms.free_delivery_from == 0:
        return Decimal(0)
    usual = params.order_value_without_minimum / worth
    return terms.delivery_fee / (terms.free_delivery_from or terms.minimum_order_value or usual)


def worth_of(market: Market, params: PlanningParams, currency: str) -> Decimal | None:
    """A unit of that currency in the plan's; None where it is not known."""
    if currency == params.currency:
        return Decimal(1)
    rate = market.rates.get(currency)
    return rate.value if rate else None


def delivery_shares(market: Market, params: PlanningParams) -> list[Decimal]:
    """Of each supplier."""
    return [
        delivery_share(
            terms, params, worth_of(market, params, terms.currency or params.currency) or Decimal(1)
        )
        for terms in market.suppliers
    ]


def money_obstacle(market: Market, params: PlanningParams, k: int) -> str:
    """Why the price of an offer cannot be compared; empty if it can."""
    priced_in = market.offers.currency[k]
    ordered_in = market.suppliers[market.offers.supplier[k]].currency or priced_in
    if priced_in != ordered_in:
        return f"priced in {priced_in}, while its orders are in {ordered_in}"
    if worth_of(market, params, priced_in) is None:
        return f"sold in {priced_in}, and {market.rate_problems.get(priced_in, 'no exchange rate is known')}"
    return ""


def comparable(market: Market, params: PlanningParams) -> Floats:
    """What a unit of each offer's currency is worth in the plan's; NaN where prices cannot be compared. -> (m,)"""
    seen: dict[tuple[str, int], float] = {}
    pairs = list(zip(market.offers.currency, market.offers.supplier.tolist(), strict=True))
    for k, (currency, supplier) in enumerate(pairs):
        if (currency, supplier) not in seen:
            worth = None if money_obstacle(market, params, k) else worth_of(market, params, currency)
            seen[currency, supplier] = np.nan if worth is None else float(worth)
    return np.array([seen[pair] for pair in pairs], dtype=np.float64)


def incremental_prices(offers: Offers, quantity: Floats) -> Floats:
    """The average price of a unit where each costs its own tier's price: `suppliers.prices.unit_price`. -> (m,)"""
    starts = offers.tier_from.copy()
    starts[:, 0] = 0
    ends = np.column_stack([starts[:, 1:], np.full(len(offers), np.inf)])
    known = np.isfinite(offers.tier_from)
    inside = np.clip(np.minimum(ends, quantity[:, None]) - np.where(known, starts, 0), 0, None)
    paid = np.where(known, inside * offers.tier_price, 0).sum(axis=1)
    average: Floats = np.round(paid / quantity, 4)
    return average
