"""Cancellations on the order's page: what is offered, what is asked, and what people were told."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from orders.models import Amendment, PurchaseOrder, Status
from suppliers.models import Supplier, SupplierAccount
from tests import factories
from tests.pages.reading import html, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def cancels() -> Supplier:
    """By its interface."""
    supplier = factories.supplier(name="Alder Ltd")
    settings = {
        "order_url": "https://alder.example/orders",
        "cancel_url": "https://alder.example/{reference}",
    }
    SupplierAccount.objects.filter(supplier=supplier).update(protocol="rest", settings=settings)
    return supplier


@pytest.fixture
def order(cancels: Supplier) -> PurchaseOrder:
    return factories.order(cancels, status=Status.TRANSFERRED)


def asked(order: PurchaseOrder, **values: Any) -> Amendment:
    values = {"kind": "cancel", "number": 2, "reason": "By mistake.", "status": "asked"} | values
    values.setdefault("told_at", timezone.now())
    return Amendment.objects.create(order=order, by=factories.user("Buyer"), **values)


def test_buyer_asks_the_supplier_to_cancel(buyer: Client, order: PurchaseOrder) -> None:
    assert "Ask Alder Ltd to cancel" in text(buyer.get(f"/orders/{order.number}/"))
    answer = buyer.post(
        f"/orders/{order.number}/ask-to-cancel/", {"version": 0, "reason": "By mistake."}, follow=True
    )
    assert "Alder Ltd is being asked to cancel" in text(answer)
    assert "“By mistake.”" in text(answer)
    assert (order.amendments.get().status, order.amendments.get().number) == ("queued", 2)
    again = buyer.post(f"/orders/{order.number}/ask-to-cancel/", {"version": 1, "reason": "Again."})
    assert (again.status_code, "is under way" in text(again)) == (409, True)


def test_supplier_without_an_interface_for_it_is_asked_by_telephone(buyer: Client) -> None:
    order = factories.order(status=Status.TRANSFERRED)
    page = text(buyer.get(f"/orders/{order.number}/"))
    assert "takes cancellations by telephone or mail only" in page
    assert "Ask to cancel" not in page
    refused = buyer.post(f"/orders/{order.number}/ask-to-cancel/", {"version": 0, "reason": "By mistake."})
    assert refused.status_code == 409


@pytest.mark.parametrize("status", [Status.DRAFT, Status.SHIPPED, Status.CANCELLED])
def test_only_an_order_under_way_can_be_cancelled_at_the_supplier(
    buyer: Client, cancels: Supplier, status: Status
) -> None:
    order = factories.order(cancels, status=status)
    assert "Ask to cancel" not in text(buyer.get(f"/orders/{order.number}/"))
    form = {"version": 0, "reason": "By mistake."}
    assert buyer.post(f"/orders/{order.number}/ask-to-cancel/", form).status_code == 409


def test_what_the_supplier_said_on_the_telephone_is_written_down(buyer: Client, order: PurchaseOrder) -> None:
    amendment = asked(order)
    address = f"/orders/{order.number}/amendments/{amendment.pk}/outcome/"
    assert "has been asked to cancel the order" in text(buyer.get(f"/orders/{order.number}/"))
    assert buyer.post(address, {"outcome": "agreed", "attempt": 0}).status_code == 422
    assert buyer.post(address, {"outcome": "again", "words": "Ann", "attempt": 0}).status_code == 409
    assert buyer.post(address, {"outcome": "agreed", "words": "Ann", "attempt": 3}).status_code == 409
    answer = buyer.post(
        address, {"outcome": "agreed", "words": "Ann, on the phone", "attempt": 0}, follow=True
    )
    order.refresh_from_db()
    assert order.status == Status.CANCELLED
    assert "Ann, on the phone" in text(answer)


def test_refusal_stays_on_the_page(buyer: Client, order: PurchaseOrder) -> None:
    asked(order, status="refused", answer="It is packed already.", finished_at=timezone.now())
    page = text(buyer.get(f"/orders/{order.number}/"))
    assert "It is packed already." in page
    assert "Ask to cancel" in page


def test_unknown_outcome_asks_for_a_person(buyer: Client, order: PurchaseOrder) -> None:
    asked(order, status="unknown", error="The connection broke.", told_at=None)
    page = buyer.get(f"/orders/{order.number}/")
    assert "Nobody knows yet whether Alder Ltd was asked to cancel the order" in text(page)
    assert "They never got it: send it again" in text(page)
    assert "data-poll" in html(page)


def test_only_buyers_ask_and_others_write_down(
    approver: Client, administrator: Client, order: PurchaseOrder
) -> None:
    amendment = asked(order)
    for client in (approver, administrator):
        form = {"version": 0, "reason": "No."}
        assert client.post(f"/orders/{order.number}/ask-to-cancel/", form).status_code == 403
    address = f"/orders/{order.number}/amendments/{amendment.pk}/outcome/"
    form = {"outcome": "refused", "words": "Ann", "attempt": 0}
    assert administrator.post(address, form).status_code == 403
    assert approver.get(address).status_code == 405
    assert approver.post(address, form).status_code == 302


@pytest.fixture
def changes() -> Supplier:
    supplier = factories.supplier(name="Birch Ltd")
    settings = {"url": "https://birch.example/", "our_identity": "us", "supplier_identity": "them"}
    SupplierAccount.objects.filter(supplier=supplier).update(protocol="cxml", settings=settings)
    return supplier


def test_buyer_asks_for_other_quantities(buyer: Client, changes: Supplier) -> None:
    order = factories.order(changes, status=Status.TRANSFERRED, lines=2)
    address = f"/orders/{order.number}/change/"
    assert address in html(buyer.get(f"/orders/{order.number}/"))
    assert "Ask Birch Ltd for other quantities" in text(buyer.get(address))
    first, second = order.lines.order_by("line_number")
    form = {"version": 0, "reason": "More.", f"quantity-{first.pk}": "30", f"quantity-{second.pk}": "12"}
    answer = buyer.post(address, form, follow=True)
    assert "is being asked for other quantities" in text(answer)
    assert "12 → 30" in text(answer)
    wanted = order.amendments.get().lines.get()
    assert (wanted.line, wanted.quantity, wanted.before_quantity) == (first, 30, 12)


@pytest.mark.parametrize(
    ("typed", "reason", "says", "status"),
    [
        ("many", "More.", "is not a number", 422),
        ("0", "More.", "a quantity is a number above 0", 422),
        ("30", " ", "say why", 422),
        ("12", "More.", "Nothing is different", 422),
    ],
)
def test_what_cannot_be_asked_is_said_and_kept(
    buyer: Client, changes: Supplier, typed: str, reason: str, says: str, status: int
) -> None:
    order = factories.order(changes, status=Status.TRANSFERRED)
    form = {"version": 0, "reason": reason, f"quantity-{order.lines.get().pk}": typed}
    answer = buyer.post(f"/orders/{order.number}/change/", form)
    assert (answer.status_code, says in text(answer)) == (status, True)
    assert f'value="{typed}"' in html(answer)
    assert not order.amendments.exists()


def test_stale_page_and_wrong_role_change_nothing(buyer: Client, approver: Client, changes: Supplier) -> None:
    order = factories.order(changes, status=Status.TRANSFERRED, version=4)
    form = {"version": 3, "reason": "More.", f"quantity-{order.lines.get().pk}": "30"}
    assert buyer.post(f"/orders/{order.number}/change/", form).status_code == 409
    assert approver.get(f"/orders/{order.number}/change/").status_code == 403
    assert approver.post(f"/orders/{order.number}/change/", form | {"version": 4}).status_code == 403
    assert not order.amendments.exists()


def test_supplier_that_takes_no_changes_is_telephoned(buyer: Client, order: PurchaseOrder) -> None:
    assert "Change quantities" not in text(buyer.get(f"/orders/{order.number}/"))
    assert "agree with them by telephone" in text(buyer.get(f"/orders/{order.number}/change/"))
    form = {"version": 0, "reason": "More.", f"quantity-{order.lines.get().pk}": "30"}
    assert buyer.post(f"/orders/{order.number}/change/", form).status_code == 409
