"""cXML from the approval to the answer: a channel without a look-up, whose callbacks are proved by a secret inside."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from orders.models import CallbackRefusal, InboundMessage, PurchaseOrder
from orders.services.transfer import transfer_run
from suppliers.connectors.cxml.envelope import status_read
from suppliers.models import ConnectorCall, SupplierCredential
from suppliers.sandbox.faults import Fault, Kind
from suppliers.sandbox.server import SandboxServer
from tests.fixtures.sandbox import CLIENT_SECRET, WEBHOOK_SECRET, sandbox_of, sandbox_world, supplier_create
from tests.flow.background import work_off
from tests.flow.scenes import approved, effects, kinds, sent_order

pytestmark = pytest.mark.django_db
XML = "text/xml; charset=UTF-8"


@pytest.fixture
def server(tmp_path):
    with sandbox_of(tmp_path, protocol="cxml") as server:
        yield server


def deliver(server, body=None):
    """Everything the supplier has to say, posted to our door; our answers."""
    answers = []
    for callback in server.callbacks_waiting():
        answers.append(Client().post("/callbacks/greengrocer/", data=body or callback.body, content_type=XML))
        if answers[-1].status_code == 200:
            server.callback_delivered(callback)
        work_off()
    return answers


def test_order_is_confirmed_and_shipped_and_no_secret_is_kept(server):
    order = sent_order(supplier_create(server))
    assert (order.status, effects(server, order)) == ("transferred", 1)
    for answer in deliver(server):
        assert (answer.status_code, answer["content-type"]) == (200, XML)
        assert status_read(answer.content, "Answer").code == 200
    order.refresh_from_db()
    assert (order.status, bool(order.supplier_reference)) == ("shipped", True)
    assert [line.confirmed_quantity for line in order.lines.all()] == [12, 5]
    kept = b"".join(bytes(message.body) for message in InboundMessage.objects.all())
    kept += "".join(
        f"{call.request_text}{call.response_text}" for call in ConnectorCall.objects.all()
    ).encode()
    assert b"ConfirmationRequest" in kept
    assert CLIENT_SECRET.encode() not in kept
    assert WEBHOOK_SECRET.encode() not in kept


@pytest.mark.parametrize("behaviour", ["price", "quantity_and_date", "in_two_parts", "reject"])
def test_each_way_a_supplier_answers(tmp_path, behaviour):
    world = sandbox_world(protocol="cxml", behaviour={"confirm": behaviour})
    with SandboxServer([world], ledger=tmp_path / "ledger") as server:
        order = approved(supplier_create(server)).order
        work_off()
        deliver(server)
        order.refresh_from_db()
        assert order.status == ("rejected" if behaviour == "reject" else "shipped")


def test_unknown_outcome_waits_and_the_suppliers_answer_settles_it(server):
    server.faults.set(Fault(kind=Kind.ERROR_AFTER, operation="submit", count=1))
    job = approved(supplier_create(server)).order.transfers.get()
    work_off()
    job.refresh_from_db()
    assert (job.status, job.next_run_at) == ("unknown", None), "nothing but a person or the supplier can tell"
    deliver(server)
    job.refresh_from_db()
    order = PurchaseOrder.objects.get(pk=job.order_id)
    assert (job.status, order.status, effects(server, order)) == ("sent", "shipped", 1)


@pytest.mark.parametrize("kind", [Kind.ERROR_AFTER, Kind.ERROR_BEFORE])
def test_supplier_that_takes_repeats_for_the_same_order_is_asked_by_repeating(server, kind):
    server.faults.set(Fault(kind=kind, operation="submit", count=1))
    job = approved(supplier_create(server, repeats_are_safe="yes"))
    work_off()
    with time_machine.travel(timezone.now() + timedelta(minutes=1), tick=True):
        transfer_run(job_id=job.pk, worker="w")
    job.refresh_from_db()
    order = PurchaseOrder.objects.get(pk=job.order_id)
    assert (job.status, job.attempts, order.status, effects(server, order)) == ("sent", 2, "transferred", 1)
    assert "transfer_requeued" in kinds(order)


def test_refusal_is_told_in_cxml_and_changes_nothing(server):
    order = approved(supplier_create(server)).order
    work_off()
    SupplierCredential.objects.filter(name="callback_secret").delete()
    SupplierCredential.objects.create(
        account=order.supplier.account, name="callback_secret", value="another-1"
    )
    answer = deliver(server)[0]
    assert (answer.status_code, status_read(answer.content, "Answer").code) == (401, 401)
    assert CallbackRefusal.objects.get().reason == "bad_secret"
    assert not InboundMessage.objects.filter(channel="callback").exists()


def test_same_id_with_another_content_is_told_as_a_conflict(server):
    approved(supplier_create(server))
    work_off()
    callback = server.callbacks_waiting()[0]
    codes = [
        Client().post("/callbacks/greengrocer/", data=body, content_type=XML).status_code
        for body in (callback.body, callback.body, callback.body + b" ")
    ]
    assert codes == [200, 200, 409]
