"""The sourcing problem as one would write it down for a solver: the peer that ours is measured against.

Textbook mixed-integer model, all offers in it, no start: for each offer and price tier a whole number of packs and
whether it is taken; for each supplier whether it gets an order, what that is worth, and whether its delivery is free.
Only for problems in which an offer has all that its line needs, and without contracts.
"""

import time
from dataclasses import dataclass, field

import highspy
import numpy as np

from procurement.engine.sourcing.problem import SourcingProblem

INF = highspy.kHighsInf


@dataclass
class Course:
    """What HiGHS found and when: (seconds since the model was begun, total of a plan)."""

    incumbents: list[tuple[float, float]] = field(default_factory=list)
    bound: float = -np.inf
    seconds: float = 0.0

    @property
    def best(self) -> float:
        return self.incumbents[-1][1] if self.incumbents else np.inf

    def seconds_to(self, total: float) -> float:
        return next((at for at, found in self.incumbents if found <= total), self.seconds)


def solve(problem: SourcingProblem, *, seconds: float) -> Course:
    begun = time.perf_counter()
    h = highspy.Highs()
    h.silent()
    h.setOptionValue("threads", 1)
    h.setOptionValue("time_limit", seconds)
    h.passModel(Model(problem).lp())
    course = Course()

    def found(event: highspy.HighsCallbackEvent) -> None:
        total = event.data_out.objective_function_value
        if total < course.best - 1e-9:
            course.incumbents.append((time.perf_counter() - begun, total))

    h.cbMipImprovingSolution += found
    h.run()
    course.seconds = time.perf_counter() - begun
    course.bound = h.getInfo().mip_dual_bound
    return course


class Model:
    def __init__(self, problem: SourcingProblem) -> None:
        self.cost: list[float] = []
        self.upper: list[float] = []
        self.whole: list[bool] = []
        self.rows: list[tuple[float, float, list[tuple[int, float]]]] = []
        rate, surcharge = problem.of_sellers("rate"), problem.surcharges()
        fee, free = problem.of_sellers("delivery_fee"), problem.of_sellers("free_delivery_from")
        minimum = problem.of_sellers("minimum_order_value")
        suppliers = range(len(problem.sellers))
        gets = [self._column(fee[at], 1) for at in suppliers]
        spared = [self._column(-fee[at], 1 if np.isfinite(free[at]) else 0) for at in suppliers]
        value = [self._column(1.0, INF, whole=False) for _ in suppliers]
        goods: list[list[tuple[int, float]]] = [[] for _ in suppliers]
        taken: list[list[tuple[int, float]]] = [[] for _ in range(len(problem))]
        for k in range(len(problem.line)):
            at = int(problem.supplier[k])
            yes_of_offer = []
            for fixed, a_pack, first, last in _tiers(problem, k, float(rate[at])):
                extra = float(surcharge[k])
                packs, yes = self._column(a_pack * extra, INF), self._column(fixed * extra, 1)
                self._row(0, INF, [(packs, 1), (yes, -first)])
                self._row(-INF, 0, [(packs, 1), (yes, -last)])
                goods[at] += [(packs, a_pack), (yes, fixed)]
                yes_of_offer.append((yes, 1.0))
            taken[int(problem.line[k])] += yes_of_offer
            self._row(-INF, 0, [*yes_of_offer, (gets[at], -1)])
        for line in taken:
            self._row(1, 1, line)
        for at in suppliers:
            self._row(0, INF, [(value[at], 1), *((column, -amount) for column, amount in goods[at])])
            self._row(0, INF, [(value[at], 1), (gets[at], -minimum[at])])
            self._row(-INF, 0, [(spared[at], 1), (gets[at], -1)])
            if np.isfinite(free[at]):
                self._row(0, INF, [(value[at], 1), (spared[at], -free[at])])

    def _column(self, cost: float, upper: float, *, whole: bool = True) -> int:
        self.cost.append(cost)
        self.upper.append(upper)
        self.whole.append(whole)
        return len(self.cost) - 1

    def _row(self, lower: float, upper: float, entries: list[tuple[int, float]]) -> None:
        self.rows.append((lower, upper, entries))

    def lp(self) -> highspy.HighsLp:
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(self.cost), len(self.rows)
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = self.cost, np.zeros(len(self.cost)), self.upper
        lp.row_lower_ = [lower for lower, _, _ in self.rows]
        lp.row_upper_ = [upper for _, upper, _ in self.rows]
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.concatenate([[0], np.cumsum([len(entries) for _, _, entries in self.rows])])
        lp.a_matrix_.index_ = [column for _, _, entries in self.rows for column, _ in entries]
        lp.a_matrix_.value_ = [amount for _, _, entries in self.rows for _, amount in entries]
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[whole] for whole in self.whole]
        return lp


def _tiers(problem: SourcingProblem, k: int, rate: float) -> list[tuple[float, float, float, float]]:
    """Of the tiers that cover the need: (fixed cost, cost a pack, fewest packs, most packs)."""
    pack = float(problem.pack[k])
    starts = problem.tier_from[k][np.isfinite(problem.tier_from[k])].tolist()
    prices = (problem.tier_price[k][: len(starts)] * rate).tolist()
    wanted = max(float(problem.fills[k]), float(problem.minimum[k]))
    found, before = [], 0.0
    for tier, price in enumerate(prices):
        begin = starts[tier] if tier else 0.0
        end = starts[tier + 1] if tier + 1 < len(starts) else 10 * max(wanted, begin)
        first, last = np.ceil(max(wanted, begin) / pack - 1e-9), np.ceil(end / pack - 1e-9) - 1
        fixed = before - price * begin if problem.incremental[k] else 0.0
        if last >= first:
            found.append((fixed, price * pack, float(first), float(last)))
        before += price * (end - begin)
    return found
