"""An order to a supplier with an API of its own: signed in, sent once, answered at once or later, cancelled."""

import json

import pytest
import responses

from suppliers.connectors.rest.connector import RestConnector
from suppliers.exceptions import (
    AuthenticationFailed,
    ConnectorConfigurationError,
    OutcomeUnknown,
    ProtocolError,
)
from suppliers.messages import Decision, LineProblem, LineProblemKind, OrderRefusal
from suppliers.sandbox.faults import Fault, Kind
from tests.fixtures.sandbox import CLIENT_SECRET, sandbox_of
from tests.suppliers.orders import order_of
from tests.suppliers.rest_accounts import rest

ORDER = order_of(("APLJ-1L", "12"))
URL = "https://acme.example/orders"


@pytest.fixture
def server(tmp_path):
    with sandbox_of(tmp_path, protocol="rest") as server:
        yield server


@pytest.fixture
def account(server, journal):
    """Makes accounts at the sandbox supplier; arguments replace settings."""

    def make(**settings):
        credentials = dict.fromkeys(("api_key", "password", "signing_key", "client_secret"), CLIENT_SECRET)
        return rest(
            journal.append,
            credentials | {"username": "client-1", "client_id": "client-1"},
            **server.account_settings("greengrocer") | settings,
        )

    return make


@pytest.mark.parametrize("kind", ["api_key", "basic", "oauth2", "hmac"])
def test_each_way_of_signing_in_is_let_in_and_kept_secret(account, server, journal, kind):
    with account(authentication=kind) as connector:
        assert "answers" in connector.check()
        connector.submit_order(ORDER)
        assert connector.find_order(ORDER.buyer_reference)
    assert server.ledger.summary()["orders"][0]["effects"] == 1
    assert CLIENT_SECRET not in "".join(f"{c.url}{c.error}{c.request_body}{c.response_body}" for c in journal)


def test_token_may_be_asked_for_with_id_and_secret_in_the_form(account, server, journal):
    with account(authentication="oauth2", token_credentials="form") as connector:
        connector.submit_order(ORDER)
    asked = next(call for call in journal if call.operation == "token")
    assert b"client_id=" in asked.request_body
    assert CLIENT_SECRET not in "".join(map(str, journal))
    with pytest.raises(ConnectorConfigurationError, match="form"), account(token_credentials="query"):
        pass


def test_supplier_that_wants_to_know_us_stops_whoever_it_does_not_know(account):
    with account(authentication="none") as connector, pytest.raises(AuthenticationFailed):
        connector.submit_order(ORDER)


def test_search_finds_the_order_in_its_list(account, server):
    search = server.account_settings("greengrocer")["order_url"] + "?order_number={reference}"
    with account(lookup_url=search, lookup_list="orders") as connector:
        assert connector.find_order(ORDER.buyer_reference) is None
        connector.submit_order(ORDER)
        found = connector.find_order(ORDER.buyer_reference)
        server.faults.set(Fault(kind=Kind.NO_LOOK_UP, operation="look_up", count=1))
        with pytest.raises(ProtocolError, match="no order look-up"):
            connector.find_order(ORDER.buyer_reference)
    assert found.decision is Decision.RECEIVED
    assert found.lines == ()


# -- answers that the sandbox does not give ---------------------------------------------------------------
def submitted(answer, status=201, order=ORDER, **settings):
    with responses.RequestsMock() as supplier:
        supplier.post(URL, status=status, body=answer if isinstance(answer, bytes) else json.dumps(answer))
        with rest(**settings) as connector:
            return connector.submit_order(order), connector, supplier.calls[0].request


def test_supplier_may_confirm_at_once_with_changes():
    mapping = {
        "buyer_reference": "data.ref",
        "supplier_reference": "data.id",
        "status": "data.ok",
        "lines": "data.rows",
        "line.line_number": "pos",
        "line.unit_price": "price.net",
        "line.promised_date": "when",
    }
    answer = {
        "data": {
            "ref": ORDER.buyer_reference,
            "id": 9007199254740993,
            "ok": True,
            "rows": [{"pos": 1, "price": {"net": "2.10"}, "when": "2026-03-04T00:00:00"}],
        }
    }
    acknowledgement, connector, _ = submitted(
        answer, 200, answer_mapping=json.dumps(mapping), status_words="true=confirmed, false=refused"
    )
    assert acknowledgement.supplier_reference == "9007199254740993"
    (response,) = connector.parse_documents(acknowledgement.raw)
    assert response.decision is Decision.CONFIRMED
    assert (str(response.lines[0].unit_price), response.lines[0].line_number) == ("2.1000", 1)
    assert str(response.lines[0].promised_date) == "2026-03-04"


def test_key_is_the_same_for_a_repeat_and_another_for_a_mended_order():
    mended = order_of(("APLJ-1L", "6"))
    with responses.RequestsMock() as supplier, rest(timeout_seconds="1") as connector:
        supplier.post(
            "https://acme.example/orders", json={"order_number": ORDER.buyer_reference, "status": "received"}
        )
        for order in (ORDER, ORDER, mended):
            connector.submit_order(order)
        first, repeat, other = (call.request.headers["Idempotency-Key"] for call in supplier.calls)
    assert first == repeat != other
    assert first.startswith(ORDER.buyer_reference)
    with responses.RequestsMock() as supplier, rest(idempotency_header="") as connector:
        supplier.post(
            "https://acme.example/orders", json={"order_number": ORDER.buyer_reference, "status": "received"}
        )
        connector.submit_order(ORDER)
        assert "Idempotency-Key" not in supplier.calls[0].request.headers


def test_freight_sum_and_units_of_an_answer_are_read_where_they_are_declared():
    mapping = {
        "buyer_reference": "ref", "status": "status", "lines": "rows", "line.line_number": "pos",
        "line.quantity": "qty", "line.unit": "uom", "total": "sum", "charges": "extras",
        "charge.label": "what", "charge.amount": "net", "charge.code": "code",
    }  # fmt: skip
    answer = {
        "ref": ORDER.buyer_reference, "status": "confirmed", "sum": "35.50",
        "rows": [{"pos": 1, "qty": "2", "uom": "Case"}],
        "extras": [{"what": "Freight", "net": 12.5, "code": 7}, {"net": "-2.00"}],
    }  # fmt: skip
    settings = {"answer_mapping": json.dumps(mapping), "unit_words": "CS=case"}
    acknowledgement, connector, _ = submitted(answer, 200, **settings)
    (response,) = connector.parse_documents(acknowledgement.raw)
    assert [(c.label, str(c.amount), c.code) for c in response.charges] == [
        ("Freight", "12.5000", "7"),
        ("Charge", "-2.0000", ""),
    ]
    assert (str(response.total), response.lines[0].unit) == ("35.5000", "CS")


def test_refusal_inside_200_holds_nothing():
    problem = {"line_number": 1, "kind": "no_price", "text": "Ask us."}
    refusal, _, _ = submitted({"status": "refused", "note": "No.", "problems": [problem]}, 200)
    assert refusal == OrderRefusal(
        text="No.", problems=(LineProblem(kind=LineProblemKind.NO_PRICE, text="Ask us.", line_number=1),)
    )


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html>",
        b"[]",
        {"status": "pondered"},
        {"status": "received", "order_number": "PO-OTHER"},
        {"status": "confirmed", "lines": [{"sku": "X", "quantity": -1}]},
        {"status": "confirmed", "lines": "all"},
        {"status": "refused", "problems": [{"sku": "X", "kind": "odd"}]},
        {"status": {"deep": 1}},
        b'{"status": 1e999999}',
        b'{"a":' * 3000,
    ],
)
def test_yes_in_words_we_cannot_read_is_an_unknown_outcome(answer):
    with pytest.raises(OutcomeUnknown):
        submitted(answer)


def test_empty_reply_is_enough_where_the_account_says_so():
    acknowledgement, _, _ = submitted(b"", 202, reply_expected="no")
    assert (acknowledgement.supplier_reference, acknowledgement.raw) == ("", None)


def test_refusal_that_cannot_be_read_is_refused_for_good():
    with pytest.raises(ProtocolError):
        submitted(b"<html>", 422)
    with pytest.raises(ProtocolError, match="refused the request"):
        submitted({"status": "refused"}, 422, refusal_statuses="")


def test_conflict_is_looked_up_and_else_unknown():
    with pytest.raises(OutcomeUnknown, match="answers no look-ups"):
        submitted({"error": "seen"}, 409)
    look_up = URL + "/{reference}"
    with responses.RequestsMock() as supplier:
        supplier.post(URL, status=409, json={})
        supplier.get(
            f"{URL}/PO-2026-0001",
            json={"order_number": "PO-2026-0001", "supplier_order_number": "SO-1", "status": "shipped"},
        )
        with rest(lookup_url=look_up) as connector:
            assert connector.submit_order(ORDER).supplier_reference == "SO-1"
            assert connector.find_order(ORDER.buyer_reference).decision is Decision.CONFIRMED


@pytest.mark.parametrize(
    "answer",
    [
        {"order_number": "PO-OTHER", "status": "received"},
        [{"order_number": "PO-2026-0001", "status": "received"}] * 2,
        {"status": "received"},
        b"null",
    ],
)
def test_look_up_that_proves_nothing_is_an_error(answer):
    with responses.RequestsMock() as supplier:
        supplier.get(f"{URL}/PO-2026-0001", body=answer if isinstance(answer, bytes) else json.dumps(answer))
        with rest(lookup_url=URL + "/{reference}") as connector, pytest.raises(ProtocolError):
            connector.find_order(ORDER.buyer_reference)


@pytest.mark.parametrize("method", ["DELETE", "PATCH"])
def test_cancelling_by_another_method(method):
    with responses.RequestsMock() as supplier:
        supplier.add(method, f"{URL}/PO-2026-0001", status=204)
        with rest(cancel_url=URL + "/{reference}", cancel_method=method) as connector:
            response = connector.cancel_order(ORDER, "late")
        sent = supplier.calls[0].request.body
    assert response.decision is Decision.REJECTED
    assert sent is None if method == "DELETE" else json.loads(sent)["reason"] == "late"


def test_connection_is_tested_by_what_there_is():
    with responses.RequestsMock() as supplier:
        supplier.get("https://acme.example/me", json={})
        with rest(check_url="https://acme.example/me") as connector:
            assert "let in" in connector.check()
        assert supplier.calls[0].request.headers["X-API-Key"] == "key-12345"
        supplier.post("https://acme.example/token", json={"access_token": "abc-token"})
        own = {"client_id": "c-rest", "client_secret": "s-rest-1"}
        with rest(None, own, authentication="oauth2", token_url="https://acme.example/token") as connector:
            assert "token" in connector.check()
    with rest() as connector:
        assert "Nothing can be tried" in connector.check()


def test_default_template_and_mapping_are_one_form():
    defaults = {field.name: field.default for field in RestConnector.setting_fields}
    assert '"order_number": "$buyer_reference"' in defaults["order_template"]
    assert '"buyer_reference": "order_number"' in defaults["answer_mapping"]
