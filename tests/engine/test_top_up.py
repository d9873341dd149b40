"""What to do about an order that is short of a limit, by numbers worked out by hand."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procurement.engine.top_up import (
    Advice,
    Elsewhere,
    MovedLine,
    OpenLine,
    SoonDue,
    Threshold,
    Way,
    advise,
    holding_cost,
    least_worth,
)

D = Decimal
FREE = Threshold(words="free delivery", needed=D(500), saves=D(15))


def soon(name: str = "Tomatoes", *, price: str = "2.00", days: int = 9, **fields: Any) -> SoonDue:
    values: dict[str, Any] = {
        "key": sum(map(ord, name)),
        "name": name,
        "days": days,
        "earlier": days,
        "batch": D(14),
        "cycle_days": 7,
        "tiers": ((D(1), D(price)),),
        "incremental": False,
        "pack_size": D(1),
        "minimum": D(1),
        "most": D(60),
    }
    return SoonDue(**(values | fields))


def pasta(*, lasts: int, lead: int, arrives: Sequence[int] | None = None) -> OpenLine:
    days = range(lead, lead + 31) if arrives is None else arrives
    return OpenLine(name="Pasta", unit_price=D(3), daily=D(10), lasts_days=lasts, arrives=days)


def elsewhere(code: str, goods: int, charges: int, *, arrives: Sequence[int] = ()) -> Elsewhere:
    lines = tuple(
        MovedLine(name="Pasta", before=D(1), price_before=D(3), quantity=D(1), unit_price=D(3), arrives=days)
        for days in arrives
    )
    return Elsewhere(
        supplier=code.title(), code=code, currency="GBP", goods=D(goods), charges=D(charges), lines=lines
    )


def advice(goods: str = "418", **fields: Any) -> Advice:
    values: dict[str, Any] = {
        "threshold": FREE, "currency": "GBP", "goods": D(goods), "charges": D(15), "soon": [], "lines": [],
        "elsewhere": [], "rate": D("0.20"),
    }  # fmt: skip
    found = advise(**(values | fields))
    assert found is not None
    return found


def test_order_that_has_reached_the_limit_needs_no_advice() -> None:
    assert (
        advise(
            threshold=FREE,
            currency="GBP",
            goods=D(500),
            charges=D(0),
            soon=[],
            lines=[],
            elsewhere=[],
            rate=D(0),
        )
        is None
    )


def test_holding_cost_is_that_of_the_days_each_unit_comes_earlier() -> None:
    """Two a day, 14 a week. 30 units due in 9 days: 14 lie 9 days longer, 14 lie 16, 2 lie 23: 396 unit days."""
    # 36.50 * 0.2 / 365 = 0.02 a unit day
    assert holding_cost(soon(price="36.50"), D(30), D("0.20")) == D("7.92")
    assert holding_cost(soon(price="36.50"), D(14), D("0.20")) == D("2.52")  # 14 * 9 = 126
    assert holding_cost(soon(price="36.50", days=0), D(14), D("0.20")) == 0


def adding(**fields: Any) -> Way:
    return next(way for way in advice(**fields).ways if way.kind == "add")


def test_adding_takes_batches_in_the_order_in_which_they_are_due() -> None:
    """82 short. A week's batch each: 14 tomatoes for 28.00 on day 3, 21 rice for 63.00 on day 5: 91.00 in all.

    So 18 rice are enough. 41 tomatoes alone would be held for 14 * 3 + 14 * 10 + 13 * 17 = 403 days at 2.00, which is
    0.44, and 28 rice for 21 * 5 + 7 * 12 = 189 days at 3.00, which is 0.31.
    """
    tomatoes, rice = soon("Tomatoes", days=3), soon("Rice", price="3.00", days=5, batch=D(21))
    way = adding(soon=[rice, tomatoes])
    assert [(line.name, line.quantity) for line in way.lines] == [("Tomatoes", 14), ("Rice", 18)]
    # 14 * 3 at 2.00 and 18 * 5 at 3.00: (84 + 270) * 0.2 / 365
    assert (way.value, way.holding) == (D("82.00"), D("0.20"))


def test_words_name_days_quantities_money_and_holding_cost() -> None:
    """82 short. Tomatoes 24 x 2.00 = 48.00 are all there is; rice 12 x 3.00 = 36.00: in all 84.00.

    Held: 14 * 9 + 10 * 16 = 286 days of tomatoes at 2.00, 12 * 9 = 108 of rice at 3.00: (572 + 324) * 0.2 / 365.
    """
    tomatoes = soon("Tomatoes", pack_size=D(12), most=D(24))
    rice = soon("Rice", price="3.00", pack_size=D(6), batch=D(21), most=D(12))
    assert advice(soon=[tomatoes, rice]).words == "82.00 GBP short of free delivery (saves 15.00 GBP)."
    way = adding(soon=[tomatoes, rice])
    assert (way.kind, way.value, way.holding, way.net) == ("add", D("84.00"), D("0.49"), D("14.51"))
    assert way.words == (
        "These 2 items you need in 9 days anyway: add 12 x Rice, 24 x Tomatoes for 84.00 GBP; holding cost 0.49 GBP."
    )


def test_of_several_ways_to_end_the_cheapest_to_hold_is_taken() -> None:
    """82 short: 41 x 2.00 in 2 days cost less to hold than one for 90.00 in 20."""
    way = adding(soon=[soon("Near", days=2), soon("Far", days=20, price="90.00", batch=D(1))])
    assert [line.name for line in way.lines] == ["Near"]
    # 14 * 2 + 14 * 9 + 13 * 16 = 362 unit days at 2.00 * 0.2 / 365
    assert (way.lines[0].quantity, way.holding) == (41, D("0.40"))
    # But where it comes in packs of 60, 120.00 lie here: 14*2 + 14*9 + 14*16 + 14*23 + 4*30 = 820 unit days: 0.90.
    way = adding(soon=[soon("Near", days=2, pack_size=D(60)), soon("Far", days=3, price="90.00", batch=D(1))])
    assert [line.name for line in way.lines] == ["Far"]  # 90.00 * 3 * 0.2 / 365 = 0.15


def test_nothing_is_added_where_all_of_it_does_not_come_to_the_limit() -> None:
    assert {way.kind for way in advice(soon=[soon(most=D(40))]).ways} == set()  # 80.00
    assert adding(soon=[soon(most=D(41))]).value == 82


def test_waiting_is_until_enough_is_due_by_itself() -> None:
    """30.00 a day more of what is ordered: 82 after 3 days. Or with 42.00 due on day 2, after 2 days (60 + 42)."""
    line = pasta(lasts=9, lead=2)
    (way,) = advice(lines=[line]).ways
    assert (way.kind, way.days, way.net) == ("wait", 3, D(15))
    assert (
        way.words == "Wait 3 days: then enough is due by itself, and at the demand expected nothing runs out."
    )
    assert advice(lines=[line], soon=[soon(days=2, price="3.00", most=D(14))]).ways[0].days == 2


def test_waiting_costs_what_runs_out_meanwhile() -> None:
    """Three days' wait and two of lead time, and stock for four: one day without, 10 * 3.00."""
    line = pasta(lasts=4, lead=2)
    (way,) = advice(lines=[line]).ways
    assert way.net == D(15) - 30
    assert "Pasta for 1 day; goods for 30.00 GBP would be missed." in way.words
    # It would be without for six days anyway: only those of the waiting count.
    late = pasta(lasts=0, lead=6)
    assert advice(lines=[late]).ways[0].net == D(15) - 90


def test_moving_compares_goods_and_charges() -> None:
    """Here 418 + 15; there 420 + 5 = 425, or 426 with free delivery."""
    others = [
        elsewhere("bolt", 420, 5),
        elsewhere("cask", 426, 0),
    ]
    (way,) = advice(elsewhere=others).ways
    assert (way.kind, way.supplier, way.net) == ("move", "bolt", D(8))
    assert (
        way.words
        == "Move all lines to Bolt: 425.00 GBP, with 5.00 GBP for delivery, 8.00 GBP less than here."
    )


def test_moving_to_a_draft_that_reaches_free_delivery_says_what_is_saved_there() -> None:
    (way,) = advice(elsewhere=[elsewhere("bolt", 420, -10)]).ways
    assert way.net == D(23)
    assert (
        way.words
        == "Move all lines to Bolt: 410.00 GBP, and saves 10.00 GBP of delivery there, 23.00 GBP less than here."
    )


def test_waiting_goes_by_the_days_on_which_goods_arrive() -> None:
    """Ordered today or tomorrow they come on day 2, after that on day 6: three days' wait is four days later."""
    line = pasta(lasts=3, lead=2, arrives=[2, 2, *[6] * 29])
    (way,) = advice(lines=[line]).ways
    assert (way.days, way.net) == (3, D(15) - 90)  # from day 3 to day 6
    assert "Pasta for 3 days; goods for 90.00 GBP would be missed." in way.words


def test_holding_counts_from_arrival_to_arrival() -> None:
    """Due in two days; but the order after this one arrives a week later: 14 * 7 = 98 unit days at 36.50."""
    item = soon(price="36.50", days=2, earlier=7)
    assert holding_cost(item, D(14), D("0.20")) == D("1.96")


def test_moving_to_where_it_arrives_too_late_costs_what_is_missed() -> None:
    """Bolt is 8.00 cheaper and there on day 9: stock lasts until day 6, and here it would come on day 2."""
    others = [elsewhere("bolt", 420, 5, arrives=[9]), elsewhere("cask", 430, 0, arrives=[2])]
    line = pasta(lasts=6, lead=2)
    (way,) = [way for way in advice(elsewhere=others, lines=[line]).ways if way.kind == "move"]
    assert (way.supplier, way.net) == ("cask", D(3))
    (way,) = [way for way in advice(elsewhere=others[:1], lines=[line]).ways if way.kind == "move"]
    assert way.net == D(8) - 90
    assert way.words.endswith(
        " It arrives later: without stock Pasta for 3 days; goods for 90.00 GBP would be missed."
    )


def test_best_way_comes_first() -> None:
    line = pasta(lasts=0, lead=6)
    other = elsewhere("bolt", 420, 5)
    found = advice(soon=[soon()], lines=[line], elsewhere=[other])
    assert [way.kind for way in found.ways] == ["add", "move", "wait"]
    assert [way.net for way in found.ways] == sorted((way.net for way in found.ways), reverse=True)


def test_a_minimum_that_is_refused_says_so() -> None:
    minimum = Threshold(words="the minimum order", needed=D(500), saves=D(0), refused=True)
    assert (
        advice(threshold=minimum).words == "82.00 GBP short of the minimum order; such an order is refused."
    )


@pytest.mark.parametrize(
    ("value", "quantity"), [("179.00", 90), ("180.00", 90), ("198.01", 120), ("10000", None)]
)
def test_least_worth_minds_that_a_tier_makes_it_cheaper(value: str, quantity: int | None) -> None:
    """99 cost 198.00, and 100 only 180.00: in tens 110 cost 198.00, so 120 are the least for 198.01."""
    item = soon(tiers=((D(1), D("2.00")), (D(100), D("1.80")),), pack_size=D(10), most=D(200))  # fmt: skip
    assert least_worth(item, D(value)) == quantity


items = st.builds(
    lambda number, price, days, packs, pack: soon(
        f"Item {number}", price=str(D(price) / 100), days=days, pack_size=D(pack), most=D(packs * pack)
    ),
    st.integers(0, 999), st.integers(1, 5_000), st.integers(0, 30), st.integers(1, 9), st.sampled_from([1, 6, 12]),
)  # fmt: skip


@given(st.lists(items, max_size=6, unique_by=lambda item: item.key), st.integers(1, 50_000))
def test_what_is_added_reaches_the_limit_in_whole_packs_within_the_most(
    found: list[SoonDue], cents: int
) -> None:
    short = D(cents) / 100
    possible = sum((item.most * item.tiers[0][1] for item in found), D(0))
    ways = advice(str(500 - short), soon=found).ways
    adds = [way for way in ways if way.kind == "add"]
    assert bool(adds) == (possible >= short)
    for way in adds:
        assert way.value >= short
        assert way.value == sum(line.value for line in way.lines)
        assert way.net == FREE.saves - way.holding
        by_key = {item.key: item for item in found}
        for line in way.lines:
            assert 0 < line.quantity <= by_key[line.key].most
            assert line.quantity % by_key[line.key].pack_size == 0


def test_what_is_due_already_is_needed_today() -> None:
    way = adding(soon=[soon("Rice", price="3.00", days=0, most=D(30))])
    assert way.words.startswith("This item you need today anyway: add 28 x Rice")
    way = adding(soon=[soon("Rice", days=0, most=D(20)), soon("Peas", days=2)])
    assert way.words.startswith("These 2 items you need within 2 days anyway: add 20 x Rice, 21 x Peas")
