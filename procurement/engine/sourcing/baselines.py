"""What the same lines would cost if they were bought as is usual: the plan's saving is counted against these."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from procurement.engine.data import Ints
from procurement.engine.sourcing.assignment import Assignment, best_of_lines
from procurement.engine.sourcing.greedy import cheapest_per_line
from procurement.engine.sourcing.prices import OrderTerms
from procurement.engine.sourcing.ways import Ways


@dataclass(frozen=True, slots=True)
class Baseline:
    plan: Assignment
    supplier: int = -1  # the main one; -1: none


def baselines(ways: Ways, terms: OrderTerms) -> Iterator[Baseline]:
    """Each line where it costs least, and one main supplier."""
    yield Baseline(_each_line_cheapest(ways, terms))
    yield _one_main_supplier(ways, terms)


def _each_line_cheapest(ways: Ways, terms: OrderTerms) -> Assignment:
    """Whatever orders that makes; they are padded to their minimums."""
    return Assignment.of(ways, terms, cheapest_per_line(ways, terms))


def _one_main_supplier(ways: Ways, terms: OrderTerms) -> Baseline:
    """All that one supplier sells from it, and the rest each line where it costs least; the one with which that is
    cheapest.
    """
    cost = ways.goods.sum(axis=1) + ways.extra
    best = Baseline(_each_line_cheapest(ways, terms))
    for supplier in range(len(terms.minimum) - 1):
        others = np.where(ways.supplier == len(terms.minimum) - 1, supplier, ways.supplier)
        its_own = (others == supplier).all(axis=1) & (ways.supplier[:, 0] == supplier)
        if not its_own.any():
            continue
        plan = Assignment.of(ways, terms, _preferring(ways, cost, its_own))
        if best.supplier < 0 or plan.total() < best.plan.total():
            best = Baseline(plan, supplier)
    return best


def _preferring(ways: Ways, cost: np.ndarray, liked: np.ndarray) -> Ints:
    """The cheapest of the ways liked, where a line has one."""
    has = np.zeros(len(ways.begins) - 1, dtype=np.bool_)
    has[ways.line[liked]] = True
    return best_of_lines(ways, np.where(liked | ~has[ways.line], cost, np.inf))[0]
