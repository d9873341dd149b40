"""A supplier whose reply to an order is its answer: confirmed, refused line by line, or lost and found again."""

import pytest

from orders.models import InboundMessage, PurchaseOrder, TransferJob
from procurement import tasks
from suppliers.sandbox.app import Timing
from suppliers.sandbox.faults import Fault, Kind
from suppliers.sandbox.server import SandboxServer
from tests.fixtures.sandbox import sandbox_world, supplier_create
from tests.flow.background import work_off
from tests.flow.scenes import approved, effects

pytestmark = pytest.mark.django_db


@pytest.fixture
def sandbox(tmp_path):
    world = sandbox_world(protocol="squizz", behaviour={"confirm": "price"})
    timing = Timing(confirm_after=-2, ship_after=1)  # whatever the supplier will do is done at once
    with SandboxServer([world], ledger=tmp_path / "ledger.sqlite3", timing=timing) as server:
        yield server


@pytest.fixture
def supplier(db, sandbox):
    return supplier_create(sandbox)


def sent(supplier, **quantities):
    job = approved(supplier, **quantities)
    work_off()
    job = TransferJob.objects.get(pk=job.pk)
    return job, PurchaseOrder.objects.get(pk=job.order_id)


def test_order_is_confirmed_by_its_reply_with_prices_and_freight(supplier, sandbox):
    job, order = sent(supplier)
    assert (job.status, order.status, effects(sandbox, order)) == ("sent", "confirmed", 1)
    lines = order.lines.order_by("line_number")
    assert [(line.confirmed_quantity, str(line.confirmed_price)) for line in lines] == [
        (12, "2.0600"),
        (5, "3.7000"),
    ]
    assert [(charge["label"], charge["code"]) for charge in order.charges] == [("Delivery", "FREIGHT")]
    assert order.supplier_reference == f"SO-{order.buyer_reference}"


def test_lines_that_the_supplier_lacks_are_marked_and_the_order_stays_ours(supplier, sandbox):
    job, order = sent(supplier, RICE_5=5, OILS_1=9)
    assert (job.status, job.error_kind, order.status) == ("failed", "refused", "draft")
    assert [line.problem for line in order.lines.order_by("line_number")] == ["", "out_of_stock"]
    assert effects(sandbox, order) == 0


@pytest.mark.parametrize("followed", [False, True])
def test_order_whose_reply_was_lost_is_confirmed_and_shipped_by_the_suppliers_records(
    supplier, sandbox, followed
):
    sandbox.faults.set(Fault(kind=Kind.RESET_AFTER, operation="submit", count=1))
    _, order = sent(supplier)
    if followed:  # the records that are fetched regularly are those that the look-up found
        for _ in range(2):
            tasks.poll_suppliers()
            work_off()
        order.refresh_from_db()
    assert (order.status, [shipment.carrier for shipment in order.shipments.all()]) == (
        "shipped",
        ["Sandbox Carriers"],
    )
    assert [str(line.confirmed_price) for line in order.lines.order_by("line_number")] == ["2.0600", "3.7000"]
    assert InboundMessage.objects.count() == 1


def test_records_that_say_the_same_as_the_reply_are_no_contradiction(supplier, sandbox):
    _, order = sent(supplier)
    before = order.exceptions.count()
    tasks.poll_suppliers()
    work_off()
    order.refresh_from_db()
    assert (order.status, order.exceptions.count()) == ("shipped", before)
    assert [charge["label"] for charge in order.charges] == ["Delivery"]
