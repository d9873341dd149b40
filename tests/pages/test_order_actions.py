from decimal import Decimal

import pytest
from django.test import Client

from orders.models import Approval, PurchaseOrder, Status, TransferJob
from tests import factories
from tests.pages.reading import text


@pytest.mark.django_db
def test_approving_queues_the_transfer_and_says_so(approver: Client) -> None:
    order = factories.order(factories.supplier(name="Alder Ltd"))
    answer = approver.post(f"/orders/{order.number}/approve/", {"version": 0, "comment": "fine"}, follow=True)
    assert "Approved. It is being sent to Alder Ltd." in text(answer)
    assert order.transfers.get().status == TransferJob.Status.QUEUED


@pytest.mark.django_db
def test_approving_twice_sends_once(approver: Client) -> None:
    order = factories.order()
    approver.post(f"/orders/{order.number}/approve/", {"version": 0})
    answer = approver.post(f"/orders/{order.number}/approve/", {"version": 0})
    assert answer.status_code == 409
    assert order.transfers.count() == 1


@pytest.mark.django_db
def test_who_edited_last_cannot_approve(approver: Client) -> None:
    user = factories.User.objects.get(pk=approver.session["_auth_user_id"])
    order = factories.order(last_edited_by=user)
    answer = approver.post(f"/orders/{order.number}/approve/", {"version": 0})
    assert answer.status_code == 403
    assert "somebody else has to approve it" in text(answer)
    assert not order.transfers.exists()


@pytest.mark.django_db
def test_an_order_changed_since_it_was_looked_at_is_not_approved(approver: Client) -> None:
    order = factories.order(version=3)
    answer = approver.post(f"/orders/{order.number}/approve/", {"version": 2})
    assert answer.status_code == 409
    assert "was changed since you opened it" in text(answer)


@pytest.mark.django_db
def test_rejecting_needs_a_reason_and_leaves_a_draft(approver: Client) -> None:
    order = factories.order()
    empty = approver.post(f"/orders/{order.number}/return/", {"version": 0, "reason": "  "})
    assert empty.status_code == 422
    assert "Reason: say why" in text(empty)
    answer = approver.post(
        f"/orders/{order.number}/return/", {"version": 0, "reason": "Halve it."}, follow=True
    )
    assert "sent it back: Halve it." in text(answer)
    order.refresh_from_db()
    assert order.status == Status.DRAFT


@pytest.mark.django_db
def test_a_refused_reason_is_kept_in_the_form(buyer: Client) -> None:
    order = factories.order()
    answer = buyer.post(f"/orders/{order.number}/cancel/", {"version": 0, "reason": "long " * 100})
    assert answer.status_code == 422
    assert "long long" in text(answer)


@pytest.mark.django_db
def test_cancelling_and_withdrawing_follow_the_state(buyer: Client) -> None:
    draft, sent = factories.order(), factories.order(status=Status.TRANSFERRED)
    buyer.post(f"/orders/{draft.number}/cancel/", {"version": 0, "reason": "not needed"})
    assert (
        buyer.post(f"/orders/{sent.number}/cancel/", {"version": 0, "reason": "not needed"}).status_code
        == 409
    )
    buyer.post(f"/orders/{sent.number}/withdraw/", {"version": 0, "reason": "Mr Alder agreed by phone"})
    assert set(PurchaseOrder.objects.values_list("status", flat=True)) == {Status.CANCELLED}


@pytest.mark.parametrize(("action", "status"), [("cancel", Status.DRAFT), ("withdraw", Status.TRANSFERRED)])
@pytest.mark.django_db
def test_a_stale_page_cancels_and_withdraws_nothing(buyer: Client, action: str, status: Status) -> None:
    order = factories.order(status=status, version=3)
    answer = buyer.post(f"/orders/{order.number}/{action}/", {"version": 2, "reason": "not needed"})
    assert (answer.status_code, "was changed since you opened it" in text(answer)) == (409, True)
    order.refresh_from_db()
    assert order.status == status


@pytest.mark.django_db
def test_a_rejected_order_becomes_a_new_draft_once(buyer: Client) -> None:
    order = factories.order(status=Status.REJECTED)
    answer = buyer.post(f"/orders/{order.number}/replace/", follow=True)
    draft = PurchaseOrder.objects.get(replaces=order)
    assert f"This new draft has the lines of {order.number}" in text(answer)
    assert draft.lines.count() == 1
    assert buyer.post(f"/orders/{order.number}/replace/").status_code == 409


@pytest.mark.django_db
def test_a_failed_transfer_is_sent_again(buyer: Client) -> None:
    order = factories.order()
    Approval.objects.create(
        order=order,
        decision=Approval.Decision.APPROVED,
        by=factories.user("Approver"),
        at=factories.minutes_ago(9),
    )
    factories.transfer(
        order, TransferJob.Status.FAILED, attempts=3, error="Refused.", finished_at=factories.minutes_ago(8)
    )
    assert "Send again" in text(buyer.get(f"/orders/{order.number}/"))
    buyer.post(f"/orders/{order.number}/retry/")
    assert order.transfers.filter(status=TransferJob.Status.QUEUED).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arrived", "status", "job"), [("yes", Status.TRANSFERRED, "sent"), ("no", Status.DRAFT, "queued")]
)
def test_a_person_settles_an_unknown_outcome(buyer: Client, arrived: str, status: str, job: str) -> None:
    order = factories.order()
    factories.transfer(order, TransferJob.Status.UNKNOWN, attempts=1, submitted_at=factories.minutes_ago(5))
    answer = buyer.post(f"/orders/{order.number}/decide/", {"arrived": arrived, "supplier_reference": "S-1"})
    assert answer.status_code == 302
    order.refresh_from_db()
    assert order.status == status
    assert order.transfers.first().status == job


@pytest.mark.django_db
def test_deciding_without_an_answer_or_without_a_question_changes_nothing(buyer: Client) -> None:
    order = factories.order()
    assert buyer.post(f"/orders/{order.number}/decide/", {"arrived": "yes"}).status_code == 409
    factories.transfer(order, TransferJob.Status.UNKNOWN, attempts=1)
    assert buyer.post(f"/orders/{order.number}/decide/", {"arrived": "maybe"}).status_code == 422
    assert order.transfers.get().status == TransferJob.Status.UNKNOWN


@pytest.mark.django_db
def test_a_change_is_accepted_once_and_only_on_its_own_order(buyer: Client) -> None:
    order, other = factories.order(status=Status.CONFIRMED), factories.order(status=Status.CONFIRMED)
    exception = factories.exception(order, text="Line 1 costs 2.75.")
    assert buyer.post(f"/orders/{other.number}/exceptions/{exception.pk}/accept/").status_code == 404
    assert "Accepted: Line 1 costs 2.75." in text(
        buyer.post(f"/orders/{order.number}/exceptions/{exception.pk}/accept/", follow=True)
    )
    assert buyer.post(f"/orders/{order.number}/exceptions/{exception.pk}/accept/").status_code == 409


@pytest.mark.django_db
def test_accepting_all_takes_what_was_seen_and_nothing_newer(buyer: Client) -> None:
    order = factories.order(status=Status.CONFIRMED)
    seen = [factories.exception(order) for _ in range(7)]
    shown = text(buyer.get(f"/orders/{order.number}/"))
    assert "Accept all 7" in shown
    assert "2 more" in shown
    newer = factories.exception(order, text="Line 2 will not come.")
    ids = ",".join(str(exception.pk) for exception in seen)
    answer = buyer.post(f"/orders/{order.number}/exceptions/accept/", {"seen": ids}, follow=True)
    assert "Accepted 7 changes." in text(answer)
    assert list(order.exceptions.filter(resolved_at=None)) == [newer]
    assert buyer.post(f"/orders/{order.number}/exceptions/accept/", {"seen": ids}).status_code == 409
    for senseless in ("", "x", "1,,2", "9" * 40, f"{newer.pk};1"):
        assert (
            buyer.post(f"/orders/{order.number}/exceptions/accept/", {"seen": senseless}).status_code == 422
        )


@pytest.mark.django_db
def test_goods_are_booked_in_once_and_never_more_than_expected(buyer: Client) -> None:
    order = factories.order(status=Status.SHIPPED)
    line = order.lines.get()
    too_many = buyer.post(
        f"/orders/{order.number}/receive/", {"form_token": "t1", f"quantity-{line.pk}": "13"}
    )
    assert too_many.status_code == 422
    assert "from 0 to 12" in text(too_many)
    data = {"form_token": "t1", f"quantity-{line.pk}": "5", "note": "one box wet"}
    assert "Booked in." in text(buyer.post(f"/orders/{order.number}/receive/", data, follow=True))
    assert "booked in before" in text(buyer.post(f"/orders/{order.number}/receive/", data, follow=True))
    line.refresh_from_db()
    assert line.received_quantity == Decimal(5)


@pytest.mark.django_db
def test_what_is_no_received_quantity_names_the_line(buyer: Client) -> None:
    order = factories.order(status=Status.SHIPPED)
    line = order.lines.get()
    answer = buyer.post(
        f"/orders/{order.number}/receive/", {"form_token": "t1", f"quantity-{line.pk}": "a few"}
    )
    assert answer.status_code == 422
    assert "Line 1: “a few” is not a number" in text(answer)
    assert 'value="a few"' in answer.content.decode()
