from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from orders.models import Approval, PurchaseOrder, TransferJob
from tests import factories
from tests.pages.reading import html, text


def grid(order: PurchaseOrder, *quantities: str, **others: Any) -> dict[str, Any]:
    names = [f"quantity-{line.pk}" for line in order.lines.order_by("line_number")]
    return {"version": order.version, **dict(zip(names, quantities, strict=True)), **others}


def two_lines() -> PurchaseOrder:
    order = factories.order(lines=0)
    factories.line(order, factories.offer(order.supplier, pack_size=6, tiers=[(1, "2.50"), (24, "2.00")]))
    factories.line(order)
    return order


@pytest.mark.django_db
def test_a_quantity_is_rounded_to_the_pack_with_a_note(buyer: Client) -> None:
    order = two_lines()
    answer = buyer.post(f"/orders/{order.number}/edit/", grid(order, "20", "12"), follow=True)
    assert answer.redirect_chain == [(f"/orders/{order.number}/", 302)]
    page = text(answer)
    assert "Line 1: 20 → 24, pack of 6." in page
    assert "2.50 → 2.00" in page
    assert "Saved." in page
    assert order.lines.get(line_number=1).quantity == 24


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("twelve", "Line 2: “twelve” is not a number"),
        ("", "Line 2: the quantity is empty"),
        ("-5", "Line 2: -5 is less than nothing"),
        ("1,250", "Line 2: “1,250” can be read in two ways"),
        ("123456789012", "Line 2: 123456789012 has too many digits"),
        ("1.23456", "Line 2: 1.23456 has too many digits"),
        ("NaN", "Line 2: “NaN” is not a number"),
        ("1e5", "Line 2: “1e5” is not a number"),
        ("<b>", "Line 2: “<b>” is not a number"),
    ],
)
def test_what_is_no_quantity_names_the_line_and_is_kept(buyer: Client, typed: str, words: str) -> None:
    order = two_lines()
    answer = buyer.post(f"/orders/{order.number}/edit/", grid(order, "18", typed))
    assert answer.status_code == 422
    assert words in text(answer)
    assert 'value="18"' in html(answer)
    assert [line.quantity for line in order.lines.all()] == [12, 12]


@pytest.mark.django_db
def test_an_order_changed_meanwhile_keeps_what_was_typed(buyer: Client) -> None:
    order = two_lines()
    typed = grid(order, "30", "12")
    PurchaseOrder.objects.filter(pk=order.pk).update(version=order.version + 1)
    answer = buyer.post(f"/orders/{order.number}/edit/", typed)
    assert answer.status_code == 409
    assert "changed by somebody else" in text(answer)
    assert 'value="30"' in html(answer)
    assert "saved: 12" in text(answer)


@pytest.mark.django_db
@pytest.mark.parametrize("version", ["", "seven", "-1", "99999999999999999999"])
def test_a_senseless_version_is_refused_in_words(buyer: Client, version: str) -> None:
    order = two_lines()
    answer = buyer.post(f"/orders/{order.number}/edit/", grid(order, "18", "12", version=version))
    assert answer.status_code == 422


@pytest.mark.django_db
def test_a_line_of_another_order_is_refused(buyer: Client) -> None:
    order, other = two_lines(), factories.order()
    data = grid(order, "18", "12") | {f"quantity-{other.lines.get().pk}": "1"}
    answer = buyer.post(f"/orders/{order.number}/edit/", data)
    assert answer.status_code == 422
    assert f"a line that {order.number} does not have" in text(answer)


@pytest.mark.django_db
def test_zero_removes_a_line_but_not_the_last(buyer: Client) -> None:
    order = two_lines()
    buyer.post(f"/orders/{order.number}/edit/", grid(order, "12", "0"))
    assert order.lines.count() == 1
    order.refresh_from_db()
    answer = buyer.post(f"/orders/{order.number}/edit/", grid(order, "0"))
    assert answer.status_code == 422
    assert "needs at least one line" in text(answer)


@pytest.mark.django_db
def test_reset_brings_the_suggested_quantity_back_without_a_script(buyer: Client) -> None:
    order = factories.order(lines=0)
    line = factories.line(order, quantity=Decimal(40), suggested_quantity=Decimal(12))
    buyer.post(f"/orders/{order.number}/edit/", grid(order, "rubbish", reset=str(line.pk)))
    line.refresh_from_db()
    assert line.quantity == 12


@pytest.mark.django_db
def test_saving_without_a_change_makes_nobody_the_last_editor(buyer: Client) -> None:
    order = two_lines()
    answer = buyer.post(
        f"/orders/{order.number}/edit/",
        grid(order, "12", "12.0", note="", comment="", requested_date=str(order.requested_date)),
        follow=True,
    )
    assert "Nothing was changed." in text(answer)
    order.refresh_from_db()
    assert order.last_edited_by is None


@pytest.mark.django_db
def test_note_comment_and_date_are_saved_and_checked(buyer: Client) -> None:
    order = two_lines()
    buyer.post(
        f"/orders/{order.number}/edit/", grid(order, "12", "12", note="Ring the bell.", comment="Ask Ann.")
    )
    order.refresh_from_db()
    assert (order.note, order.comment) == ("Ring the bell.", "Ask Ann.")
    for date, words in (("tomorrow", "write it as year-month-day"), ("2020-01-01", "passed already")):
        answer = buyer.post(f"/orders/{order.number}/edit/", grid(order, "12", "12", requested_date=date))
        assert answer.status_code == 422
        assert words in text(answer)


@pytest.mark.django_db
def test_what_is_being_sent_cannot_be_edited(buyer: Client) -> None:
    order = two_lines()
    Approval.objects.create(
        order=order,
        decision=Approval.Decision.APPROVED,
        by=factories.user("Approver"),
        at=factories.minutes_ago(1),
    )
    factories.transfer(order, TransferJob.Status.QUEUED)
    answer = buyer.post(f"/orders/{order.number}/edit/", grid(order, "18", "12"))
    assert answer.status_code == 409
    assert "cannot be edited now" in text(answer)
