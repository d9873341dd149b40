"""The ways to cover each line: with one offer, or, where its stock runs out, with several.

Besides its own quantity nothing about a line depends on the others, so each offer is reduced to its cheapest
quantity (`prices.filled`), and what is left to decide is one way a line: all that the orders' minimums and fees need
to know of it is how much it adds to which order.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from procurement.engine.data import Floats, Ints
from procurement.engine.sourcing.prices import filled, sellable
from procurement.engine.sourcing.problem import SourcingProblem

SUBSETS_OF = 5  # of so many offers that run out, every subset is tried; of more, only the cheapest first


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """W ways, ordered by line; p is the largest number of offers in one. Every line has at least one way."""

    line: Ints  # (W,)
    begins: Ints  # (L + 1,) where each line's ways begin
    offer: Ints  # (W, p) -1: none
    supplier: Ints  # (W, p) the number of suppliers: none
    quantity: Floats  # (W, p)
    goods: Floats  # (W, p) in our currency
    extra: Floats  # (W,) surcharges and what is short, less what is worth keeping, in our currency

    def __len__(self) -> int:
        return len(self.line)

    def take(self, rows: Ints) -> "Ways":
        """Only these ways; of each line at least one."""
        line = self.line[rows]
        return Ways(
            line,
            np.searchsorted(line, np.arange(len(self.begins))),
            self.offer[rows],
            self.supplier[rows],
            self.quantity[rows],
            self.goods[rows],
            self.extra[rows],
        )


Parts = list[tuple[int, float, float]]  # (offer, quantity, goods)


def ways_of(problem: SourcingProblem) -> Ways:
    limit = sellable(problem)
    every = np.arange(len(problem.line))
    single = filled(problem, every, problem.fills, limit)
    alone = np.isfinite(single.quantity) & (limit > 0)
    runs_out = (limit > 0) & ~alone
    covered = np.zeros(len(problem), dtype=np.bool_)
    covered[problem.line[alone]] = True
    odd = np.union1d(problem.line[runs_out], np.flatnonzero(~covered))
    more = [way for line in odd.tolist() for way in _shared(problem, line, limit, runs_out, alone)]
    return _arrays(problem, every[alone], single.quantity[alone], single.goods[alone], more)


def _shared(
    problem: SourcingProblem, line: int, limit: Floats, runs_out: np.ndarray, alone: np.ndarray
) -> Iterator[tuple[int, Parts, float]]:
    """Ways of a line that use up an offer, and those that leave it short: (line, parts, quantity missing)."""
    first, last = np.searchsorted(problem.line, [line, line + 1])
    own = np.arange(first, last)
    usable = own[limit[own] > 0]
    scarce = own[runs_out[own]]
    spent = {int(k): float(g) for k, g in zip(scarce, filled(problem, scarce, limit[scarce], limit[scarce]).goods,
                                              strict=True)}  # fmt: skip
    scarce = sorted(scarce.tolist(), key=lambda k: (spent[k] / limit[k], k))
    need = float(problem.need[line])
    complete: list[Parts] = []
    short: list[tuple[float, Parts]] = []
    for chosen in _subsets(scarce, problem.suppliers_a_line):
        sold = round(sum(float(limit[k]) for k in chosen), 4)
        parts = [(k, float(limit[k]), spent[k]) for k in chosen]
        if sold >= need:
            # One of them less might do as well, and then there is a way without it.
            complete.append(parts)
            continue
        short.append((need - sold, parts))
        if not chosen or len(chosen) == problem.suppliers_a_line:
            continue
        others = np.array([k for k in usable.tolist() if k not in chosen], dtype=np.int64)
        if len(others):
            rest = filled(problem, others, problem.fills[others] - sold, limit[others])
            complete += [
                [*parts, (k, q, g)]
                for k, q, g in zip(others.tolist(), rest.quantity.tolist(), rest.goods.tolist(), strict=True)
                if np.isfinite(q)
            ]
    yield from ((line, parts, 0.0) for parts in complete)
    if not complete and not alone[own].any():
        least = min(missing for missing, _ in short)
        yield from ((line, parts, missing) for missing, parts in short if missing <= least)


def _subsets(offers: list[int], most: int) -> Iterator[tuple[int, ...]]:
    few = offers[:SUBSETS_OF]
    for size in range(min(len(few), most) + 1):
        yield from combinations(few, size)
    for size in range(len(few) + 1, min(len(offers), most) + 1):
        yield tuple(offers[:size])


def _arrays(
    problem: SourcingProblem,
    offers: Ints,
    quantity: Floats,
    goods: Floats,
    more: list[tuple[int, Parts, float]],
) -> Ways:
    singles, width = len(offers), max((len(parts) for _, parts, _ in more), default=0)
    shape = (singles + len(more), max(width, 1))
    line = np.empty(shape[0], dtype=np.int64)
    offer = np.full(shape, -1, dtype=np.int64)
    quantities, costs, short = np.zeros(shape), np.zeros(shape), np.zeros(shape[0])
    line[:singles], offer[:singles, 0] = problem.line[offers], offers
    quantities[:singles, 0], costs[:singles, 0] = quantity, goods
    for at, (row, parts, missing) in enumerate(more, start=singles):
        line[at], short[at] = row, missing
        for column, part in enumerate(parts):
            offer[at, column], quantities[at, column], costs[at, column] = part
    share = np.append(problem.surcharges(), 0.0)[offer]
    supplier = np.append(problem.supplier, len(problem.sellers))[offer]
    fills = np.append(problem.fills, 0.0)[offer].max(axis=1)
    beyond = np.minimum(quantities.sum(axis=1), 2 * fills) - problem.need[line]
    extra = (
        (costs * share).sum(axis=1)
        + short * problem.shortage_cost[line]
        - np.maximum(beyond, 0.0) * problem.spare_value[line]
    )
    kept = _contracts_first(problem, line, offer, quantities)
    order = kept[np.lexsort((offer[kept, 0], line[kept]))]
    begins = np.searchsorted(line[order], np.arange(len(problem) + 1))
    return Ways(
        line[order], begins, offer[order], supplier[order], quantities[order], costs[order], extra[order]
    )


def _contracts_first(problem: SourcingProblem, line: Ints, offer: Ints, quantity: Floats) -> Ints:
    """Of each line's ways, those that buy the largest share from contract offers."""
    if not problem.contract.any():
        return np.arange(len(line))
    bought = np.maximum(quantity.sum(axis=1), 1e-9)
    share = (quantity * np.append(problem.contract, False)[offer]).sum(axis=1) / bought
    best = np.zeros(len(problem))
    np.maximum.at(best, line, share)
    return np.flatnonzero(share >= best[line] - 1e-9)
