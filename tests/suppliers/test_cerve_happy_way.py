"""The connector against the sandbox, where nothing goes wrong."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from suppliers.connectors.base import CallbackRequest, Connector
from suppliers.messages import Decision, DespatchAdvice, OrderResponse, QuotationRequest, Unmentioned
from suppliers.models import ConnectorCall
from suppliers.services.connections import connector_for
from tests.suppliers.orders import order_of


@pytest.fixture
def connector(sandbox_supplier) -> Iterator[Connector]:
    with connector_for(sandbox_supplier) as connector:
        yield connector


def test_check_says_what_was_seen(connector):
    assert connector.check() == "Signed in; 3 products are offered to customer cust-1."


def test_catalogue_has_their_codes_and_ours(connector):
    apple = next(iter(connector.fetch_catalogue()))
    assert (apple.supplier_sku, apple.buyer_sku, apple.external_id) == ("APLJ-1L", "APPLE", "0a6f0d1e-apple")
    assert (apple.pack_size, apple.minimum_quantity, apple.unit) == (Decimal(6), Decimal(6), "C62")


def test_price_depends_on_quantity(connector):
    def ask(sku: str, product_id: str, quantity: str) -> QuotationRequest:
        return QuotationRequest(supplier_sku=sku, external_id=product_id, quantity=Decimal(quantity))

    quotation = connector.fetch_quotation(
        [ask("APLJ-1L", "0a6f0d1e-apple", "6"), ask("APLJ-1L", "0a6f0d1e-apple", "30"), ask("X", "gone", "1")]
    )
    assert [price.unit_price for price in quotation.prices] == [Decimal("2.00"), Decimal("1.80")]
    assert quotation.not_offered == ("X",)


def test_stock_falls_when_ordered(connector):
    ask = [QuotationRequest(supplier_sku="RICE-5", external_id="0a6f0d1e-rice", quantity=Decimal(1))]
    before = next(connector.fetch_stock_availability(ask)).quantity
    connector.submit_order(order_of(("RICE-5", "20")))
    assert next(connector.fetch_stock_availability(ask)).quantity == before - 20


def test_preview_tells_prices_and_what_is_missing_and_orders_nothing(connector, sandbox):
    preview = connector.preview_order(order_of(("APLJ-1L", "30"), ("OILS-1", "5")))
    assert [(line.supplier_sku, line.line_number, line.unit_price) for line in preview.lines] == [
        ("APLJ-1L", 1, Decimal("1.80"))
    ]
    assert [(line.supplier_sku, line.reason) for line in preview.unavailable] == [("OILS-1", "only 4 left")]
    assert (preview.total, preview.delivery_fee) == (Decimal("58.50"), Decimal("4.50"))
    assert sandbox.ledger.summary()["orders"] == []


def test_order_is_acknowledged_found_and_its_reply_understood(connector, sandbox):
    acknowledgement = connector.submit_order(order_of(("APLJ-1L", "6"), ("OILS-1", "5")))
    assert acknowledgement.supplier_reference == "SO-PO-2026-0001"
    (response,) = connector.parse_documents(acknowledgement.raw)
    assert (response.decision, response.unmentioned) == (Decision.RECEIVED, Unmentioned.OPEN)
    assert [(line.supplier_sku, line.quantity) for line in response.lines] == [("OILS-1", Decimal(0))]
    found = connector.find_order("PO-2026-0001")
    assert found.supplier_reference == acknowledgement.supplier_reference
    assert connector.find_order("PO-2026-0002") is None
    (known,) = sandbox.ledger.summary()["orders"]
    assert (known["reference"], known["received"], known["effects"]) == ("PO-2026-0001", 1, 1)


def test_callbacks_are_verified_and_understood(connector, sandbox):
    connector.submit_order(order_of(("APLJ-1L", "6")))
    raws = [
        connector.verify_callback(
            CallbackRequest(headers=waiting.headers, body=waiting.body, received_at=datetime.now(UTC))
        )
        for waiting in sandbox.callbacks_waiting()
    ]
    confirmed, shipped = [connector.parse_documents(raw)[0] for raw in raws]
    assert isinstance(confirmed, OrderResponse)
    assert (confirmed.decision, confirmed.buyer_reference) == (Decision.CONFIRMED, "PO-2026-0001")
    assert [(line.quantity, line.unit_price) for line in confirmed.lines] == [(Decimal(6), Decimal("2.00"))]
    assert isinstance(shipped, DespatchAdvice)
    assert [(line.supplier_sku, line.quantity) for line in shipped.lines] == [("APLJ-1L", Decimal(6))]


def test_every_call_is_in_the_journal_without_secrets(connector, sandbox):
    connector.submit_order(order_of(("APLJ-1L", "6")))
    calls = list(ConnectorCall.objects.order_by("pk"))
    assert [call.operation for call in calls] == ["token", "submit"]
    assert calls[1].reference == "PO-2026-0001"
    assert "customer_order_id" in calls[1].request_text
    token = calls[0].response_text
    assert '"access_token": "•••"' in token
