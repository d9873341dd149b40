"""What is to be bought and who sells it, as one problem: every line, every offer, every supplier's terms.

L lines, m offers (ordered by line), S suppliers, k price tiers. Quantities and prices are float64 of at most four
decimals; `cost.total` brings them to Decimal. What may be done:

* A line is covered when what is bought of it reaches the need of the offer that completes it, and at least the line's
  own: a slower supplier has a longer time to bridge.
* It is split only where stock on offer runs out: all offers used but one give all they have. At most
  `suppliers_a_line` share it.
* What is bought beyond the line's need is worth `spare_value` a unit, up to twice what the offers used fill.
* It may be left short only where all that is on offer does not cover it; a unit missing then costs `shortage_cost`.
* Quantities are whole packs, at least the minimum quantity and within the stock on offer. They go beyond the need only
  for the minimum, the pack, or a price break at which more costs less, up to `most`.
* A contract goes first: of the ways to cover a line, those count that buy most from contract offers.
"""

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from procurement.engine.data import Bools, Floats, Ints


class InvalidProblem(ValueError):
    """The arrays do not fit together or hold values that cannot be; says which."""


def _check(condition: bool | np.bool_, message: str) -> None:
    if not condition:
        raise InvalidProblem(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """One supplier's terms, money in its own currency. See `cost.order_cost`."""

    name: str = ""
    minimum_order_value: Decimal = Decimal(0)
    below_minimum_costs: Decimal | None = None  # surcharge for an order below it; None: it is not taken
    delivery_fee: Decimal = Decimal(0)
    free_delivery_from: Decimal | None = None  # None: delivery is never free
    rate: Decimal = Decimal(1)  # a unit of its currency in ours
    unreliability: Decimal = Decimal(0)  # what its late and short deliveries cost, as a share of goods value
    blocked: bool = False

    def __post_init__(self) -> None:
        for name in ("minimum_order_value", "delivery_fee", "unreliability"):
            value = getattr(self, name)
            _check(value.is_finite() and value >= 0, f"{name} of {self.name or 'a supplier'} is {value}")
        _check(
            self.rate.is_finite() and self.rate > 0, f"the rate of {self.name or 'a supplier'} is {self.rate}"
        )


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SourcingProblem:
    need: Floats  # (L,) least quantity of a line
    shortage_cost: Floats  # (L,) of a unit that is missing, in our currency
    spare_value: Floats  # (L,) what a unit beyond the need is worth, in our currency: it is of use later
    need_by_days: Floats  # (L,) days from now; +inf where any day will do
    line: Ints  # (m,) ascending
    supplier: Ints  # (m,)
    fills: Floats  # (m,) what the line needs when this offer completes it; at least its `need`
    pack: Floats  # (m,) > 0
    minimum: Floats  # (m,) >= 0, a quantity
    stock: Floats  # (m,) on offer; +inf where there is no limit
    most: Floats  # (m,) how far a price break may take the quantity; +inf where there is no limit
    lead_time_days: Floats  # (m,)
    tier_from: Floats  # (m, k) ascending; +inf where there is no tier. Below the first tier its price holds
    tier_price: Floats  # (m, k) in the supplier's currency; NaN where there is no tier
    # (m,) each tier's price holds for the units within it; else the last one's for all units
    incremental: Bools
    contract: Bools  # (m,)
    # (m,) how much dearer a preferred offer may be, as a share of its goods; 0: not preferred
    dearer_by: Floats
    sellers: tuple[Seller, ...]
    # Of goods value, a day that goods arrive after they are needed.
    late_cost_a_day: Decimal = Decimal("0.02")
    suppliers_a_line: int = 4

    def __post_init__(self) -> None:
        lines, m = len(self.need), len(self.line)
        for name in ("shortage_cost", "spare_value", "need_by_days"):
            _check(getattr(self, name).shape == (lines,), f"{name} does not have one value a line")
        for name in (
            *("supplier", "fills", "pack", "minimum", "stock", "most", "lead_time_days"),
            *("incremental", "contract", "dearer_by"),
        ):
            _check(getattr(self, name).shape == (m,), f"{name} does not have one value an offer")
        _check(
            self.tier_from.shape == self.tier_price.shape and self.tier_from.shape[:1] == (m,),
            "price tiers do not have one row an offer",
        )
        for name in (
            "need",
            "shortage_cost",
            "spare_value",
            "fills",
            "pack",
            "minimum",
            "lead_time_days",
            "dearer_by",
        ):
            _check(
                bool(np.all(np.isfinite(getattr(self, name)))), f"{name} holds a value that is not a number"
            )
            _check(bool(np.all(getattr(self, name) >= 0)), f"{name} holds a negative value")
        for name in ("stock", "most", "need_by_days"):
            _check(not np.any(np.isnan(getattr(self, name))), f"{name} holds a value that is not a number")
        _check(bool(np.all(self.pack > 0)), "a pack size is not above 0")
        _check(self.suppliers_a_line >= 1, "suppliers_a_line is below 1")
        if m:
            _check(bool(np.all(np.diff(self.line) >= 0)), "offers are not ordered by line")
            _check(self.line[0] >= 0 and self.line[-1] < lines, "an offer is for a line that is not there")
            known = self.supplier.min() >= 0 and self.supplier.max() < len(self.sellers)
            _check(known, "an offer is of a supplier that is not there")
            _check(bool(np.all(np.isfinite(self.tier_from).any(axis=1))), "an offer has no price")
            _check(not np.any(self.tier_price < 0), "a price is negative")
            _check(
                bool(np.all(self.fills >= self.need[self.line])), "an offer fills less than its line needs"
            )

    def __len__(self) -> int:
        return len(self.need)

    def of_sellers(self, name: str) -> Floats:
        """One of the sellers' terms, in our currency where it is money. -> (S,)"""
        if name in {"unreliability", "rate"}:
            return np.array([float(getattr(seller, name)) for seller in self.sellers])
        values = [getattr(seller, name) for seller in self.sellers]
        return np.array(
            [np.inf if value is None else float(value * seller.rate)
             for value, seller in zip(values, self.sellers, strict=True)]
        )  # fmt: skip

    def surcharges(self) -> Floats:
        """What an offer costs besides its price, as a share of it; below 0 where it is preferred. -> (m,)

        (1 + unreliability + days too late * `late_cost_a_day`) / (1 + dearer_by) - 1, to ten decimals.
        """
        late = np.maximum(0.0, self.lead_time_days - self.need_by_days[self.line])
        trouble = self.of_sellers("unreliability")[self.supplier] + float(self.late_cost_a_day) * late
        return np.asarray(np.round((1 + trouble) / (1 + self.dearer_by) - 1, 10), dtype=np.float64)
