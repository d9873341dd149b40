"""Service levels of a replay: bounds, levels set by hand, quantiles read off a grid."""

import numpy as np
import pytest

from procurement.engine.allocation import selling_weeks
from procurement.engine.replay import Allocation, Buffer
from procurement.engine.replay.buffer import FINE, LEAST, MOST, read

ITEMS = 6
QUANTILES = np.linspace(1, 9, ITEMS)[:, None] * -np.log(1 - FINE)
PRICE = np.array([0.1, 0.5, 1.0, 4.0, 20.0, 90.0])
SELLING = np.ones(ITEMS)


def levels(buffer: Buffer, wanted: float) -> np.ndarray:
    return buffer.levels(QUANTILES, PRICE, SELLING, wanted)


def test_the_mean_is_what_is_asked_and_the_bounds_of_a_plan_hold():
    open_, bounded = levels(Buffer(), 0.9), levels(Buffer(least=0.8), 0.9)
    assert open_.min() < 0.8
    assert bounded.min() == pytest.approx(0.8)
    assert open_.mean() == pytest.approx(0.9)
    assert bounded.mean() == pytest.approx(0.9)
    assert bounded.max() <= MOST


def test_bounds_give_way_to_a_level_beyond_them():
    assert levels(Buffer(least=0.8), 0.7).mean() == pytest.approx(0.7)
    assert levels(Buffer(least=0.8), 0.7).min() == pytest.approx(0.7)


def test_levels_set_by_hand_are_kept_at_the_site_s_own_level_and_move_in_odds():
    by_hand = np.array([0.8, np.nan, np.nan, 0.99, np.nan, np.nan])
    for allocation in (Allocation.EQUAL, Allocation.SPREAD):
        buffer = Buffer(allocation=allocation, usual=0.9, by_hand=by_hand)
        at_usual, safer = levels(buffer, 0.9), levels(buffer, 0.95)
        assert at_usual[[0, 3]] == pytest.approx([0.8, 0.99])
        # 0.95 has odds of 19 instead of 9: 0.8 with odds of 4 moves to 4 x 19 / 9.
        assert safer[0] == pytest.approx((76 / 9) / (1 + 76 / 9))
        assert at_usual[np.isnan(by_hand)].mean() == pytest.approx(0.9)
    assert levels(Buffer(usual=0.9, by_hand=np.full(ITEMS, 0.97)), 0.9) == pytest.approx(0.97)


def test_levels_set_by_hand_stay_within_what_a_level_may_be():
    buffer = Buffer(usual=0.5, by_hand=np.full(ITEMS, 0.998))
    assert levels(buffer, 0.999) == pytest.approx(MOST)
    assert levels(Buffer(usual=0.99, by_hand=np.full(ITEMS, 0.6)), 0.55) == pytest.approx(LEAST)


def test_rows_that_are_taken_take_their_levels_along():
    buffer = Buffer(by_hand=np.array([0.9, np.nan, 0.97]))
    taken = buffer.take(np.array([2, 1]))
    assert taken.set_by_hand == 1
    assert taken.by_hand is not None
    assert taken.by_hand[0] == 0.97
    assert Buffer().take(np.array([1])).set_by_hand == 0


def test_a_row_is_read_at_its_own_probability():
    service = np.array([0.5, 0.6, 0.9, 0.999, 0.4, 1.0])
    by_row = [np.interp(p, FINE, row) for p, row in zip(service, QUANTILES, strict=True)]
    assert read(QUANTILES, service) == pytest.approx(by_row)


def test_for_units_the_dear_are_less_safe_however_rarely_they_sell():
    found = Buffer(allocation=Allocation.FILL).levels(
        QUANTILES, PRICE, selling_weeks(np.zeros((ITEMS, 7))), 0.9
    )
    assert (np.diff(found) <= 0).all()
    assert found[0] > found[-1]
