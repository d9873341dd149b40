"""plan(data, params) -> Plan: the one place that wires the parts.

A plan has two steps, so that the first can be spread over many workers and the second sees the whole site:

    requirements_of(a part of the items) -> what each of them needs, and the order-up-to level of each of its offers
    source(the needs of all due items)   -> who delivers

Between them stand plain rows (`ItemRequirement`), which can be kept and read back: `Settled` makes the lines and their
reasons from them and computes nothing anew.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from procurement.engine.data import PlanningData
from procurement.engine.forecast import Experience, experience_of
from procurement.engine.items import ItemRequirement, requirements_of
from procurement.engine.lines import PlannedLine, Settled, due_needs
from procurement.engine.needs import OffersNow
from procurement.engine.params import PlanningParams
from procurement.engine.sourcing import source


@dataclass(frozen=True, slots=True)
class Plan:
    requirements: tuple[ItemRequirement, ...]  # one an item, in the data's order
    lines: tuple[PlannedLine, ...]


def plan(
    data: PlanningData,
    params: PlanningParams,
    *,
    experience: Experience | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> Plan:
    """What to order now: both steps, one after the other.

    `experience`: what was learned from all items, where `data` is only a part of them; else it is learned from them.
    `progress` is called with the number of items done.
    """
    experience = experience or experience_of(data.demand, data.days)
    found: list[ItemRequirement] = []
    for requirement in requirements_of(data, params, experience):
        found.append(requirement)
        if len(found) % params.chunk_items == 0 or len(found) == len(data):
            progress(len(found))
    due = [requirement for requirement in found if requirement.net_requirement > 0]
    now = OffersNow(
        offers=data.offers.of_items(np.array([requirement.item for requirement in due], dtype=np.int64)),
        suppliers=data.suppliers,
        rates=data.rates,
        rate_problems=data.rate_problems,
        offer_caveats=data.offer_caveats,
        offer_terms=data.offer_terms,
    )
    needs = due_needs(due, now, params)
    settled = Settled(needs, params)
    lines: list[PlannedLine] = []
    for row, (requirement, sourced) in enumerate(zip(due, source(needs, params).items, strict=True)):
        found[requirement.item] = settled.requirement(row, requirement, sourced)
        levels = {level.offer_key: level.told for level in requirement.levels}
        lines += settled.lines(requirement.item, requirement.reason, levels, sourced.choices)
    return Plan(tuple(found), tuple(lines))
