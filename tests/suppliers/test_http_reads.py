"""Questions may be asked again: how often, how long apart, and when not."""

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import responses

from suppliers.connectors.http import LONGEST_WAIT, Reply, retry_after
from suppliers.exceptions import (
    AuthenticationFailed,
    ConnectorConfigurationError,
    NotDelivered,
    ProtocolError,
    RateLimited,
    SupplierUnavailable,
)
from tests.suppliers.wire import Wire, http, resetting, saying


def read(client, url, **options):
    return client.read("price", "GET", url, headers={}, **options)


def test_transient_failures_are_asked_again_until_it_works(client, journal):
    scripts = saying(http(503)), resetting, saying(http(429)), saying(http(200, b"[]"))
    with Wire(*scripts) as wire:
        assert read(client(), wire.url).body == b"[]"
    assert [record.status for record in journal] == [503, None, 429, 200]


def test_it_is_given_up_after_some_attempts(client):
    with Wire(saying(http(500))) as wire, pytest.raises(SupplierUnavailable):
        read(client(attempts=3), wire.url)
    assert wire.connections == 3


def test_it_is_not_asked_again_once_that_would_take_too_long(client):
    with Wire(saying(http(500))) as wire, pytest.raises(SupplierUnavailable):
        read(client(repeat_for=0), wire.url)
    assert wire.connections == 1


@pytest.mark.parametrize("status", [400, 404, 409, 410, 422])
def test_permanent_refusal_is_asked_once(client, status):
    with Wire(saying(http(status, b"no"))) as wire, pytest.raises(ProtocolError) as caught:
        read(client(), wire.url)
    assert wire.connections == 1
    assert caught.value.status == status


@pytest.mark.parametrize("status", [401, 403])
def test_refused_credentials_are_not_tried_again(client, status):
    with Wire(saying(http(status))) as wire, pytest.raises(AuthenticationFailed):
        read(client(), wire.url)
    assert wire.connections == 1


def test_accepted_status_is_an_answer(client):
    with Wire(saying(http(404, b"{}"))) as wire:
        assert read(client(), wire.url, accept=(404,)).status == 404


def test_redirect_is_refused(client):
    with Wire(saying(http(302, b"", "Location: http://127.0.0.1:1/"))) as wire:
        with pytest.raises(ProtocolError, match="not followed"):
            read(client(), wire.url)
        assert wire.connections == 1


def test_unreached_supplier_is_tried_again_and_then_not_delivered(client, journal):
    with pytest.raises(NotDelivered):
        read(client(attempts=2), "http://127.0.0.1:1/")
    assert len(journal) == 2


def test_short_retry_after_is_waited_for(client, journal, monkeypatch):
    monkeypatch.setattr("tenacity.nap.time", time)  # the whole pause, which the other tests shorten
    with Wire(saying(http(429, b"", "Retry-After: 1")), saying(http(200))) as wire:
        read(client(), wire.url)
    assert journal[1].started_at - journal[0].started_at >= timedelta(seconds=1)


def test_long_retry_after_is_left_to_the_caller(client):
    with Wire(saying(http(429, b"", "Retry-After: 600"))) as wire, pytest.raises(RateLimited) as caught:
        read(client(), wire.url)
    assert wire.connections == 1
    assert caught.value.retry_after == timedelta(minutes=10)


NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0", timedelta(0)),
        ("120", timedelta(minutes=2)),
        ("999999999999999999999", LONGEST_WAIT),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), timedelta(seconds=90)),
        (format_datetime(NOW - timedelta(days=1), usegmt=True), timedelta(0)),
        (format_datetime(NOW + timedelta(days=9), usegmt=True), LONGEST_WAIT),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_date(value, expected):
    assert retry_after(Reply(429, {"retry-after": value}, b"", NOW)) == expected


@responses.activate
def test_compressed_answer_is_unpacked_within_the_limit(client):
    import gzip

    packed = gzip.compress(b"0" * 1_000_000)
    headers = {"Content-Encoding": "gzip"}
    responses.get("https://supplier.example/", body=packed, headers=headers)
    assert len(read(client(), "https://supplier.example/").body) == 1_000_000
    with pytest.raises(ProtocolError, match="larger than 5000 bytes"):  # and not asked again
        read(client(max_response=5000, attempts=1), "https://supplier.example/")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "10.0.0.1", "192.168.1.1", "100.64.0.1"])
def test_addresses_inside_our_network_are_refused_unless_allowed(client, host):
    with pytest.raises(ConnectorConfigurationError, match="inside our own network"):
        read(client(private=False), f"https://{host}/")


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "[fe80::1]", "0.0.0.0", "224.0.0.1", "[::ffff:169.254.169.254]"]
)
def test_addresses_of_no_supplier_are_always_refused(client, host):
    with pytest.raises(ConnectorConfigurationError, match="no address of a supplier"):
        read(client(private=True), f"http://{host}/")
