"""One despatch advice for several orders: each of ours gets its part, whatever else the supplier has put into it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from orders.models import InboundMessage, PurchaseOrder, Status
from orders.services.inbound import message_process, message_replay
from orders.services.polling import supplier_poll
from suppliers.models import Supplier
from suppliers.sandbox.app import Timing
from suppliers.sandbox.server import SandboxServer
from tests.fixtures.sandbox import sandbox_world, supplier_create
from tests.flow.background import work_off
from tests.flow.scenes import approved, kinds
from tests.orders.factories import approver
from tests.suppliers.peppol_files import fixture


@pytest.fixture
def depot(tmp_path: Path) -> Iterator[SandboxServer]:
    world = sandbox_world(protocol="sftp_ubl")
    with SandboxServer(
        [world], ledger=tmp_path / "ledger.sqlite3", timing=Timing(confirm_after=-1)
    ) as server:
        yield server


@pytest.fixture
def supplier(db: None, depot: SandboxServer) -> Supplier:
    return supplier_create(depot)


@pytest.fixture
def orders(supplier: Supplier) -> list[PurchaseOrder]:
    found = [approved(supplier, APLJ_1L=quantity).order for quantity in (12, 6)]
    work_off()
    supplier_poll(supplier=supplier)
    work_off()
    for order in found:
        order.refresh_from_db()
        assert order.status == Status.CONFIRMED
    return found


def despatched(*quantities: tuple[str, int]) -> bytes:
    """A despatch advice of these orders' first lines; its head names none of them."""
    text = fixture(
        "despatched", ("<cac:OrderReference><cbc:ID>PO-1</cbc:ID></cac:OrderReference>\n", "")
    ).decode()
    head, line, *_ = text.partition("  <cac:DespatchLine>")[0], text.split("  <cac:DespatchLine>")[1]
    lines = (
        line.replace("PO-1", reference)
        .replace("<cbc:ID>1<", f"<cbc:ID>{at}<")
        .replace(">10<", f">{quantity}<")
        for at, (reference, quantity) in enumerate(quantities, 1)
    )
    return "".join([head, *(f"<cac:DespatchLine>{each}" for each in lines), "</DespatchAdvice>"]).encode()


def deliver(depot: SandboxServer, supplier: Supplier, body: bytes) -> InboundMessage:
    folder = depot.app.protocols["sftp_ubl"].folder(depot.app.suppliers[supplier.code])
    (folder / "answers" / "despatch.xml").write_bytes(body)
    supplier_poll(supplier=supplier)
    work_off()
    return InboundMessage.objects.get(message_id__startswith="file:despatch.xml")


def test_each_order_is_shipped_by_its_own_lines(supplier, depot, orders):
    body = despatched((orders[0].buyer_reference, 12), (orders[1].buyer_reference, 6))
    message = deliver(depot, supplier, body)
    assert message.status == InboundMessage.Status.PROCESSED
    for order in orders:
        order.refresh_from_db()
        assert (order.status, order.lines.get().shipped_quantity) == (
            Status.SHIPPED,
            order.lines.get().quantity,
        )


def test_order_that_is_not_ours_keeps_no_other_from_being_shipped(supplier, depot, orders):
    body = despatched((orders[0].buyer_reference, 12), ("BY-PHONE", 3), (orders[1].buyer_reference, 6))
    message = deliver(depot, supplier, body)
    assert message.status == InboundMessage.Status.PARKED
    assert "no order BY-PHONE" in message.error
    assert orders[0].buyer_reference in message.error
    told = [kinds(order) for order in orders]
    message_replay(message=message, by=approver())
    message_process(message_id=message.pk)
    message.refresh_from_db()
    assert message.status == InboundMessage.Status.PARKED
    for order, before in zip(orders, told, strict=True):
        order.refresh_from_db()
        assert (order.status, kinds(order)) == (Status.SHIPPED, before)


def test_despatch_of_no_order_of_ours_books_nothing(supplier, depot):
    message = deliver(depot, supplier, despatched(("BY-PHONE", 3)))
    assert message.status == InboundMessage.Status.PARKED
    assert message.error == f"There is no order BY-PHONE with {supplier.name}."
