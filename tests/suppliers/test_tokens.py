"""OAuth tokens: fetched once, shared, renewed before they expire, renewed once when refused in mid-use."""

import threading
import uuid

import pytest
import responses

from suppliers.connectors import oauth
from suppliers.connectors.cerve import client as cerve_client
from suppliers.connectors.oauth import ClientCredentials
from suppliers.exceptions import AuthenticationFailed, NotDelivered, ProtocolError
from suppliers.sandbox.faults import Fault, Kind
from suppliers.services.connections import connector_for
from tests.suppliers.orders import order_of
from tests.suppliers.wire import Wire, http, saying


def credentials(client, url, secret="s3cret-value"):
    return ClientCredentials(client(), token_url=url, client_id=str(uuid.uuid4()), client_secret=secret)


def token(value, expires_in="3600"):
    return saying(
        http(200, b'{"access_token": "%s", "expires_in": %s}' % (value.encode(), expires_in.encode()))
    )


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 1000.0

        def monotonic(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(oauth, "time", clock)
    return clock


def test_token_is_kept_until_shortly_before_it_expires(client, clock):
    with Wire(token("one"), token("two")) as wire:
        ours = credentials(client, wire.url)
        assert ours.token() == "one"
        clock.now += 3600 - 61
        assert ours.token() == "one"
        clock.now += 2
        assert ours.token() == "two"


def test_short_lived_token_is_used_for_nine_tenths_of_its_life(client, clock):
    with Wire(token("one", "10"), token("two", "10")) as wire:
        ours = credentials(client, wire.url)
        ours.token()
        clock.now += 8.9
        assert ours.token() == "one"
        clock.now += 0.2
        assert ours.token() == "two"


def test_missing_expiry_is_taken_as_five_minutes(client, clock):
    with Wire(saying(http(200, b'{"access_token": "one"}')), token("two")) as wire:
        ours = credentials(client, wire.url)
        ours.token()
        clock.now += 271
        assert ours.token() == "two"


def test_threads_share_one_fetch(client):
    with Wire(token("one")) as wire:
        ours = credentials(client, wire.url)
        seen: list[str] = []
        threads = [threading.Thread(target=lambda: seen.append(ours.token())) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert seen == ["one"] * 8
    assert wire.connections == 1


def test_refused_token_is_renewed_by_one_thread_only(client):
    with Wire(token("one"), token("two"), token("three")) as wire:
        ours = credentials(client, wire.url)
        assert ours.token() == "one"
        assert ours.renewed("one") == "two"
        assert ours.renewed("one") == "two"  # somebody else has renewed it meanwhile


def test_new_secret_gets_no_token_of_the_old_one(client):
    client_id = str(uuid.uuid4())
    with Wire(token("one"), token("two")) as wire:
        old = ClientCredentials(client(), token_url=wire.url, client_id=client_id, client_secret="old-secret")
        new = ClientCredentials(client(), token_url=wire.url, client_id=client_id, client_secret="new-secret")
        assert (old.token(), new.token()) == ("one", "two")


@pytest.mark.parametrize("status", [400, 401, 403])
def test_refused_credentials_stop(client, status):
    with Wire(saying(http(status, b'{"error": "invalid_client"}'))) as wire:
        with pytest.raises(AuthenticationFailed, match="refused our credentials"):
            credentials(client, wire.url).token()
        assert wire.connections == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"access_token": 5}',
        b'{"access_token": "a b"}',
        b'{"access_token": "a\\nb"}',
        b'{"access_token": "a", "expires_in": "x"}',
        b'{"access_token": "a", "expires_in": -5}',
        b'{"access_token": "a", "expires_in": NaN}',
        b'{"access_token": "\xe4"}',
    ],
)
def test_unreadable_token_answer_is_a_protocol_error(client, body):
    with Wire(saying(http(200, body))) as wire, pytest.raises(ProtocolError, match="token"):
        credentials(client, wire.url).token()


def test_token_server_that_fails_is_asked_again(client):
    with Wire(saying(http(500)), token("one")) as wire:
        assert credentials(client, wire.url).token() == "one"


def test_token_that_expires_in_mid_use_is_renewed_once(sandbox, sandbox_supplier):
    with connector_for(sandbox_supplier) as connector:
        connector.check()
        sandbox.faults.set(Fault(kind=Kind.TOKEN_EXPIRED, operation="submit", count=1))
        connector.submit_order(order_of(("APLJ-1L", "6")))
    (order,) = sandbox.ledger.summary()["orders"]
    assert (order["received"], order["effects"]) == (2, 1)


def test_second_refusal_in_a_row_is_an_authentication_failure(sandbox, sandbox_supplier):
    sandbox.faults.set(Fault(kind=Kind.TOKEN_EXPIRED, operation="submit"))
    with connector_for(sandbox_supplier) as connector, pytest.raises(AuthenticationFailed):
        connector.submit_order(order_of(("APLJ-1L", "6")))
    assert sandbox.ledger.summary()["orders"][0]["received"] == 2


def test_order_without_a_token_is_not_delivered(sandbox, sandbox_supplier):
    sandbox.faults.set(Fault(kind=Kind.ERROR_BEFORE, operation="token"))
    with connector_for(sandbox_supplier) as connector, pytest.raises(NotDelivered, match="nothing was sent"):
        connector.submit_order(order_of(("APLJ-1L", "6")))
    assert sandbox.ledger.summary()["orders"] == []


def test_check_proves_the_credentials_anew(sandbox, sandbox_supplier):
    with connector_for(sandbox_supplier) as connector:
        connector.check()
    sandbox.faults.set(Fault(kind=Kind.ERROR_BEFORE, operation="token", status=403))
    with connector_for(sandbox_supplier) as connector, pytest.raises(AuthenticationFailed):
        connector.check()


def test_order_is_not_sent_when_its_token_took_too_long(sandbox, sandbox_supplier, monkeypatch):
    monkeypatch.setattr(cerve_client, "SENT_WITHIN", 0.05)
    sandbox.faults.set(Fault(kind=Kind.LATENCY, operation="token", seconds=0.1))
    with (
        connector_for(sandbox_supplier) as connector,
        pytest.raises(NotDelivered, match="too long to get a token"),
    ):
        connector.submit_order(order_of(("APLJ-1L", "6")))
    assert sandbox.ledger.summary()["orders"] == []


@responses.activate
def test_scope_is_asked_for_and_has_a_token_of_its_own(client):
    for token in ("wide", "narrow"):
        responses.post("https://auth.example/token", json={"access_token": token, "expires_in": 600})
    http = client()

    def token(scope):
        return ClientCredentials(
            http, token_url="https://auth.example/token", client_id="scoped", client_secret="s", scope=scope
        ).token()

    assert [token(""), token("orders.rw"), token("orders.rw")] == ["wide", "narrow", "narrow"]
    assert [call.request.body for call in responses.calls] == [
        b"grant_type=client_credentials",
        b"grant_type=client_credentials&scope=orders.rw",
    ]
