"""What decisions, contracts and reliability change in who delivers. Two a day, seven days' review, three days' lead:
the level is 20, and nothing is on hand.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from procurement.engine.data import OfferRow, SupplierTerms
from procurement.engine.params import PlanningParams
from procurement.engine.plan import Plan, plan
from procurement.engine.terms import OfferTerms, Standing
from tests.engine.factories import PARAMS, STEADY, data, offer, terms

D = Decimal


def planned(
    offers: list[OfferRow],
    *,
    params: PlanningParams = PARAMS,
    suppliers: Any = None,
    **terms_by_key: OfferTerms,
) -> Plan:
    by_key = {int(key.removeprefix("k")): value for key, value in terms_by_key.items()}
    return plan(data(STEADY, offers, suppliers=suppliers, offer_terms=by_key), params)


def bought(found: Plan) -> list[tuple[int, Decimal, Decimal]]:
    return [(line.supplier, line.quantity, line.unit_price) for line in found.lines]


def why(found: Plan, supplier: str, line: int = 0) -> str:
    quotes = found.lines[line].reason["quotes"]
    return next(quote["why"] for quote in quotes if quote["supplier"] == supplier)


def test_blocked_offer_is_not_bought_and_says_why() -> None:
    found = planned([offer(0, price="1.00"), offer(1, price="2.00")], k0=OfferTerms(blocked="blocked: mould"))
    assert bought(found) == [(1, D(20), D(2))]
    assert why(found, "alpha") == "blocked: mould"


def test_blocked_supplier_sells_nothing_even_if_nobody_else_does() -> None:
    blocked = replace(terms("alpha"), standing=OfferTerms(blocked="blocked until 3 Dec 2026: unpaid"))
    found = planned([offer(0, price="1.00")], suppliers=[blocked])
    assert not found.lines
    (need,) = found.requirements
    assert need.shortfall == 20
    assert need.reason["quotes"][0]["why"] == "blocked until 3 Dec 2026: unpaid"


def test_item_that_only_blocked_suppliers_sell_says_to_undo_a_block() -> None:
    (need,) = planned([offer(0)], k0=OfferTerms(blocked="blocked: mould")).requirements
    (odd,) = need.exceptions
    assert odd.words == "20 of the 20 needed cannot be bought of Alpha: blocked: mould."
    assert odd.remedy.startswith("Undo the block on the supplier's page")
    # Beta, which is not blocked, may have more by now.
    offers = [offer(0), offer(1, stock="0")]
    (need,) = planned(offers, k0=OfferTerms(blocked="blocked: mould")).requirements
    assert need.exceptions[0].remedy.startswith("Ask again what they have")


@pytest.mark.parametrize(("price", "winner"), [("2.09", 1), ("2.11", 0)])
def test_preferred_supplier_may_be_dearer_by_so_much(price: str, winner: int) -> None:
    """5 % of 2.00: at 2.10 both compare at 2.0000."""
    preferred = OfferTerms(preferred=True, dearer_by=D("0.05"))
    found = planned([offer(0, price="2.00"), offer(1, price=price)], k1=preferred)
    assert found.lines[0].supplier == winner
    if winner:
        assert why(found, "alpha") == "4.3% cheaper delivered, but the chosen one is preferred"
        assert why(found, "beta") == "preferred, up to 5.0% dearer"
        assert found.lines[0].reason["quotes"][0]["compared_price"] == "1.9905"


def test_preferred_at_any_price_comes_first() -> None:
    found = planned([offer(0, price="1.00"), offer(1, price="9.00")], k1=OfferTerms(preferred=True))
    assert bought(found) == [(1, D(20), D(9))]
    assert (
        "Beta at 9.00 GBP (9.00 with delivery) is chosen: it is preferred at any price."
        in (found.lines[0].reason["sentence"])
    )


def test_product_preference_counts_before_that_of_its_supplier() -> None:
    usual = replace(terms("beta"), standing=OfferTerms(preferred=True))
    found = planned(
        [offer(0, price="1.00"), offer(1, price="1.20")],
        suppliers=[terms("alpha"), usual],
        k1=OfferTerms(preferred=True, dearer_by=D("0.1")),
    )
    assert found.lines[0].supplier == 0


@pytest.mark.parametrize(("so_far", "winner"), [("0.59", 1), ("0.60", 0)])
def test_contract_share_is_filled_first(so_far: str, winner: int) -> None:
    agreed = OfferTerms(agreed_share=D("0.6"), bought_share=D(so_far))
    found = planned([offer(0, price="1.00"), offer(1, price="1.50")], k1=agreed)
    assert found.lines[0].supplier == winner
    if winner:
        assert why(found, "beta") == "it has had 59% of it, and 60% are agreed"
        assert why(found, "alpha") == (
            "33.3% cheaper delivered, but the chosen one has had 59% of it, and 60% are agreed"
        )


def test_unreliable_supplier_loses_to_one_not_much_dearer() -> None:
    """2.00 with 4 % of trouble compares at 2.08, 2.05 without any at 2.05."""
    shaky = replace(terms("alpha"), unreliability=D("0.04"), reliability="4 of 20 orders rejected")
    suppliers: list[SupplierTerms] = [shaky, terms("beta")]
    found = planned([offer(0, price="2.00"), offer(1, price="2.05")], suppliers=suppliers)
    assert bought(found) == [(1, D(20), D("2.05"))]
    assert why(found, "alpha") == "2.4% cheaper delivered, but less reliable: 4 of 20 orders rejected"
    told = found.lines[0].reason["quotes"][1]
    assert told["compared_price"] == "2.08"
    assert told["reliability"] == {"cost_percent": "4", "words": "4 of 20 orders rejected"}


def test_incremental_tiers_are_compared_by_what_they_come_to() -> None:
    """20 of: 10 at 2.00 and 10 at 1.00, in all 30.00; the other one asks 1.40 for each, 28.00 in all."""
    offers = [offer(0, tiers=[("1", "2.00"), ("10", "1.00")]), offer(1, price="1.40")]
    assert bought(planned(offers)) == [(0, D(20), D(1))]
    found = planned(offers, k0=OfferTerms(incremental=True))
    assert bought(found) == [(1, D(20), D("1.40"))]
    told = next(quote for quote in found.lines[0].reason["quotes"] if quote["supplier"] == "alpha")
    assert (told["unit_price"], told["tier_from"], told["tiers"]) == ("1.5", "10", "incremental")


def test_contract_is_named_in_the_reason() -> None:
    found = planned(
        [offer(0), offer(1, price="3.00")], k0=OfferTerms(contract="contract C-1 until 31 Dec 2026")
    )
    reason = found.lines[0].reason
    assert reason["quotes"][0]["contract"] == "contract C-1 until 31 Dec 2026"
    assert "Alpha at 2.00 GBP by contract C-1 until 31 Dec 2026 (2.00 with delivery) is" in reason["sentence"]


def test_a_line_goes_to_no_more_suppliers_than_allowed() -> None:
    offers = [offer(0, price="1.00", stock="5"), offer(1, price="2.00", stock="8"), offer(2, price="3.00")]
    assert bought(planned(offers)) == [(0, D(5), D(1)), (1, D(8), D(2)), (2, D(7), D(3))]
    two = replace(PARAMS, most_suppliers_a_line=2)
    # The second is the last: it has to have the rest, so the dearest.
    assert bought(planned(offers, params=two)) == [(0, D(5), D(1)), (2, D(15), D(3))]
    one = replace(PARAMS, most_suppliers_a_line=1)
    assert bought(planned(offers, params=one)) == [(2, D(20), D(3))]


def test_what_too_few_suppliers_leave_says_so() -> None:
    offers = [offer(0, price="1.00", stock="5"), offer(1, price="2.00", stock="8")]
    found = planned(offers, params=replace(PARAMS, most_suppliers_a_line=1))
    assert bought(found) == [(1, D(8), D(2))]
    (need,) = found.requirements
    assert need.shortfall == 0  # somebody would deliver it
    assert need.reason["withheld"] == {"quantity": "12", "words": "a line goes to no more than 1 supplier"}
    (odd,) = need.exceptions
    assert odd.words == "12 of the 20 needed are left out: a line goes to no more than 1 supplier."
    assert [q["why"] for q in need.reason["quotes"] if q["supplier"] == "alpha"] == [
        "a line goes to no more than 1 supplier"
    ]


def test_standing_as_arrays_is_that_of_each_offer() -> None:
    suppliers = [replace(terms("alpha"), unreliability=D("0.1")), terms("beta")]
    given = data(
        STEADY * 2,
        [offer(0), offer(1), offer(0, item=1), offer(1, item=1)],
        suppliers=suppliers,
        offer_terms={
            1: OfferTerms(preferred=True, dearer_by=D("0.25")),
            100: OfferTerms(blocked="blocked: no", incremental=True),
            101: OfferTerms(preferred=True),
        },
    )
    standing = Standing.of(given)
    np.testing.assert_allclose(standing.factor, [1.1, 0.8, 1.1, 1.0])
    assert standing.blocked.tolist() == [False, False, True, False]
    assert standing.incremental.tolist() == [False, False, True, False]
    assert standing.at_any_price.tolist() == [False, False, False, True]
