"""Who sends an order may have been given up for dead while getting ready: then nothing may leave any more."""

from importlib import import_module

import pytest

from suppliers.exceptions import NotDelivered
from suppliers.sandbox.faults import Fault, Kind
from suppliers.services.connections import connector_for
from tests.fixtures.sandbox import sandbox_of, supplier_create
from tests.suppliers.orders import order_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("protocol", "getting_ready"),
    [
        ("rest", "token"),
        ("squizz", "token"),
        ("zaikio", "draft"),
    ],
)
def test_order_is_not_sent_when_getting_ready_took_too_long(tmp_path, monkeypatch, protocol, getting_ready):
    sending = import_module(f"suppliers.connectors.{protocol}.client")
    monkeypatch.setattr(sending, "SENT_WITHIN", 0.05)
    with sandbox_of(tmp_path, protocol=protocol) as server:
        server.faults.set(Fault(kind=Kind.LATENCY, operation=getting_ready, seconds=0.1))
        with (
            connector_for(supplier_create(server)) as connector,
            pytest.raises(NotDelivered, match="too long"),
        ):
            connector.submit_order(order_of(("RICE-5", "3")))
        assert sum(order["effects"] for order in server.ledger.summary()["orders"]) == 0
