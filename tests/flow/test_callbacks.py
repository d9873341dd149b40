"""What suppliers call back with: good, doubled, early, forged and broken."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from orders.models import CallbackRefusal, InboundMessage, OrderEvent, PurchaseOrder, Shipment
from orders.services.inbound import message_process, message_replay, message_store
from suppliers.messages import RawDocument
from suppliers.models import SupplierCredential
from suppliers.sandbox.faults import Fault, Kind
from suppliers.sandbox.server import SandboxServer
from tests.fixtures.sandbox import sandbox_world, supplier_create
from tests.flow.background import work_off
from tests.flow.scenes import approved, kinds, post
from tests.orders.factories import buyer

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(sandbox, sandbox_supplier) -> PurchaseOrder:
    job = approved(sandbox_supplier)
    work_off()
    return job.order


def deliver(sandbox, *, count: int = 10) -> None:
    for callback in sandbox.callbacks_waiting()[:count]:
        assert post(callback).status_code == 202
        sandbox.callback_delivered(callback)
        work_off()


def state() -> list:
    """Everything a callback may change."""
    return [
        list(PurchaseOrder.objects.values()),
        OrderEvent.objects.count(),
        InboundMessage.objects.count(),
        Shipment.objects.count(),
    ]


def test_order_is_confirmed_and_shipped_by_callbacks(sandbox, sent):
    deliver(sandbox, count=1)
    sent.refresh_from_db()
    assert sent.status == "confirmed"
    assert [line.confirmed_quantity for line in sent.lines.all()] == [12, 5]
    deliver(sandbox)
    sent.refresh_from_db()
    assert sent.status == "shipped"
    assert [line.shipped_quantity for line in sent.lines.all()] == [12, 5]


@pytest.mark.parametrize(
    ("behaviour", "status", "exceptions"),
    [
        ("as_asked", "shipped", set()),
        ("price", "shipped", {"price"}),
        ("quantity_and_date", "shipped", {"quantity", "date"}),
        ("reject", "rejected", {"rejected"}),
        ("in_two_parts", "shipped", set()),
    ],
)
@pytest.mark.parametrize("backwards", [False, True])
def test_each_way_a_supplier_answers_in_either_order_of_arrival(
    tmp_path, behaviour, status, exceptions, backwards
):
    world = sandbox_world(behaviour={"confirm": behaviour})
    with SandboxServer([world], ledger=tmp_path / "ledger") as sandbox:
        order = approved(supplier_create(sandbox)).order
        order.lines.update(requested_date=timezone.localdate() + timedelta(days=2))
        work_off()
        waiting = sandbox.callbacks_waiting()
        for callback in reversed(waiting) if backwards else waiting:
            assert post(callback).status_code == 202
            assert post(callback).status_code == 202, "a repeat is welcome and changes nothing"
            work_off()
        order.refresh_from_db()
        assert order.status == status
        assert set(order.exceptions.values_list("kind", flat=True)) == exceptions
        assert InboundMessage.objects.filter(channel="callback").count() == len(waiting)
        assert order.shipments.count() == {"reject": 0, "in_two_parts": 2}.get(behaviour, 1)
        assert kinds(order).count(status) == 1


def test_answer_that_comes_before_the_reply_settles_the_transfer(sandbox, sandbox_supplier):
    sandbox_supplier.account.settings["order_lookup_path"] = ""  # nothing but the callback can tell
    sandbox_supplier.account.save()
    sandbox.faults.set(Fault(kind=Kind.ERROR_AFTER, operation="submit", count=1))
    job = approved(sandbox_supplier)
    work_off()
    job.refresh_from_db()
    assert job.status == "unknown"
    deliver(sandbox, count=1)
    job.refresh_from_db()
    order = PurchaseOrder.objects.get(pk=job.order_id)
    assert (job.status, order.status) == ("sent", "confirmed")
    assert order.supplier_reference


def test_answer_to_an_order_that_was_never_sent_is_parked_and_can_be_replayed(
    sandbox, sandbox_supplier, sent
):
    stray = approved(sandbox_supplier).order  # approved, its job has not run
    callback = sandbox.callbacks_waiting()[0]
    body = callback.body.replace(sent.buyer_reference.encode(), stray.buyer_reference.encode())
    message = store(sandbox_supplier, "m-1", body)
    stray.refresh_from_db()
    assert (message.status, stray.status) == ("parked", "draft")
    assert "have not sent" in message.error
    work_off()
    message_replay(message=message, by=buyer())
    work_off()
    message.refresh_from_db()
    stray.refresh_from_db()
    assert (message.status, stray.status) == ("processed", "confirmed")


def store(supplier, message_id, body):
    raw = RawDocument(message_id=message_id, channel="callback", content_type="application/json", body=body)
    message, _ = message_store(supplier=supplier, raw=raw)
    message_process(message_id=message.pk)
    message.refresh_from_db()
    return message


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"type":"order.eaten","id":"x","timestamp":"2026-01-01T00:00:00Z","data":{}}',
        b"",
    ],
)
def test_message_nobody_understands_is_parked_with_the_reason(sandbox_supplier, body):
    message = store(sandbox_supplier, "m-1", body)
    assert message.status == "parked"
    assert len(message.error) > 20


def test_unknown_reference_and_another_suppliers_order_are_parked(tmp_path, sandbox, sandbox_supplier, sent):
    other = supplier_of_another_sandbox(tmp_path)
    callback = sandbox.callbacks_waiting()[0]
    for supplier, body in [
        (sandbox_supplier, callback.body.replace(sent.buyer_reference.encode(), b"PO-0")),
        (other, callback.body),
    ]:
        assert store(supplier, "m-1", body).status == "parked"
    sent.refresh_from_db()
    assert sent.status == "transferred"


def supplier_of_another_sandbox(tmp_path):
    with SandboxServer(
        [sandbox_world(code="fishmonger", supplier_id="s2", client_id="c2")], ledger=tmp_path / "2"
    ) as two:
        return supplier_create(two, "fishmonger")


@pytest.mark.parametrize(
    ("changes", "status", "reason"),
    [
        ({"headers": {"webhook-signature": "v1,AAAA"}}, 401, "bad_signature"),
        ({"headers": {"webhook-signature": "nonsense"}}, 401, "bad_signature"),
        ({"headers": {"webhook-signature": "v1,ÿ"}}, 401, "bad_signature"),
        ({"headers": {"webhook-timestamp": "yesterday"}}, None, None),
        ({"headers": {"webhook-id": ""}}, None, None),
        ({"body": b'{"type":"order.confirmed"}'}, 401, "bad_signature"),
        ({"body": b"x" * 300_000}, 413, "too_large"),
        ({"code": "nobody"}, 404, "unknown_supplier"),
    ],
)
def test_refused_callback_changes_nothing_and_is_counted(sandbox, sent, changes, status, reason):
    before = state()
    response = post(sandbox.callbacks_waiting()[0], **changes)
    assert 400 <= response.status_code < 500
    assert status in (None, response.status_code)
    assert response.json()["error"]
    assert state() == before
    refusal = CallbackRefusal.objects.get()
    assert refusal.count == 1
    assert reason in (None, refusal.reason)


def test_stale_callback_is_refused(sandbox, sent):
    callback = sandbox.callbacks_waiting()[0]
    before = state()
    with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=True):
        response = post(callback)
    assert (response.status_code, state()) == (401, before)
    assert CallbackRefusal.objects.get().reason == "stale"


def test_same_id_with_another_content_is_a_conflict(sandbox, sandbox_supplier, sent):
    first, *_ = sandbox.callbacks_waiting()
    InboundMessage.objects.create(
        supplier=sandbox_supplier,
        message_id=first.message_id,
        channel="callback",
        body=b"else",
        body_sha256="0" * 64,
    )
    before = state()
    assert post(first).status_code == 409
    assert state() == before


def test_old_key_is_taken_during_rotation_and_refused_after(sandbox, sandbox_supplier, sent):
    account = sandbox_supplier.account
    SupplierCredential.objects.create(
        account=account, name="webhook_secret", value="whsec_" + "bmV3LWtleS1uZXcta2V5LW5ldy1rZXk="
    )
    first, second, *_ = sandbox.callbacks_waiting()
    assert post(first).status_code == 202
    account.credentials.order_by("created_at").filter(name="webhook_secret").first().delete()
    assert post(second).status_code == 401


def test_only_post_is_taken(sandbox_supplier):
    for method in ("get", "put", "delete", "head"):
        response = getattr(Client(), method)("/callbacks/greengrocer/")
        assert (response.status_code, response["Allow"]) == (405, "POST")


def test_supplier_without_a_signing_key_takes_no_callbacks(sandbox, sandbox_supplier, sent):
    sandbox_supplier.account.credentials.filter(name="webhook_secret").delete()
    before = state()
    assert post(sandbox.callbacks_waiting()[0]).status_code == 503, (
        "the sender tries again once we are set up"
    )
    assert state() == before


def test_contradiction_is_shown_and_the_first_answer_stands(sandbox, sandbox_supplier, sent):
    deliver(sandbox, count=1)
    first = InboundMessage.objects.get(channel="callback")
    said = json.loads(bytes(first.body))
    line = (
        said["data"]["line_items"][0]
        if said["data"].get("line_items")
        else {"supplier_product_id": "APLJ-1L"}
    )
    said["data"]["line_items"] = [line | {"quantity": 6}]
    said["timestamp"] = (timezone.now() + timedelta(minutes=1)).isoformat()
    assert store(sandbox_supplier, "m-2", json.dumps(said).encode()).status == "processed"
    sent.refresh_from_db()
    assert sent.lines.get(supplier_sku="APLJ-1L").confirmed_quantity == 12
    assert sent.exceptions.get().kind == "contradiction"
