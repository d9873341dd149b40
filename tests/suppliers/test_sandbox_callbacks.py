"""Sandbox suppliers answer later: what they say by their behaviour, delivered until somebody takes it."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from suppliers.sandbox.app import Timing
from suppliers.sandbox.server import SandboxServer
from suppliers.services.connections import connector_for
from tests.fixtures.sandbox import sandbox_world, supplier_create
from tests.suppliers.orders import order_of

SOON = Timing(confirm_after=0.05, ship_after=0.1)


class Receiver:
    """Takes callbacks; answers with the given statuses in turn, the last one for ever."""

    def __init__(self, *statuses: int) -> None:
        self.received: list[tuple[str, str, dict]] = []
        statuses = statuses or (202,)
        received = self.received

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                received.append((self.path, self.headers["webhook-id"], body))
                self.send_response(statuses[min(len(received), len(statuses)) - 1])
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/callbacks/{{code}}/"

    def __enter__(self):
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()
        return self

    def __exit__(self, *details):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def wait_for(self, count: int) -> list[tuple[str, str, dict]]:
        deadline = time.monotonic() + 10
        while len(self.received) < count and time.monotonic() < deadline:
            time.sleep(0.02)
        return self.received


def said(server, supplier, *lines):
    """What the supplier will say to an order of these lines: (type, data) in the order of time."""
    with connector_for(supplier) as connector:
        connector.submit_order(order_of(*lines))
    messages = [json.loads(waiting.body) for waiting in server.callbacks_waiting()]
    return [(message["type"], message["data"]) for message in messages]


@pytest.fixture
def supplier_that(db, tmp_path):
    servers = []

    def make(**behaviour):
        server = SandboxServer([sandbox_world(behaviour=behaviour)], ledger=tmp_path / "ledger.sqlite3")
        server.start()
        servers.append(server)
        return server, supplier_create(server)

    yield make
    for server in servers:
        server.stop()


def test_as_asked(supplier_that):
    (kind, data), (second, _) = said(*supplier_that(confirm="as_asked"), ("APLJ-1L", "12"))
    assert (kind, second) == ("order.confirmed", "order.shipped")
    assert [(line["quantity"], line["unit_price"]) for line in data["line_items"]] == [(12, 2)]


def test_at_another_price(supplier_that):
    (_, data), _ = said(*supplier_that(confirm="price"), ("APLJ-1L", "12"), ("RICE-5", "1"))
    assert [line["unit_price"] for line in data["line_items"]] == [2.06, 3.7]


def test_less_and_later(supplier_that):
    (_, data), (_, shipment) = said(*supplier_that(confirm="quantity_and_date"), ("APLJ-1L", "18"))
    assert [line["quantity"] for line in data["line_items"]] == [6]
    assert data["line_items"][0]["expected_delivery"]
    assert [line["quantity"] for line in shipment["line_items"]] == [6]


def test_rejected(supplier_that):
    ((kind, data),) = said(*supplier_that(confirm="reject"), ("APLJ-1L", "12"))
    assert kind == "order.rejected"
    assert data["note"]


def test_shipped_in_two_parts(supplier_that):
    _, (_, first), (_, second) = said(
        *supplier_that(confirm="in_two_parts"), ("APLJ-1L", "18"), ("RICE-5", "1")
    )
    assert [(line["supplier_product_id"], line["quantity"]) for line in first["line_items"]] == [
        ("APLJ-1L", 6)
    ]
    assert [line["quantity"] for line in second["line_items"]] == [12, 1]
    assert first["shipment"]["shipment_id"] != second["shipment"]["shipment_id"]


def test_unavailable_line_is_confirmed_with_nothing(supplier_that):
    (_, data), (_, shipment) = said(*supplier_that(confirm="as_asked"), ("APLJ-1L", "12"), ("OILS-1", "5"))
    assert [line["quantity"] for line in data["line_items"]] == [12, 0]
    assert len(shipment["line_items"]) == 1


def test_wrong_order_and_duplicates(supplier_that):
    server, supplier = supplier_that(confirm="as_asked", wrong_order="yes", duplicates="yes")
    kinds = [kind for kind, _ in said(server, supplier, ("APLJ-1L", "12"))]
    assert kinds == ["order.shipped", "order.shipped", "order.confirmed", "order.confirmed"]
    assert len({waiting.message_id for waiting in server.callbacks_waiting()}) == 2


def test_callbacks_are_repeated_with_the_same_id_until_taken(db, tmp_path):
    with Receiver(500, 302, 202) as receiver:
        ledger = tmp_path / "ledger.sqlite3"
        with SandboxServer(
            [sandbox_world()], ledger=ledger, callback_url=receiver.url, timing=SOON
        ) as server:
            with connector_for(supplier_create(server)) as connector:
                connector.submit_order(order_of(("APLJ-1L", "12")))
            received = receiver.wait_for(4)
            deadline = time.monotonic() + 10
            while server.callbacks_waiting() and time.monotonic() < deadline:
                time.sleep(0.02)
            assert server.callbacks_waiting() == []
    assert {path for path, _, _ in received} == {"/callbacks/greengrocer/"}
    ids = [message_id for _, message_id, _ in received]
    assert len(ids) == 4
    assert len(set(ids)) == 2


def test_what_is_due_survives_a_restart(db, tmp_path):
    ledger = tmp_path / "ledger.sqlite3"
    with (
        SandboxServer([sandbox_world()], ledger=ledger, timing=SOON) as server,
        connector_for(supplier_create(server)) as connector,
    ):
        connector.submit_order(order_of(("APLJ-1L", "12")))
    with Receiver() as receiver, SandboxServer([sandbox_world()], ledger=ledger, callback_url=receiver.url):
        kinds = [body["type"] for _, _, body in receiver.wait_for(2)]
    assert kinds == ["order.confirmed", "order.shipped"]
