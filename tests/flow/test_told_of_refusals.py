"""An order that a supplier did not take, and a question that it refused, are told to the buyer in one mail each."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.utils import timezone

from orders.models import OrderMail, PurchaseOrder, TransferJob
from orders.services.amendments import order_ask_to_cancel
from orders.services.approval import order_approve
from orders.services.notifications import mail_send, transfer_note
from orders.services.transfer import transfer_retry
from suppliers.sandbox.faults import Fault, Kind
from suppliers.sandbox.server import SandboxServer
from tests.fixtures.sandbox import sandbox_world, supplier_create
from tests.flow.background import work_off
from tests.flow.scenes import approved, draft
from tests.orders.factories import approver, buyer

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(tmp_path) -> Iterator[SandboxServer]:
    with SandboxServer([sandbox_world(protocol="rest")], ledger=tmp_path / "ledger.sqlite3") as server:
        yield server


def sent(server: SandboxServer, **quantities: int) -> PurchaseOrder:
    job = approved(supplier_create(server), **quantities)
    User.objects.filter(pk=job.order.approvals.get().by_id).update(email="ann@buyers.example")
    work_off()
    return PurchaseOrder.objects.get(pk=job.order_id)


def test_refused_lines_are_named_and_told_once(server):
    server.faults.set(Fault(kind=Kind.UNAVAILABLE, operation="submit", skus=("OILS-1",)))
    order = sent(server, OILS_1=2)
    letter = mail.outbox[0]
    assert letter.subject == f"{order.number}: Greengrocer Ltd cannot take one of its lines"
    assert letter.to == ["ann@buyers.example"]
    for said in (letter.body, letter.alternatives[0][0]):
        assert "Nothing has been ordered" in said
        assert "Olive oil 1 l" in said
        assert "out of stock" in said
        assert f"/orders/{order.number}/" in said
    work_off()
    transfer_note(order.transfers.get())
    work_off()
    assert len(mail.outbox) == 1


def test_second_refusal_is_another_mail(server):
    server.faults.set(Fault(kind=Kind.UNAVAILABLE, operation="submit", skus=("OILS-1",)))
    order = sent(server, OILS_1=2)
    transfer_retry(order=order, by=buyer(), via="test")
    work_off()
    assert len(mail.outbox) == 2
    assert len({letter.extra_headers["Message-ID"] for letter in mail.outbox}) == 2


def test_order_refused_without_a_line_says_why(server):
    server.faults.set(Fault(kind=Kind.ERROR_BEFORE, operation="submit", status=400))
    order = sent(server)
    assert mail.outbox[0].subject == f"{order.number}: Greengrocer Ltd did not take it"
    assert "HTTP 400" in mail.outbox[0].body
    assert "It stays a draft" in mail.outbox[0].body


def test_mail_is_not_sent_about_an_order_that_is_on_its_way_again(server):
    order = draft(supplier_create(server))
    order_approve(order=order, by=approver(), version=0, via="test")
    job = order.transfers.get()
    TransferJob.objects.update(status="failed", error_kind="refused", finished_at=timezone.now())
    noted = transfer_note(TransferJob.objects.get(pk=job.pk))
    TransferJob.objects.create(order=order, next_run_at=timezone.now())
    mail_send(mail_id=noted.pk, worker="w")
    assert (OrderMail.objects.get().status, mail.outbox) == ("superseded", [])


def test_refused_cancellation_is_told_to_the_buyer(server):
    order = sent(server)
    server.callback_delivered(server.callbacks_waiting()[0])
    order_ask_to_cancel(order=order, by=buyer(), version=order.version, reason="By mistake.", via="test")
    work_off()
    letter = mail.outbox[0]
    assert letter.subject == f"{order.number}: Greengrocer Ltd did not agree to the cancellation"
    assert "The order stands as it was." in letter.body
    assert "409" in letter.body
    work_off()
    assert len(mail.outbox) == 1
