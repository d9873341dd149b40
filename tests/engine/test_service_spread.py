"""Service levels of a plan's items by what their stock costs: one price for the site, each item alone."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from procurement.engine.data import PlanningData
from procurement.engine.explain import sentence
from procurement.engine.forecast import Experience, experience_of
from procurement.engine.item_policies import ItemPolicies
from procurement.engine.items import ItemRequirement, requirements_of
from procurement.engine.params import InvalidParameter, PlanningParams
from procurement.engine.plan import plan
from procurement.engine.service_spread import CHEAP, DEAR, expected_of, price_of_service, spread
from procurement.engine.terms import OfferTerms
from tests.engine.factories import PARAMS, data, offer, terms

ITEMS, DAYS = 60, 280


def shop(seed: int = 3, **fields) -> PlanningData:
    """Items that sell more or less, steadily or not, at prices from pennies to hundreds, two of them in euro."""
    random = np.random.default_rng(seed)
    mean = random.gamma(1.2, 3, ITEMS) + 0.3
    demand = random.negative_binomial(random.uniform(0.3, 3, (ITEMS, 1)), 0.3, (ITEMS, DAYS)) * mean[:, None]
    prices = np.round(np.exp(random.normal(1, 1.5, ITEMS)) + 0.01, 2)
    offers = [
        offer(at % 2, item=at, price=str(price), lead_time_days=2 + at % 3) for at, price in enumerate(prices)
    ]
    return data(np.round(demand, 2).tolist(), offers, on_hand=[0.0] * ITEMS, **fields)


def priced(known: PlanningData, params: PlanningParams = PARAMS) -> tuple[PlanningParams, Experience]:
    experience = experience_of(known.demand)
    return replace(params, service_price=price_of_service(known, params, experience)), experience


def levels(known: PlanningData, params: PlanningParams = PARAMS) -> ItemPolicies:
    params, experience = priced(known, params)
    assert params.service_price
    return spread(known, expected_of(known, experience), params, params.service_price)


@pytest.mark.parametrize("mean", ["0.85", "0.95", "0.98"])
def test_the_mean_is_the_site_s_and_its_stock_is_worth_less(mean: str):
    known, params = shop(), replace(PARAMS, service_level=Decimal(mean))
    found = levels(known, params).service_level
    assert found.mean() == pytest.approx(float(mean), abs=1e-4)
    assert found.min() < float(mean) < found.max()
    assert found.min() >= 0.8
    assert found.max() <= 0.999

    params, experience = priced(known, params)
    alike = plan(known, replace(params, service_price=None), experience=experience)
    unlike = plan(known, params, experience=experience)
    price = known.offers.tier_price[:, 0]
    worth = [price @ np.array([float(one.buffer) for one in found.requirements]) for found in (alike, unlike)]
    assert worth[1] < worth[0]


def test_of_items_alike_but_for_their_price_a_cheaper_one_never_has_less():
    demand = np.random.default_rng(5).poisson(3, DAYS).astype(float).tolist()
    prices = ["0.10", "0.50", "2", "2", "9", "40", "200"]
    found = levels(data([demand] * 7, [offer(item=at, price=price) for at, price in enumerate(prices)]))
    assert (np.diff(found.service_level) <= 0).all()
    assert found.service_level[0] > found.service_level[-1]
    assert found.service_level[2] == found.service_level[3]
    assert found.service_level.mean() == pytest.approx(0.95, abs=1e-4)
    assert (found.why[0], found.why[-1]) == (CHEAP, DEAR)


def test_items_alike_have_the_site_s_level_and_no_words():
    demand = np.random.default_rng(5).poisson(3, DAYS).astype(float).tolist()
    found = levels(data([demand] * 4, [offer(item=at) for at in range(4)]))
    assert found.service_level.tolist() == [0.95] * 4
    assert found.why == ("",) * 4


@pytest.mark.parametrize("cut", [1, 7, 23, 59])
def test_every_item_finds_the_same_whatever_is_computed_beside_it(cut: int):
    known = shop()
    params, experience = priced(known)

    def told(part: PlanningData) -> list[ItemRequirement]:
        return list(requirements_of(part, params, experience))

    parts = [told(known.part(start, min(start + cut, ITEMS))) for start in range(0, ITEMS, cut)]
    numbered = [replace(one, item=at) for at, one in enumerate(one for part in parts for one in part)]
    assert numbered == told(known)


def test_levels_set_by_hand_stay_and_are_not_made_up_for():
    hand = ItemPolicies.none(ITEMS, 0.95)
    hand.service_level[:10] = 0.9999 - 0.0009
    hand = replace(hand, why=("class AX",) * 10 + ("",) * (ITEMS - 10))
    found = levels(shop(policies=hand))
    assert found.service_level[:10].tolist() == hand.service_level[:10].tolist()
    assert found.why[:10] == hand.why[:10]
    assert found.service_level[10:].mean() == pytest.approx(0.95, abs=1e-4)
    assert found.spread is not None
    assert found.spread.tolist() == [False] * 10 + [True] * (ITEMS - 10)


def test_what_has_no_price_to_compare_or_hardly_sold_has_the_site_s_level():
    random = np.random.default_rng(8)
    demand = random.poisson(3, (6, DAYS)).astype(float)
    demand[4, :-30] = 0  # sold in five weeks
    offers = [
        offer(item=0, price="1"),
        offer(item=1, price="50"),
        offer(item=2, price=None),
        offer(item=3, price="3", currency="EUR"),  # no rate is known
        offer(item=4, price="0.01"),
    ]  # nobody offers the last one
    found = levels(data(demand.tolist(), offers))
    assert found.spread is not None
    assert found.spread.tolist() == [True, True, False, False, False, False]
    assert found.service_level[2:].tolist() == [0.95] * 4
    assert found.service_level[0] > found.service_level[1]


def test_nothing_that_could_be_spread_leaves_all_at_the_site_s_level():
    known = data([[1.0] * DAYS] * 2, [offer(item=0, price=None)])
    params, experience = priced(known)
    assert params.service_price is None
    found = requirements_of(known, params, experience)
    assert {one.reason["buffer"]["service_level"] for one in found} == {"0.95"}


def test_a_blocked_offer_s_price_does_not_count():
    random = np.random.default_rng(8)
    demand = random.poisson(3, (2, DAYS)).astype(float).tolist()
    offers = [offer(0, item=0, price="1"), offer(1, item=0, price="90"), offer(1, item=1, price="20")]
    assert np.diff(levels(data(demand, offers)).service_level)[0] < 0
    blocked = replace(terms("alpha"), standing=OfferTerms(blocked="recalled"))
    found = levels(data(demand, offers, suppliers=[blocked, terms("beta")]))
    assert np.diff(found.service_level)[0] > 0


def test_a_site_outside_the_bounds_is_not_held_to_them():
    found = levels(shop(), replace(PARAMS, service_level=Decimal("0.7"))).service_level
    assert found.tolist() == [0.7] * ITEMS
    with pytest.raises(InvalidParameter, match="most_spread_service"):
        replace(PARAMS, least_spread_service=Decimal("0.9"), most_spread_service=Decimal("0.85"))


def test_the_reason_says_which_level_and_why():
    known = shop()
    params, experience = priced(known)
    found = plan(known, params, experience=experience).requirements
    by_words = {one.reason["buffer"].get("service_from", ""): one.reason for one in found}
    assert {CHEAP, DEAR} <= set(by_words)
    told = by_words[CHEAP]
    assert Decimal(told["buffer"]["service_level"]) > Decimal("0.95")
    assert told["buffer"]["spread_around"] == "0.95"
    assert "(its stock is cheap for what it prevents; the site's items have 95.0% on average)" in sentence(
        told
    )
    assert Decimal(by_words[DEAR]["buffer"]["service_level"]) < Decimal("0.95")
