"""Prices of many offers at once: what `cost` says exactly, in float64, in our currency."""

from dataclasses import dataclass

import numpy as np

from procurement.engine.data import Floats, Ints
from procurement.engine.sourcing.problem import SourcingProblem

EXACT = 9  # decimals that survive a division of quantities in float64


def packed_up(wanted: Floats, pack: Floats) -> Floats:
    """The smallest whole number of packs that reaches it."""
    return np.round(np.ceil(np.round(wanted / pack, EXACT)) * pack, 4)


def packed_down(available: Floats, pack: Floats) -> Floats:
    """The most whole packs within it; +inf stays."""
    with np.errstate(invalid="ignore"):
        return np.where(
            np.isinf(available), np.inf, np.round(np.floor(np.round(available / pack, EXACT)) * pack, 4)
        )


def sellable(problem: SourcingProblem) -> Floats:
    """The most that each offer can deliver: 0 where its stock is below its minimum or its supplier blocked. -> (m,)"""
    most = packed_down(problem.stock, problem.pack)
    blocked = np.array([seller.blocked for seller in problem.sellers], dtype=np.bool_)
    return np.where((most < problem.minimum) | blocked[problem.supplier], 0.0, most)


def goods_of(problem: SourcingProblem, offers: Ints, quantity: Floats) -> Floats:
    """What so much of each offer costs. offers: (w,); quantity: (w, c) -> (w, c)"""
    starts, prices = problem.tier_from[offers], problem.tier_price[offers]
    reached = np.maximum((starts[:, None, :] <= quantity[:, :, None]).sum(axis=2) - 1, 0)
    found = np.take_along_axis(prices, reached, axis=1) * quantity
    stepped = np.flatnonzero(problem.incremental[offers])
    if len(stepped):
        begins = np.where(np.arange(starts.shape[1]) == 0, 0.0, starts[stepped])
        ends = np.concatenate([begins[:, 1:], np.full((len(stepped), 1), np.inf)], axis=1)
        within = np.minimum(ends[:, None, :], quantity[stepped][:, :, None]) - begins[:, None, :]
        price = np.nan_to_num(prices[stepped])[:, None, :]
        found[stepped] = (np.where(np.isfinite(within), np.maximum(within, 0.0), 0.0) * price).sum(axis=2)
    return found * problem.of_sellers("rate")[problem.supplier[offers]][:, None]


@dataclass(frozen=True, slots=True)
class Filled:
    """The cheapest quantity of each offer that reaches what is wanted of it."""

    quantity: Floats  # +inf where the stock on offer does not reach it
    goods: Floats


def filled(problem: SourcingProblem, offers: Ints, wanted: Floats, limit: Floats) -> Filled:
    """offers, wanted, limit: (w,). More than wanted only for minimum, pack, or a price break that costs less."""
    pack = problem.pack[offers]
    plain = packed_up(np.maximum(wanted, problem.minimum[offers]), pack)
    starts = problem.tier_from[offers]
    breaks = packed_up(np.where(np.isfinite(starts), starts, 0.0), pack[:, None])
    fits = (breaks > plain[:, None]) & (breaks <= np.minimum(limit, problem.most[offers])[:, None])
    candidates = np.concatenate([plain[:, None], np.where(fits, breaks, plain[:, None])], axis=1)
    costs = np.round(goods_of(problem, offers, candidates), 6)
    best = np.argmin(costs, axis=1)[:, None]
    reached = plain <= limit
    quantity = np.where(reached, np.take_along_axis(candidates, best, axis=1)[:, 0], np.inf)
    return Filled(quantity, np.where(reached, np.take_along_axis(costs, best, axis=1)[:, 0], np.inf))


@dataclass(frozen=True, slots=True, eq=False)
class OrderTerms:
    """What an order costs by its goods, of all suppliers at once: `cost.order_cost` in float64.

    One row more than there are suppliers, without terms: where a way to cover a line has no second supplier.
    """

    minimum: Floats  # (S + 1,)
    below: Floats  # surcharge for an order below the minimum; +inf where it is not taken
    fee: Floats
    free_from: Floats  # +inf where delivery is never free

    @classmethod
    def of(cls, problem: SourcingProblem) -> "OrderTerms":
        none = np.zeros(1)
        fee = np.concatenate([problem.of_sellers("delivery_fee"), none])
        free = np.concatenate([problem.of_sellers("free_delivery_from"), none])
        minimum = np.concatenate([problem.of_sellers("minimum_order_value"), none])
        below = np.concatenate([problem.of_sellers("below_minimum_costs"), none])
        return cls(minimum, below, fee, np.where(fee > 0, free, 0.0))

    def cost(self, supplier: Ints, goods: Floats, used: Ints) -> Floats:
        """Where `used` says that there is an order at all."""
        value = np.maximum(goods, self.minimum[supplier])
        dear = np.minimum(value, goods + self.below[supplier]) + self.fee[supplier]
        return np.where(used > 0, np.minimum(dear, np.maximum(value, self.free_from[supplier])), 0.0)

    def take(self, rows: Ints) -> "OrderTerms":
        return OrderTerms(self.minimum[rows], self.below[rows], self.fee[rows], self.free_from[rows])
