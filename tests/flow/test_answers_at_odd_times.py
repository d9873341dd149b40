"""What a supplier says late, out of order, to a switched-off account, or in characters no database takes."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import responses
from django.test import Client
from django.utils import timezone

from orders.models import InboundMessage, PurchaseOrder, TransferJob
from orders.services.approval import order_approve, order_withdraw
from orders.services.inbound import message_process, message_store
from orders.services.jobs import job_about_to_send
from orders.services.transfer import transfer_claim, transfer_run, transfer_succeed
from orders.state import revise, transition
from suppliers.messages import OrderAcknowledgement, RawDocument
from suppliers.models import Supplier
from tests.flow.background import work_off
from tests.flow.race import race
from tests.flow.scenes import approved, kinds, post, sent_order
from tests.orders.factories import approver, buyer, make_order, make_supplier

SKUS = ("APLJ-1L", "RICE-5")


@pytest.fixture
def sent(sandbox, sandbox_supplier) -> PurchaseOrder:
    """12 apple juice and 5 rice, at the supplier."""
    return sent_order(sandbox_supplier)


def say(order: PurchaseOrder, kind: str, minute: int, **data: Any) -> InboundMessage:
    """Store and process one message, issued `minute` minutes after nine."""
    issued = datetime(2026, 3, 2, 9, minute, tzinfo=UTC)
    body = {
        "type": f"order.{kind}",
        "timestamp": issued.isoformat(),
        "data": {"customer_order_id": order.buyer_reference, **data},
    }
    raw = RawDocument(
        message_id=f"m-{InboundMessage.objects.count()}",
        channel="callback",
        content_type="application/json",
        body=json.dumps(body).encode(),
    )
    message, _ = message_store(supplier=order.supplier, raw=raw)
    message_process(message_id=message.pk)
    message.refresh_from_db()
    order.refresh_from_db()
    return message


def lines(*quantities: int) -> list[dict[str, Any]]:
    return [
        {"supplier_product_id": sku, "quantity": quantity}
        for sku, quantity in zip(SKUS, quantities, strict=False)
    ]


def despatch(number: int, *quantities: int) -> dict[str, Any]:
    shipment = {"shipment_id": f"D{number}", "shipped_at": f"2026-03-02T1{number}:00:00Z"}
    return {"shipment": shipment} | ({"line_items": lines(*quantities)} if quantities else {})


@pytest.mark.django_db
def test_goods_announced_after_a_rejection_are_shown_to_a_person(sent):
    say(sent, "rejected", 1)
    sent.exceptions.update(resolved_at=timezone.now(), resolution="accepted")
    say(sent, "shipped", 2, **despatch(1))
    assert sent.status == "rejected"
    assert [e.kind for e in sent.exceptions.filter(resolved_at=None)] == ["contradiction"]


@pytest.mark.django_db
def test_confirmation_that_was_issued_before_a_refusal_but_came_later_is_shown_to_a_person(sent):
    say(sent, "confirmed", 2, line_items=lines(0, 0))
    assert sent.status == "rejected"
    say(sent, "confirmed", 1, line_items=lines(12, 5))
    assert sent.status == "rejected", "what is final stays final"
    said = " ".join(sent.exceptions.values_list("text", flat=True))
    assert "confirmed the order, but it is rejected here" in said


@pytest.mark.django_db
def test_despatch_that_turns_out_to_carry_less_leaves_nothing_behind(sent):
    say(sent, "confirmed", 1)
    say(sent, "shipped", 3, **despatch(2))  # "all of it", told first
    say(sent, "shipped", 2, **despatch(1, 12))  # but the juice had left before
    shipped = {
        s.despatch_id: list(s.lines.values_list("line__supplier_sku", "quantity"))
        for s in sent.shipments.all()
    }
    assert shipped == {"D1": [("APLJ-1L", 12)], "D2": [("RICE-5", 5)]}
    assert [line.shipped_quantity for line in sent.lines.all()] == [12, 5]


@pytest.mark.django_db
def test_despatch_that_waits_is_noted_once(sent):
    say(sent, "shipped", 2, **despatch(1, 12))
    say(sent, "shipped", 3, **despatch(2, 0, 5))
    assert kinds(sent).count("despatch_waits") == 1


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["confirmed", "rejected", "shipped"])
def test_withdrawn_order_is_not_resurrected(sent, kind):
    order_withdraw(order=sent, version=sent.version, by=buyer(), reason="They agreed", via="test")
    say(sent, kind, 1, **(despatch(1) if kind == "shipped" else {}))
    assert sent.status == "cancelled"


@pytest.mark.django_db
def test_supplier_that_was_switched_off_still_answers_what_was_ordered(sandbox, sent):
    Supplier.objects.update(active=False)
    for callback in sandbox.callbacks_waiting():
        assert post(callback).status_code == 202
    work_off()
    sent.refresh_from_db()
    assert sent.status == "shipped"


@pytest.mark.django_db
@pytest.mark.parametrize("length", ["²", "1" * 5000, "-1", "1e3"])
def test_content_length_that_is_no_number_is_refused(sandbox_supplier, length):
    response = Client().post(
        "/callbacks/greengrocer/", data=b"{}", content_type="application/json", CONTENT_LENGTH=length
    )
    assert response.status_code in (400, 413)


@pytest.mark.django_db
@pytest.mark.parametrize("said", ["9999-12-31T23:59:00Z", "0001-01-01T00:00:00Z"])
def test_end_of_time_is_no_time_of_a_message(sent, said):
    shipment = {"shipment_id": "D1", "shipped_at": said}
    assert say(sent, "shipped", 1, shipment=shipment).status == "parked"


@pytest.mark.django_db
def test_unprintable_words_of_a_supplier_end_a_transfer_like_printable_ones(sandbox, sandbox_supplier):
    job = approved(sandbox_supplier)
    account = sandbox_supplier.account
    with responses.RequestsMock() as wire:
        wire.post(account.settings["token_url"], json={"access_token": "t0ken-0f-a-test", "expires_in": 60})
        account.settings["base_url"] = "http://127.0.0.1:9/odd"
        account.save()
        wire.post(
            "http://127.0.0.1:9/odd/suppliers/sup-1/customers/cust-1/orders",
            status=400,
            body=b"no\x00 \x01\xff",
        )
        transfer_run(job_id=job.pk, worker="w")
    job.refresh_from_db()
    assert job.status == "failed"
    assert "\0" not in job.error


@pytest.mark.django_db
def test_content_type_with_a_null_character_is_stored(sandbox_supplier):
    raw = RawDocument(message_id="m-1", channel="reply", content_type="text/\0plain", body=b"{}")
    assert message_store(supplier=sandbox_supplier, raw=raw)[1]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_reply_and_answer_of_one_order_at_the_same_moment(monkeypatch):
    """Both settle the transfer; neither ends in a deadlock, and it is settled once."""
    supplier = make_supplier()
    order = make_approved(supplier)
    job = transfer_claim(order.transfers.get().pk, "worker")
    assert job_about_to_send(job)
    job_is_taken, order_is_taken = threading.Event(), threading.Event()

    def transition_slowly(*args: Any, **kwargs: Any) -> Any:
        job_is_taken.set()
        order_is_taken.wait(timeout=1)  # in vain where the answer takes the job first, too
        return transition(*args, **kwargs)

    def revise_and_tell(*args: Any, **kwargs: Any) -> None:
        revise(*args, **kwargs)
        order_is_taken.set()

    monkeypatch.setattr("orders.services.transfer.transition", transition_slowly)
    monkeypatch.setattr("orders.services.answering.revise", revise_and_tell)
    body = {
        "type": "order.confirmed",
        "timestamp": "2026-03-02T09:00:00Z",
        "data": {"customer_order_id": order.buyer_reference, "supplier_order_id": "S-1"},
    }
    raw = RawDocument(message_id="m", channel="callback", content_type="", body=json.dumps(body).encode())
    message, _ = message_store(supplier=supplier, raw=raw)
    ack = OrderAcknowledgement(supplier_reference="S-1")
    results = race(
        lambda: transfer_succeed(job, ack, via="transfer"),
        lambda: (job_is_taken.wait(timeout=30), message_process(message_id=message.pk)),
    )
    assert not [r for r in results if isinstance(r, Exception)], results
    work_off()
    order.refresh_from_db()
    job.refresh_from_db()
    assert (job.status, order.status) == ("sent", "confirmed")
    assert [kinds(order).count(kind) for kind in ("transferred", "confirmed")] == [1, 1]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(5))
def test_two_workers_process_one_message(attempt):
    order = make_approved(make_supplier())
    job = transfer_claim(order.transfers.get().pk, "worker")
    transfer_succeed(job, OrderAcknowledgement(supplier_reference="S-1"), via="transfer")
    body = {
        "type": "order.shipped",
        "timestamp": "2026-03-02T09:00:00Z",
        "data": {"customer_order_id": order.buyer_reference} | despatch(1),
    }
    raw = RawDocument(message_id="m", channel="callback", content_type="", body=json.dumps(body).encode())
    message, _ = message_store(supplier=order.supplier, raw=raw)
    version = PurchaseOrder.objects.get(pk=order.pk).version
    process: Callable[[], None] = lambda: message_process(message_id=message.pk)  # noqa: E731
    assert race(process, process, process) == [None, None, None]
    work_off()
    message.refresh_from_db()
    order.refresh_from_db()
    assert (message.status, order.version) == ("processed", version + 1)


def make_approved(supplier: Supplier) -> PurchaseOrder:
    order = make_order(supplier=supplier)
    order_approve(order=order, by=approver(), version=order.version, via="test")
    assert TransferJob.objects.filter(order=order).count() == 1
    return order
