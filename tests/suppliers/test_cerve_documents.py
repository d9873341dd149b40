"""What suppliers say about orders, understood or refused with the place named."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from suppliers.connectors.base import ConnectorConfig
from suppliers.connectors.cerve.connector import CerveConnector
from suppliers.exceptions import ProtocolError
from suppliers.messages import Decision, DespatchAdvice, RawDocument, Unmentioned


def parse(body, channel="callback", message_id="msg_1"):
    raw = RawDocument(
        message_id=message_id,
        channel=channel,
        content_type="application/json",
        body=body if isinstance(body, bytes) else json.dumps(body).encode(),
        headers={"webhook-timestamp": "1772366400", "received-at": "2026-03-01T12:00:00+00:00"},
    )
    (document,) = CerveConnector(ConnectorConfig("acme", "Acme")).parse_documents(raw)
    return document


def callback(kind, **data):
    return {"type": kind, "data": {"customer_order_id": "PO-1"} | data}


def reply(**changes):
    return {"supplier_order_id": "SO-1", "status": "received"} | changes


def test_confirmation_with_other_price_quantity_and_date():
    line = {
        "supplier_product_id": "A",
        "quantity": 5,
        "unit_price": 2.35,
        "expected_delivery": "2026-03-04",
        "note": "late",
    }
    said = parse(callback("order.confirmed", supplier_order_id="SO-1", currency="gbp", line_items=[line]))
    assert (said.decision, said.supplier_reference, said.currency) == (Decision.CONFIRMED, "SO-1", "GBP")
    (answered,) = said.lines
    assert (answered.quantity, answered.unit_price) == (Decimal(5), Decimal("2.35"))
    assert (answered.promised_date, answered.note) == (date(2026, 3, 4), "late")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({}, Unmentioned.ACCEPTED),
        ({"line_items": [{"supplier_product_id": "A"}]}, Unmentioned.OPEN),
        (
            {"line_items": [{"supplier_product_id": "A"}], "lines_not_listed": "accepted"},
            Unmentioned.ACCEPTED,
        ),
        ({"lines_not_listed": "open"}, Unmentioned.OPEN),
    ],
)
def test_lines_that_are_not_listed(data, expected):
    assert parse(callback("order.confirmed", **data)).unmentioned == expected


def test_time_is_the_messages_own_or_that_of_its_signature():
    assert parse(callback("order.confirmed")).issued_at == datetime(2026, 3, 1, 12, tzinfo=UTC)
    timed = callback("order.confirmed") | {"timestamp": "2026-02-01T10:00:00+02:00"}
    assert parse(timed).issued_at == datetime(2026, 2, 1, 8, tzinfo=UTC)


def test_rejection_brings_its_reason():
    said = parse(callback("order.rejected", note="Account on hold"))
    assert (said.decision, said.note, said.lines) == (Decision.REJECTED, "Account on hold", ())


def test_despatch_of_some_lines_and_of_the_whole():
    shipment = {
        "shipment_id": "S-1",
        "carrier": "Vans",
        "tracking": "T1",
        "shipped_at": "2026-03-02T08:00:00Z",
    }
    some = parse(
        callback("order.shipped", shipment=shipment, line_items=[{"supplier_product_id": "A", "quantity": 2}])
    )
    assert isinstance(some, DespatchAdvice)
    assert (some.despatch_id, some.carrier, some.tracking) == ("S-1", "Vans", "T1")
    assert [(line.supplier_sku, line.quantity) for line in some.lines] == [("A", Decimal(2))]
    assert parse(callback("order.shipped", shipment=shipment)).lines == ()


def test_reply_says_received_and_what_is_missing():
    said = parse(
        reply(unavailable_line_items=["A", {"supplier_product_id": "B", "reason": "gone"}]),
        "reply",
        "reply:PO-1",
    )
    assert (said.buyer_reference, said.decision) == ("PO-1", Decision.RECEIVED)
    assert [(line.supplier_sku, line.quantity, line.note) for line in said.lines] == [
        ("A", Decimal(0), "not available"),
        ("B", Decimal(0), "gone"),
    ]
    assert said.unmentioned == Unmentioned.OPEN


def test_reply_that_already_confirms_brings_its_lines():
    items = [{"supplier_product_id": "A", "quantity": 3, "unit_price": 1.5}]
    said = parse(reply(status="Confirmed", line_items=items), "reply", "reply:PO-1")
    assert said.decision == Decision.CONFIRMED
    assert [(line.supplier_sku, line.quantity) for line in said.lines] == [("A", Decimal(3))]


def test_day_of_the_delivery_is_that_of_lines_without_one():
    items = [
        {"supplier_product_id": "A", "quantity": 3, "expected_delivery": "2026-03-04"},
        {"supplier_product_id": "B", "quantity": 1},
        {"supplier_product_id": "C", "quantity": 0},
    ]
    shipping = {"supplier_shipping_method_id": "van", "expected_delivery": "2026-03-06"}
    said = parse(reply(status="confirmed", line_items=items, shipping=shipping), "reply", "reply:PO-1")
    assert [str(line.promised_date) for line in said.lines] == ["2026-03-04", "2026-03-06", "None"]


def test_bare_confirmation_in_a_reply_accepts_all_and_one_with_gaps_does_not():
    assert parse(reply(status="confirmed"), "reply", "reply:PO-1").unmentioned is Unmentioned.ACCEPTED
    gap = reply(status="confirmed", unavailable_line_items=["A"])
    assert parse(gap, "reply", "reply:PO-1").unmentioned is Unmentioned.OPEN
    assert parse(reply(), "reply", "reply:PO-1").unmentioned is Unmentioned.OPEN


def test_total_is_not_held_against_the_lines():
    items = [{"supplier_product_id": "APLJ-1L", "quantity": 10, "unit_price": 20.00, "total_price": 200.00}]
    said = parse(reply(status="confirmed", total=218.50, line_items=items), "reply", "reply:PO-1")
    assert len(said.lines) == 1


LINE = {"supplier_product_id": "A"}
SHIPMENT = {"shipment_id": "S"}


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (b"", "is empty"),
        ([], "expected an object"),
        ({}, "type is missing"),
        ({"type": "order.lost", "data": {}}, "order.confirmed, order.rejected, order.shipped"),
        ({"type": "order.confirmed"}, "data is missing"),
        ({"type": "order.confirmed", "data": []}, "data is a list"),
        ({"type": "order.confirmed", "data": {}}, "data.customer_order_id is missing"),
        (callback("order.confirmed", customer_order_id="x" * 41), "at most 40 characters"),
        (callback("order.confirmed", currency="POUND"), "data.currency"),
        (callback("order.confirmed", lines_not_listed="maybe"), "data.lines_not_listed"),
        (callback("order.confirmed", lines_not_listed=["accepted"]), "data.lines_not_listed"),
        (callback("order.confirmed", line_items={}), "data.line_items is an object"),
        (callback("order.confirmed", line_items=["A"]), r"data.line_items\[0\]"),
        (
            callback("order.confirmed", line_items=[{"quantity": 1}]),
            r"line_items\[0\].supplier_product_id is missing",
        ),
        (callback("order.confirmed", line_items=[LINE | {"quantity": "5"}]), r"line_items\[0\].quantity"),
        (callback("order.confirmed", line_items=[LINE | {"quantity": -1}]), "0 or more"),
        (callback("order.confirmed", line_items=[LINE | {"unit_price": float("nan")}]), "NaN"),
        (callback("order.confirmed", line_items=[LINE | {"expected_delivery": "soon"}]), "expected_delivery"),
        (callback("order.confirmed", line_items=[LINE | {"line_number": 1.5}]), "a whole number"),
        (callback("order.shipped"), "data.shipment is missing"),
        (callback("order.shipped", shipment={}), "data.shipment.shipment_id"),
        (callback("order.shipped", shipment=SHIPMENT | {"shipped_at": "2026-03-02"}), "with an offset"),
    ],
)
def test_wrong_message_is_refused_with_its_place(body, place):
    with pytest.raises(ProtocolError, match=place):
        parse(body)


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (reply(status="draft"), 'status is "draft"'),
        (reply(status=None), "status is missing"),
        (reply(supplier_order_id=None), "supplier_order_id is missing"),
        (reply(customer_order_id="PO-2"), "expected our reference PO-1"),
        (reply(unavailable_line_items="A"), "unavailable_line_items"),
    ],
)
def test_wrong_reply_is_refused_with_its_place(body, place):
    with pytest.raises(ProtocolError, match=place):
        parse(body, "reply", "reply:PO-1")
