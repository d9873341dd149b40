"""A replay small enough to be done by hand; what a policy sees; the two PAR baselines."""

from typing import Any

import numpy as np
import pytest

from procurement.engine.data import InvalidPlanningData
from procurement.engine.replay import Par, Seen, Unmet, World, replay
from procurement.engine.replay.lead_times import draw, shapes
from procurement.engine.replay.par import MISSED_SHARE
from procurement.engine.replay.shelf import Shelf

# Two days of history, then eight that are replayed.
DEMAND = [3.0, 3.0, 4.0, 4.0, 4.0, 1.0, 0.0, 6.0, 6.0, 0.0]


class UpTo:
    """The same level always; remembers what it was shown."""

    def __init__(self, level: float) -> None:
        self.level, self.shown = level, list[Seen]()

    def levels(self, seen: Seen) -> np.ndarray:
        self.shown.append(seen)
        return np.full(len(seen.demand), self.level)

    def missed(self, day: int) -> np.ndarray:
        return np.zeros(1, dtype=bool)


def world(demand: list[float] | None = None, **changed: Any) -> World:
    series = np.array([DEMAND if demand is None else demand])
    values = {
        "demand": series,
        "price": np.array([2.0]),
        "pack": np.array([5.0]),
        "shelf_life": np.array([0]),
        "supplier": np.array([0]),
        "lead_time": np.full((1, series.shape[1]), 2),
        "order_cost": 7.0,
        "begin": 2,
        "measured": 2,
        "review_days": 3,
    }
    return World(**values | changed)


def test_lost_sales_by_hand():
    # day     2    3    4    5    6    7    8    9      begins with 10 on hand; reviews on days 2, 5 and 8
    # arrives                          10
    # wanted  4    4    4    1    0    6    6    0
    # filled  4    4    2    0    0    6    4    0      short on days 4, 5 and 8
    # evening 6    2    0    0    0    4    0    0
    # ordered                10             10          day 5: 10 - 0; day 8: 10 - 4 = 6, two packs, due on day 10
    found = replay(world(), UpTo(10))
    assert found.short_days.tolist() == [3]
    assert found.filled.tolist() == [20]
    assert found.demanded.tolist() == [25]
    assert found.fill_rate == pytest.approx(0.8)
    assert found.ordered.tolist() == [20]
    assert found.received.tolist() == [10]
    assert (found.lines.tolist(), found.orders) == ([2], 2)
    assert (found.emergency_orders, found.wasted.tolist()) == (0, [0])
    assert found.daily_value.tolist() == [12, 4, 0, 0, 0, 8, 0, 0]
    assert found.value == pytest.approx(24 / 8)
    assert (found.spend, found.order_costs) == (40, 14)


def test_emergency_orders_by_hand():
    # day     2    3    4    5    6    7    8    9
    # arrives                          10
    # wanted  4    4    4    1    0    6    6    0
    # bought            5                               2 were missing on day 4: a pack of 5, 3 stay
    # evening 6    2    3    2    2    6    0    0
    # ordered                10             5           day 5: 10 - 3 = 7, two packs; day 8: 10 - 6 = 4, one
    found = replay(world(unmet=Unmet.BOUGHT), UpTo(10))
    assert found.short_days.tolist() == [1]
    assert (found.emergency_orders, found.same_day_buys, found.bought.tolist()) == (1, 1, [5])
    assert found.filled.tolist() == [23]
    assert found.ordered.tolist() == [15]
    assert found.daily_value.tolist() == [12, 4, 6, 4, 4, 12, 0, 0]
    assert (found.spend, found.orders, found.order_costs) == (40, 2, 21)


def test_goods_that_spoil_by_hand():
    # Sold for two days: of the 10 of day 2, 4 + 4 go, 2 spoil on the evening of day 3. Of the 10 that arrive on
    # day 7, 6 + 4 go, although 6 are wanted on day 8.
    found = replay(world(shelf_life=np.array([2])), UpTo(10))
    assert found.wasted.tolist() == [2]
    assert found.daily_value.tolist() == [12, 0, 0, 0, 0, 8, 0, 0]
    assert found.short_days.tolist() == [3]


def test_the_oldest_is_sold_first():
    shelf = Shelf(np.array([2, 0]))
    shelf.put(np.array([5.0, 5.0]))
    shelf.take(np.array([1.0, 1.0]))
    assert shelf.end_day().tolist() == [0, 0]
    shelf.put(np.array([5.0, 5.0]))
    assert shelf.take(np.array([3.0, 20.0])).tolist() == [3, 9]
    assert shelf.end_day().tolist() == [1, 0]  # of the 4 of the first day, 3 were sold
    assert shelf.on_hand.tolist() == [5, 0]


def test_days_before_those_that_count_only_set_the_stage():
    found = replay(world(measured=7), UpTo(10))
    assert found.opening.tolist() == [0]
    assert found.daily_value.tolist() == [8, 0, 0]
    assert found.short_days.tolist() == [1]


def test_lost_demand_is_not_seen_and_bought_demand_is():
    lost, bought = UpTo(10), UpTo(10)
    replay(world(), lost)
    replay(world(unmet=Unmet.BOUGHT), bought)
    assert lost.shown[2].demand[0].tolist() == [3, 3, 4, 4, 2, 0, 0, 6]
    assert lost.shown[2].censored[0].tolist() == [False] * 4 + [True, True, False, False]
    assert bought.shown[2].demand[0].tolist() == DEMAND[:8]
    assert not bought.shown[2].censored.any()


def test_a_lead_time_is_known_once_the_goods_are_there():
    policy = UpTo(10)
    lead_time = np.array([[1, 4, 1, 6, 1, 1, 1, 1, 1, 1]])
    replay(world(lead_time=lead_time), policy)
    assert policy.shown[1].lead_times[0].tolist() == [1, 4, 1, 1]  # not that of day 3, due on day 9


def test_promotions_are_known_ahead_but_no_further():
    flags = np.ones((1, 10), dtype=bool)
    policy = UpTo(10)
    replay(world(promotion=flags, known_ahead=4), policy)
    assert [seen.promotion.shape[1] for seen in policy.shown] == [6, 9, 10]


def seen(day: int, per_day: float) -> Seen:
    return Seen(day, np.full((1, day), per_day), np.zeros((1, day), dtype=bool), (np.array([1]),), None)


def test_disciplined_par_is_set_again_after_eight_reviews_and_neglected_par_never():
    disciplined, neglected = Par(10, 1, False), Par(10, 1, True)
    levels = [
        [float(policy.levels(seen(100, 2.0 if at < 4 else 5.0))[0]) for at in range(17)]
        for policy in (disciplined, neglected)
    ]
    assert levels[0] == [20.0] * 8 + [50.0] * 9
    assert levels[1] == [20.0] * 17


def test_neglected_par_misses_a_quarter_of_its_reviews_and_disciplined_none():
    missed = np.array([Par(10, 40, True).missed(day) for day in range(50)])
    assert missed.mean() == pytest.approx(MISSED_SHARE, abs=0.03)
    assert (missed == np.array([Par(99, 40, True).missed(day) for day in range(50)])).all()
    assert not Par(10, 40, False).missed(3).any()


def test_lead_times_have_the_shapes_they_were_counted_in():
    assert shapes().sum(axis=1) == pytest.approx(1)
    drawn = draw(3, 20_000, seed=4)
    assert (drawn.min(), drawn.max()) == (1, 7)
    assert np.bincount(drawn[1], minlength=8)[1:] / 20_000 == pytest.approx(shapes()[1], abs=0.015)
    assert (draw(3, 50, seed=4) == draw(3, 50, seed=4)).all()
    assert (draw(3, 50, seed=5) != draw(3, 50, seed=4)).any()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"begin": 0}, "no day of history before"),
        ({"measured": 10}, "none after the beginning"),
        ({"pack": np.array([0.0])}, "a pack size"),
        ({"lead_time": np.zeros((1, 10), dtype=int)}, "a lead time is below a day"),
        ({"lead_time": np.ones((1, 3), dtype=int)}, "one value a supplier and day"),
        ({"demand": [np.nan] * 10}, "demand is not a number"),
        ({"price": np.array([-1.0])}, "a price is negative"),
        ({"supplier": np.array([4])}, "a supplier that is not there"),
        ({"review_days": 0}, "the review period"),
    ],
)
def test_what_cannot_be_replayed_is_named(changed: dict[str, Any], said: str):
    with pytest.raises(InvalidPlanningData, match=said):
        world(**changed)
