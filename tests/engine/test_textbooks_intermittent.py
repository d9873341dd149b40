"""Demand that comes now and then: our forecast beside Croston's and that of Teunter, Syntetos & Babai.

Croston, "Forecasting and stock control for intermittent demands", Operational Research Quarterly 23 (1972).
Syntetos & Boylan, "On the bias of intermittent demand estimates", International Journal of Production Economics 71
(2001). Teunter, Syntetos & Babai, "Intermittent demand: linking forecasting to inventory obsolescence", European
Journal of Operational Research 214 (2011).
"""

import numpy as np
import pytest

from procurement.engine.forecast import Weeks, experience_of, forecast

SMOOTHED = 0.3


def croston(row: np.ndarray) -> float:
    """Smoothed size of a demand by smoothed days between two; both change only when there is demand."""
    size = gap = None
    waited = 1
    for taken in row.tolist():
        if not taken:
            waited += 1
            continue
        size = taken if size is None else size + SMOOTHED * (taken - size)
        gap = waited if gap is None else gap + SMOOTHED * (waited - gap)
        waited = 1
    assert size is not None
    assert gap is not None
    return float(size / gap)


def tsb(row: np.ndarray, fades: float = 0.05) -> float:
    """Smoothed size of a demand times the probability of one, which changes every day."""
    first = int(np.flatnonzero(row)[0])
    size, chance = float(row[first]), 1 / (first + 1)
    for taken in row[first + 1 :].tolist():
        chance += fades * ((taken > 0) - chance)
        size += SMOOTHED * (taken - size) if taken else 0.0
    return size * chance


def ours(demand: np.ndarray) -> np.ndarray:
    """Units a day. (n,)"""
    return np.asarray(forecast(Weeks.of(demand), experience_of(demand)).total(14) / 14)


def ending(every: int, *, waited: int) -> np.ndarray:
    """10 units every so many days for 16 months; then nothing for `waited` days."""
    row = np.zeros(481 + waited)
    row[0:481:every] = 10.0
    return row


def test_rate_of_intermittent_demand_is_unbiased_where_croston_s_is_too_high():
    """On one day in five 10 are taken, 400 items: 2 a day. Croston's is too high by about a / (2 - a) * (p - 1) / p."""
    demand = np.where(np.random.default_rng(1).random((400, 1000)) < 0.2, 10.0, 0.0)
    bias = SMOOTHED / (2 - SMOOTHED) * 4 / 5  # 14 %
    assert ours(demand).mean() == pytest.approx(2, rel=0.03)
    assert np.mean([tsb(row) for row in demand]) == pytest.approx(2, rel=0.03)
    assert np.mean([croston(row) for row in demand]) / 2 - 1 == pytest.approx(bias, abs=0.04)


def test_rate_right_after_a_demand_is_no_higher_than_usual():
    """Croston's reason for leaving simple smoothing: asked only after a demand, that is too high."""
    regular = ending(5, waited=0)
    simple = 0.0
    for taken in regular.tolist():
        simple += SMOOTHED * (taken - simple)
    assert simple > 3
    assert croston(regular) == pytest.approx(2, rel=0.01)
    assert ours(regular[None])[0] == pytest.approx(2, rel=0.06)


def test_rate_of_a_dying_item_fades_as_tsb_s_does_and_croston_s_never():
    rows = [ending(5, waited=waited) for waited in (0, 14, 28, 42, 84)]
    own, fading = [float(ours(row[None])[0]) for row in rows], [tsb(row) for row in rows]
    assert own == sorted(own, reverse=True)
    assert fading == sorted(fading, reverse=True)
    assert fading[4] == pytest.approx(fading[0] * 0.95**84)
    assert [croston(row) for row in rows] == pytest.approx([2.0] * 5, rel=0.01)
    assert own[3] <= fading[3] < 0.15 * fading[0]
    assert own[4] == 0


def test_rare_item_is_waited_for_longer_than_tsb_waits():
    """TSB fades by the same share a day whatever the usual wait, ours by how long it took before."""
    row = ending(40, waited=60)
    assert croston(row) == pytest.approx(0.25, rel=0.05)
    assert tsb(row) < 0.15 * 0.25
    assert ours(row[None])[0] > 0.5 * 0.25
