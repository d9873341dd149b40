"""What is odd about an item's history: none, very little, or a hole in it."""

from collections import defaultdict
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from procurement.engine.arrays import Bools
from procurement.engine.exceptions import Kind, PlanException
from procurement.engine.known_days import Likeness

SHORT_DAYS = 14  # since the first sale: nobody knows yet how it sells
GAP_DAYS = 28  # without a sale
RECENT_DAYS = 182  # gaps that ended before have little say in what is expected now
OFTEN = 0.5  # share of the other days on which an item sells that should not stop for so long


def history_exceptions(
    demand: NDArray[np.floating], planned: Bools | None = None, like: Mapping[int, Likeness] | None = None
) -> dict[int, tuple[PlanException, ...]]:
    """By row, of those that have any. (n, T), the last column is yesterday. What is not planned has its own.

    `like`: whom an item is expected to sell like, by row.
    """
    days = demand.shape[1]
    sold = demand > 0
    some = sold.any(axis=1)
    first = np.where(some, sold.argmax(axis=1), days)
    found: dict[int, list[PlanException]] = defaultdict(list)
    for row in np.flatnonzero(~some & (True if planned is None else planned)).tolist():
        found[row].append(_like(like[row]) if like and row in like else _none(days))
    known = days - first
    for row in np.flatnonzero(some & (known < SHORT_DAYS)).tolist():
        found[row].append(_short(int(known[row])))
    longest, ended = _longest_gap(sold, first)
    counted = np.maximum(known - longest, 1)
    holes = some & (longest >= GAP_DAYS) & (sold.sum(axis=1) >= OFTEN * counted)
    for row in np.flatnonzero(holes).tolist():
        found[row].append(_gap(int(longest[row]), days - int(ended[row])))
    return {row: tuple(told) for row, told in found.items()}


def _longest_gap(sold: np.ndarray, first: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Days of the longest time without a sale that ended lately, and the column of the sale that ended it. (n,)"""
    days = sold.shape[1]
    since = max(days - RECENT_DAYS, 0)
    recent, column = sold[:, since:], np.arange(since, days)
    earlier = np.where(sold[:, :since], np.arange(since), -1).max(axis=1, initial=-1)
    sales = np.concatenate([earlier[:, None], np.where(recent, column, -1)[:, :-1]], axis=1)
    before = np.maximum.accumulate(sales, axis=1)
    gap = np.where(recent & (before >= first[:, None]), column - before - 1, 0)
    ended = gap.argmax(axis=1)
    return gap[np.arange(len(sold)), ended], ended + since


def _none(days: int) -> PlanException:
    return PlanException(
        Kind.NO_HISTORY,
        f"Nothing was sold of it in the {days} days looked at, so nothing is expected.",
        "If it sells, load its history, or order it by hand; if it does not, make it inactive.",
    )


def _like(other: Likeness) -> PlanException:
    return PlanException(
        Kind.NO_HISTORY,
        f"Nothing was sold of it yet; it is expected to sell like {other.sku}.",
        "Look at the quantity before you approve it; on the item's page it can be said to be like another, or none.",
    )


def _short(days: int) -> PlanException:
    return PlanException(
        Kind.SHORT_HISTORY,
        f"Only {days} day{'' if days == 1 else 's'} of history {'is' if days == 1 else 'are'} known.",
        "Look at the quantity before you approve it; after some weeks the plan knows more.",
    )


def _gap(length: int, ago: int) -> PlanException:
    return PlanException(
        Kind.GAP,
        f"Nothing was sold for {length} days until {ago} days ago, though it sells on most days.",
        "If days are missing, load them again; if it was out of stock, what is expected may be too low.",
    )
