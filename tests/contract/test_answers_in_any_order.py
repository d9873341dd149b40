"""Answers that come twice and the last one first end where they end in order and once, for each protocol."""

import pytest

from orders.models import InboundMessage, PurchaseOrder
from suppliers.connectors.base import Connector
from suppliers.models import Supplier
from suppliers.sandbox.server import SandboxServer
from suppliers.sandbox.world import SandboxSupplier
from tests.contract.answering import SupplierSide
from tests.contract.settling import lost_and_doubled
from tests.fixtures.sandbox import sandbox_world
from tests.flow.background import work_off
from tests.flow.scenes import approved


@pytest.fixture
def world(protocol: str) -> SandboxSupplier:
    return sandbox_world(protocol=protocol, behaviour={"confirm": "in_two_parts"})


@pytest.fixture
def side(server: SandboxServer, supplier: Supplier, connector: Connector) -> SupplierSide:
    return SupplierSide(server, supplier, connector)


def sent(supplier: Supplier) -> PurchaseOrder:
    order = approved(supplier).order
    work_off()
    return order


def end_of(order: PurchaseOrder) -> dict[str, object]:
    order.refresh_from_db()
    said = ("confirmed_quantity", "confirmed_price", "shipped_quantity", "backorder_quantity", "problem")
    return {
        "status": order.status,
        "lines": list(order.lines.order_by("line_number").values_list(*said)),
        "charges": order.charges,
        "shipped": sorted(
            order.shipments.values_list("stage", "lines__line__line_number", "lines__quantity")
        ),
        "exceptions": sorted(order.exceptions.values_list("kind", flat=True)),
        "transfers": list(order.transfers.values_list("status", flat=True)),
    }


def test_answers_doubled_and_backwards_end_like_answers_in_order(supplier, server, side):
    plain = sent(supplier)
    side.tell(side.answers())
    odd = sent(supplier)
    answers = side.answers()
    assert answers
    side.tell(answer for answer in reversed(answers) for _ in range(2))
    assert end_of(odd) == end_of(plain)
    assert plain.status in ("confirmed", "shipped")
    assert not InboundMessage.objects.exclude(status=InboundMessage.Status.PROCESSED).exists()
    assert lost_and_doubled(server) == ([], [])
