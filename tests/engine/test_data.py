"""Arrays and parameters that cannot be are refused with a sentence."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from procurement.engine.data import InvalidPlanningData, exact, exact_texts
from procurement.engine.params import InvalidParameter, PlanningParams
from suppliers.packing import plain
from tests.engine.factories import STEADY, data, offer


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("on_hand", np.array([1.0, 2.0]), "on_hand does not have one value an item"),
        ("on_hand", np.array([np.nan]), "on_hand holds a value that is not a number"),
        ("committed", np.array([-1.0]), "committed holds a negative quantity"),
        ("demand", np.array([[-1.0]]), "demand holds a negative quantity"),
        ("demand", np.array([[np.inf]]), "demand holds a value that is not a number"),
        ("demand", np.zeros((1, 0)), "demand does not cover a single day"),
        ("demand", np.zeros((2, 5)), "demand does not have one row an item"),
        ("suppliers", (), "an offer is of a supplier that is not there"),
    ],
)
def test_planning_data_is_refused_when_it_cannot_be(field, value, message):
    with pytest.raises(InvalidPlanningData, match=message):
        replace(data(STEADY, [offer()]), **{field: value})


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("pack_size", np.array([0.0]), "a pack size is not above 0"),
        ("minimum_quantity", np.array([-1.0]), "a minimum quantity is not above 0"),
        ("lead_time_days", np.array([-1]), "a lead time is negative"),
        ("stock", np.array([-1.0]), "a stock on offer is negative"),
        ("tier_price", np.array([[-1.0]]), "a price is negative"),
        ("key", np.array([1, 2]), "offers.key does not have one value an offer"),
    ],
)
def test_offers_are_refused_when_they_cannot_be(field, value, message):
    with pytest.raises(InvalidPlanningData, match=message):
        replace(data(STEADY, [offer()]).offers, **{field: value})


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("service_level", Decimal("1"), "service_level is 1; it must be between 0.5 and 0.999"),
        ("review_period_days", 0, "review_period_days is 0; it must be between 1 and 60"),
        ("currency", "pounds", "ISO 4217"),
        ("min_errors", 500, "min_errors is 500; it must be between 2 and 52"),
    ],
)
def test_parameter_is_refused_when_out_of_range(field, value, message):
    with pytest.raises(InvalidParameter, match=message):
        PlanningParams(**{"currency": "GBP", field: value})


@pytest.mark.parametrize("text", ["0", "12", "0.5", "9999999999.9999", "-3.25", "0.0001"])
def test_quantity_survives_the_way_through_the_arrays(text):
    assert exact(float(Decimal(text))) == Decimal(text)


def test_numbers_told_at_once_are_told_like_each_alone():
    random = np.random.default_rng(5)
    values = np.concatenate([
        random.normal(0, 1e3, 500), random.integers(-100, 100, 300) / 8,
        [0.0, -0.0, -0.00001, 0.00004, 0.00006, 1e9, 123456.78901, 1e15, -12.0, 10.0, 100.5],
    ])  # fmt: skip
    assert exact_texts(values) == [plain(exact(value)) for value in values]
