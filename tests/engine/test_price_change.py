"""What a new price list means in money, and where another supplier is cheaper, by numbers worked out by hand."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from procurement.engine.price_change import Prices, Rival, cheaper, crossing_words, yearly_effect

D = Decimal


def prices(*tiers: tuple[int, str], incremental: bool = False, worth: str = "1") -> Prices:
    return Prices(tuple((D(start), D(price)) for start, price in tiers), incremental, D(worth))


def rival(name: str, of: Prices, *, pack: str = "1", least: str = "1") -> Rival:
    return Rival(name, of, D(pack), D(least))


def places(one: Prices, other: Prices) -> list[tuple[Fraction, bool, Fraction | None]]:
    return [(found.start, found.with_start, found.end) for found in cheaper(one, other)]


def test_yearly_effect_is_the_price_of_the_usual_quantity_on_a_years_demand() -> None:
    """10 a day at 8.50 instead of 8.16: 0.34 * 3,650 = 1,241.00, and 4.2 % more."""
    before, after = prices((1, "9.00"), (50, "8.16")), prices((1, "9.00"), (50, "8.50"))
    assert yearly_effect(before, after, usual=D(70), daily=D(10)) == D("1241.00")
    assert yearly_effect(before, after, usual=D(40), daily=D(10)) == 0
    assert yearly_effect(after, before, usual=D(70), daily=D(10)) == D("-1241.00")


def test_yearly_effect_counts_in_the_currency_of_comparison() -> None:
    before, after = prices((1, "2.00"), worth="0.8"), prices((1, "2.10"), worth="0.9")
    assert yearly_effect(before, after, usual=D(1), daily=D(1)) == D("105.85")  # (1.89 - 1.60) * 365


def test_tier_price_makes_one_cheaper_from_its_start() -> None:
    assert places(prices((1, "2.00"), (300, "1.70")), prices((1, "1.80"))) == [(Fraction(300), True, None)]


def test_incremental_tiers_cross_where_the_sums_are_equal() -> None:
    """100 at 2.00, then 1.50 each: 50 + 1.5 q. Against 1.80 each equal at q = 50 / 0.3 = 166.67."""
    one = prices((1, "2.00"), (100, "1.50"), incremental=True)
    assert places(one, prices((1, "1.80"))) == [(Fraction(500, 3), False, None)]
    assert crossing_words(
        "B", prices((1, "1.40")), prices((1, "1.80")), [rival("A", one)], own=rival("B", one), usual=D(9)
    ) == ("A is now cheaper from 167 up")


def test_one_may_be_cheaper_in_the_middle_only() -> None:
    one, other = prices((1, "2.00"), (100, "1.60")), prices((1, "1.80"), (300, "1.50"))
    assert places(one, other) == [(Fraction(100), True, Fraction(300))]
    found = crossing_words(
        "B", prices((1, "1.40")), other, [rival("A", one)], own=rival("B", other), usual=D(9)
    )
    assert found == "A is now cheaper from 100 to 299"


def test_crossing_is_told_in_packs_of_who_is_cheaper() -> None:
    one = prices((1, "2.00"), (100, "1.50"), incremental=True)
    after = prices((1, "1.80"))
    found = crossing_words(
        "B", prices((1, "1.40")), after, [rival("A", one, pack="12")], own=rival("B", after), usual=D(9)
    )
    assert found == "A is now cheaper from 168 up"  # 14 packs


def test_the_issue_of_a_dearer_supplier_with_three_hundred() -> None:
    """B asks 1.75 instead of 1.68 from 300 on, where A asks 1.70; below, B stays at 1.80 against 1.90."""
    a = prices((1, "1.90"), (300, "1.70"))
    before, after = prices((1, "1.80"), (300, "1.68")), prices((1, "1.80"), (300, "1.75"))
    found = crossing_words("B", before, after, [rival("A", a)], own=rival("B", after), usual=D(300))
    assert found == "A is now cheaper from 300 up"


def test_a_cheaper_list_is_told_from_its_own_side() -> None:
    a = prices((1, "1.70"))
    before, after = prices((1, "1.80")), prices((1, "1.80"), (100, "1.60"))
    found = crossing_words("B", before, after, [rival("A", a)], own=rival("B", after), usual=D(50))
    assert found == "B is now cheaper than A from 100 up"


def test_nothing_is_told_where_nobody_changed_places() -> None:
    a = prices((1, "3.00"))
    own = rival("B", prices((1, "2.10")))
    assert (
        crossing_words("B", prices((1, "2.00")), prices((1, "2.10")), [rival("A", a)], own=own, usual=D(9))
        == ""
    )
    assert crossing_words("B", prices((1, "2.00")), prices((1, "2.10")), [], own=own, usual=D(9)) == ""


def test_cheaper_everywhere_is_said_so() -> None:
    a, after = prices((1, "2.05")), prices((1, "2.10"))
    found = crossing_words(
        "B", prices((1, "2.00")), after, [rival("A", a)], own=rival("B", after), usual=D(9)
    )
    assert found == "A is now cheaper at any quantity"


def test_rates_decide_who_is_cheaper() -> None:
    """2.00 euros are 1.70 pounds at 0.85, and 1.80 at 0.90."""
    assert places(prices((1, "2.00"), worth="0.85"), prices((1, "1.75"))) == [(Fraction(0), False, None)]
    assert places(prices((1, "2.00"), worth="0.90"), prices((1, "1.75"))) == []


tiered = st.builds(
    lambda first, steps, incremental: prices(
        (1, str(D(first) / 100)), *((start, str(D(price) / 100)) for start, price in sorted(steps.items())),
        incremental=incremental,
    ),
    st.integers(1, 400), st.dictionaries(st.integers(2, 200), st.integers(1, 400), max_size=3), st.booleans(),
)  # fmt: skip


@given(tiered, tiered, st.integers(1, 400))
def test_the_places_are_exactly_those_where_the_sum_is_lower(
    one: Prices, other: Prices, quantity: int
) -> None:
    q = Fraction(quantity)
    inside = any(
        (found.start < q or (found.with_start and found.start == q))
        and (found.end is None or q < found.end or (found.with_end and q == found.end))
        for found in cheaper(one, other)
    )
    at = D(quantity)
    assert inside == (one.of(at) < other.of(at))


def test_a_dearer_list_that_stays_cheaper_from_a_tier_up_tells_where_it_is_not() -> None:
    """1.31, and 1.11 from 300, instead of 1.20: the rival's 1.25 is below it up to 299."""
    before, after = prices((1, "1.20")), prices((1, "1.31"), (300, "1.11"))
    found = crossing_words(
        "B", before, after, [rival("A", prices((1, "1.25")))], own=rival("B", after), usual=D(24)
    )
    assert found == "A is now cheaper from 1 to 299"


def test_places_between_which_no_whole_pack_lies_are_told_as_one() -> None:
    """A is dearer only from 4,796 to 4,799, and sells in packs of 24: 4,776 and 4,800 are neighbours."""
    after = prices((1, "0.49"), (4796, "0.45"), (4800, "0.48"))
    one = prices((1, "0.47"))
    said = {
        pack: crossing_words(
            "B", prices((1, "0.40")), after, [rival("A", one, pack=pack, least=pack)],
            own=rival("B", after), usual=D(1200),
        )
        for pack in ("24", "4")
    }  # fmt: skip
    assert said == {
        "24": "A is now cheaper at any quantity",
        "4": "A is now cheaper from 4 to 4792 and from 4800 up",
    }
