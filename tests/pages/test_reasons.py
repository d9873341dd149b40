from typing import Any

import pytest
from django.test import Client

from orders.templatetags.reasons import explain
from tests import factories
from tests.pages.reading import html, text


@pytest.mark.django_db
def test_a_reason_adds_up_and_says_why_each_quote_lost(buyer: Client) -> None:
    order = factories.order(lines=0, origin="plan")
    factories.line(order, reason=factories.reason())
    answer = buyer.get(f"/orders/{order.number}/lines/1/")
    page = text(answer)
    for words in ("28.8", "+ 15.1", "= 43.9", "= 51.9", "51.9 → 60", "pack of 12", "16.2% dearer delivered"):
        assert words in page
    assert html(answer).count("<rect") == 26
    part = buyer.get(f"/orders/{order.number}/lines/1/", headers={"HX-Request": "true"})
    assert "<html" not in html(part)


@pytest.mark.django_db
def test_a_line_without_a_reason_says_so(buyer: Client) -> None:
    order = factories.order()
    assert "The plan did not suggest this line" in text(buyer.get(f"/orders/{order.number}/lines/1/"))
    assert buyer.get(f"/orders/{order.number}/lines/99/").status_code == 404


@pytest.mark.parametrize(
    "broken",
    [
        None,
        [],
        "text",
        {"demand": "much"},
        {"demand": {"daily": "NaN", "weeks": {"a": 1}, "horizon_days": None}, "net_requirement": "x"},
        {"stock": None, "quotes": [1, {"chosen": True}], "rounding": "none", "quantity": {}},
        {"demand": {"weeks": ["1", None, "x", True]}, "net_requirement": "5"},
    ],
)
@pytest.mark.django_db
def test_a_reason_of_another_shape_never_breaks_a_page(buyer: Client, broken: Any) -> None:
    explain(broken)
    order = factories.order(lines=0, origin="plan")
    factories.line(order, reason=broken if broken is not None else {})
    assert buyer.get(f"/orders/{order.number}/").status_code == 200
    assert buyer.get(f"/orders/{order.number}/lines/1/").status_code == 200


@pytest.mark.django_db
def test_the_sums_on_the_page_are_exact_so_that_they_add_up(buyer: Client) -> None:
    """Rounded to one decimal they would be 1.2 + 176.1 = 177.4."""
    told = {
        "demand": {"daily": "0.11", "horizon_days": 11}, "forecast": "1.21", "order_up_to": "177.3585",
        "buffer": {"quantity": "176.1485"}, "rounding": [{"from": "27.3585", "to": "36", "why": "pack of 12"}],
    }  # fmt: skip
    order = factories.order(lines=0, origin="plan")
    factories.line(order, reason=told)
    page = text(buyer.get(f"/orders/{order.number}/lines/1/"))
    for figure in ("0.11 a day × 11 days", "1.21", "+ 176.1485", "= 177.3585"):
        assert figure in page


def test_orders_of_days_to_come_stand_where_they_are_counted() -> None:
    told = {"demand": {"daily": "2", "horizon_days": 9}, "forecast": "18", "stock": {"committed": "4"}}
    steps = {step.label: step for step in explain(told | {"firm": {"due": "9", "beyond": "0"}}).steps}
    assert steps["Expected demand"].note == "2 a day × 9 days, with customer orders of 9 due by then"
    assert steps["Promised to customers, wanted now"].value == 4
    steps = {step.label: step for step in explain(told | {"firm": {"due": "30", "beyond": "12"}}).steps}
    assert steps["Expected demand"].note == "2 a day × 9 days"
    assert steps["Firm orders beyond that"].note == "30 are due by then"
    assert "Promised to customers" in {step.label for step in explain(told).steps}
