"""Firm customer orders use the forecast up."""

import numpy as np
import pytest

from procurement.engine.firm_orders import Consumed, consumed, usual_sale
from procurement.engine.stock import FirmOrders


def firm(*due: float, overdue: float = 0, later: float = 0) -> FirmOrders:
    return FirmOrders(np.array([overdue]), np.array([due], dtype=float), np.array([later]))


def used(
    orders: FirmOrders, forecast: float, *, usual: float = np.inf, horizon: int = 3
) -> tuple[float, ...]:
    found: Consumed = consumed(orders, np.array([forecast]), np.array([usual]), horizon=horizon)
    return tuple(float(getattr(found, name)[0]) for name in ("due", "unusual", "beyond", "later"))


def test_orders_below_the_forecast_add_nothing():
    assert used(firm(4, 0, 5), 20) == (9, 0, 0, 0)


def test_only_what_exceeds_the_forecast_adds_to_it():
    assert used(firm(14, 0, 10), 20) == (24, 0, 4, 0)


def test_orders_due_after_the_interval_do_not_count_yet():
    assert used(firm(4, 0, 5, 30, later=7), 20) == (9, 0, 0, 37)


def test_a_day_far_above_a_usual_sale_adds_what_no_forecast_holds():
    # a usual sale is 4: 20 of the 50 may be in the forecast, 30 are not
    assert used(firm(50, 2, 0), 25, usual=4) == (52, 30, 30, 0)


def test_the_rest_of_an_unusual_day_uses_the_forecast_up_like_others():
    assert used(firm(50, 8, 0), 25, usual=4) == (58, 30, 33, 0)


def test_orders_without_days_are_wanted_now():
    assert used(FirmOrders.overdue_only(np.array([12.0])), 20) == (0, 0, 0, 0)


def test_usual_sale_is_the_mean_of_the_days_that_sold_once_there_are_enough():
    demand = np.array([[0, 2, 0, 4, 2, 4, 3.0], [0, 0, 0, 0, 0, 0, 9]])
    assert usual_sale(demand).tolist() == [pytest.approx(3), np.inf]
