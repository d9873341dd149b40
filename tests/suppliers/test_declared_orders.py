"""What orders to every supplier with a declared form have in common: placed once, refused, cancelled or not."""

import pytest

from suppliers.connectors.registry import connector_class
from suppliers.exceptions import OutcomeUnknown, UnsupportedOperation
from suppliers.messages import Decision, LineProblemKind, OrderRefusal
from tests.fixtures.sandbox import CLIENT_SECRET, sandbox_of
from tests.suppliers.orders import order_of
from tests.suppliers.rest_accounts import rest
from tests.suppliers.soap_accounts import soap

ORDER = order_of(("APLJ-1L", "12"))
HELD = dict.fromkeys(("username", "client_id"), "client-1") | dict.fromkeys(
    ("password", "client_secret"), CLIENT_SECRET
)


@pytest.fixture(params=[rest, soap])
def make(request):
    return request.param


@pytest.fixture
def server(tmp_path, make):
    with sandbox_of(tmp_path, protocol=make.__name__) as server:
        yield server


@pytest.fixture
def account(server, make):
    """Makes accounts at the sandbox supplier; arguments replace settings."""
    return lambda **settings: make(None, HELD, **server.account_settings("greengrocer") | settings)


@pytest.fixture
def without(make):
    """Settings of an account that cannot do one thing."""
    connector = connector_class(make.__name__)
    return {"look-ups": {connector.lookup_setting: ""}, "cancelling": {connector.cancel_setting: ""}}


def test_order_placed_before_is_looked_up(account, server, without):
    with account() as connector:
        first = connector.submit_order(ORDER)
        assert connector.submit_order(ORDER).supplier_reference == first.supplier_reference
    with account(**without["look-ups"]) as connector, pytest.raises(OutcomeUnknown, match="no look-ups"):
        connector.submit_order(ORDER)
    assert server.ledger.summary()["orders"][0]["effects"] == 1


def test_refused_order_comes_back_with_its_lines(account, server):
    with account() as connector:
        refusal = connector.submit_order(order_of(("OILS-1", "99"), ("GONE-1", "1")))
    assert isinstance(refusal, OrderRefusal)
    assert [(p.supplier_sku, p.kind) for p in refusal.problems] == [
        ("OILS-1", LineProblemKind.OUT_OF_STOCK),
        ("GONE-1", LineProblemKind.UNKNOWN_ITEM),
    ]
    assert server.ledger.summary()["orders"][0]["effects"] == 0


def test_cancelled_order_is_answered_no_more(account, server):
    with account() as connector:
        connector.submit_order(ORDER)
        assert connector.cancel_order(ORDER, "not needed").decision is Decision.REJECTED
        assert connector.find_order(ORDER.buyer_reference).decision is Decision.REJECTED
    assert server.callbacks_waiting() == []


def test_answered_order_cannot_be_cancelled(account, server, without):
    with account() as connector:
        connector.submit_order(ORDER)
        server.callback_delivered(server.callbacks_waiting()[0])
        refusal = connector.cancel_order(ORDER, "not needed")
    assert isinstance(refusal, OrderRefusal)
    assert "answered this order already" in refusal.text
    with account(**without["cancelling"]) as connector, pytest.raises(UnsupportedOperation):
        connector.cancel_order(ORDER, "not needed")
