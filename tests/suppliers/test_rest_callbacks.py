"""Callbacks prove themselves in the way the account names, and are read or refused in words."""

import base64
import contextlib
import hashlib
import hmac
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suppliers.connectors.base import CallbackRefused, CallbackRequest
from suppliers.exceptions import ProtocolError
from suppliers.messages import Decision, DespatchStage, RawDocument
from tests.suppliers.rest_accounts import SECRET, rest

BODY = json.dumps({"id": "evt-1", "order_number": "PO-1", "status": "confirmed"}).encode()


def request(body=BODY, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return CallbackRequest(headers=named, body=body, received_at=datetime(2026, 3, 1, tzinfo=UTC))


def digest(body=BODY, secret=SECRET):
    return hmac.new(secret.encode(), body, hashlib.sha256).digest()


def test_hmac_in_any_form_and_with_any_valid_secret_is_believed():
    signed = rest(None, {"webhook_secret": ("new-secret-2", SECRET)}, callback_authentication="hmac")
    assert signed.verify_callback(request(x_signature=digest().hex())).message_id == "evt-1"
    assert signed.verify_callback(request(x_signature=digest().hex().upper())).message_id == "evt-1"
    assert signed.verify_callback(request(x_signature=digest(secret="new-secret-2").hex()))
    other = rest(callback_authentication="hmac", callback_signature="X-Hub: sha256={base64}")
    written = "sha256=" + base64.b64encode(digest()).decode()
    assert other.verify_callback(request(x_hub=written))
    for near in (written.lower(), written.swapcase(), written[:-4]):  # letters of base64 differ by case
        with pytest.raises(CallbackRefused):
            other.verify_callback(request(x_hub=near))


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({}, "unreadable"),
        ({"x_signature": ""}, "unreadable"),
        ({"x_signature": digest(BODY + b" ").hex()}, "bad_signature"),
        ({"x_signature": digest(secret="another-secret").hex()}, "bad_signature"),
        ({"x_signature": "é" * 64}, "bad_signature"),
        ({"authorization": f"Bearer {SECRET}"}, "unreadable"),
    ],
)
def test_other_signatures_are_refused(headers, reason):
    with pytest.raises(CallbackRefused) as caught:
        rest(callback_authentication="hmac").verify_callback(request(**headers))
    assert caught.value.reason == reason


def test_bearer_secret_is_believed_and_nothing_else():
    bearer = rest(None, {"webhook_secret": ("new-secret-2", SECRET)}, callback_authentication="bearer")
    assert bearer.verify_callback(request(authorization=f"Bearer {SECRET}")).message_id == "evt-1"
    for said in ("Bearer wrong-secret", SECRET, f"Basic {SECRET}", "Bearer é"):
        with pytest.raises(CallbackRefused):
            bearer.verify_callback(request(authorization=said))


@pytest.mark.parametrize("kind", ["none", "hmac", "bearer", "standard_webhooks"])
def test_without_a_secret_nobody_is_believed(kind):
    closed = rest(None, {"webhook_secret": ()}, callback_authentication=kind)
    with pytest.raises(CallbackRefused):
        closed.verify_callback(request(authorization="Bearer ", x_signature=digest(secret="").hex()))


def test_message_without_an_id_is_known_by_its_text():
    bearer = rest(callback_authentication="bearer")

    def message_id(body):
        return bearer.verify_callback(request(body, authorization=f"Bearer {SECRET}")).message_id

    assert message_id(b'{"a": 1}') == message_id(b'{"a": 1}') != message_id(b'{"a": 2}')
    assert message_id(b'{"id": null}').startswith("sha256:")


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b"\xff", b"{", b'{"id": 5}', b'{"id": "a b"}', b"[" * 9999]
)
def test_proved_callback_that_is_no_message_is_kept_and_not_understood(body):
    connector = rest(callback_authentication="hmac")
    raw = connector.verify_callback(request(body, x_signature=digest(body).hex()))
    assert (raw.body, raw.message_id[:7]) == (body, "sha256:")
    with pytest.raises(ProtocolError):
        connector.parse_documents(raw)


def raw(message, **kwargs):
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    return RawDocument(
        message_id="m-1",
        channel="callback",
        content_type="",
        body=body,
        headers={"received-at": "2026-03-01T12:00:00+00:00"},
        **kwargs,
    )


def test_packed_then_shipped_by_a_mapping_of_callbacks():
    mapping = json.dumps(
        {
            "buyer_reference": "event.order.ref",
            "status": "event.type",
            "shipment.id": "event.parcels.0.no",
            "shipment.tracking": "event.parcels.0.track",
            "shipment.lines": "event.parcels.0.rows",
            "line.supplier_sku": "art",
            "line.quantity": "n",
        }
    )
    connector = rest(callback_mapping=mapping, status_words="order.packed=packed, order.left=shipped")
    event = {"order": {"ref": "PO-1"}, "type": "order.packed", "parcels": []}
    (packed,) = connector.parse_documents(raw({"event": event}))
    assert (packed.stage, packed.lines, packed.despatch_id) == (DespatchStage.PACKED, (), "m-1")
    event |= {"type": "Order.Left", "parcels": [{"no": 7, "track": "T1", "rows": [{"art": 55, "n": "2.0"}]}]}
    (shipped,) = connector.parse_documents(raw({"event": event}))
    assert (shipped.stage, shipped.despatch_id, shipped.tracking) == (DespatchStage.SHIPPED, "7", "T1")
    assert (shipped.lines[0].supplier_sku, shipped.lines[0].quantity) == ("55", 2)


def test_lines_that_are_not_listed_are_what_the_account_says():
    message = {"order_number": "PO-1", "status": "confirmed", "lines": [{"sku": "X", "quantity": 1}]}
    for setting in ("open", "accepted"):
        (response,) = rest(lines_not_listed=setting).parse_documents(raw(message))
        assert response.unmentioned == setting
    (bare,) = rest().parse_documents(raw({"order_number": "PO-1", "status": "confirmed"}))
    assert (bare.decision, bare.unmentioned) == (Decision.CONFIRMED, "accepted")


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
NAMES = (
    "order_number",
    "supplier_order_number",
    "status",
    "currency",
    "note",
    "timestamp",
    "lines",
    "shipment",
)
LINE = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("line_number", "sku", "quantity", "unit_price", "delivery_date"), JUNK)
)
MESSAGE = st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, JUNK)) | st.fixed_dictionaries(
    {"order_number": st.just("PO-1"), "status": st.sampled_from(["confirmed", "shipped"])},
    optional={"lines": st.lists(LINE, max_size=2), "shipment": JUNK, "timestamp": JUNK},
)


@given(message=MESSAGE)
def test_whatever_a_callback_holds_it_is_read_or_refused_in_words(message):
    with contextlib.suppress(ProtocolError):
        rest().parse_documents(raw(message))
