"""A good plan within milliseconds: few suppliers first, then moves that save.

1. Starts: each line the cheapest way, delivery fees spread over usual orders; and the suppliers left when the one least
   worth having is struck off again and again (the "drop" heuristic of plant location, Feldman, Lehrer & Ray, Management
   Science 12, 1966), each line with the cheapest of those left.
2. `settle`: lines move one by one, to fill an order up to its minimum, to reach free delivery, or to leave an order.
3. A whole order is given up, or a new one opened, where that saves after settling.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

import numpy as np

from procurement.engine.data import Bools, Floats, Ints
from procurement.engine.sourcing.assignment import GAIN, ROUNDING, Assignment, best_of_lines
from procurement.engine.sourcing.prices import OrderTerms
from procurement.engine.sourcing.ways import Ways

TABLE = 4_000_000  # lines x suppliers up to which all suppliers of all lines are compared in one table
PASSES = 30
ROUNDS = 12

OnBetter = Callable[[Assignment], None]


def greedy(
    ways: Ways, terms: OrderTerms, *, starts: Iterable[Ints] = (), on_better: OnBetter = lambda found: None
) -> Assignment:
    """At least one line. `starts`: more plans to begin from. `on_better`: called with each that beats all before."""
    best: Assignment | None = None
    for chosen in chain(_starts(ways, terms), starts):
        found = settle(Assignment.of(ways, terms, chosen))
        if best is None or found.total() < best.total() - GAIN:
            best = found
            on_better(best.copy())
    if best is None:
        raise AssertionError("there is always a start")
    for _ in range(ROUNDS):
        better = _orders_changed(best, on_better)
        if better is best:
            break
        best = better
    return best


def cheapest_per_line(ways: Ways, terms: OrderTerms) -> Ints:
    """By goods and surcharges alone. -> (L,)"""
    return best_of_lines(ways, ways.goods.sum(axis=1) + ways.extra)[0]


def _starts(ways: Ways, terms: OrderTerms) -> Iterator[Ints]:
    suppliers = len(terms.minimum) - 1
    if len(ways.begins) * suppliers <= TABLE:
        yield _few_suppliers(ways, terms)
    usual = np.where(np.isfinite(terms.free_from), terms.free_from, terms.minimum)
    share = np.where(usual > 0, terms.fee / np.maximum(usual, 1e-9), 0.0)
    landed = (ways.goods * (1 + share[ways.supplier])).sum(axis=1) + ways.extra
    yield best_of_lines(ways, landed)[0]


def _few_suppliers(ways: Ways, terms: OrderTerms) -> Ints:
    """Strike off suppliers as long as that makes the whole cheaper, each line with the cheapest left. -> (L,)"""
    lines, suppliers = len(ways.begins) - 1, len(terms.minimum) - 1
    cost = np.round(ways.goods.sum(axis=1) + ways.extra, ROUNDING)
    plain = (ways.supplier != suppliers).sum(axis=1) <= 1
    # The cheapest way of each line with each supplier; the last column is what is possible without any choice of
    # supplier: ways with several offers, and going short.
    column = np.where(plain, ways.supplier[:, 0], suppliers)
    order = np.lexsort((cost, column, ways.line))
    pairs = (ways.line * (suppliers + 1) + column)[order]
    first = np.flatnonzero(np.diff(pairs, prepend=-1))
    way = np.full((lines, suppliers + 1), -1, dtype=np.int64)
    price = np.full((lines, suppliers + 1), np.inf)
    at = order[first]
    way[ways.line[at], column[at]], price[ways.line[at], column[at]] = at, cost[at]
    table = _Table(ways, terms, way, price)
    kept = np.ones(suppliers + 1, dtype=np.bool_)
    best = table.total(kept)
    while True:
        candidates = [(table.total(_without(kept, s)), s) for s in np.flatnonzero(table.used(kept)).tolist()]
        least, supplier = min(candidates, default=(np.inf, -1))
        if least >= best - GAIN:
            return table.chosen(kept)
        best, kept = least, _without(kept, supplier)


def _without(kept: Bools, supplier: int) -> Bools:
    fewer = kept.copy()
    fewer[supplier] = False
    return fewer


class _Table:
    """Each line's cheapest way with each supplier, side by side."""

    def __init__(self, ways: Ways, terms: OrderTerms, way: Ints, price: Floats) -> None:
        self._ways, self._terms, self._way, self._price = ways, terms, way, price
        self._rows = np.arange(len(way))

    def chosen(self, kept: Bools) -> Ints:
        """The cheapest, the first way of equals; -1 where there is none."""
        price = np.where(kept, self._price, np.inf)
        least = price.min(axis=1)
        first = np.where(price == least[:, None], self._way, len(self._ways)).min(axis=1)
        return np.where(np.isfinite(least), first, -1)

    def used(self, kept: Bools) -> Bools:
        return Assignment.of(self._ways, self._terms, self.chosen(kept)).used() & kept[:-1]

    def total(self, kept: Bools) -> float:
        chosen = self.chosen(kept)
        if np.any(chosen < 0):
            return float("inf")
        return Assignment.of(self._ways, self._terms, chosen).total()


def settle(found: Assignment, allowed: Bools | None = None) -> Assignment:
    """Move lines one by one until no single move saves. `allowed`: (W,) ways that may be moved to."""
    for _ in range(PASSES):
        value = found.changes()
        if allowed is not None:
            value = np.where(allowed, value, np.inf)
        way, gain = best_of_lines(found.ways, value)
        moved = False
        for line in np.argsort(gain, kind="stable").tolist():
            if gain[line] >= -GAIN:
                break
            # Others moved meanwhile.
            if found.change(line, int(way[line])) < -GAIN:
                found.choose(line, int(way[line]))
                moved = True
        if not moved:
            break
    return found


def _orders_changed(best: Assignment, on_better: OnBetter) -> Assignment:
    """The first order given up or opened that saves; `best` itself if none does."""
    total = best.total()
    used = best.used()
    # The smallest orders first: they are the likeliest to go.
    for supplier in np.argsort(best.goods[:-1], kind="stable").tolist():
        found = (_given_up if used[supplier] else _opened)(best, supplier)
        if found is not None and found.total() < total - GAIN:
            on_better(found.copy())
            return found
    return best


def _given_up(best: Assignment, supplier: int) -> Assignment | None:
    """All lines of the order go elsewhere, where each would cost least by itself; None where a line cannot."""
    ways = best.ways
    allowed = (ways.supplier != supplier).all(axis=1)
    lines = np.flatnonzero((ways.supplier[best.chosen] == supplier).any(axis=1))
    reachable = np.zeros(len(best.chosen), dtype=np.bool_)
    reachable[ways.line[allowed]] = True
    if not reachable[lines].all():
        return None
    chosen = best.chosen.copy()
    chosen[lines] = best_of_lines(ways, np.where(allowed, best.changes(), np.inf))[0][lines]
    return settle(settle(Assignment.of(ways, best.terms, chosen), allowed))


def _opened(best: Assignment, supplier: int) -> Assignment | None:
    """Every line that the supplier sells for less than it costs now goes there."""
    ways = best.ways
    cost = ways.goods.sum(axis=1) + ways.extra
    here = (ways.supplier == supplier).any(axis=1)
    cheaper = np.flatnonzero(here & (cost < cost[best.chosen][ways.line] - GAIN))
    if not len(cheaper):
        return None
    found = best.copy()
    for way in cheaper.tolist():
        found.choose(int(ways.line[way]), way)
    return settle(found)
