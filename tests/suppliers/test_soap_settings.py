"""What an administrator enters is checked in words; callbacks are believed only where that is declared."""

from datetime import UTC, datetime

import pytest

from suppliers.connectors.base import CallbackRefused, CallbackRequest, Capability
from suppliers.connectors.soap.connector import SoapConnector
from suppliers.exceptions import ConnectorConfigurationError, ProtocolError
from suppliers.messages import Decision
from tests.suppliers.soap_accounts import SOAP_12, envelope, soap

BODY = "<A><id>e-1</id><order_number>PO-1</order_number><status>confirmed</status></A>"


def test_defaults_have_no_problem():
    for setting in SoapConnector.setting_fields:
        assert SoapConnector.problem_with(setting.name, setting.default) == "", setting.name


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("wsdl_url", "acme.example", "begins with https"),
        ("endpoint_url", "ftp://acme.example", "begins with https"),
        ("wsdl", "<a/>", "begins with an element definitions"),
        ("wsdl", "<!DOCTYPE a><a/>", "DOCTYPE"),
        ("wsdl", "text", "not readable"),
        ("lookup_list", "a..b", "no path"),
        ("fault_code", "a..b", "no path"),
        ("fault_words", "Client=fine", "placed_before"),
        ("authentication", "kerberos", "wss_digest"),
        ("lookup_template", "{}", "$buyer_reference"),
        ("lookup_template", '{"a": "$buyer_reference", "b": "$line.sku"}', "outside a list"),
        ("order_template", "{}", "$buyer_reference"),
        ("callback_authentication", "trust", "standard_webhooks"),
        ("timeout_seconds", "0", "from 0 to 40"),
    ],
)
def test_what_cannot_be_right_is_said(name, value, says):
    assert says in SoapConnector.problem_with(name, value)


def test_arguments_must_have_names():
    connector = soap(lookup_operation="GetOrder", lookup_template='["$buyer_reference"]')
    with connector, pytest.raises(ConnectorConfigurationError, match="names and values"):
        connector.find_order("PO-1")


def called(body, header, value, **settings):
    request = CallbackRequest(headers={header: value}, body=body.encode(), received_at=datetime.now(UTC))
    connector = soap(**settings)
    return connector, connector.verify_callback(request)


def test_callback_by_http_basic_is_read_and_answered_in_its_own_form():
    for body, kind in ((envelope(BODY), "text/xml"), (envelope(BODY, SOAP_12), "application/soap+xml")):
        # callback-secret-1 as a pair
        connector, raw = called(
            body, "authorization", "Basic Y2FsbGJhY2stc2VjcmV0LTE=", callback_authentication="basic"
        )
        assert Capability.CALLBACK in connector.capabilities
        assert raw.message_id == "e-1"
        (document,) = connector.parse_documents(raw)
        assert document.decision is Decision.CONFIRMED
        reply = connector.callback_taken(raw, repeated=False)
        assert (reply.status, reply.content_type.partition(";")[0]) == (200, kind)
        assert b"Body" in reply.body
    connector, raw = called(
        BODY, "authorization", "Bearer callback-secret-1", callback_authentication="bearer"
    )
    assert connector.callback_taken(raw, repeated=False) is None


@pytest.mark.parametrize(
    ("body", "header", "value", "reason"),
    [
        (BODY, "authorization", "Basic d3Jvbmc=", "bad_signature"),
        (BODY, "x-signature", "00", "unreadable"),
    ],
)
def test_callback_that_proves_nothing_is_refused(body, header, value, reason):
    with pytest.raises(CallbackRefused) as caught:
        called(body, header, value, callback_authentication="basic")
    assert caught.value.reason == reason


@pytest.mark.parametrize("body", ["<!DOCTYPE A>" + BODY, "{}", ""])
def test_callback_that_says_nothing_is_kept_and_not_understood(body):
    connector, raw = called(
        body, "authorization", "Basic Y2FsbGJhY2stc2VjcmV0LTE=", callback_authentication="basic"
    )
    assert connector.callback_taken(raw, repeated=False) is None
    with pytest.raises(ProtocolError):
        connector.parse_documents(raw)


def test_callbacks_are_not_taken_where_there_are_none():
    assert Capability.CALLBACK not in soap(callback_authentication="none").capabilities
    assert Capability.CALLBACK not in soap(None, {"webhook_secret": ""}).capabilities
    with pytest.raises(CallbackRefused) as caught:
        called(BODY, "authorization", "Bearer callback-secret-1", callback_authentication="none")
    assert caught.value.reason == "not_accepted"
