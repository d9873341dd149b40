"""What each day of the week weighs, for each item, and how lumpy its demand is."""

from dataclasses import dataclass

import numpy as np

from procurement.engine.data import Floats
from procurement.engine.forecast.weeks import Weeks

TINY = 1e-9
EVIDENCE = 30.0  # usual days' worth of belief in what the weekday does to all items
ENOUGH = 60  # days without promotion; with fewer all days are looked at
LUMPIEST = 50.0
RARELY_OPEN = 0.2  # share of the last year's days: then that weekday is a closing day


@dataclass(frozen=True, slots=True, eq=False)
class Weekdays:
    weights: Floats  # (n, 7) mean 1 over open days; 0 where the site is closed
    dispersion: Floats  # (n,) variance / mean of a day's demand, from 1 (Poisson) to LUMPIEST


def weekdays_of(weeks: Weeks, pooled: Floats | None = None) -> Weekdays:
    """`pooled` (7,): the pattern of all items, which an item follows as far as it says nothing else."""
    usual = weeks.known & (weeks.promotion[:, : len(weeks)] == 0)
    few = usual.sum(axis=(1, 2)) < ENOUGH
    usual[few] = weeks.known[few]
    taken = weeks.demand * usual
    days, total = usual.sum(axis=1), taken.sum(axis=1)  # (n, 7) each
    all_days = np.maximum(days.sum(axis=1), 1)
    mean = total.sum(axis=1) / all_days
    squares = np.einsum("njd,njd->n", taken, taken) / all_days
    dispersion = np.clip((squares - mean**2) / np.maximum(mean, TINY), 1.0, LUMPIEST)
    pattern = pattern_of(weeks) if pooled is None else pooled
    belief = EVIDENCE * dispersion[:, None]
    weights = (total + belief * pattern) / (days * mean[:, None] + belief)
    weights = np.where(pattern > 0, weights, 0.0)
    average = (weights * days).sum(axis=1, keepdims=True) / all_days[:, None]
    return Weekdays(np.where(average > TINY, weights / np.maximum(average, TINY), pattern), dispersion)


def pattern_of(weeks: Weeks) -> Floats:
    """What a weekday does to all items, each counting alike whatever it sells; 0 for closing days. (7,)"""
    usual = weeks.known & (weeks.promotion[:, : len(weeks)] == 0)
    taken = np.where(usual, weeks.demand, 0.0).sum(axis=1)
    days = usual.sum(axis=1)
    total = taken.sum(axis=1, keepdims=True)
    some = total[:, 0] > 0
    pattern = np.ones(7)
    if some.any():
        shares = (taken[some] / total[some]).sum(axis=0)
        expected = (days[some] / np.maximum(days[some].sum(axis=1, keepdims=True), 1)).sum(axis=0)
        pattern = np.where(expected > 0, shares / np.maximum(expected, TINY), 1.0)
    opened = 1.0 - weeks.closed[: len(weeks)][-52:].mean(axis=0)
    return np.where(opened < RARELY_OPEN, 0.0, pattern)
