"""Who may approve what, and that approval and transfer are one step."""

import pytest

from orders.exceptions import (
    ApprovalNotAllowed,
    ApprovalRequired,
    ConcurrentTransition,
    InvalidInput,
    InvalidTransition,
    OrderError,
    TransferInProgress,
)
from orders.models import PurchaseOrder, TransferJob
from orders.services.approval import order_approve, order_cancel, order_return, order_withdraw
from orders.services.drafting import order_replace
from orders.services.transfer import transfer_retry
from tests.orders.factories import approver, buyer, make_order, make_user

pytestmark = pytest.mark.django_db


def approve(order, by=None):
    return order_approve(order=order, by=by or approver(), version=order.version, via="test")


def test_approval_queues_the_transfer():
    order = make_order()
    job = approve(order)
    assert (job.status, job.attempts) == ("queued", 0)
    assert order.approvals.get().decision == "approved"
    assert [e.kind for e in order.events.all()] == ["drafted", "approved"]


def test_buyer_may_not_approve():
    with pytest.raises(ApprovalNotAllowed, match="approver role"):
        approve(make_order(), by=buyer())


def test_four_eyes_refuses_who_edited_last(settings):
    both = make_user("change_purchaseorder", "approve_purchaseorder")
    order = make_order(by=both)
    with pytest.raises(ApprovalNotAllowed, match="edited this order last"):
        approve(order, by=both)
    settings.ORDERS_FOUR_EYES = False
    assert approve(order, by=both).pk


def test_second_approval_is_refused_and_makes_no_second_transfer():
    order = make_order()
    seen = PurchaseOrder.objects.get(pk=order.pk)
    approve(order)
    for stale in (seen, PurchaseOrder.objects.get(pk=order.pk)):
        with pytest.raises((ConcurrentTransition, TransferInProgress)):
            approve(stale)
    assert TransferJob.objects.filter(order=order).count() == 1


def test_approval_of_an_order_that_was_changed_since_it_was_seen_is_refused():
    order = make_order()
    with pytest.raises(ConcurrentTransition, match="changed since you opened it"):
        order_approve(order=order, by=approver(), version=order.version + 1, via="test")


def test_return_needs_a_reason_and_keeps_the_draft():
    order = make_order()
    with pytest.raises(InvalidInput, match="Say why"):
        order_return(order=order, by=approver(), version=order.version, reason="  ", via="test")
    order = PurchaseOrder.objects.get(pk=order.pk)
    decision = order_return(order=order, by=approver(), version=order.version, reason="Too dear", via="test")
    assert (order.status, decision.comment) == ("draft", "Too dear")
    assert approve(order).pk, "an approver can change their mind"


def test_inactive_supplier_gets_no_orders():
    order = make_order()
    order.supplier.active = False
    order.supplier.save()
    with pytest.raises(InvalidTransition, match="not active"):
        approve(order)


def test_cancel_of_a_draft_and_what_cannot_be_cancelled():
    order = make_order()
    order_cancel(order=order, version=order.version, by=buyer(), reason="Duplicate", via="test")
    assert PurchaseOrder.objects.get(pk=order.pk).status == "cancelled"
    sent = make_order()
    approve(sent)
    with pytest.raises(TransferInProgress):
        order_cancel(order=sent, version=sent.version, by=buyer(), reason="Too late", via="test")
    with pytest.raises(InvalidTransition):
        order_withdraw(
            order=sent, version=sent.version, by=buyer(), reason="They agreed by phone", via="test"
        )


def test_replacement_points_back_and_is_made_once():
    order = make_order(lines=3)
    order_cancel(order=order, version=order.version, by=buyer(), reason="Wrong supplier", via="test")
    draft = order_replace(order=order, by=buyer(), via="test")
    assert (draft.replaces, draft.status, draft.lines.count()) == (order, "draft", 3)
    assert draft.buyer_reference != order.buyer_reference
    with pytest.raises(InvalidTransition, match="replaced already"):
        order_replace(order=PurchaseOrder.objects.get(pk=order.pk), by=buyer(), via="test")


def test_retry_needs_a_standing_approval():
    order = make_order()
    with pytest.raises(ApprovalRequired):
        transfer_retry(order=order, by=buyer(), via="test")
    order = PurchaseOrder.objects.get(pk=order.pk)
    job = approve(order)
    with pytest.raises(TransferInProgress):
        transfer_retry(order=order, by=buyer(), via="test")
    TransferJob.objects.filter(pk=job.pk).update(status="failed", next_run_at=None)
    order = PurchaseOrder.objects.get(pk=order.pk)
    assert transfer_retry(order=order, by=buyer(), via="test").pk != job.pk


def test_every_refusal_speaks_of_the_order_or_the_person():
    assert all(issubclass(e, OrderError) and 400 <= e.status < 500 for e in OrderError.__subclasses__())
