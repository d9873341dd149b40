"""Pure rules: approval, tolerance, delivery."""

from datetime import date
from decimal import Decimal

import pytest

from orders.policy import ApprovalPolicy, Tolerance, approval_objection, delivery_fee

FOUR_EYES = ApprovalPolicy(four_eyes=True)


@pytest.mark.parametrize(
    ("policy", "has_permission", "last_edited_by", "allowed"),
    [
        (FOUR_EYES, True, None, True),
        (FOUR_EYES, True, 2, True),
        (FOUR_EYES, True, 1, False),
        (FOUR_EYES, False, None, False),
        (ApprovalPolicy(four_eyes=False), True, 1, True),
        (ApprovalPolicy(four_eyes=False), False, 2, False),
    ],
)
def test_approval_objection_by_policy(policy, has_permission, last_edited_by, allowed):
    objection = approval_objection(
        policy, has_permission=has_permission, approver_id=1, last_edited_by_id=last_edited_by
    )
    assert (objection == "") is allowed


@pytest.mark.parametrize(
    ("confirmed", "allowed"), [("9.00", True), ("10.00", True), ("10.50", True), ("10.51", False)]
)
def test_price_tolerance_of_five_percent(confirmed, allowed):
    tolerance = Tolerance(Decimal(5), Decimal(0), 0)
    assert tolerance.allows_price(asked=Decimal("10.00"), confirmed=Decimal(confirmed)) is allowed


@pytest.mark.parametrize(
    ("confirmed", "allowed"), [(89, False), (90, True), (110, True), (111, False), (0, False)]
)
def test_quantity_tolerance_of_ten_percent(confirmed, allowed):
    tolerance = Tolerance(Decimal(0), Decimal(10), 0)
    assert tolerance.allows_quantity(asked=Decimal(100), confirmed=Decimal(confirmed)) is allowed


@pytest.mark.parametrize(
    ("promised", "allowed"), [(7, False), (8, True), (12, True), (13, False), (None, True)]
)
def test_date_tolerance_of_two_days(promised, allowed):
    tolerance = Tolerance(Decimal(0), Decimal(0), 2)
    day = date(2026, 3, promised) if promised else None
    assert tolerance.allows_date(asked=date(2026, 3, 10), promised=day) is allowed


@pytest.mark.parametrize(
    ("goods", "free_from", "expected"),
    [("99.99", "100", "7.50"), ("100", "100", "0"), ("5000", None, "7.50")],
)
def test_delivery_fee_ends_at_the_free_delivery_value(goods, free_from, expected):
    limit = Decimal(free_from) if free_from else None
    assert delivery_fee(Decimal(goods), fee=Decimal("7.50"), free_from=limit) == Decimal(expected)
