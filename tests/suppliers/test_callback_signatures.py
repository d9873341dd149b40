"""Standard Webhooks: who may tell us something, and what is refused without an accident."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from suppliers.connectors.base import CallbackRefused, CallbackRequest, ConnectorConfig
from suppliers.connectors.cerve.connector import CerveConnector
from suppliers.connectors.standard_webhooks import signature_verify
from suppliers.exceptions import ProtocolError

OLD = "whsec_" + base64.b64encode(b"o" * 24).decode()
NEW = "whsec_" + base64.b64encode(b"n" * 24).decode()
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def request(body=b'{"type": "order.confirmed"}', secret=NEW, sent_at=NOW, **headers):
    signed = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(sent_at.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", sent_at, body.decode("utf-8", "replace")),
    }
    changed = {name.replace("_", "-"): value for name, value in headers.items()}
    return CallbackRequest(headers=signed | changed, body=body, received_at=NOW)


def refused(request, *secrets):
    with pytest.raises(CallbackRefused) as caught:
        signature_verify(request, secrets or (NEW,))
    return caught.value.reason, caught.value.status


def test_published_example_is_accepted():
    example = CallbackRequest(
        headers={
            "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "webhook-timestamp": "1614265330",
            "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        },
        body=b'{"test": 2432232314}',
        received_at=datetime.fromtimestamp(1614265331, UTC),
    )
    assert (
        signature_verify(example, ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])
        == "msg_p5jXN8AQM9LWM0D4loKWxJek"
    )


@pytest.mark.parametrize("secret", [OLD, NEW])
def test_both_keys_are_accepted_during_a_rotation(secret):
    assert signature_verify(request(secret=secret), (NEW, OLD)) == "msg_1"


def test_retired_key_is_refused():
    assert refused(request(secret=OLD), NEW) == ("bad_signature", 401)


def test_changed_body_or_id_is_refused():
    genuine = request()
    forged = CallbackRequest(headers=genuine.headers, body=b'{"type": "order.rejected"}', received_at=NOW)
    assert refused(forged) == ("bad_signature", 401)
    assert refused(request(webhook_id="msg_2")) == ("bad_signature", 401)


@pytest.mark.parametrize("away", [timedelta(minutes=-6), timedelta(minutes=6), timedelta(days=-400)])
def test_stale_or_future_timestamp_is_refused(away):
    assert refused(request(sent_at=NOW + away)) == ("stale", 401)


def test_timestamp_within_five_minutes_is_accepted():
    assert signature_verify(request(sent_at=NOW - timedelta(minutes=4, seconds=59)), (NEW,))


@pytest.mark.parametrize("stamp", ["", "1772366400.9", "nan", "-1", "1e9", " ", "١٢٣", "9" * 30, "0x10"])
def test_timestamp_is_digits_only(stamp):
    assert refused(request(webhook_timestamp=stamp)) == ("unreadable", 400)


@pytest.mark.parametrize("name", ["", "a.b", "a b", "ä", "x" * 181, "a\nb"])
def test_message_id_is_plain_and_short(name):
    assert refused(request(webhook_id=name)) == ("unreadable", 400)


@pytest.mark.parametrize(
    "signature", ["v1", "v1,", "v1,%%%", "v1,ä", "v2,abc", "v1,a,b", "v1a,YWJj", ",", "v1," + "A" * 5000]
)
def test_malformed_signatures_are_refused_quietly(signature):
    assert refused(request(webhook_signature=signature)) == ("bad_signature", 401)


def test_good_signature_counts_beside_malformed_ones():
    good = request().headers["webhook-signature"]
    assert signature_verify(request(webhook_signature=f"nonsense v1a,x {good}"), (NEW,)) == "msg_1"


def test_body_that_is_not_text_is_unreadable():
    assert refused(request(body=b"\xff\xfe")) == ("unreadable", 400)


def test_missing_or_unusable_keys_ask_the_sender_to_come_again():
    assert refused(request(), "whsec_") == ("not_configured", 503)
    with pytest.raises(CallbackRefused, match="no usable key"):
        signature_verify(request(), ())
    assert signature_verify(request(), ("whsec_%", NEW)) == "msg_1"


@given(
    st.dictionaries(st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature"]), st.text()),
    st.binary(),
)
def test_nothing_sent_raises_anything_but_a_refusal(headers, body):
    with pytest.raises(CallbackRefused):
        signature_verify(CallbackRequest(headers=headers, body=body, received_at=NOW), (NEW,))


@pytest.mark.parametrize("body", [b"", b"nonsense", b"[]", b"{}", b'{"type": 5}'])
def test_signed_body_that_is_no_message_is_kept_and_not_understood(body):
    connector = CerveConnector(ConnectorConfig("acme", "Acme", credentials={"webhook_secret": (NEW,)}))
    raw = connector.verify_callback(request(body=body))
    assert raw.body == body
    with pytest.raises(ProtocolError):
        connector.parse_documents(raw)
