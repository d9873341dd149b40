"""What the engine is given: arrays, one row an item and one row an offer, checked when they are put together.

Arrays are float64 unless stated; quantities have at most four decimals, so a quantity survives the way from
`Decimal` to float64 and back (up to 10 digits before the point). n items, m offers, T days, k price tiers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from procurement.engine.arrays import Bools as Bools
from procurement.engine.arrays import Floats as Floats
from procurement.engine.arrays import Ints as Ints
from procurement.engine.arrays import InvalidPlanningData as InvalidPlanningData
from procurement.engine.arrays import exact as exact
from procurement.engine.arrays import exact_each as exact_each
from procurement.engine.arrays import exact_texts as exact_texts
from procurement.engine.caveats import Caveat, Dispute
from procurement.engine.exceptions import PlanException
from procurement.engine.item_policies import ItemPolicies
from procurement.engine.known_days import KnownDays
from procurement.engine.params import PlanningParams
from procurement.engine.stock import FirmOrders
from procurement.engine.terms import NOTHING, OfferTerms
from suppliers.lead_times import LearnedLead
from suppliers.order_times import DeliveryWindow
from suppliers.rates import Rate


def _check(condition: bool | np.bool_, message: str) -> None:
    if not condition:
        raise InvalidPlanningData(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierTerms:
    code: str
    name: str
    minimum_order_value: Decimal
    delivery_fee: Decimal
    free_delivery_from: Decimal | None  # None: delivery is never free
    currency: str = ""  # of its orders and of the three above; empty: that of its price lists
    # Surcharge for an order below the minimum; None: it is refused
    below_minimum_costs: Decimal | None = None
    standing: OfferTerms = NOTHING  # of all its offers
    unreliability: Decimal = Decimal(0)  # what trouble with it costs, as a share of the goods' value
    reliability: str = ""  # how that was measured, in words
    window: DeliveryWindow | None = None  # None: it delivers its lead time after the day of the plan


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRow:
    """One supplier's offer of one item, as the caller has it. `offers_from_rows` makes the arrays."""

    item: int  # row of the item in PlanningData
    key: int  # the caller's own id of the offer
    supplier: int  # row in PlanningData.suppliers
    supplier_sku: str
    lead_time_days: int
    pack_size: Decimal
    minimum_quantity: Decimal
    currency: str
    tiers: Sequence[tuple[Decimal, Decimal]]  # (from_quantity, unit_price), any order; empty: no price known
    stock: Decimal | None = None  # None: the supplier does not say
    asked: Decimal = Decimal(0)  # asked by us since the stock figure was taken


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Offers:
    """m offers, ordered by item, then supplier."""

    item: Ints  # (m,)
    key: Ints  # (m,)
    supplier: Ints  # (m,)
    supplier_sku: tuple[str, ...]
    lead_time_days: Ints  # (m,)
    pack_size: Floats  # (m,) > 0
    minimum_quantity: Floats  # (m,) > 0
    stock: Floats  # (m,) NaN where the supplier does not say
    asked: Floats  # (m,) >= 0
    currency: tuple[str, ...]
    tier_from: Floats  # (m, k) ascending; +inf where there is no tier
    tier_price: Floats  # (m, k) NaN where there is no tier

    def __post_init__(self) -> None:
        m = self.item.shape[0]
        for name in ("key", "supplier", "lead_time_days", "pack_size", "minimum_quantity", "stock", "asked"):
            _check(getattr(self, name).shape == (m,), f"offers.{name} does not have one value an offer")
        _check(
            len(self.supplier_sku) == m == len(self.currency), "offers' codes do not have one value an offer"
        )
        _check(
            self.tier_from.shape == self.tier_price.shape and self.tier_from.shape[:1] == (m,),
            "price tiers do not have one row an offer",
        )
        _check(bool(np.all(np.diff(self.item) >= 0)), "offers are not ordered by item")
        _check(bool(np.all(self.pack_size > 0)), "a pack size is not above 0")
        _check(bool(np.all(self.minimum_quantity > 0)), "a minimum quantity is not above 0")
        _check(bool(np.all(self.lead_time_days >= 0)), "a lead time is negative")
        _check(not np.any(self.stock < 0) and bool(np.all(self.asked >= 0)), "a stock on offer is negative")
        _check(not np.any(self.tier_price < 0), "a price is negative")

    def __len__(self) -> int:
        return int(self.item.shape[0])

    def of_items(self, items: Ints) -> "Offers":
        """Those of these items (ascending), which are numbered from 0 in the new ones."""
        at = np.flatnonzero(np.isin(self.item, items))
        columns: dict[str, Any] = {
            field.name: _taken(getattr(self, field.name), at) for field in fields(self)
        }
        return Offers(**{**columns, "item": np.searchsorted(items, self.item[at]).astype(np.int64)})


def _taken(column: Any, rows: Ints) -> Any:
    return tuple(column[k] for k in rows.tolist()) if isinstance(column, tuple) else column[rows]


class Market(Protocol):
    """Who offers what, and what their money is worth: what prices are compared by."""

    @property
    def offers(self) -> Offers: ...
    @property
    def suppliers(self) -> tuple[SupplierTerms, ...]: ...
    @property
    def rates(self) -> Mapping[str, Rate]: ...
    @property
    def rate_problems(self) -> Mapping[str, str]: ...
    @property
    def offer_terms(self) -> Mapping[int, OfferTerms]: ...


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PlanningData:
    as_of: date
    skus: tuple[str, ...]
    units: tuple[str, ...]
    demand: NDArray[np.float32] | Floats  # (n, T) a day a column; the last column is the day before as_of
    on_hand: Floats  # (n,) may be negative: some stock systems book out before they book in
    on_order: Floats  # (n,) scheduled receipts
    committed: Floats  # (n,) open customer orders
    suppliers: tuple[SupplierTerms, ...]
    offers: Offers
    days: KnownDays = field(default_factory=KnownDays)  # promotions, closing days, empty shelves
    # By currency, of all but the plan's own; or why there is none.
    rates: Mapping[str, Rate] = field(default_factory=dict)
    rate_problems: Mapping[str, str] = field(default_factory=dict)
    # Only of figures that are in doubt; they change no number.
    item_caveats: Mapping[str, Sequence[Caveat | Dispute]] = field(default_factory=dict)  # by sku
    # By sku, what is known of its stock on hand besides the figure; goes into the reason as it is.
    stock_known: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    offer_caveats: Mapping[int, Sequence[Caveat]] = field(default_factory=dict)  # by the offer's key
    offer_terms: Mapping[int, OfferTerms] = field(default_factory=dict)  # by the offer's key; of few
    lead_times: Mapping[int, LearnedLead] = field(default_factory=dict)  # by the offer's key, where learned
    policies: ItemPolicies | None = None  # None: the site's service level and no limits
    firm: FirmOrders | None = None  # `committed` by due day; None: all of it is wanted now
    # (n,) False: of its figures nobody can order anything; None: all are planned
    planned: Bools | None = None
    exceptions: Mapping[str, Sequence[PlanException]] = field(default_factory=dict)  # by sku, of its figures

    def __post_init__(self) -> None:
        n = len(self.skus)
        _check(len(self.units) == n, "units do not have one value an item")
        _check(self.demand.ndim == 2 and self.demand.shape[0] == n, "demand does not have one row an item")
        _check(self.demand.shape[1] > 0, "demand does not cover a single day")
        for name in ("on_hand", "on_order", "committed"):
            values = getattr(self, name)
            _check(values.shape == (n,), f"{name} does not have one value an item")
            _check(bool(np.all(np.isfinite(values))), f"{name} holds a value that is not a number")
        _check(bool(np.all(np.isfinite(self.demand))), "demand holds a value that is not a number")
        _check(not np.any(self.demand < 0), "demand holds a negative quantity")
        _check(not np.any(self.on_order < 0), "on_order holds a negative quantity")
        _check(not np.any(self.committed < 0), "committed holds a negative quantity")
        self._check_days()
        if self.policies is not None:
            _check(len(self.policies.cell) == n, "policies do not have one value an item")
        if self.firm is not None:
            _check(
                bool(np.allclose(self.firm.total, self.committed)), "firm orders do not add up to committed"
            )
        if len(self.offers):
            _check(
                self.offers.item[0] >= 0 and self.offers.item[-1] < n,
                "an offer is for an item that is not there",
            )
            used = self.offers.supplier
            _check(
                used.min() >= 0 and used.max() < len(self.suppliers),
                "an offer is of a supplier that is not there",
            )

    def _check_days(self) -> None:
        n, days = self.demand.shape
        closed, censored = self.days.closed, self.days.censored
        for told in (closed, self.days.holidays):
            _check(told is None or told.shape[0] >= days, "closing days do not cover the history")
        _check(censored is None or censored.shape == (n, days), "empty shelves are not told for each day")
        for one in self.days.promotions:
            _check(0 <= one.item < n, "a promotion is of an item that is not there")
            _check(one.start < one.stop, "a promotion ends before it begins")

    def __len__(self) -> int:
        return len(self.skus)

    def policies_or(self, params: PlanningParams) -> ItemPolicies:
        """What was decided about its items, else the site's own."""
        found = self.policies or ItemPolicies.none(len(self), float(params.service_level))
        return found if self.planned is None else replace(found, reserved=found.reserved * self.planned)

    def firm_orders(self) -> FirmOrders:
        return self.firm or FirmOrders.overdue_only(self.committed)

    def part(self, start: int, stop: int) -> "PlanningData":
        """The items start..stop-1 with their offers, numbered from 0."""
        rows = slice(start, stop)
        return replace(
            self,
            skus=self.skus[rows],
            units=self.units[rows],
            demand=self.demand[rows],
            on_hand=self.on_hand[rows],
            on_order=self.on_order[rows],
            committed=self.committed[rows],
            offers=self.offers.of_items(np.arange(start, stop)),
            days=self.days.rows(start, stop),
            policies=self.policies and self.policies.take(rows),
            firm=self.firm and self.firm.take(rows),
            planned=None if self.planned is None else self.planned[rows],
        )


def offers_from_rows(rows: Sequence[OfferRow]) -> Offers:
    """Rows in any order to arrays ordered by item, then supplier, then the supplier's code."""
    rows = sorted(rows, key=lambda row: (row.item, row.supplier, row.supplier_sku))
    width = max((len(row.tiers) for row in rows), default=0)
    tier_from = np.full((len(rows), width), np.inf)
    tier_price = np.full((len(rows), width), np.nan)
    for at, row in enumerate(rows):
        for column, (start, price) in enumerate(sorted(row.tiers)):
            tier_from[at, column] = float(start)
            tier_price[at, column] = float(price)

    def ints(name: str) -> Ints:
        return np.array([getattr(row, name) for row in rows], dtype=np.int64)

    def floats(name: str) -> Floats:
        return np.array([float(getattr(row, name)) for row in rows], dtype=np.float64)

    return Offers(
        item=ints("item"),
        key=ints("key"),
        supplier=ints("supplier"),
        supplier_sku=tuple(row.supplier_sku for row in rows),
        lead_time_days=ints("lead_time_days"),
        pack_size=floats("pack_size"),
        minimum_quantity=floats("minimum_quantity"),
        stock=np.array([np.nan if row.stock is None else float(row.stock) for row in rows], dtype=np.float64),
        asked=floats("asked"),
        currency=tuple(row.currency for row in rows),
        tier_from=tier_from,
        tier_price=tier_price,
    )
