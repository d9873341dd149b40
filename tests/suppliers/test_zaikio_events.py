"""Events of the hub: the documented vectors verify, other signatures do not, and the payload only points."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from suppliers.connectors.base import CallbackRefused, CallbackRequest, ConnectorConfig
from suppliers.connectors.zaikio.connector import ZaikioConnector
from suppliers.connectors.zaikio.loom import signature
from suppliers.exceptions import ProtocolError
from suppliers.messages import RawDocument

SECRET = "nq9oZo7haPgNVdNRccWhK551"
ORGANIZATION = "Org/2b271d51-e447-4a16-810f-5abdc596700a"
EVENT = {
    "id": "62abcc92-e17e-4db0-b78e-13369251474b",
    "name": "accounting.invoice_paid",
    "subject": ORGANIZATION,
    "timestamp": "2019-11-26T10:58:09.664Z",
    "version": "1.0",
    "payload": {"invoice_number": "b1a2eaa9-11ba-4cab-8580-40f091e37742"},
    "link": "https://account.example.tld/api/v1/payments/1234",
    "received_at": "2019-11-26T10:58:09.664Z",
}
DOCUMENTED = "853fcdb7a11e0106694f5e5033df2210a0876548b68292bed6f6917602498400"
WITHOUT_SUBJECT = "91e84e7acba6bad9160ee952691d71e4acf64c576bb52d7a0c4f9adc0f1923a3"
THEN = datetime(2019, 11, 26, 10, 59, tzinfo=UTC)


def compact(event):
    return json.dumps(event, separators=(",", ":")).encode()


def zaikio(*secrets, **settings):
    return ZaikioConnector(
        ConnectorConfig(
            "acme",
            "Acme",
            settings={"organization": ORGANIZATION, "supplier_id": "s-1"} | settings,
            credentials={"webhook_secret": secrets or (SECRET,)},
        )
    )


def request(event, *, sign=SECRET, at=THEN):
    body = event if isinstance(event, bytes) else compact(event)
    return CallbackRequest(headers={"x-loom-signature": signature(sign, body)}, body=body, received_at=at)


def test_documented_vectors_verify():
    shown = CallbackRequest(headers={"x-loom-signature": DOCUMENTED}, body=compact(EVENT), received_at=THEN)
    assert zaikio().verify_callback(shown).message_id == EVENT["id"]
    assert zaikio("another", SECRET).verify_callback(shown).message_id == EVENT["id"]
    older = {name: value for name, value in EVENT.items() if name not in ("subject", "link")}
    assert signature(SECRET, compact(older)) == WITHOUT_SUBJECT


def test_retries_of_hours_are_taken_and_old_recordings_are_not():
    assert zaikio().verify_callback(request(EVENT, at=THEN + timedelta(hours=20)))
    for at in (THEN + timedelta(days=31), THEN - timedelta(hours=1)):
        with pytest.raises(CallbackRefused) as caught:
            zaikio().verify_callback(request(EVENT, at=at))
        assert caught.value.reason == "stale"


@pytest.mark.parametrize(
    ("change", "reason", "status"),
    [
        ({"headers": {}}, "unreadable", 400),
        ({"headers": {"x-loom-signature": "é"}}, "bad_signature", 401),
        ({"headers": {"x-loom-signature": WITHOUT_SUBJECT}}, "bad_signature", 401),
        ({"body": compact(EVENT) + b" "}, "bad_signature", 401),
    ],
)
def test_other_signatures_are_refused(change, reason, status):
    with pytest.raises(CallbackRefused) as caught:
        zaikio().verify_callback(replace(request(EVENT), **change))
    assert (caught.value.reason, caught.value.status) == (reason, status)


def test_without_a_secret_nobody_is_believed():
    with pytest.raises(CallbackRefused) as caught:
        zaikio("").verify_callback(request(EVENT, sign=""))
    assert caught.value.reason == "not_configured"


def test_event_for_another_organisation_is_refused():
    with pytest.raises(CallbackRefused) as caught:
        zaikio(organization="Org/other").verify_callback(request(EVENT))
    assert caught.value.reason == "wrong_recipient"


@pytest.mark.parametrize(
    "event",
    [b"", b"[]", b"\xff", b"{", b"[" * 9999, EVENT | {"id": 5}, EVENT | {"id": "a b"}, EVENT | {"timestamp": "x"},
     EVENT | {"timestamp": "1900-01-01T00:00:00Z"}, EVENT | {"name": None}, EVENT | {"subject": {}}],
)  # fmt: skip
def test_signed_nonsense_is_kept_and_not_understood(event):
    raw = zaikio().verify_callback(request(event))
    assert raw.message_id.startswith("sha256:")
    with pytest.raises(ProtocolError):
        list(zaikio().fetch_announced(raw))


def test_event_about_something_else_is_taken_and_fetches_nothing():
    raw = zaikio().verify_callback(request(EVENT))
    assert zaikio().announces(raw)
    assert list(zaikio().fetch_announced(raw)) == []


@pytest.mark.parametrize("payload", [{"order_id": 5}, {"order_id": "x" * 200}, "order", ["order_id"]])
def test_event_that_points_to_nonsense_is_kept_for_a_person(payload):
    raw = RawDocument(
        message_id="e-1", channel="callback", content_type="", body=compact(EVENT | {"payload": payload})
    )
    with pytest.raises(ProtocolError, match="e-1"):
        list(zaikio().fetch_announced(raw))


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("organization", "2b271d51", "Org/"),
        ("reference_prefix", "ours", "ends with"),
        ("state_words", "placed=fine", "draft, received"),
        ("variant_field", "sku", "external_id"),
        ("quantity_field", "pieces", "amount_in_base_unit"),
        ("timeout_seconds", "30", "from 0.1 to 20"),
        ("most_pages", "0", "from 1 to 1000"),
        ("base_url", "zaikio", "https"),
    ],
)
def test_setting_that_cannot_be_right_is_explained(name, value, says):
    assert says in ZaikioConnector.problem_with(name, value)


def test_defaults_have_no_problem():
    for setting in ZaikioConnector.setting_fields:
        if setting.default:
            assert ZaikioConnector.problem_with(setting.name, setting.default) == ""


# -- orders as the hub has them ---------------------------------------------------------------------------
ORDER = {
    "id": "o-1",
    "state": "shipped",
    "references": ["CO/4F2A9C", "buyer:PO-1"],
    "confirmed_at": "2026-03-01T12:00:00.000Z",
}


def read(order, **settings):
    raw = RawDocument(
        message_id="order:o-1:x",
        channel="lookup",
        content_type="",
        body=compact(order),
        headers={"received-at": "2026-03-03T12:00:00+00:00"},
    )
    return zaikio(**settings).parse_documents(raw)


def test_packs_become_the_pieces_that_we_asked_for():
    line = {"order_number": "55000482/PK50", "references": ["COL/A47CCU", "buyer:PO-1#3"], "amount": 4,
            "amount_in_base_unit": 200, "pricing": {"unit_net_price": "188.0"}}  # fmt: skip
    order = ORDER | {"order_line_items": [line]}
    response, advice = read(order)
    (pieces,) = response.lines
    assert (pieces.line_number, pieces.quantity, str(pieces.unit_price)) == (3, 200, "3.7600")
    assert response.issued_at == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert (advice.despatch_id, advice.lines, advice.shipped_at.day) == ("o-1", (), 3)
    (packs,) = read(order, quantity_field="amount")[0].lines
    assert (packs.quantity, packs.unit_price) == (4, 188)


@pytest.mark.parametrize(
    ("accuracy", "expected"), [("confirmed", "2026-03-05"), ("esimated", "None"), (5, "None")]
)
def test_day_of_the_delivery_counts_where_it_is_no_estimate(accuracy, expected):
    line = {"order_number": "X", "amount_in_base_unit": 1}
    delivery = {"accuracy": accuracy, "date": "2026-03-05"}
    response = read(ORDER | {"order_line_items": [line], "delivery": delivery})[0]
    assert str(response.lines[0].promised_date) == expected


@pytest.mark.parametrize(
    "change",
    [
        {"order_line_items": None},
        {"order_line_items": [{}]},
        {"order_line_items": [{"order_number": "X", "amount_in_base_unit": "many"}]},
        {"order_line_items": [{"order_number": 7}]},
        {"order_line_items": [], "confirmed_at": "1900-01-01T00:00:00Z"},
        {"order_line_items": [], "currency": "EURO"},
        {"references": "buyer:PO-1"},
        {"state": 7},
        {"state": None},
    ],
)
def test_order_that_cannot_be_right_is_a_protocol_error(change):
    with pytest.raises(ProtocolError, match="Message order:o-1:x"):
        read(ORDER | change)
