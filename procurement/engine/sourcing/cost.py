"""What a set of purchases costs, exactly: the one definition that every solver and test is judged by.

An order costs its goods, raised to the supplier's minimum order value or with a surcharge where that is less, and the
delivery fee unless it reaches the value from which delivery is free; where it is cheaper to raise it to that value,
that. Hence a cheaper price never makes an order dearer.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from procurement.engine.data import exact
from procurement.engine.sourcing.problem import Seller, SourcingProblem
from suppliers.prices import cost as price_list_cost

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Purchase:
    """So much of one offer, a row of the problem's."""

    offer: int
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class OrderCost:
    """One order, in the supplier's currency."""

    goods: Decimal
    to_minimum: Decimal = ZERO  # goods to be added, or the surcharge, for the minimum order value
    to_free_delivery: Decimal = ZERO  # goods to be added because they cost less than the delivery
    delivery: Decimal = ZERO
    surcharge: bool = False  # whether `to_minimum` is one

    @property
    def total(self) -> Decimal:
        return self.goods + self.to_minimum + self.to_free_delivery + self.delivery

    @property
    def to_add(self) -> Decimal:
        """Goods that are counted and not in the order yet."""
        return self.to_free_delivery + (ZERO if self.surcharge else self.to_minimum)


@dataclass(frozen=True, slots=True)
class Cost:
    """In our currency, unrounded."""

    goods: Decimal = ZERO
    to_minimum: Decimal = ZERO
    to_free_delivery: Decimal = ZERO
    delivery: Decimal = ZERO
    to_add: Decimal = ZERO  # of what raises orders, goods that are not in the orders yet
    surcharges: Decimal = ZERO  # unreliability, days too late, less what is preferred: counted, never paid
    shortage: Decimal = ZERO  # the same
    spare: Decimal = ZERO  # what goods beyond the need are worth: taken off

    @property
    def paid(self) -> Decimal:
        return self.goods + self.to_minimum + self.to_free_delivery + self.delivery

    @property
    def total(self) -> Decimal:
        return self.paid + self.surcharges + self.shortage - self.spare


def order_cost(goods: Decimal, seller: Seller) -> OrderCost:
    """The cheapest of: raised to the minimum, with delivery; raised to where delivery is free; left below the minimum
    for a surcharge, with delivery.
    """
    to_minimum = max(ZERO, seller.minimum_order_value - goods)
    ways = [OrderCost(goods, to_minimum, delivery=seller.delivery_fee)]
    if seller.delivery_fee and seller.free_delivery_from is not None:
        missing = max(ZERO, seller.free_delivery_from - goods - to_minimum)
        ways.insert(0, OrderCost(goods, to_minimum, to_free_delivery=missing))
    if to_minimum and seller.below_minimum_costs is not None:
        ways.append(
            OrderCost(goods, seller.below_minimum_costs, delivery=seller.delivery_fee, surcharge=True)
        )
    return min(ways, key=lambda way: way.total)


def tiers_of(problem: SourcingProblem, offer: int) -> list[tuple[Decimal, Decimal]]:
    known = int(np.isfinite(problem.tier_from[offer]).sum())
    starts, prices = problem.tier_from[offer, :known].tolist(), problem.tier_price[offer, :known].tolist()
    return [(exact(start), exact(price)) for start, price in zip(starts, prices, strict=True)]


def offer_goods(problem: SourcingProblem, purchase: Purchase) -> Decimal:
    """In the supplier's currency."""
    return price_list_cost(
        tiers_of(problem, purchase.offer),
        purchase.quantity,
        incremental=bool(problem.incremental[purchase.offer]),
    )


def orders(problem: SourcingProblem, purchases: Sequence[Purchase]) -> dict[int, OrderCost]:
    """By supplier."""
    return _orders(problem, purchases, [offer_goods(problem, purchase) for purchase in purchases])


def _orders(
    problem: SourcingProblem, purchases: Sequence[Purchase], goods: Sequence[Decimal]
) -> dict[int, OrderCost]:
    values: dict[int, Decimal] = defaultdict(Decimal)
    for purchase, amount in zip(purchases, goods, strict=True):
        values[int(problem.supplier[purchase.offer])] += amount
    return {at: order_cost(value, problem.sellers[at]) for at, value in sorted(values.items())}


def missing(problem: SourcingProblem, purchases: Iterable[Purchase]) -> dict[int, Decimal]:
    """By line, what no purchase covers; only lines that are short."""
    bought: dict[int, Decimal] = defaultdict(Decimal)
    for purchase in purchases:
        bought[int(problem.line[purchase.offer])] += purchase.quantity
    short = {line: exact(need) - bought[line] for line, need in enumerate(problem.need.tolist())}
    return {line: quantity for line, quantity in short.items() if quantity > 0}


def spare(problem: SourcingProblem, purchases: Iterable[Purchase]) -> Decimal:
    """What is bought beyond the lines' needs, up to twice what the offers used fill, at its worth."""
    bought: dict[int, Decimal] = defaultdict(Decimal)
    fills: dict[int, Decimal] = defaultdict(Decimal)
    for purchase in purchases:
        line = int(problem.line[purchase.offer])
        bought[line] += purchase.quantity
        fills[line] = max(fills[line], exact(problem.fills[purchase.offer]))
    return sum(
        (
            max(ZERO, min(quantity, 2 * fills[line]) - exact(problem.need[line]))
            * exact(problem.spare_value[line])
            for line, quantity in bought.items()
        ),
        ZERO,
    )


def total(problem: SourcingProblem, purchases: Sequence[Purchase]) -> Cost:
    share = problem.surcharges()
    goods = [offer_goods(problem, purchase) for purchase in purchases]
    surcharges = ZERO
    for purchase, amount in zip(purchases, goods, strict=True):
        if share[purchase.offer]:
            rate = problem.sellers[problem.supplier[purchase.offer]].rate
            surcharges += amount * rate * Decimal(f"{share[purchase.offer]:.10f}")
    of_orders = [(cost, problem.sellers[at].rate) for at, cost in _orders(problem, purchases, goods).items()]
    return Cost(
        goods=sum((cost.goods * rate for cost, rate in of_orders), ZERO),
        to_minimum=sum((cost.to_minimum * rate for cost, rate in of_orders), ZERO),
        to_free_delivery=sum((cost.to_free_delivery * rate for cost, rate in of_orders), ZERO),
        delivery=sum((cost.delivery * rate for cost, rate in of_orders), ZERO),
        to_add=sum((cost.to_add * rate for cost, rate in of_orders), ZERO),
        surcharges=surcharges,
        spare=spare(problem, purchases),
        shortage=sum(
            (
                quantity * exact(problem.shortage_cost[line])
                for line, quantity in missing(problem, purchases).items()
            ),
            ZERO,
        ),
    )
