"""The offer each item is planned by: its lead time sets the level below which the item is due.

Because the level depends on history and price lists only, what a plan ordered is never below it in the next plan of the
same day, and nothing is proposed twice.
"""

import numpy as np

from procurement.engine.data import Floats, Ints, Market
from procurement.engine.landed import comparable, delivery_shares, incremental_prices
from procurement.engine.params import PlanningParams
from procurement.engine.terms import Standing


def reference_offers(
    market: Market, level: Floats, arrival_days: Ints, items: int, params: PlanningParams
) -> Ints:
    """The offer each item is planned by; -1 where nobody offers it. level, arrival_days (m,) of each; -> (items,)

    The cheapest landed price for the whole order-up-to level as `terms.py` compares it, of the offers that can
    deliver at all by the supplier's own stock figure and are not blocked; if none can, of all that have a price; else
    the first to arrive. Ties: the one that is there earlier, by calendars and lead times learned, then the
    supplier's code: as quotes are ranked. Our own open orders play no part, nor do
    shares agreed by contract, so that a plan does not change the next one's reference.
    """
    offers = market.offers
    reference = np.full(items, -1, dtype=np.int64)
    if not len(offers):
        return reference
    worth = comparable(market, params)
    standing = Standing.of(market)
    usable = np.isfinite(offers.tier_from).any(axis=1) & np.isfinite(worth) & ~standing.blocked
    wanted = np.maximum(level, offers.minimum_quantity)
    quantity = np.ceil(np.round(wanted / offers.pack_size, 9)) * offers.pack_size
    share = np.array([float(share) for share in delivery_shares(market, params)])
    landed = np.full(len(offers), np.inf)
    if offers.tier_from.shape[1]:
        tier = np.maximum((offers.tier_from <= quantity[:, None]).sum(axis=1) - 1, 0)
        price = offers.tier_price[np.arange(len(offers)), tier]
        if standing.incremental.any():
            price = np.where(standing.incremental, incremental_prices(offers, quantity), price)
        landed = np.where(usable, np.round(price * worth * (1 + share[offers.supplier]), 4), np.inf)
    sellable = np.floor(np.round(offers.stock / offers.pack_size, 9)) * offers.pack_size
    # False where the stock is not said (NaN).
    empty = sellable < np.maximum(offers.minimum_quantity, offers.pack_size)
    codes = np.argsort(np.argsort([terms.code for terms in market.suppliers]))
    compared = np.round(landed * standing.factor, 4)
    order = np.lexsort(
        (
            codes[offers.supplier], arrival_days, compared, ~standing.at_any_price, empty, ~usable,
            offers.item,
        )
    )  # fmt: skip
    offered, begins = np.unique(offers.item[order], return_index=True)
    reference[offered] = order[begins]
    return reference
