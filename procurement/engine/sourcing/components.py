"""Lines that share no supplier, directly or through others, are problems of their own."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from procurement.engine.data import Ints
from procurement.engine.sourcing.assignment import Assignment
from procurement.engine.sourcing.prices import OrderTerms
from procurement.engine.sourcing.ways import Ways


@dataclass(frozen=True, slots=True, eq=False)
class Component:
    rows: Ints  # its ways among all
    lines: Ints  # its lines among all
    ways: Ways  # numbered anew: lines and suppliers from 0
    terms: OrderTerms
    plan: Assignment


def components(plan: Assignment) -> Iterator[Component]:
    """The parts of a problem, those with the most ways first."""
    ways, terms = plan.ways, plan.terms
    none = len(terms.minimum) - 1
    label = _labels(ways, none)
    of_way = label[ways.line]
    order = np.argsort(of_way, kind="stable")
    names, begins, counts = np.unique(of_way[order], return_index=True, return_counts=True)
    for at in np.argsort(-counts, kind="stable").tolist():
        rows = order[begins[at] : begins[at] + counts[at]]
        lines = np.flatnonzero(label == names[at])
        suppliers = np.append(np.setdiff1d(ways.supplier[rows], [none]), none)
        taken = ways.take(rows)
        own = Ways(
            np.searchsorted(lines, taken.line),
            np.searchsorted(taken.line, np.append(lines, lines[-1] + 1)),
            taken.offer,
            np.searchsorted(suppliers, taken.supplier),
            taken.quantity,
            taken.goods,
            taken.extra,
        )
        own_terms = terms.take(suppliers)
        chosen = np.searchsorted(rows, plan.chosen[lines])
        yield Component(rows, lines, own, own_terms, Assignment.of(own, own_terms, chosen))


def _labels(ways: Ways, none: int) -> Ints:
    """The lowest line that each line hangs together with: labels run over the suppliers until none changes. -> (L,)"""
    label = np.arange(len(ways.begins) - 1)
    at, column = np.nonzero(ways.supplier < none)
    line, supplier = ways.line[at], ways.supplier[at, column]
    while True:
        lowest = np.full(none + 1, len(label))
        np.minimum.at(lowest, supplier, label[line])
        better = label.copy()
        np.minimum.at(better, line, lowest[supplier])
        better = better[better]
        if np.array_equal(better, label):
            return label
        label = better
