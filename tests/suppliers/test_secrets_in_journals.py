"""Secrets stay out of journals, reprs and messages, whatever the supplier echoes."""

import base64
import json

import pytest

from suppliers.connectors.redaction import STARS, Redactor
from suppliers.exceptions import ProtocolError
from suppliers.models import ConnectorCall
from suppliers.sandbox.faults import Fault, Kind
from suppliers.services.connections import connector_for
from tests.fixtures.sandbox import CLIENT_SECRET, WEBHOOK_SECRET
from tests.suppliers.orders import order_of
from tests.suppliers.wire import Wire, http, saying

SECRET = 'p&ss"w/rd+1'


def test_known_secret_is_hidden_in_every_form():
    redactor = Redactor()
    redactor.add(SECRET)
    forms = [
        SECRET,
        json.dumps(SECRET),
        "p&amp;ss&quot;w/rd+1",
        "p%26ss%22w%2Frd%2B1",
        base64.b64encode(SECRET.encode()).decode(),
    ]
    for form in forms:
        assert STARS in redactor.text(f"before {form} after")
        assert "ss" not in redactor.text(f"before {form} after").replace(STARS, "")


@pytest.mark.parametrize(
    "text",
    [
        '{"access_token": "hidden-1", "expires_in": 5}',
        '{"Client_Secret":"hidden-1"}',
        '{"password" : "hidden-1 with \\" quote hidden-1"}',
        '{"refresh_token": "hidden-1',
        "grant_type=x&client_secret=hidden-1&b=2",
        "https://supplier.example/?api_key=hidden-1",
        "Authorization: Bearer hidden-1.hidden-1",
        "authorization: basic aGlkZGVuLTE=",
        "<Identity>we</Identity><SharedSecret>hidden-1</SharedSecret>",
        '<wsse:Password Type="text">hidden-1</wsse:Password>',
    ],
)
def test_telling_names_are_blanked_without_knowing_the_value(text):
    cleaned = Redactor().text(text)
    assert "hidden-1" not in cleaned
    assert "aGlkZGVuLTE=" not in cleaned


def test_longer_secret_goes_before_one_that_is_part_of_it():
    redactor = Redactor()
    redactor.add("abcd", "abcd-efgh")
    assert redactor.text("abcd-efgh") == STARS


def test_bytes_that_are_no_text_come_out_as_they_went_in():
    redactor = Redactor()
    redactor.add("s3cret-value")
    body = b"\x1f\x8b\xff\x00 s3cret-value \xc3\xa9 \xc3"
    assert redactor.body(body) == body.replace(b"s3cret-value", STARS.encode())


def test_failing_connection_shows_no_secret_anywhere(sandbox, sandbox_supplier, caplog):
    sandbox.faults.set(Fault(kind=Kind.ERROR_BEFORE, operation="submit", status=500))
    with connector_for(sandbox_supplier) as connector:
        connector.check()
        with pytest.raises(Exception) as caught:
            connector.submit_order(order_of(("APLJ-1L", "6")))
        shown = [repr(connector), repr(connector.config), repr(caught.value), str(caught.value), caplog.text]
    for call in ConnectorCall.objects.all():
        shown += [call.url, call.error, call.request_text, call.response_text]
    everything = "\n".join(shown)
    (token,) = sandbox.app.protocols["cerve"]._tokens.held()
    for secret in (CLIENT_SECRET, WEBHOOK_SECRET, WEBHOOK_SECRET.removeprefix("whsec_"), token):
        assert secret not in everything


def test_supplier_that_echoes_our_token_does_not_get_it_into_messages(client, journal):
    redactor = Redactor()
    redactor.add("t0ken-value")
    echo = b'{"you_sent": "Bearer t0ken-value"}'
    with Wire(saying(http(422, echo))) as wire, pytest.raises(ProtocolError) as caught:
        client(redactor=redactor).place("submit", wire.url, headers={}, body=b"t0ken-value", reference="PO-1")
    shown = f"{caught.value} {caught.value.detail} {journal}"
    assert "t0ken-value" not in shown
    assert STARS in shown
