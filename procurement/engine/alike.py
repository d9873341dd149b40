"""Which items that sell already a new one is like: by the words of its name, its supplier and its price.

Rare words say more than usual ones: a word counts log((1 + items) / items with it), and two names are as alike as the
words they share count of all their words (Jaccard's index, weighted so).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from procurement.engine.data import Floats

LEAST_NAME = 0.25  # of two names, before they are like one another
PRICE_BAND = 1.5  # times the other's price at most
AT_ONCE = 256  # new items, to bound memory
SUPPLIER, PRICE = 0.5, 0.25  # what these weigh beside a name's likeness
TINY = 1e-9
WORD = re.compile(r"\w{3,}")


@dataclass(frozen=True, slots=True)
class Traits:
    name: str
    unit: str
    suppliers: Collection[int]
    price: float  # of a unit; NaN where it is not known
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Alike:
    item: int  # row of those that sell
    by: tuple[str, ...]  # "name" and what else


def most_alike(new: Sequence[Traits], sold: Sequence[Traits]) -> list[Alike | None]:
    """One for each of `new`; None where no item is like it by name and by supplier or price, counted in the same unit.

    Of several that are as alike the one that comes first in `sold`.
    """
    return [
        found for start in range(0, len(new), AT_ONCE) for found in _part(new[start : start + AT_ONCE], sold)
    ]


def _part(new: Sequence[Traits], sold: Sequence[Traits]) -> Iterator[Alike | None]:
    if not sold:
        yield from [None] * len(new)
        return
    named = _names(new, sold)
    supplied = _shared([one.suppliers for one in new], [one.suppliers for one in sold]) > 0
    priced = _prices(new, sold)
    score = named + SUPPLIER * supplied + PRICE * priced
    score[~_same(new, sold, "unit") | (named < LEAST_NAME) | ~(supplied | (priced > 0))] = -1.0
    best = np.round(score, 9).argmax(axis=1)
    for row, item in enumerate(best.tolist()):
        grounds = (("name", True), ("supplier", supplied[row, item]), ("price", priced[row, item] > 0))
        by = tuple(ground for ground, holds in grounds if holds)
        yield Alike(item, by) if score[row, item] >= 0 else None


def _names(new: Sequence[Traits], sold: Sequence[Traits]) -> Floats:
    """How alike names are, from 0 to 1. (k, m)"""
    words = [[set(WORD.findall(one.name.lower())) for one in them] for them in (new, sold)]
    usual = Counter(word for of_item in words[1] for word in of_item)
    weight = {word: float(np.log((1 + len(sold)) / count)) for word, count in usual.items()}
    unseen = float(np.log1p(len(sold)))
    own, theirs = (
        np.array([sum(weight.get(word, unseen) for word in of_item) for of_item in them]) for them in words
    )
    shared = _shared(words[0], words[1], weight)
    together = own[:, None] + theirs - shared
    return np.where(together > 0, shared / np.maximum(together, TINY), 0.0)


def _shared(
    new: Sequence[Collection[Any]], sold: Sequence[Collection[Any]], weight: dict[str, float] | None = None
) -> Floats:
    """How many things both have, or what these weigh. (k, m)"""
    having = defaultdict[Any, list[int]](list)
    for item, things in enumerate(sold):
        for thing in things:
            having[thing].append(item)
    shared = np.zeros((len(new), len(sold)))
    for row, things in enumerate(new):
        for thing in things:
            if thing in having:
                shared[row, having[thing]] += weight[thing] if weight else 1.0
    return shared


def _prices(new: Sequence[Traits], sold: Sequence[Traits]) -> Floats:
    """1 at the same price, 0 from the band's edge on, or where one is not known in the other's currency. (k, m)"""
    with np.errstate(divide="ignore", invalid="ignore"):
        own, theirs = (np.log([one.price for one in them]) for them in (new, sold))
        near = 1.0 - np.abs(own[:, None] - theirs) / np.log(PRICE_BAND)
    return np.where(_same(new, sold, "currency") & (near > 0), near, 0.0)


def _same(new: Sequence[Traits], sold: Sequence[Traits], trait: str) -> np.ndarray:
    own, theirs = (np.array([getattr(one, trait) for one in them]) for them in (new, sold))
    return np.asarray(own[:, None] == theirs)
