"""An order's POST: sent once, and every failure sorted by whether the supplier can have acted."""

import gzip
import socket
import ssl
from datetime import timedelta

import pytest
import requests
import responses

from suppliers.exceptions import (
    AuthenticationFailed,
    ConnectorConfigurationError,
    NotDelivered,
    OutcomeUnknown,
    ProtocolError,
    RateLimited,
)
from tests.suppliers.wire import Wire, http, resetting, saying


def place(client, url="https://supplier.example/orders"):
    return client.place(
        "submit", url, headers={"Authorization": "Bearer t0ken-value"}, body=b"{}", reference="PO-1"
    )


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (302, OutcomeUnknown),
        (400, ProtocolError),
        (401, AuthenticationFailed),
        (403, AuthenticationFailed),
        (404, ProtocolError),
        (408, OutcomeUnknown),
        (422, ProtocolError),
        (429, RateLimited),
        (500, OutcomeUnknown),
        (502, OutcomeUnknown),
        (503, OutcomeUnknown),
        (504, OutcomeUnknown),
    ],
)
@responses.activate
def test_status_decides_whether_the_order_may_have_arrived(client, status, expected):
    responses.post("https://supplier.example/orders", status=status, body="no such product")
    with pytest.raises(expected) as caught:
        place(client())
    assert type(caught.value) is expected
    assert caught.value.status == status
    assert len(responses.calls) == 1


@responses.activate
def test_refusal_carries_the_suppliers_words(client):
    responses.post("https://supplier.example/orders", status=422, body='{"error": "pack of 6"}')
    with pytest.raises(ProtocolError, match=r"Acme refused the request \(HTTP 422\).*pack of 6"):
        place(client())


@responses.activate
def test_retry_after_is_handed_on_when_rate_limited(client):
    responses.post("https://supplier.example/orders", status=429, headers={"Retry-After": "7"})
    with pytest.raises(RateLimited) as caught:
        place(client())
    assert caught.value.retry_after == timedelta(seconds=7)


@responses.activate
def test_connect_timeout_means_not_delivered_and_read_timeout_means_unknown(client):
    responses.post("https://supplier.example/orders", body=requests.ConnectTimeout())
    with pytest.raises(NotDelivered):
        place(client())
    responses.replace(responses.POST, "https://supplier.example/orders", body=requests.ReadTimeout())
    with pytest.raises(OutcomeUnknown, match="did not answer in time"):
        place(client())


def test_refused_connection_means_not_delivered(client):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(NotDelivered, match="it refused the connection"):
        place(client(), f"http://127.0.0.1:{port}/orders")


def test_connection_that_is_never_taken_means_not_delivered(client):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        with (
            socket.create_connection(address),
            pytest.raises(NotDelivered, match="did not take the connection"),
        ):
            place(client(connect_timeout=0.3), f"http://127.0.0.1:{address[1]}/orders")


def test_unknown_name_means_not_delivered(client):
    with pytest.raises(NotDelivered, match="its name cannot be resolved"):
        place(client(), "https://supplier.invalid/orders")
    with pytest.raises(NotDelivered, match="its name cannot be resolved"):
        place(client(), f"https://{'a' * 70}.example/orders")


def test_failed_tls_handshake_means_not_delivered(client):
    with Wire(saying(b"HTTP/1.1 400 This is no TLS\r\n\r\n")) as wire, pytest.raises(NotDelivered):
        place(client(connect_timeout=0.5), f"https://127.0.0.1:{wire.port}/orders")


def test_certificate_of_somebody_else_means_not_delivered(client, tmp_path, self_signed):
    def shake_hands(connection, request):
        pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*self_signed)
    with Wire(shake_hands) as wire:
        wire._read = lambda connection: _tls(connection, context)
        with pytest.raises(NotDelivered, match="its certificate is not valid"):
            place(client(), f"https://localhost:{wire.port}/orders")


def _tls(connection, context):
    try:
        context.wrap_socket(connection, server_side=True)
    except OSError:
        return b""
    return b""


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 20", b"garbage\r\n\r\n"], ids=["nothing", "half", "garbage"]
)
def test_broken_off_answer_means_unknown(client, answer):
    with Wire(saying(answer)) as wire, pytest.raises(OutcomeUnknown):
        place(client(), wire.url)
    assert wire.connections == 1


def test_reset_after_sending_means_unknown(client):
    with Wire(resetting) as wire, pytest.raises(OutcomeUnknown, match="the connection broke off"):
        place(client(), wire.url)
    assert wire.connections == 1


def test_no_answer_means_unknown(client):
    wire = Wire()
    wire._scripts = (wire.hanging,)
    with wire, pytest.raises(OutcomeUnknown, match="did not answer in time"):
        place(client(), wire.url)
    assert wire.connections == 1


def test_body_shorter_than_announced_means_unknown(client):
    answer = b'HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{"supplier_order_id"'
    with Wire(saying(answer)) as wire, pytest.raises(OutcomeUnknown):
        place(client(), wire.url)


def test_answer_that_drips_in_is_given_up(client):
    def dripping(connection, request):
        connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 100000\r\n\r\n")
        while not wire.stopping.wait(0.05):
            connection.sendall(b"x")

    wire = Wire(dripping)
    with wire, pytest.raises(OutcomeUnknown, match="did not end in time"):
        place(client(total_timeout=0.6), wire.url)


def test_oversized_answer_is_not_read_to_its_end(client):
    with (
        Wire(saying(http(201, b"x" * 5000))) as wire,
        pytest.raises(OutcomeUnknown, match="larger than 1000"),
    ):
        place(client(max_response=1000), wire.url)


def test_conflict_is_returned_to_be_looked_up(client):
    with Wire(saying(http(409, b"{}"))) as wire:
        assert place(client(), wire.url).status == 409


def test_connection_of_its_own_is_used_each_time(client):
    """A kept connection that the other side has closed meanwhile would leave us not knowing."""
    with Wire(saying(http(201))) as wire:
        http_client = client()
        place(http_client, wire.url)
        place(http_client, wire.url)
    assert wire.connections == 2


def test_redirect_is_not_followed(client):
    with Wire(saying(http(307, b"", "Location: http://127.0.0.1:1/"))) as wire, pytest.raises(OutcomeUnknown):
        place(client(), wire.url)
    assert wire.connections == 1


def test_journal_that_fails_does_not_lose_the_answer(client, caplog):
    def broken(record):
        raise RuntimeError("disk full")

    with Wire(saying(http(201, b'{"ok": 1}'))) as wire:
        http_client = client()
        http_client._journal = broken
        assert place(http_client, wire.url).body == b'{"ok": 1}'
    assert "could not be written" in caplog.text


@pytest.mark.parametrize(
    "url", ["ftp://supplier.example/", "supplier.example", "http://", "https://a:b@supplier.example/"]
)
def test_address_that_cannot_be_used_is_a_configuration_error(client, url):
    with pytest.raises(ConnectorConfigurationError):
        place(client(), url)


def test_credentials_do_not_leave_unencrypted_to_the_internet(client):
    with pytest.raises(ConnectorConfigurationError, match="unencrypted; use https"):
        place(client(private=False), "http://supplier.example/orders")


def test_compressed_order_is_small_on_the_wire_and_readable_in_the_journal(client, journal):
    with Wire(saying(http(200))) as wire:
        client().place(
            "submit", wire.url, headers={"X-Own": "1"}, body=b'{"a": 1}', reference="PO-1", compressed=True
        )
    head, _, body = wire.requests[0].partition(b"\r\n\r\n")
    assert gzip.decompress(body) == b'{"a": 1}'
    assert b"content-encoding: gzip" in head.lower()
    assert b"x-own: 1" in head.lower()
    assert journal[0].request_body == b'{"a": 1}'


@responses.activate
def test_status_that_is_an_answer_is_handed_back(client):
    responses.put("https://supplier.example/orders", status=422, body=b'{"lines": []}')
    reply = client().place(
        "submit",
        "https://supplier.example/orders",
        headers={},
        body=b"{}",
        reference="PO-1",
        method="PUT",
        accept=(422,),
    )
    assert (reply.status, reply.body) == (422, b'{"lines": []}')
