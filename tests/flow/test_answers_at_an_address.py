"""A supplier that proves its answers by the address it was given for the order: from the approval to the answer."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from django.test import Client

from orders.models import CallbackRefusal, InboundMessage, PurchaseOrder
from suppliers.connectors.registry import connector_class
from suppliers.models import Supplier
from suppliers.sandbox.app import Timing
from suppliers.sandbox.faults import Fault, Kind
from suppliers.sandbox.server import SandboxServer
from tests.fixtures.sandbox import sandbox_world, supplier_create
from tests.flow.background import work_off
from tests.flow.scenes import effects, post, sent_order

pytestmark = pytest.mark.django_db
MakeSuite = Callable[..., tuple[SandboxServer, Supplier]]


@pytest.fixture
def suite(db: None, tmp_path: Path) -> Iterator[MakeSuite]:
    started: list[SandboxServer] = []

    def make(*, timing: Timing | None = None, deliver: str = "", **behaviour: str):
        world = sandbox_world(protocol="fourws", behaviour=behaviour)
        ledger = tmp_path / "ledger.sqlite3"
        server = SandboxServer([world], ledger=ledger, timing=timing, callback_url=deliver)
        server.start()
        started.append(server)
        return server, supplier_create(server, timeout_seconds="0.5")

    yield make
    for server in started:
        server.stop()


def answer(server: SandboxServer, order: PurchaseOrder) -> list[int]:
    """Everything the supplier has to say is delivered; the statuses that it was answered with."""
    statuses = []
    for callback in server.callbacks_waiting():
        statuses.append(post(callback).status_code)
        server.callback_delivered(callback)
        work_off()
    order.refresh_from_db()
    return statuses


def test_order_is_transferred_by_the_reply_and_confirmed_by_the_callback(suite):
    server, supplier = suite()
    order = sent_order(supplier)
    assert (order.status, order.supplier_reference) == ("transferred", order.buyer_reference)
    assert answer(server, order) == [202]
    assert order.status == "confirmed"
    assert [line.confirmed_quantity for line in order.lines.all()] == [12, 5]
    assert not order.exceptions.exists()
    assert effects(server, order) == 1


def test_error_without_an_id_rejects_the_right_order(suite):
    server, supplier = suite()
    first, second = sent_order(supplier), sent_order(supplier, OILS_1=5)  # four are left
    assert answer(server, second) == [202, 202]
    first.refresh_from_db()
    assert (first.status, second.status) == ("confirmed", "rejected")
    assert "OILS-1: only 4 left" in second.exceptions.get().text
    assert (effects(server, first), effects(server, second)) == (1, 0)


def test_supplier_that_rejects_says_so_at_the_orders_address(suite):
    server, supplier = suite(confirm="reject")
    order = sent_order(supplier)
    answer(server, order)
    assert order.status == "rejected"


def test_callback_settles_an_order_whose_reply_was_lost(suite):
    server, supplier = suite()
    server.faults.set(Fault(kind=Kind.RESET_AFTER, operation="submit", count=1))
    order = sent_order(supplier)
    assert order.status == "draft"
    assert order.transfers.get().status == "unknown"
    answer(server, order)
    assert (order.status, order.transfers.get().status) == ("confirmed", "sent")
    assert effects(server, order) == 1


def test_no_after_a_yes_rejects_the_order_and_is_shown(suite):
    server, supplier = suite()
    order = sent_order(supplier)
    (genuine,) = server.callbacks_waiting()
    answer(server, order)
    assert post(genuine, body=b'{"success": false, "message": "no"}').status_code == 202
    work_off()
    order.refresh_from_db()
    assert order.status == "rejected"
    assert order.exceptions.get().kind == "rejected"


def test_unreadable_answer_at_a_good_address_is_parked(suite):
    server, supplier = suite()
    order = sent_order(supplier)
    (genuine,) = server.callbacks_waiting()
    assert post(genuine, body=b'{"success": "yes"}').status_code == 202
    work_off()
    parked = InboundMessage.objects.get(channel="callback")
    assert (parked.status, "success is" in parked.error) == ("parked", True)
    order.refresh_from_db()
    assert order.status == "transferred"


def test_guessed_address_changes_nothing(suite):
    _, supplier = suite()
    order = sent_order(supplier)
    body = f'{{"success": true, "id": "{order.buyer_reference}"}}'
    for rest in (
        "",
        f"{order.buyer_reference}/1-of-1/confirmed/",
        f"{order.buyer_reference}/1-of-1/confirmed/x",
    ):
        response = Client().post(f"/callbacks/greengrocer/{rest}", data=body, content_type="application/json")
        assert response.status_code == 404
    assert not InboundMessage.objects.filter(channel="callback").exists()
    assert CallbackRefusal.objects.get().reason == "bad_address"
    order.refresh_from_db()
    assert order.status == "transferred"


def test_callback_before_the_reply_settles_the_transfer(suite, monkeypatch):
    """Delivered while we still wait for the reply; then the reply comes, too, and changes nothing."""
    server, supplier = suite()
    cls = connector_class("fourws")
    submit = cls.submit_order

    def callback_first(self, order):
        acknowledgement = submit(self, order)
        (callback,) = server.callbacks_waiting()
        assert post(callback).status_code == 202
        work_off()
        assert PurchaseOrder.objects.get().status == "confirmed"
        return acknowledgement

    monkeypatch.setattr(cls, "submit_order", callback_first)
    order = sent_order(supplier)
    assert (order.status, order.transfers.get().status) == ("confirmed", "sent")
    assert effects(server, order) == 1
    assert InboundMessage.objects.filter(status="processed").count() == 2
    assert not order.exceptions.exists()


def test_sandbox_answers_at_the_address_that_the_order_names(suite):
    came: list[tuple[str, bytes]] = []
    heard = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            came.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(202)
            self.send_header("Content-Length", "0")
            self.end_headers()
            heard.set()

        def log_message(self, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as receiver:
        thread = threading.Thread(target=receiver.serve_forever, args=(0.05,))
        thread.start()
        base = f"http://127.0.0.1:{receiver.server_address[1]}/elsewhere/greengrocer"
        timing = Timing(confirm_after=0.01)
        _, supplier = suite(timing=timing, deliver="http://127.0.0.1:9/callbacks/{code}/")
        supplier.account.settings["callback_url"] = base
        supplier.account.save()
        order = sent_order(supplier)
        assert heard.wait(10)
        receiver.shutdown()
        thread.join()
    ((path, body),) = came
    assert path.startswith(f"/elsewhere/greengrocer/{order.buyer_reference}/1-of-1/confirmed/")
    assert order.buyer_reference.encode() in body
