"""An order to a SOAP service: signed in, sent once, answered in the reply, looked up, cancelled."""

import pytest
import responses

from suppliers.exceptions import (
    AuthenticationFailed,
    NotDelivered,
    OutcomeUnknown,
    ProtocolError,
    UnsupportedOperation,
)
from suppliers.messages import Decision
from suppliers.sandbox.faults import Fault, Kind
from tests.fixtures.sandbox import CLIENT_SECRET, sandbox_of
from tests.suppliers.orders import order_of
from tests.suppliers.soap_accounts import SERVICE, SOAP_12, envelope, soap

ORDER = order_of(("APLJ-1L", "12"))


@pytest.fixture
def server(tmp_path):
    with sandbox_of(tmp_path, protocol="soap") as server:
        yield server


@pytest.fixture
def account(server, journal):
    """Makes accounts at the sandbox supplier; arguments replace settings."""

    def make(password=CLIENT_SECRET, **settings):
        held = {"username": "client-1", "password": password}
        return soap(journal.append, held, **server.account_settings("greengrocer") | settings)

    return make


@pytest.mark.parametrize("port", ["Orders11", "Orders12"])
@pytest.mark.parametrize("kind", ["basic", "wss_text", "wss_digest"])
def test_each_way_of_signing_in_is_let_in_and_kept_secret(account, server, journal, kind, port):
    with account(authentication=kind, port_name=port) as connector:
        assert "look-up of orders answers" in connector.check()
        acknowledgement = connector.submit_order(ORDER)
        found = connector.find_order(ORDER.buyer_reference)
    assert found.supplier_reference == acknowledgement.supplier_reference == "SO-PO-2026-0001"
    assert server.ledger.summary()["orders"][0]["effects"] == 1
    assert CLIENT_SECRET not in "".join(f"{c.url}{c.error}{c.request_body}{c.response_body}" for c in journal)


@pytest.mark.parametrize("port", ["Orders11", "Orders12"])
@pytest.mark.parametrize(
    ("kind", "password"),
    [("none", ""), ("wss_digest", "wrong-1"), ("basic", "wrong-1"), ("wss_text", "wrong-1")],
)
def test_supplier_that_does_not_know_us_stops_our_orders(account, server, kind, password, port):
    with account(password, authentication=kind, port_name=port) as connector:
        with pytest.raises(AuthenticationFailed, match="We do not know you"):
            connector.submit_order(ORDER)
        with pytest.raises(AuthenticationFailed):
            connector.find_order(ORDER.buyer_reference)
    assert server.ledger.summary()["orders"][0]["effects"] == 0


def test_description_is_fetched_from_its_address(account, server, journal):
    address = server.origin + "/soap/sup-1"
    with account(wsdl="", wsdl_url=address + "?wsdl") as connector:
        connector.submit_order(ORDER)
        connector.find_order(ORDER.buyer_reference)
        assert [call.operation for call in journal] == ["wsdl", "submit", "look_up"]
        with pytest.raises(UnsupportedOperation, match="dry run"):
            connector.render_order(ORDER)
    with account(wsdl="", wsdl_url=address + "?wsdl") as connector:
        connector.find_order(ORDER.buyer_reference)
        assert [call.operation for call in journal][3:] == ["look_up"], "it is kept for a while"
        connector.check()
        assert "wsdl" in [call.operation for call in journal][3:], "a test asks for it anew"


def test_order_is_not_sent_any_more_when_the_description_took_too_long(account, server, monkeypatch):
    monkeypatch.setattr("suppliers.connectors.soap.connector.SENT_WITHIN", 0)
    with account() as connector, pytest.raises(NotDelivered, match="nothing was sent"):
        connector.submit_order(ORDER)
    assert server.ledger.summary()["orders"] == []


def test_fault_is_told_in_the_supplier_s_words(account):
    with account() as connector, pytest.raises(ProtocolError, match="no multiple of the pack") as caught:
        connector.submit_order(order_of(("APLJ-1L", "13")))
    assert "Client" in str(caught.value)


def test_look_up_that_is_repeated_is_signed_anew(account, server):
    with account(authentication="wss_digest") as connector:
        connector.submit_order(ORDER)
        server.faults.set(Fault(kind=Kind.RESET_AFTER, operation="look_up", count=1))
        assert connector.find_order(ORDER.buyer_reference)


def test_look_up_that_the_supplier_does_not_have_proves_nothing(account, server):
    server.faults.set(Fault(kind=Kind.NO_LOOK_UP, operation="look_up", count=1))
    with account() as connector:
        with pytest.raises(ProtocolError, match="no operation GetOrder"):
            connector.find_order(ORDER.buyer_reference)
        assert connector.find_order(ORDER.buyer_reference) is None


# -- answers that the sandbox does not give ---------------------------------------------------------------
def answered(body, status=200, call="submit", **settings):
    with responses.RequestsMock() as supplier:
        supplier.post(SERVICE, status=status, body=body)
        with soap(lookup_operation="GetOrder", **settings) as connector:
            if call == "submit":
                return connector.submit_order(ORDER)
            return connector.find_order(ORDER.buyer_reference)


def reply(members):
    return envelope(f"<PlaceOrderResponse>{members}</PlaceOrderResponse>")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html>",
        "<a/>",
        "<!DOCTYPE a [<!ENTITY x 'y'>]>" + envelope("<a/>"),
        envelope(""),
        envelope("<a/>", version="urn:another"),
        envelope("<a>" * 100 + "</a>" * 100),
        reply("<status>pondered</status>"),
        reply("<status>received</status><order_number>PO-OTHER</order_number>"),
        reply("<status>confirmed</status><lines><line><sku>X</sku><quantity>NaN</quantity></line></lines>"),
        reply("<status><deep>1</deep></status>"),
        reply("<status>refused</status><problems><problem><sku>X</sku><kind>odd</kind></problem></problems>"),
    ],
)
def test_yes_in_words_we_cannot_read_is_an_unknown_outcome(body):
    with pytest.raises(OutcomeUnknown):
        answered(body)


def test_empty_reply_is_enough_where_the_account_says_so():
    assert answered("", 202, reply_expected="no").raw is None
    assert answered(envelope(""), reply_expected="no").raw is None


def test_paths_lead_through_attributes_and_lists():
    mapping = (
        '{"buyer_reference": "r.@no", "status": "r.state.#text", "lines": "r.row", "line.line_number": "@pos",'
        ' "line.quantity": "qty.#text"}'
    )
    body = envelope(
        '<x><r no="PO-2026-0001"><state at="now">ok</state><row pos="1"><qty unit="C62">6</qty></row></r></x>',
        version=SOAP_12,
    )
    settings = {"answer_mapping": mapping, "status_words": "ok=confirmed"}
    acknowledgement = answered(body, **settings)
    (response,) = soap(**settings).parse_documents(acknowledgement.raw)
    assert response.decision is Decision.CONFIRMED
    assert [(line.line_number, str(line.quantity)) for line in response.lines] == [(1, "6.0000")]


@pytest.mark.parametrize("path", ["order", "orders.order", "orders.order.0"])
def test_line_that_stands_alone_in_a_looked_up_order_is_a_list_of_one(path):
    order = (
        "<order><order_number>PO-2026-0001</order_number><status>confirmed</status>"
        "<lines><line><sku>APLJ-1L</sku><quantity>6</quantity></line></lines></order>"
    )
    others = "<order><order_number>PO-2</order_number></order>" if path.endswith("0") else ""
    held = f"<orders>{order}{others}</orders>" if path.startswith("orders") else order
    found = answered(
        envelope(f"<GetOrderResponse>{held}</GetOrderResponse>"), call="look_up", lookup_list=path
    )
    assert [(line.supplier_sku, line.quantity) for line in found.lines] == [("APLJ-1L", 6)]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ("<GetOrderResponse/>", ""),
        ("<GetOrderResponse/>", "order"),
        ("<GetOrderResponse><orders count='0'/></GetOrderResponse>", "orders.order"),
        ('<GetOrderResponse><orders><order xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"/>'
         "</orders></GetOrderResponse>", "orders.order.0"),
    ],
)  # fmt: skip
def test_empty_answer_says_that_there_is_no_such_order(body, path):
    assert answered(envelope(body), call="look_up", lookup_list=path) is None


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ("<GetOrderResponse><order><status>received</status></order></GetOrderResponse>", "orders"),
        ("<GetOrderResponse><found>0</found></GetOrderResponse>", "order"),
        ("<GetOrderResponse/>", "orders.order"),
        ("<GetOrderResponse><order><order_number>PO-X</order_number></order></GetOrderResponse>", "order"),
        ("<GetOrderResponse><order/><order/></GetOrderResponse>", "order"),
    ],
)
def test_look_up_with_anything_else_is_an_error(body, path):
    with pytest.raises(ProtocolError):
        answered(envelope(body), call="look_up", lookup_list=path)


def test_argument_that_the_operation_does_not_have_is_named_and_nothing_is_sent():
    template = '{"order_number": "$buyer_reference", "wares": {"line": [{"sku": "$line.sku", "q": "$line.quantity"}]}}'
    with responses.RequestsMock(), soap(order_template=template) as connector:
        with pytest.raises(ProtocolError, match=r"not fit the operation PlaceOrder.*wares"):
            connector.submit_order(ORDER)
        with pytest.raises(ProtocolError, match="wares"):
            connector.check()
