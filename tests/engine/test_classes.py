"""ABC by value, XYZ by variability."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from procurement.engine.classes import (
    ClassRules,
    InvalidClassRules,
    service_levels,
    value_classes,
    value_cuts,
    variation,
    variation_classes,
)

RULES = ClassRules()


def classed(values: list[float], rules: ClassRules = RULES) -> str:
    worth = np.array(values, dtype=float)
    return "".join(value_classes(worth, value_cuts(worth, rules)))


def test_a_makes_up_80_percent_of_the_value_b_the_next_15():
    # 80 of 100 come from the first two; the next two reach 95
    assert classed([50, 30, 10, 5, 3, 2]) == "AABBCC"


def test_item_that_crosses_a_share_still_belongs_to_it():
    assert classed([70, 20, 10]) == "AAB"


def test_items_of_one_value_are_of_one_class_whatever_their_order():
    assert classed([1.0] * 10) == "A" * 10
    assert classed([90, 5, 5]) == "ABB"


def test_what_sells_nothing_is_c():
    assert classed([0, 10, 0]) == "CAC"
    assert classed([0, 0]) == "CC"


def test_shares_can_be_set():
    assert classed([50, 30, 10, 5, 5], ClassRules(share_a=Decimal("0.5"), share_b=Decimal("0.4"))) == "ABBCC"


def test_sums_that_differ_in_their_last_digits_stay_in_their_class():
    worth = np.array([70.0, 20.0, 10.0])
    assert "".join(value_classes(worth * (1 - 1e-7), value_cuts(worth, RULES))) == "AAB"


def weekly(*totals: float) -> np.ndarray:
    return np.array([[total / 7] * 7 for total in totals]).reshape(1, -1)


def test_variation_is_the_standard_deviation_of_weeks_by_their_mean():
    found, weeks = variation(weekly(10, 30, 10, 30))
    assert (found[0], weeks[0]) == (0.5, 4)  # mean 20, standard deviation 10


def test_weeks_before_the_first_sale_do_not_count():
    found, weeks = variation(weekly(0, 0, 0, 10, 30, 10, 30))
    assert (found[0], weeks[0]) == (0.5, 4)


def test_nobody_knows_how_an_item_varies_that_is_new_or_never_sold():
    found = [variation(weekly(*totals))[0][0] for totals in ((10, 30, 10), (0, 0, 0, 0, 0))]
    assert np.isnan(found).all()
    assert "".join(variation_classes(np.array(found), RULES)) == "ZZ"


def test_x_is_steady_y_varies_z_is_erratic():
    assert "".join(variation_classes(np.array([0.0, 0.5, 0.51, 1.0, 1.01]), RULES)) == "XXYYZ"


def test_cell_without_a_level_has_the_site_s():
    found = service_levels(np.array(["AX", "CZ"]), {"AX": Decimal("0.99")}, Decimal("0.9"))
    assert found.tolist() == [0.99, 0.9]


@pytest.mark.parametrize(
    "wrong",
    [
        {"share_a": Decimal("0.9"), "share_b": Decimal("0.2")},
        {"x_up_to": Decimal(2)},
        {"share_a": Decimal(0)},
    ],
)
def test_rules_out_of_order_are_refused(wrong):
    with pytest.raises(InvalidClassRules):
        ClassRules(**wrong)


@given(st.lists(st.floats(0, 1e9, allow_nan=False), min_size=1, max_size=60))
def test_dearer_items_are_never_of_a_lower_class(values):
    found = dict(zip(values, classed(values), strict=True))
    in_order = [found[value] for value in sorted(found, reverse=True)]
    assert in_order == sorted(in_order)
    assert in_order[0] == "A" or not max(values)
