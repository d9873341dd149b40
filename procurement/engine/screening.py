"""Figures that nobody can plan with, taken out item by item, so that all other items are planned.

not a number, or infinite     the item is not planned
beyond belief                 the item is not planned: a wrong unit, or digits run together
the same item twice           its first row is planned
negative demand               returns: that day counts as one without demand
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from procurement.engine.arrays import Bools, Floats
from procurement.engine.exceptions import Kind, PlanException

LARGEST_A_DAY = 1e7  # units; ten million of one item a day
LARGEST_STOCK = 1e9  # what a line or a level can still be written in


@dataclass(frozen=True, slots=True, eq=False)
class Screened:
    demand: NDArray[np.floating]  # (n, T)
    on_hand: Floats  # (n,)
    on_order: Floats
    committed: Floats
    planned: Bools  # (n,) False: its figures are zero now, and nothing may be ordered by them
    exceptions: dict[str, tuple[PlanException, ...]]  # by sku


def screen(
    *,
    skus: Sequence[str],
    demand: NDArray[np.floating],
    on_hand: Floats,
    on_order: Floats,
    committed: Floats,
) -> Screened:
    """Copies what it changes, and nothing where all is well."""
    found: dict[str, list[PlanException]] = defaultdict(list)
    planned = np.ones(len(skus), dtype=np.bool_)
    figures = {"demand": demand, "on hand": on_hand, "on order": on_order, "committed": committed}
    for name, values in figures.items():
        numbers = _each(np.isfinite(values))
        with np.errstate(invalid="ignore"):
            most = LARGEST_A_DAY if name == "demand" else LARGEST_STOCK
            believed = _each(~(np.abs(values) > most))
        for row in np.flatnonzero(~numbers).tolist():
            found[skus[row]].append(_no_number(name))
        for row in np.flatnonzero(numbers & ~believed).tolist():
            found[skus[row]].append(_too_large(name, float(np.abs(values[row]).max())))
        planned &= numbers & believed
    for row in _repeated(skus):
        found[skus[row]].append(_duplicate())
        planned[row] = False
    negative = _each(demand >= 0)
    for row in np.flatnonzero(~negative & planned).tolist():
        found[skus[row]].append(_returns(demand[row]))
    if not planned.all() or not negative.all():
        demand = np.where(planned[:, None], np.maximum(np.nan_to_num(demand), 0.0), 0.0).astype(demand.dtype)
    on_hand, on_order, committed = (np.where(planned, one, 0.0) for one in (on_hand, on_order, committed))
    told = {sku: tuple(exceptions) for sku, exceptions in found.items()}
    return Screened(demand, on_hand, on_order, committed, planned, told)


def _each(good: NDArray[np.bool_]) -> Bools:
    """Whether all of an item's figures are. (n,) or (n, T) -> (n,)"""
    return np.asarray(good if good.ndim == 1 else good.all(axis=1))


def _repeated(skus: Sequence[str]) -> list[int]:
    seen: set[str] = set()
    if len(set(skus)) == len(skus):
        return []
    return [row for row, sku in enumerate(skus) if sku in seen or seen.add(sku)]  # type: ignore[func-returns-value]


def _no_number(what: str) -> PlanException:
    return PlanException(
        Kind.BAD_FIGURES,
        f"Its figures of {what} hold something that is no number, so it was not planned.",
        "Load them again from their source, and plan again.",
    )


def _too_large(what: str, largest: float) -> PlanException:
    return PlanException(
        Kind.TOO_LARGE,
        f"Its figures of {what} go up to {largest:,.0f}, which nobody can believe, so it was not planned.",
        "Look for a wrong unit or a wrong code in the file, mend it, and plan again.",
    )


def _duplicate() -> PlanException:
    return PlanException(
        Kind.DUPLICATE, "It is there twice; only the first one was planned.", "Make one of the two inactive."
    )


def _returns(demand: NDArray[np.floating]) -> PlanException:
    days, total = int((demand < 0).sum()), -float(demand[demand < 0].sum())
    return PlanException(
        Kind.NEGATIVE_DEMAND,
        f"Demand is below zero on {days} day{'' if days == 1 else 's'} ({total:g} came back), which counted as none.",
        "Take returns off the day they were sold on, or leave them out of the demand.",
    )
