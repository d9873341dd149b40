from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from orders.models import Approval, PurchaseOrderLine, Status, TransferJob
from tests import factories
from tests.pages.reading import html, text


@pytest.mark.django_db
def test_transferred_says_that_the_answer_is_outstanding(buyer: Client) -> None:
    order = factories.order(factories.supplier(name="Alder Ltd"), status=Status.TRANSFERRED)
    assert "Sent; Alder Ltd has not answered yet." in text(buyer.get(f"/orders/{order.number}/"))


@pytest.mark.django_db
def test_asked_and_confirmed_stand_side_by_side_with_the_difference(buyer: Client) -> None:
    order = factories.order(lines=0, status=Status.CONFIRMED)
    factories.line(
        order,
        quantity=Decimal(24),
        confirmed_quantity=Decimal(18),
        confirmed_price=Decimal("2.75"),
        promised_date=order.requested_date + timedelta(days=3),
    )
    page = text(buyer.get(f"/orders/{order.number}/"))
    for words in ("24", "18", "−6", "2.50", "2.75", "+0.25", "3 d later", "£60.00", "£49.50", "−£10.50"):
        assert words in page


@pytest.mark.django_db
def test_an_order_below_the_minimum_says_how_much_is_missing(buyer: Client) -> None:
    order = factories.order(factories.supplier(minimum_order_value=Decimal(112)))
    answer = buyer.get(f"/orders/{order.number}/")
    assert "82.00 short of the minimum" in text(answer)
    assert '<meter min="0" max="112' in html(answer)


@pytest.mark.django_db
def test_the_quantities_of_a_draft_can_be_typed_by_a_buyer_only(buyer: Client, approver: Client) -> None:
    order = factories.order()
    line = order.lines.get()
    assert f'name="quantity-{line.pk}" value="12"' in html(buyer.get(f"/orders/{order.number}/"))
    assert "quantity-" not in html(approver.get(f"/orders/{order.number}/"))


@pytest.mark.django_db
def test_large_numbers_stay_machine_readable_in_inputs(buyer: Client) -> None:
    order = factories.order(lines=0)
    line = factories.line(order, quantity=Decimal(12500))
    source = html(buyer.get(f"/orders/{order.number}/"))
    assert f'name="quantity-{line.pk}" value="12500"' in source
    assert "31,250.00" in source


@pytest.mark.django_db
def test_approve_is_offered_to_approvers_with_what_will_be_sent(buyer: Client, approver: Client) -> None:
    order = factories.order(factories.supplier(name="Alder Ltd"), delivery_fee=Decimal("4.50"))
    assert "approve-sheet" not in html(buyer.get(f"/orders/{order.number}/"))
    page = text(approver.get(f"/orders/{order.number}/"))
    assert f"Approve and send {order.number}?" in page
    assert "£34.50" in page
    assert order.buyer_reference in page


@pytest.mark.django_db
def test_who_edited_last_reads_why_they_may_not_approve(approver: Client) -> None:
    user = factories.User.objects.get(pk=approver.session["_auth_user_id"])
    order = factories.order(last_edited_by=user)
    answer = approver.get(f"/orders/{order.number}/")
    assert "approve-sheet" not in html(answer)
    assert "somebody else has to approve it" in text(answer)


@pytest.mark.django_db
def test_an_unknown_outcome_shows_what_was_sent_and_two_choices(buyer: Client) -> None:
    order = factories.order()
    sent_at = timezone.now() - timedelta(minutes=2)
    factories.transfer(
        order, TransferJob.Status.UNKNOWN, attempts=1, submitted_at=sent_at, error="No answer in time."
    )
    factories.call(order, request_body=b'{"order": "as it left"}')
    page = text(buyer.get(f"/orders/{order.number}/"))
    for words in (
        '{ "order": "as it left" }',  # laid out
        '{"order": "as it left"}',
        f"{sent_at:%H:%M:%S}",
        "It arrived",
        "It did not arrive, send it again",
    ):
        assert words in page


@pytest.mark.django_db
def test_the_unknown_page_offers_the_bytes_to_administrators_alone(
    buyer: Client, administrator: Client
) -> None:
    order = factories.order()
    factories.transfer(order, TransferJob.Status.UNKNOWN, attempts=1)
    call = factories.call(order)
    address = f"calls/{call.pk}/sent/"
    assert address not in html(buyer.get(f"/orders/{order.number}/"))
    assert address in html(administrator.get(f"/orders/{order.number}/"))


@pytest.mark.django_db
def test_the_timeline_tells_who_when_and_from_what_to_what(buyer: Client) -> None:
    order = factories.order()
    factories.event(
        order,
        "line_edited",
        "Line 1: 10 → 12.",
        by=factories.user(first_name="Bea"),
        data={"quantity": ["10", "12"]},
    )
    page = text(buyer.get(f"/orders/{order.number}/"))
    for words in ("Line 1: 10 → 12.", "Bea", "Quantity: 10 → 12"):
        assert words in page


@pytest.mark.django_db
def test_what_people_write_is_never_taken_for_markup(buyer: Client) -> None:
    order = factories.order(note="<script>alert(1)</script>", comment='"><b>')
    factories.event(order, text="<i>x</i>", data={"<k>": "<v>"})
    source = html(buyer.get(f"/orders/{order.number}/"))
    assert "<script>alert" not in source
    assert "<i>x</i>" not in source
    assert "<v>" not in source


@pytest.mark.django_db
def test_the_page_asks_for_news_while_something_is_under_way(buyer: Client) -> None:
    order = factories.order()
    assert "data-poll" not in html(buyer.get(f"/orders/{order.number}/"))
    Approval.objects.create(
        order=order, decision=Approval.Decision.APPROVED, by=factories.user("Approver"), at=timezone.now()
    )
    job = factories.transfer(order)
    answer = buyer.get(f"/orders/{order.number}/")
    assert 'hx-trigger="every 2s"' in html(answer)
    news = f"/orders/{order.number}/live/?seen={answer.context['seen']}"
    assert buyer.get(news).status_code == 204
    TransferJob.objects.filter(pk=job.pk).update(status=TransferJob.Status.FAILED, error="Refused.")
    changed = buyer.get(news)
    assert changed.status_code == 200
    assert "Refused." in text(changed)
    assert "data-poll" not in html(changed)


@pytest.mark.django_db
def test_five_hundred_lines_take_no_more_queries_than_one(
    buyer: Client, django_assert_max_num_queries
) -> None:
    order = factories.order()
    what = order.lines.get().supplier_product
    PurchaseOrderLine.objects.bulk_create(
        PurchaseOrderLine(
            order=order, line_number=n, product=what.product, supplier_product=what, supplier_sku=f"S{n}",
            description="x", unit="C62", quantity=1, unit_price=1,
        )
        for n in range(2, 501)
    )  # fmt: skip
    with django_assert_max_num_queries(30):
        answer = buyer.get(f"/orders/{order.number}/")
    assert html(answer).count("data-price=") == 500


@pytest.mark.django_db
def test_an_order_that_does_not_exist_is_a_page_in_words(buyer: Client) -> None:
    answer = buyer.get("/orders/PO-nothing/")
    assert answer.status_code == 404
    assert "There is nothing here" in text(answer)


@pytest.mark.django_db
def test_cover_counts_what_the_plan_ordered_elsewhere(buyer: Client) -> None:
    order = factories.order(lines=0)
    factories.line(order, quantity=Decimal(40), reason=factories.reason(ordered_before="32"))
    # (-8 in stock + 32 elsewhere + 40) / 3.2 a day
    assert "20 d" in text(buyer.get(f"/orders/{order.number}/"))
