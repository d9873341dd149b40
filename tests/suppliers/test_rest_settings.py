"""What an administrator enters is checked in words, and what is declared by default is right."""

import pytest

from suppliers.connectors.base import Capability
from suppliers.connectors.rest.connector import RestConnector
from suppliers.exceptions import ConnectorConfigurationError
from tests.suppliers.rest_accounts import rest


def test_defaults_have_no_problem():
    for setting in RestConnector.setting_fields:
        assert RestConnector.problem_with(setting.name, setting.default) == "", setting.name


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("order_url", "acme.example", "begins with https"),
        ("lookup_url", "https://acme.example/orders", "{reference}"),
        ("cancel_url", "nowhere/{reference}", "begins with https"),
        ("lookup_list", "a..b", "no path"),
        ("authentication", "kerberos", "api_key, basic, hmac, none, oauth2"),
        ("api_key_header", "X Key:", "no name of a header"),
        ("request_signature", "X-Signature", "{hex}"),
        ("request_signature", "X-Signature: {hex}{base64}", "{hex}"),
        ("callback_signature", "X Signature: {hex}", "{hex}"),
        ("callback_authentication", "trust", "standard_webhooks"),
        ("answer_mapping", "[]", "an object"),
        ("answer_mapping", '{"status": "s", "colour": "c"}', "no name of ours"),
        ("answer_mapping", '{"status": 5}', "no path"),
        ("answer_mapping", '{"lines": "l"}', "where the status is"),
        ("answer_mapping", '{"status": "s"}', "where our reference is"),
        ("answer_mapping", '{"status": "s", "buyer_reference": "r", "lines": "l"}', "how a line is known"),
        ("callback_mapping", "[" * 5000, "not readable"),
        ("status_words", "ok=fine", "received, confirmed"),
        ("status_words", "ok", "expected"),
        ("problem_words", "x=confirmed", "unknown_item"),
        ("refusal_statuses", "500", "400 to 499"),
        ("refusal_statuses", "409", "meaning of their own"),
        ("lines_not_listed", "maybe", "accepted"),
        ("cancel_method", "GET", "delete"),
        ("cancel_template", '{"x": "$price"}', "no field"),
        ("duplicate_check", "often", "yes"),
        ("timeout_seconds", "90", "0 to 40"),
        ("timeout_seconds", "nan", "0 to 40"),
        ("unit_words", "each", "C62=each"),
        ("webhook_secret", "whsec_%%%", "whsec_"),
        ("webhook_secret", "short", "at least 8"),
    ],
)
def test_problem_is_said_in_words(name, value, says):
    assert says in RestConnector.problem_with(name, value)


def test_account_can_do_what_its_settings_name():
    assert rest().capabilities == {Capability.CALLBACK}
    able = rest(
        lookup_url="https://acme.example/orders/{reference}",
        cancel_url="https://acme.example/orders/{reference}",
        duplicate_check="yes",
        callback_authentication="none",
    )
    assert able.capabilities == {Capability.LOOKUP, Capability.CANCEL, Capability.IDEMPOTENT_SUBMIT}


@pytest.mark.parametrize(
    "settings",
    [{"authentication": "basic"}, {"authentication": "hmac"}, {"order_template": "{"}, {"status_words": "x"}],
)
def test_account_that_is_not_complete_is_not_opened(settings):
    with pytest.raises(ConnectorConfigurationError), rest(**settings):
        pass
