"""solve(problem, limits) -> Solution: the quick plan, improved as far as it can be proved within the limits."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from procurement.engine.data import Ints, exact
from procurement.engine.sourcing.assignment import Assignment
from procurement.engine.sourcing.baselines import Baseline, baselines
from procurement.engine.sourcing.components import components
from procurement.engine.sourcing.cost import Cost, Purchase, total
from procurement.engine.sourcing.exact import Limits, improve, simple_bound
from procurement.engine.sourcing.greedy import greedy
from procurement.engine.sourcing.prices import OrderTerms
from procurement.engine.sourcing.problem import SourcingProblem
from procurement.engine.sourcing.ways import ways_of

CENT = Decimal("0.01")
USUAL = Limits()


@dataclass(frozen=True, slots=True)
class Figures:
    """What a plan costs, how far that is proved, and what buying as usual would cost; in our currency, to the cent.

    Totals include what is counted and not paid: unreliability, days too late, shortage; less what goods beyond the need
    are worth and what is preferred.
    """

    paid: Decimal = Decimal(0)
    # Of it, goods that raise orders to minimums or free delivery, not in them yet
    to_add: Decimal = Decimal(0)
    total: Decimal = Decimal(0)
    bound: Decimal = Decimal(0)  # no plan costs less
    quick: Decimal = Decimal(0)  # the greedy plan
    each_line_cheapest: Decimal = Decimal(0)
    one_main_supplier: Decimal = Decimal(0)
    main_supplier: int = -1  # -1 where no supplier could be the main one
    note: str = ""  # what was not searched, and why

    @property
    def gap(self) -> Decimal:
        """By how much a plan that is better could be cheaper, as a share of this one."""
        return (self.total - self.bound) / self.total if self.total else Decimal(0)


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    purchases: tuple[Purchase, ...]  # ordered by line
    cost: Cost
    figures: Figures
    plan: Assignment | None  # None where there are no lines


def solve(
    problem: SourcingProblem, limits: Limits = USUAL, on_better: Callable[[float], None] = lambda total: None
) -> Solution:  # fmt: skip
    """`on_better`: told the total of each better plan of the first, largest component."""
    if not len(problem):
        return Solution((), Cost(), Figures(), None)
    ways, terms = ways_of(problem), OrderTerms.of(problem)
    usual: list[Baseline] = []

    def starts() -> Iterator[Ints]:
        for baseline in baselines(ways, terms):
            usual.append(baseline)
            yield baseline.plan.chosen

    quick = greedy(ways, terms, starts=starts(), on_better=lambda found: on_better(found.total()))
    cheapest, alone = usual
    best, bound, note = _improved(quick, limits, on_better)
    bought = purchases(best)
    cost = total(problem, bought)
    figures = Figures(
        paid=cost.paid.quantize(CENT),
        to_add=cost.to_add.quantize(CENT),
        total=cost.total.quantize(CENT),
        bound=min(_cents(bound), cost.total.quantize(CENT)),
        quick=_cents(quick.total()),
        each_line_cheapest=_cents(cheapest.plan.total()),
        one_main_supplier=_cents(alone.plan.total()),
        main_supplier=alone.supplier,
        note=note,
    )
    return Solution(tuple(bought), cost, figures, best)


def _cents(amount: float) -> Decimal:
    return Decimal(amount).quantize(CENT)


def purchases(plan: Assignment) -> list[Purchase]:
    rows = plan.chosen
    return [
        Purchase(offer, exact(quantity))
        for offers, quantities in zip(
            plan.ways.offer[rows].tolist(), plan.ways.quantity[rows].tolist(), strict=True
        )
        for offer, quantity in zip(offers, quantities, strict=True)
        if offer >= 0
    ]


def _improved(
    quick: Assignment, limits: Limits, on_better: Callable[[float], None]
) -> tuple[Assignment, float, str]:
    """Component by component, the largest first, as long as the time lasts."""
    if limits.seconds <= 0 or quick.total() <= simple_bound(quick.ways, quick.terms) * (1 + limits.gap):
        return quick, simple_bound(quick.ways, quick.terms), ""
    end = time.perf_counter() + limits.seconds
    chosen, bound = quick.chosen.copy(), 0.0
    notes: dict[str, None] = {}  # in order, each once
    for part in components(quick):
        left = end - time.perf_counter()
        if left <= 0:
            bound += simple_bound(part.ways, part.terms)
            notes["The time was over before all of it was searched."] = None
            continue
        rest = quick.total() - part.plan.total()

        def better(found: Assignment, rest: float = rest) -> None:
            on_better(rest + found.total())

        proof = improve(part.ways, part.terms, part.plan, replace(limits, seconds=left), better)
        chosen[part.lines] = part.rows[proof.found.chosen]
        bound += proof.bound
        if proof.note:
            notes[proof.note] = None
    return Assignment.of(quick.ways, quick.terms, chosen), bound, " ".join(notes)
