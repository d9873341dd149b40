"""A supplier with a SOAP service: from the approval to the shipment, and what goes wrong on the way."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from orders.models import PurchaseOrder
from suppliers.models import Supplier
from suppliers.sandbox.faults import Fault, Kind
from suppliers.sandbox.server import SandboxServer
from tests.fixtures.sandbox import sandbox_world, supplier_create
from tests.flow.background import work_off
from tests.flow.scenes import approved, effects, post

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SandboxServer]:
    with SandboxServer([sandbox_world(protocol="soap")], ledger=tmp_path / "ledger.sqlite3") as server:
        yield server


@pytest.fixture
def supplier(db: None, server: SandboxServer) -> Supplier:
    return supplier_create(server, timeout_seconds="1")


def send(supplier: Supplier, **quantities: int) -> PurchaseOrder:
    order = approved(supplier, **quantities).order
    work_off()
    order.refresh_from_db()
    return order


def test_order_is_transferred_then_confirmed_then_shipped(server, supplier):
    order = send(supplier)
    assert (order.status, order.supplier_reference) == ("transferred", f"SO-{order.buyer_reference}")
    statuses = []
    for callback in server.callbacks_waiting():
        for _ in range(2):
            answer = post(callback)
            assert (answer.status_code, answer["content-type"].partition(";")[0]) == (200, "text/xml")
        work_off()
        order.refresh_from_db()
        statuses.append(order.status)
    assert statuses == ["confirmed", "shipped"]
    assert effects(server, order) == 1


def test_refused_order_comes_back_with_the_problem_on_its_line(server, supplier):
    server.faults.set(Fault(kind=Kind.UNAVAILABLE, operation="submit", skus=("OILS-1",)))
    order = send(supplier, OILS_1=2)
    assert order.status == "draft"
    line = order.lines.get()
    assert (line.problem, line.problem_text) == ("out_of_stock", "out of stock")
    assert effects(server, order) == 0
