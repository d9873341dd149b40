"""What every protocol has to do with an order, against its own sandbox."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from suppliers.connectors.base import CallbackRefused, CallbackRequest, Capability
from suppliers.connectors.redaction import Redactor
from suppliers.exceptions import ProtocolError, UnsupportedOperation
from suppliers.messages import CatalogueItem, DespatchAdvice, OrderResponse, QuotationRequest, RawDocument
from suppliers.models import ConnectorCall, SupplierCredential
from suppliers.services.connection_report import connection_report
from suppliers.services.connections import connector_for
from tests.suppliers.orders import order_of

FIXTURES = Path(__file__).parent / "fixtures"
ORDER = order_of(("APLJ-1L", "12"), ("RICE-5", "3"))


def in_ledger(server):
    return [(order["reference"], order["effects"]) for order in server.ledger.summary()["orders"]]


def requests_for(connector):
    return [
        QuotationRequest(supplier_sku=item.supplier_sku, external_id=item.external_id, quantity=item.least)
        for item in connector.fetch_catalogue()
        if isinstance(item, CatalogueItem)
    ]


def test_check_says_something(connector):
    assert len(connector.check()) > 10


def test_a_tested_connection_tells_of_each_thing_and_orders_nothing(supplier, server):
    report = connection_report(supplier=supplier, by=None)
    assert [str(ability) for ability in report.failed] == []
    assert len(report.abilities) + len(report.missing) == len(Capability)
    assert in_ledger(server) == []


def test_catalogue_prices_and_stock_speak_of_the_same_products(connector):
    if Capability.CATALOGUE not in connector.capabilities:
        with pytest.raises(UnsupportedOperation):
            connector.fetch_catalogue()
        return
    asked = requests_for(connector)
    skus = {request.supplier_sku for request in asked}
    assert skus == {"APLJ-1L", "RICE-5", "OILS-1"}
    if Capability.QUOTATION in connector.capabilities:
        assert {price.supplier_sku for price in connector.fetch_quotation(asked).prices} == skus
    if Capability.STOCK in connector.capabilities:
        assert {stock.supplier_sku for stock in connector.fetch_stock_availability(asked)} == skus


def test_preview_orders_nothing(connector, server):
    if Capability.PREVIEW not in connector.capabilities:
        with pytest.raises(UnsupportedOperation):
            connector.preview_order(ORDER)
        return
    assert len(connector.preview_order(ORDER).lines) == 2
    assert in_ledger(server) == []


def test_dry_run_is_what_would_be_sent_and_sends_nothing(connector, supplier, server):
    closed = connector_for(supplier)
    rendered = closed.render_order(ORDER)
    assert closed.render_order(ORDER) == rendered
    assert all(document.body and document.content_type and document.where for document in rendered)
    assert in_ledger(server) == []
    assert not ConnectorCall.objects.exists()
    connector.submit_order(ORDER)
    sent = ConnectorCall.objects.filter(reference=ORDER.buyer_reference).order_by("pk")
    calls = [call for call in sent if call.request_body]  # the others only ask
    # In the journal secrets are replaced, which a dry run leaves to whoever shows it.
    redactor = Redactor()
    redactor.add(*secrets_of(connector))
    for document, call in zip(rendered, calls, strict=True):
        assert re.fullmatch(pattern_of(document, redactor), bytes(call.request_body)), call.operation


def pattern_of(document, redactor):
    """Byte for byte, but for what the supplier gives on the way."""
    pattern = re.escape(redactor.body(document.body))
    for words in document.to_come:
        pattern = pattern.replace(re.escape(words.encode()), rb"[^\"]+")
    return pattern


def test_order_arrives_once_and_its_reply_can_be_read(connector, server):
    acknowledgement = connector.submit_order(ORDER)
    assert acknowledgement.supplier_reference or not connector.replies_name_the_order
    assert in_ledger(server) == [(ORDER.buyer_reference, 1)]
    if acknowledgement.raw is not None:
        assert acknowledgement.raw.message_id == f"reply:{ORDER.buyer_reference}"
        for document in connector.parse_documents(acknowledgement.raw):
            assert document.buyer_reference == ORDER.buyer_reference
    assert ConnectorCall.objects.filter(reference=ORDER.buyer_reference).exists()


def test_repeated_reference_is_no_second_order_where_that_is_promised(connector, server):
    if Capability.IDEMPOTENT_SUBMIT not in connector.capabilities:
        # Repeating is never a way to find out; test_broken_transfers.py shows that it is not done.
        assert Capability.REPEAT_ANSWERS not in connector.capabilities
        ways = {Capability.LOOKUP, Capability.CALLBACK, Capability.POLL, Capability.LINK}
        assert connector.capabilities & ways, "nothing would ever tell what became of an order"
        return
    first = connector.submit_order(ORDER)
    second = connector.submit_order(ORDER)
    assert first.supplier_reference == second.supplier_reference
    assert in_ledger(server) == [(ORDER.buyer_reference, 1)]


def test_look_up_finds_what_arrived_and_nothing_else(connector):
    if Capability.LOOKUP not in connector.capabilities:
        with pytest.raises(UnsupportedOperation):
            connector.find_order(ORDER.buyer_reference)
        return
    assert connector.find_order(ORDER.buyer_reference) is None
    acknowledgement = connector.submit_order(ORDER)
    found = connector.find_order(ORDER.buyer_reference)
    assert found is not None
    assert (found.buyer_reference, found.supplier_reference) == (
        ORDER.buyer_reference,
        acknowledgement.supplier_reference,
    )
    # Whatever they said beside that counts, too: it may be said only this once.
    for document in connector.parse_documents(found.raw) if found.raw else ():
        assert document.buyer_reference == ORDER.buyer_reference
    assert connector.find_order(ORDER.buyer_reference).message_id == found.message_id


def secrets_of(connector):
    secret = [field.name for field in connector.credential_fields if field.secret]
    return [value for name in secret for value in connector.config.credentials.get(name, ())]


def news_of(connector, raw, seen):
    """The callback itself, or what it points to; the same news once."""
    found = list(connector.fetch_announced(raw)) if connector.announces(raw) else [raw]
    news = [one for one in found if one.message_id not in seen]
    seen.update(one.message_id for one in news)
    return news


def test_callbacks_are_believed_signed_and_not_otherwise(connector, server):
    if Capability.CALLBACK not in connector.capabilities:
        with pytest.raises(CallbackRefused):
            connector.verify_callback(CallbackRequest(headers={}, body=b"", received_at=datetime.now(UTC)))
        return
    connector.submit_order(ORDER)
    documents, seen = [], set()
    for waiting in server.callbacks_waiting():
        request = CallbackRequest(
            headers=waiting.headers,
            body=waiting.body,
            received_at=datetime.now(UTC),
            path=waiting.address.removeprefix(connector.config.callback_url),
        )
        raw = connector.verify_callback(request)
        assert not any(value.encode() in raw.body for value in secrets_of(connector)), "it is stored"
        repeated = connector.verify_callback(request)
        assert raw.message_id == (waiting.message_id or repeated.message_id)
        documents += [
            document for news in news_of(connector, raw, seen) for document in connector.parse_documents(news)
        ]
        unproved = waiting.body
        for value in secrets_of(connector):
            unproved = unproved.replace(value.encode(), b"wrong")
        forgeries = [replace(request, headers={}, path="", body=unproved)]
        if connector.callbacks_are_signed:
            forgeries.append(replace(request, body=waiting.body + b" "))
        for forged in forgeries:
            with pytest.raises(CallbackRefused):
                connector.verify_callback(forged)
    shipped = "shipped" in server.app.protocols[connector.protocol].tells
    assert [type(document) for document in documents] == [OrderResponse, *[DespatchAdvice] * shipped]
    assert {document.buyer_reference for document in documents} == {ORDER.buyer_reference}


def test_waiting_documents_come_until_they_are_stored_and_not_again(connector, server):
    if Capability.POLL not in connector.capabilities:
        with pytest.raises(UnsupportedOperation):
            list(connector.fetch_documents(None))
        return
    connector.submit_order(ORDER)
    fetched = list(connector.fetch_documents(None))
    assert [raw.message_id for raw in connector.fetch_documents(None)] == [raw.message_id for raw in fetched]
    documents = []
    for raw in fetched:
        documents += connector.parse_documents(raw)
        connector.document_stored(raw)
        connector.document_stored(raw)  # told twice after a crash
    assert [type(document) for document in documents] == [OrderResponse, DespatchAdvice]
    assert {document.buyer_reference for document in documents} == {ORDER.buyer_reference}
    assert list(connector.fetch_documents(None)) == []


def test_secrets_are_in_no_journal(connector, supplier):
    connector.check()
    connector.submit_order(ORDER)
    shown = "".join(
        f"{c.url} {c.error} {c.request_text} {c.response_text}" for c in ConnectorCall.objects.all()
    )
    shown += repr(connector.config)
    secret = [field.name for field in connector.credential_fields if field.secret]
    for credential in SupplierCredential.objects.filter(name__in=secret):
        assert credential.value.reveal() not in shown


def documents_of(protocol):
    """Its fixtures; what the channel knows beside the body (a file's name, an address) is in `beside.json`."""
    beside = FIXTURES / protocol / "beside.json"
    known = json.loads(beside.read_bytes()) if beside.exists() else {}
    named_by_us = {"reply": "reply:PO-1", "lookup": "lookup:PO-1:a-digest"}
    for path in sorted(path for path in (FIXTURES / protocol).iterdir() if path != beside):
        channel = path.name.partition("-")[0]
        raw = RawDocument(
            message_id=named_by_us.get(channel, path.stem),
            channel=channel,
            content_type="",
            body=path.read_bytes(),
            headers={"received-at": "2026-03-01T12:00:00+00:00"} | known.get(channel, {}),
        )
        yield path.name, raw


def test_stored_documents_are_read_without_a_connection(protocol, supplier):
    connector = connector_for(supplier)
    for name, raw in documents_of(protocol):
        if "-bad-" in name:
            with pytest.raises(ProtocolError):
                connector.parse_documents(raw)
        else:
            (document,) = connector.parse_documents(raw)
            assert document.buyer_reference == "PO-1", name
