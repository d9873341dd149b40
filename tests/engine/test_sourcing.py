"""Who gets the line, by hand."""

from decimal import Decimal

import pytest

from procurement.engine.landed import delivery_share
from procurement.engine.plan import plan
from tests.engine.factories import PARAMS, STEADY, data, offer, terms


def lines(*args, **kwargs):
    return [
        (line.supplier, line.quantity, line.unit_price) for line in plan(data(*args, **kwargs), PARAMS).lines
    ]


def test_need_is_covered_when_position_is_below_the_level():
    # two a day over 3 + 7 days is 20; position 5 + 3 - 4 = 4
    assert lines(STEADY, [offer()], on_hand=[5], on_order=[3], committed=[4]) == [(0, 16, Decimal("2"))]


def test_nothing_is_ordered_when_position_reaches_the_level():
    assert lines(STEADY, [offer()], on_hand=[20]) == []


def test_quantity_is_packed_up_and_never_below_the_minimum():
    assert lines(STEADY, [offer(pack="6")], on_hand=[10]) == [(0, 12, Decimal("2"))]
    assert lines(STEADY, [offer(pack="6", minimum="25")], on_hand=[10]) == [(0, 30, Decimal("2"))]


def test_fractional_packs_are_exact():
    assert lines(STEADY, [offer(pack="0.1", minimum="0.1")], on_hand=[19.7]) == [
        (0, Decimal("0.3"), Decimal("2"))
    ]


def test_quantity_below_the_price_list_pays_its_first_price():
    assert lines(STEADY, [offer(tiers=[("30", "1.5")])], on_hand=[10]) == [(0, 10, Decimal("1.5"))]


def test_cheapest_tier_price_at_the_quantity_wins():
    offers = [offer(0, tiers=[("1", "2.00")]), offer(1, tiers=[("1", "2.10"), ("20", "1.90")])]
    assert lines(STEADY, offers) == [(1, 20, Decimal("1.9"))]
    # Planned by the price of a whole level, bought at the price of what is needed.
    assert lines(STEADY, offers, on_hand=[15]) == [(0, 5, Decimal("2"))]


def test_delivery_fee_counts_in_the_comparison():
    sold_by = [terms("alpha", fee="10", free="100"), terms("beta")]
    assert lines(STEADY, [offer(0, price="2.00"), offer(1, price="2.15")], suppliers=sold_by) == [
        (1, 20, Decimal("2.15"))
    ]


@pytest.mark.parametrize(
    ("given", "share"),
    [
        ({"fee": "0", "minimum": "100"}, "0"),
        ({"fee": "10", "free": "200", "minimum": "100"}, "0.05"),
        ({"fee": "10", "minimum": "100"}, "0.1"),
        ({"fee": "10", "free": "0"}, "0"),
        ({"fee": "10"}, "0.02"),
    ],
)
def test_delivery_share_is_spread_over_the_free_limit_else_the_minimum_else_a_usual_order(given, share):
    assert delivery_share(terms(**given), PARAMS) == Decimal(share)


def test_equal_price_goes_to_the_quicker_then_to_the_first_by_code():
    assert lines(STEADY, [offer(0, lead_time_days=5), offer(1, lead_time_days=2)])[0][0] == 1
    sold_by = [terms("zeta"), terms("eta")]
    assert lines(STEADY, [offer(0), offer(1)], suppliers=sold_by)[0][0] == 1


def test_slower_supplier_is_asked_for_more():
    assert lines(STEADY, [offer(0, lead_time_days=13)]) == [(0, 40, Decimal("2"))]


def test_limited_stock_is_split_and_the_rest_goes_to_the_next_cheapest():
    offers = [
        offer(0, price="1.80", stock="13", pack="3"),
        offer(1, price="2.00"),
        offer(2, price="1.90", stock="0"),
    ]
    assert lines(STEADY, offers) == [(0, 12, Decimal("1.8")), (1, 8, Decimal("2"))]


def test_what_was_asked_before_is_no_longer_on_offer():
    assert lines(STEADY, [offer(0, price="1.80", stock="13", asked="9"), offer(1)]) == [
        (0, 4, Decimal("1.8")),
        (1, 16, Decimal("2")),
    ]


def test_need_that_nobody_offers_is_a_shortfall():
    found = plan(data(STEADY, [], on_hand=[4]), PARAMS)
    assert found.lines == ()
    assert found.requirements[0].shortfall == 24  # two a day over 7 + 7 days, less 4


def test_need_beyond_all_stock_on_offer_is_a_shortfall_with_the_reason():
    found = plan(data(STEADY, [offer(stock="6"), offer(1, stock="2", minimum="5")]), PARAMS)
    assert [line.quantity for line in found.lines] == [6]
    assert found.requirements[0].shortfall == 14
    assert {quote["why"] for quote in found.requirements[0].reason["quotes"]} == {
        "only 2 on offer",
        "all it may deliver is ordered in this plan already",
    }


def test_offer_in_another_currency_or_without_price_is_not_considered_and_says_so():
    found = plan(
        data(STEADY, [offer(0), offer(1, price="0.10", currency="EUR"), offer(2, price=None)]), PARAMS
    )
    assert [line.supplier for line in found.lines] == [0]
    why = {quote["supplier"]: quote["why"] for quote in found.lines[0].reason["quotes"]}
    assert why["beta"] == "sold in EUR, and no exchange rate is known"
    assert why["gamma"] == "no price known"


def test_item_is_planned_by_the_supplier_it_would_be_bought_from():
    """The cheaper one arrives in a day: what it would deliver next week is not bought dearer and slower today."""
    offers = [offer(0, price="1.50", lead_time_days=1), offer(1, price="2.00", lead_time_days=13)]
    assert lines(STEADY, offers, on_hand=[16]) == []
    assert lines(STEADY, offers, on_hand=[15]) == [(0, 1, Decimal("1.5"))]


def test_item_is_planned_by_the_slower_supplier_when_the_quick_one_has_no_stock():
    offers = [offer(0, price="1.50", lead_time_days=1, stock="0"), offer(1, price="2.00", lead_time_days=13)]
    assert lines(STEADY, offers, on_hand=[16]) == [(1, 24, Decimal("2"))]
