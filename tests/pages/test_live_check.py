"""The live check, with a supplier that answers over a real socket."""

from decimal import Decimal

import pytest
from django.test import Client

from orders.models import PurchaseOrder, Status
from suppliers.models import Supplier
from tests import factories
from tests.pages.reading import html, text


@pytest.fixture
def draft(sandbox_supplier: Supplier) -> PurchaseOrder:
    """12 apple juice at 1.90 (now 2.00) and 10 olive oil (only 4 there)."""
    order = factories.order(sandbox_supplier, lines=0)
    apple, oil = (sandbox_supplier.products.get(product__sku=sku) for sku in ("APPLE", "OIL"))
    factories.line(order, apple, quantity=Decimal(12), unit_price=Decimal("1.90"))
    factories.line(order, oil, quantity=Decimal(10), unit_price=Decimal("7.25"))
    return order


def test_the_check_shows_prices_and_what_cannot_be_had(buyer: Client, draft: PurchaseOrder) -> None:
    answer = buyer.post(f"/orders/{draft.number}/check/", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    page = text(answer)
    assert "<html" not in html(answer)
    for words in (
        "Live check with Greengrocer Ltd",
        "1.90",
        "2.00",
        "+0.10",
        "cannot be had",
        "nothing was ordered",
    ):
        assert words in page
    assert not draft.transfers.exists()


def test_what_cannot_be_had_stays_on_the_line_until_it_can(buyer: Client, draft: PurchaseOrder) -> None:
    buyer.post(f"/orders/{draft.number}/check/")
    oil = draft.lines.get(product__sku="OIL")
    assert (oil.problem, oil.problem_text) == ("unavailable", "only 4 left")
    assert "Choose a way on" in text(buyer.get(f"/orders/{draft.number}/"))
    draft.refresh_from_db()
    less = {"version": draft.version, "quantity": "4"}
    assert buyer.post(f"/orders/{draft.number}/lines/{oil.line_number}/less/", less).status_code == 302
    buyer.post(f"/orders/{draft.number}/check/")
    assert not draft.lines.exclude(problem="").exists()


def test_the_check_works_without_a_script(buyer: Client, draft: PurchaseOrder) -> None:
    answer = buyer.post(f"/orders/{draft.number}/check/")
    assert "Live check with Greengrocer Ltd" in text(answer)
    assert f'name="quantity-{draft.lines.first().pk}"' in html(answer)


@pytest.mark.django_db
def test_a_supplier_that_does_not_answer_is_named_in_words(buyer: Client) -> None:
    order = factories.order()
    for headers in ({"HX-Request": "true"}, {}):
        answer = buyer.post(f"/orders/{order.number}/check/", headers=headers)
        assert answer.status_code in (409, 502)
        assert "Traceback" not in html(answer)


@pytest.mark.django_db
def test_an_order_that_was_sent_is_not_checked(buyer: Client) -> None:
    order = factories.order(status=Status.TRANSFERRED)
    answer = buyer.post(f"/orders/{order.number}/check/", headers={"HX-Request": "true"})
    assert answer.status_code == 409
    assert f"There is no live check for {order.number} now." in text(answer)


def test_todays_prices_are_taken_over_and_a_decision_does_not_survive_that(
    buyer: Client, approver: Client, draft: PurchaseOrder
) -> None:
    approver.post(f"/orders/{draft.number}/return/", {"version": draft.version, "reason": "Check the prices"})
    draft.refresh_from_db()
    assert "Take over today's prices" in text(buyer.post(f"/orders/{draft.number}/check/"))
    answer = buyer.post(f"/orders/{draft.number}/prices/", {"version": draft.version}, follow=True)
    assert "Today's price taken over on 1 line." in text(answer)
    assert draft.lines.get(supplier_sku="APLJ-1L").unit_price == Decimal("2.00")
    assert not draft.approvals.filter(withdrawn_at=None).exists()
    again = buyer.post(f"/orders/{draft.number}/prices/", {"version": draft.version})
    assert again.status_code == 409, "the version seen is no longer the order's"
    assert approver.post(f"/orders/{draft.number}/prices/", {"version": draft.version}).status_code == 403
