"""A place that several items share."""

from decimal import Decimal

from procurement.engine.storage import Stored, area_limits


def stored(
    item: int, *, position: str, needed: str, daily: str = "1", size: str = "1", pack: str = "1"
) -> Stored:
    return Stored(item, *map(Decimal, (position, needed, daily, size, pack)))


def test_nothing_is_limited_where_everything_fits():
    items = [stored(1, position="0", needed="10"), stored(2, position="5", needed="10")]
    assert area_limits(items, Decimal(22), "Cold store") == {}


def test_least_urgent_item_is_cut_back():
    items = [stored(1, position="9", needed="10"), stored(2, position="2", needed="10")]
    found = area_limits(items, Decimal(14), "Cold store")
    assert found[2].room(Decimal(2)) == 10
    assert found[1].room(Decimal(9)) == 4
    assert found[1].words == "no room for more in Cold store"
    assert found[1].hard


def test_room_is_counted_in_the_place_s_measure():
    items = [
        stored(1, position="0", needed="40", size="0.05"),
        stored(2, position="80", needed="100", size="0.02"),
    ]
    found = area_limits(items, Decimal(3), "Cold store")
    assert found[1].room(Decimal(0)) == 40  # 2 pallets
    assert found[2].room(Decimal(80)) == 50  # 1 pallet


def test_place_that_is_too_full_takes_nothing():
    found = area_limits([stored(1, position="3", needed="10")], Decimal(-4), "Cold store")
    assert found[1].room(Decimal(3)) == 0
