"""Which item a new one is like: by name and supplier or price, or none at all."""

import numpy as np
import pytest

from procurement.engine.alike import Alike, Traits, most_alike

SOLD = [
    Traits("Red wool scarf", "C62", {1}, 10.0, "GBP"),
    Traits("Green wool scarf", "C62", {1}, 30.0, "GBP"),
    Traits("Tin of beans", "C62", {2}, 1.0, "GBP"),
    Traits("Wool, loose", "KGM", {1}, 10.0, "GBP"),
    Traits("Set of wool mugs", "C62", {3}, 10.0, "GBP"),
]


def found(
    name: str, *, unit: str = "C62", suppliers: tuple[int, ...] = (1,), price: float = 10.0
) -> Alike | None:
    return most_alike([Traits(name, unit, set(suppliers), price, "GBP")], SOLD)[0]


def test_the_nearest_by_name_supplier_and_price_is_named_with_what_they_share():
    assert found("Blue wool scarf") == Alike(0, ("name", "supplier", "price"))
    assert found("Blue wool scarf", price=29.0) == Alike(1, ("name", "supplier", "price"))
    assert found("Blue wool scarf", suppliers=(9,)) == Alike(0, ("name", "price"))
    assert found("Blue wool scarf", price=np.nan) == Alike(0, ("name", "supplier"))


def test_rare_words_count_more_than_usual_ones():
    sold = [Traits(f"Set of {color} plates", "C62", {1}, 5.0) for color in ("red", "blue", "white")]
    sold.append(Traits("Umbrella red", "C62", {1}, 5.0))
    [one] = most_alike([Traits("Set umbrella", "C62", {1}, 5.0)], sold)
    assert one is not None
    assert one.item == 3


@pytest.mark.parametrize(
    "asked",
    [
        {"name": "Garden gnome"},  # another name
        {"name": "Blue wool scarf", "unit": "KGM"},  # as loose wool, which shares a word of four
        {"name": "Blue wool scarf", "suppliers": (9,), "price": 99.0},  # neither supplier nor price
        {"name": ""},
        {"name": "..."},
    ],
)
def test_what_is_like_none_has_none(asked: dict):
    assert found(**asked) is None


def test_nothing_that_sells_and_nothing_new():
    assert most_alike([Traits("Red wool scarf", "C62", {1}, 10.0)], []) == [None]
    assert most_alike([], SOLD) == []


@pytest.mark.parametrize("price", [0.0, np.inf])
def test_prices_that_say_nothing_are_no_ground(price: float):
    assert found("Blue wool scarf", price=price) == Alike(0, ("name", "supplier"))


def test_many_new_items_are_compared_in_parts_as_one_by_one():
    new = [
        Traits(f"{color} wool scarf", "C62", {1}, 10.0 + at, "GBP") for at, color in enumerate(["Blue"] * 300)
    ]
    assert most_alike(new, SOLD) == [most_alike([one], SOLD)[0] for one in new]
