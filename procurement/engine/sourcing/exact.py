"""The plan proved: HiGHS on the ways to cover each line, started from the greedy plan.

    minimise   sum(value_s + fee_s (order_s - free_s) + surcharge_s below_s) + sum(extra_w x_w)
    subject to one way a line; x_w <= order_s of each supplier in it; value_s >= its goods,
               minimum_s (order_s - below_s) and free_from_s free_s; free_s + below_s <= order_s;
               x, order, free, below 0 or 1

Its linear relaxation gives a bound, and how much dearer than that every way would make any plan (its reduced cost). A
way that would make it dearer than the plan already known is left out without losing anything (Nemhauser & Wolsey,
Integer and Combinatorial Optimization, II.5.2), so the bound holds for all offers although the search sees few.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import highspy
import numpy as np

from procurement.engine.data import Floats, Ints
from procurement.engine.sourcing.assignment import Assignment
from procurement.engine.sourcing.greedy import settle
from procurement.engine.sourcing.prices import OrderTerms
from procurement.engine.sourcing.ways import Ways

log = logging.getLogger(__name__)

SLACK = 1e-6  # relative: what rounding may make of a bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How hard to look. The clock makes a plan depend on the machine's load; a number of nodes does not."""

    seconds: float = 20.0
    nodes: int | None = None
    gap: float = 1e-4  # relative; a plan proved this close to the bound is good enough
    ways: int = 60_000  # of a problem with more, nothing is proved: the greedy plan and a simple bound stand
    searched: int = 12_000  # of those left after the relaxation; of more, only the cheapest of each line


@dataclass(frozen=True, slots=True)
class Proof:
    found: Assignment
    bound: float  # no plan costs less
    note: str = ""  # what was not done, and why; empty where everything was


class _Failed(Exception):
    """HiGHS did not do what it was asked; says what."""


def improve(
    ways: Ways, terms: OrderTerms, start: Assignment, limits: Limits,
    on_better: Callable[[Assignment], None] = lambda found: None,
) -> Proof:  # fmt: skip
    """Never worse than `start`, whatever happens."""
    begun = time.perf_counter()
    bound = simple_bound(ways, terms)
    if len(ways) > limits.ways:
        return Proof(
            start,
            bound,
            f"With {len(ways)} ways to cover the lines, nothing was searched beyond the quick plan.",
        )
    try:
        relaxed, dearer = _relaxation(ways, terms, limits)
        bound = max(bound, relaxed * (1 - SLACK))
        known = start.total()
        if known <= bound * (1 + limits.gap):
            return Proof(start, bound)
        # Only these can be part of a plan that is better.
        open_ways = (bound + dearer) < known
        open_ways[start.chosen] = True
        rows = np.flatnonzero(open_ways)
        trimmed = len(rows) > limits.searched
        if trimmed:
            rows = _cheapest(ways, dearer, rows, start.chosen, max(2, limits.searched // len(start.chosen)))
        left = limits.seconds - (time.perf_counter() - begun)
        if left <= 0:
            return Proof(start, bound, "The time was over before the search began.")
        found, proved = _search(ways, terms, start, rows, limits, left, on_better)
    except (_Failed, RuntimeError, ValueError, MemoryError) as error:
        log.warning("HiGHS failed: %s", error)
        return Proof(start, bound, f"The exact search failed ({error}); the quick plan stands.")
    # A plan that only the ways left out could beat is dearer than `start`, so what was proved holds for all.
    bound = bound if trimmed else max(bound, min(proved, start.total()))
    better = found.total() < start.total() * (1 - SLACK)
    return Proof(found if better else start, min(bound, found.total(), start.total()))


def simple_bound(ways: Ways, terms: OrderTerms) -> float:
    """Each line the cheapest way, as if there were no fees and minimums; and at least the cheapest single order."""
    cost = np.minimum.reduceat(ways.goods.sum(axis=1) + ways.extra, ways.begins[:-1]).sum()
    return float(cost)


class _Model:
    """Columns: a way each, then order, free, below and value of each supplier."""

    def __init__(self, ways: Ways, terms: OrderTerms) -> None:
        suppliers, w = len(terms.minimum) - 1, len(ways)
        every = np.arange(suppliers)
        self.order, self.free, self.below, self.value = (w + n * suppliers + every for n in range(4))
        self.columns = w + 4 * suppliers
        taken_below = np.isfinite(terms.below[:-1])
        surcharge = np.where(taken_below, terms.below[:-1], 0.0)
        can_be_free = (terms.fee[:-1] > 0) & np.isfinite(terms.free_from[:-1])
        fee, zeros = terms.fee[:-1], np.zeros(suppliers)
        self.cost = np.concatenate([ways.extra, fee, -fee, surcharge, np.ones(suppliers)])
        self.upper = np.concatenate(
            [np.ones(w + suppliers), can_be_free, taken_below, np.full(suppliers, highspy.kHighsInf)]
        )
        self.whole = np.concatenate([np.ones(w + 3 * suppliers, dtype=np.bool_), zeros.astype(np.bool_)])
        inf = highspy.kHighsInf
        at, column = np.nonzero(ways.supplier < suppliers)
        part = ways.supplier[at, column]
        pairs = np.arange(len(at))
        free_from = np.where(can_be_free, terms.free_from[:-1], 0.0)
        lines = len(ways.begins) - 1
        rows: list[tuple[Ints, Ints, Floats]] = []  # (row, column, amount)
        lower: list[Floats] = []
        upper: list[Floats] = []

        def block(count: int, low: float, high: float, *entries: tuple[Ints, Ints, Floats | float]) -> None:
            first = sum(len(bounds) for bounds in lower)
            for row, col, amount in entries:
                rows.append((first + row, col, np.broadcast_to(np.asarray(amount, dtype=float), col.shape)))
            lower.append(np.full(count, low))
            upper.append(np.full(count, high))

        block(lines, 1, 1, (ways.line, np.arange(w), 1.0))
        block(len(at), -inf, 0, (pairs, at, 1.0), (pairs, self.order[part], -1.0))
        block(suppliers, 0, inf, (every, self.value, 1.0), (part, at, -ways.goods[at, column]))
        minimum = terms.minimum[:-1]
        block(
            suppliers, 0, inf,
            (every, self.value, 1.0), (every, self.order, -minimum), (every, self.below, minimum),
        )  # fmt: skip
        block(suppliers, 0, inf, (every, self.value, 1.0), (every, self.free, -free_from))
        either = (every, self.free, 1.0), (every, self.below, 1.0)
        block(suppliers, -inf, 0, *either, (every, self.order, -1.0))
        self.lower_rows, self.upper_rows = np.concatenate(lower), np.concatenate(upper)
        self.entries = tuple(np.concatenate(parts) for parts in zip(*rows, strict=True))

    def lp(self, *, relaxed: bool) -> highspy.HighsLp:
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = self.columns, len(self.lower_rows)
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = self.cost, np.zeros(self.columns), self.upper
        lp.row_lower_, lp.row_upper_ = self.lower_rows, self.upper_rows
        row, column, amount = self.entries
        order = np.lexsort((row, column))
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_ = np.searchsorted(column[order], np.arange(self.columns + 1))
        lp.a_matrix_.index_, lp.a_matrix_.value_ = row[order], amount[order]
        if not relaxed:
            kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
            lp.integrality_ = [kinds[int(whole)] for whole in self.whole.tolist()]
        return lp

    def solution(self, plan: Assignment, rows: Ints) -> Floats:
        """The plan as values of the columns, where `rows` are the ways that the model holds."""
        values = np.zeros(self.columns)
        values[np.searchsorted(rows, plan.chosen)] = 1.0
        used, terms, goods = plan.used(), plan.terms, plan.goods[:-1]
        value = np.where(used, np.maximum(goods, terms.minimum[:-1]), 0.0)
        fee, free_from = terms.fee[:-1], terms.free_from[:-1]
        cheap = np.minimum(value, goods + terms.below[:-1])
        free = used & (fee > 0) & (np.maximum(value, free_from) < cheap + fee)
        below = used & ~free & (cheap < value)
        values[self.order], values[self.free], values[self.below] = used, free, below
        values[self.value] = np.where(free, np.maximum(value, free_from), np.where(below, goods, value))
        return values


def _solver(seconds: float) -> highspy.Highs:
    h = highspy.Highs()
    h.silent()
    h.setOptionValue("threads", 1)  # plans run beside each other in workers
    h.setOptionValue("random_seed", 0)
    h.setOptionValue("time_limit", max(seconds, 0.01))
    return h


def _relaxation(ways: Ways, terms: OrderTerms, limits: Limits) -> tuple[float, Floats]:
    """The bound of the linear relaxation, and each way's reduced cost. -> (), (W,)"""
    h = _solver(limits.seconds)
    h.passModel(_Model(ways, terms).lp(relaxed=True))
    h.run()
    if h.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise _Failed(f"relaxation: {h.modelStatusToString(h.getModelStatus())}")
    dual = np.array(h.getSolution().col_dual[: len(ways)])
    return float(h.getInfo().objective_function_value), np.maximum(dual, 0.0)


def _cheapest(ways: Ways, dearer: Floats, rows: Ints, chosen: Ints, most: int) -> Ints:
    """Of each line at most so many ways, those of the least reduced cost, and the one chosen."""
    order = rows[np.lexsort((dearer[rows], ways.line[rows]))]
    begins = np.searchsorted(ways.line[order], ways.line[order])
    return np.union1d(order[np.arange(len(order)) - begins < most], chosen)


def _search(
    ways: Ways, terms: OrderTerms, start: Assignment, rows: Ints, limits: Limits, seconds: float,
    on_better: Callable[[Assignment], None],
) -> tuple[Assignment, float]:  # fmt: skip
    """Branch and bound on these ways: the best plan found, and the bound proved for them."""
    model = _Model(ways.take(rows), terms)
    h = _solver(seconds)
    h.setOptionValue("mip_rel_gap", limits.gap)
    if limits.nodes is not None:
        h.setOptionValue("mip_max_nodes", limits.nodes)
    h.passModel(model.lp(relaxed=False))
    begin = highspy.HighsSolution()
    begin.col_value = model.solution(start, rows).tolist()
    h.setSolution(begin)

    def plan(values: Sequence[float]) -> Assignment:
        at = np.flatnonzero(np.asarray(values)[: len(rows)] > 0.5)
        return Assignment.of(ways, terms, rows[at])

    def better(event: highspy.HighsCallbackEvent) -> None:
        on_better(plan(list(event.data_out.mip_solution)))

    h.cbMipImprovingSolution += better
    h.run()
    if h.getInfo().primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        raise _Failed(h.modelStatusToString(h.getModelStatus()))
    return settle(plan(h.getSolution().col_value)), float(h.getInfo().mip_dual_bound)
