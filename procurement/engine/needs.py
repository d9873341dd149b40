"""What is needed of a site's due items, and what is on offer of them: all that sourcing looks at."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np

from procurement.engine.caveats import Caveat
from procurement.engine.data import Floats, Ints, Offers, SupplierTerms
from procurement.engine.limits import Limit
from procurement.engine.params import PlanningParams
from procurement.engine.reference import reference_offers
from procurement.engine.terms import OfferTerms
from suppliers.rates import Rate

Reason = dict[str, Any]


@dataclass(frozen=True, slots=True)
class OfferLevel:
    """The order-up-to level that one offer's lead time asks for, as it was decided."""

    offer_key: int
    order_up_to: Decimal
    told: Reason  # the parts of a reason that depend on it: see `explain`


def limits_of_levels(levels: Iterable[Reason], at: Sequence[int]) -> dict[int, tuple[Limit, ...]]:
    """What was told of offers' levels, by the row `at` which each stands; of those that have limits."""
    rows = zip(at, levels, strict=True)
    return {row: tuple(map(Limit.read, told["limits"])) for row, told in rows if told.get("limits")}


def limits_together(
    own: Mapping[int, tuple[Limit, ...]], of_items: Mapping[int, Limit], items: Sequence[int]
) -> dict[int, tuple[Limit, ...]]:
    """Offers' own limits and those of the places their items lie in. items: of each offer, by its row."""
    shared = {row: (*own.get(row, ()), of_items[item]) for row, item in enumerate(items) if item in of_items}
    return {**own, **shared}


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Needs:
    """n items, m offers. Quantities in the item's unit."""

    skus: tuple[str, ...]
    position: Floats  # (n,) on hand + scheduled receipts - committed
    offers: Offers  # of these items, numbered as here
    level: Floats  # (m,) the order-up-to level of each offer
    suppliers: tuple[SupplierTerms, ...]
    rates: Mapping[str, Rate] = field(default_factory=dict)
    rate_problems: Mapping[str, str] = field(default_factory=dict)
    offer_caveats: Mapping[int, Sequence[Caveat]] = field(default_factory=dict)  # by the offer's key
    offer_terms: Mapping[int, OfferTerms] = field(default_factory=dict)  # by the offer's key; of few
    # By row of the offer, up to which position may be ordered; of few. See `limits`.
    limits: Mapping[int, tuple[Limit, ...]] = field(default_factory=dict)
    reference: Ints  # (n,) row of the offer an item is planned by; -1 where nobody offers it
    due_below: Floats  # (n,) the level of that offer
    arrival_days: Ints  # (m,) from the day of the plan
    need_by_days: Floats  # (n,) until stock is expected to run out; inf where it never does, or nobody knows
    steady_daily: Floats  # (m,) demand a day that may be bought ahead for; 0: nothing is. See `lot_sizing`

    def __len__(self) -> int:
        return len(self.skus)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class OffersNow:
    """Who offers what at the moment of buying: prices may have been asked for since the needs were found."""

    offers: Offers
    suppliers: tuple[SupplierTerms, ...]
    rates: Mapping[str, Rate] = field(default_factory=dict)
    rate_problems: Mapping[str, str] = field(default_factory=dict)
    offer_caveats: Mapping[int, Sequence[Caveat]] = field(default_factory=dict)
    offer_terms: Mapping[int, OfferTerms] = field(default_factory=dict)


def needs_of(
    *,
    skus: Sequence[str],
    position: Floats,
    order_up_to: Floats,
    level: Floats,
    now: OffersNow,
    params: PlanningParams,
    limits: Mapping[int, tuple[Limit, ...]] | None = None,
    arrival_days: Ints | None = None,
    need_by_days: Floats | None = None,
    steady_daily: Floats | None = None,
) -> Needs:
    """Which offer each item is planned by, by the prices of now, and so below which position it is due.

    order_up_to (n,): the level found with the prices before, kept for items that nobody offers.
    level (m,): of each offer. arrival_days (m,): without them, the lead times. need_by_days (n,): without them, never.
    steady_daily (m,): without them, nothing is bought ahead.
    """
    arrives = now.offers.lead_time_days if arrival_days is None else arrival_days
    reference = reference_offers(now, level, arrives, len(skus), params)
    due_below = order_up_to.copy()
    due_below[reference >= 0] = level[reference[reference >= 0]]
    return Needs(
        skus=tuple(skus),
        position=np.asarray(position, dtype=np.float64),
        offers=now.offers,
        level=level,
        suppliers=now.suppliers,
        rates=now.rates,
        rate_problems=now.rate_problems,
        offer_caveats=now.offer_caveats,
        offer_terms=now.offer_terms,
        limits=limits or {},
        reference=reference,
        due_below=due_below,
        arrival_days=arrives,
        need_by_days=np.full(len(skus), np.inf) if need_by_days is None else need_by_days,
        steady_daily=np.zeros(len(now.offers)) if steady_daily is None else steady_daily,
    )
