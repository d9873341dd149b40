"""Sessions: one an account, shared, renewed once when the platform says that they have ended, and never shown."""

import json
import threading
from urllib.parse import parse_qs

import pytest
import responses

from suppliers.connectors.squizz.session import Sessions
from suppliers.exceptions import AuthenticationFailed, ProtocolError, SupplierUnavailable
from suppliers.sandbox.faults import Fault, Kind
from tests.fixtures.sandbox import sandbox_of
from tests.suppliers.orders import order_of
from tests.suppliers.squizz_platform import (
    BASE,
    SESSION,
    answers,
    connector_of,
    failed,
    sandbox_connector,
    signs_in,
)

EMPTY = {"resultStatus": 1, "dataRecords": []}


@pytest.fixture
def platform():
    with responses.RequestsMock() as platform:
        yield platform


@pytest.fixture
def server(tmp_path):
    with sandbox_of(tmp_path, protocol="squizz") as server:
        yield server


def created(journal):
    return [call for call in journal if call.operation == "create_session"]


def test_signing_in_sends_the_form_of_the_platform(platform):
    signed_in = signs_in(platform)
    answers(platform, "retrieve_esd", EMPTY)
    with connector_of() as connector:
        list(connector.fetch_catalogue())
        (org_id,) = connector.config.credentials["org_id"]
    form = parse_qs(signed_in.calls[0].request.body.decode())
    assert form == {
        "org_id": [org_id],
        "api_org_key": ["key-of-the-api"],
        "api_org_pw": ["password-of-the-api"],
        "create_session": ["Y"],
    }


def test_session_is_shared_by_connectors_of_an_account_and_survives_them(server):
    journal = []
    for _ in range(2):
        with sandbox_connector(server, journal.append) as connector:
            list(connector.fetch_catalogue())
    assert len(created(journal)) == 1


def test_threads_wait_for_one_to_sign_in(server):
    journal, ready = [], threading.Barrier(4)

    def ask():
        with sandbox_connector(server, journal.append) as connector:
            ready.wait()
            list(connector.fetch_catalogue())

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(created(journal)) == 1


def test_ended_session_is_renewed_once_in_the_middle_of_pages(server):
    journal = []
    with sandbox_connector(server, journal.append, page_size="1") as connector:
        items = connector.fetch_catalogue()
        next(items)
        server.faults.set(Fault(kind=Kind.TOKEN_EXPIRED, operation="catalogue", count=1))
        assert len(list(items)) == 2
    assert len(created(journal)) == 2


def test_session_that_another_thread_has_renewed_is_taken_as_it_is(server):
    journal = []
    with sandbox_connector(server, journal.append) as connector:
        sessions = connector._sessions
        ended = sessions.current()
        fresh = sessions.renewed(ended)
        assert fresh != ended
        assert sessions.renewed(ended) == sessions.current() == fresh
    assert len(created(journal)) == 2


def test_session_that_is_refused_twice_is_a_failed_sign_in(server):
    server.faults.set(Fault(kind=Kind.TOKEN_EXPIRED, operation="catalogue"))
    with sandbox_connector(server) as connector, pytest.raises(AuthenticationFailed):
        list(connector.fetch_catalogue())


def test_order_with_an_ended_session_has_one_effect(server):
    server.faults.set(Fault(kind=Kind.TOKEN_EXPIRED, operation="submit", count=1))
    with sandbox_connector(server) as connector:
        connector.submit_order(order_of(("RICE-5", "3")))
    (order,) = server.ledger.summary()["orders"]
    assert (order["received"], order["effects"]) == (2, 1)


def test_new_secret_does_not_speak_with_the_old_session(client):
    slots = [
        Sessions(client(), base_url=BASE, org_id="one", key="key-of-the-api", password=password).account
        for password in ("first-password", "second-password")
    ]
    assert len(set(slots)) == 2


def test_check_tries_a_session_of_its_own_and_gives_it_back(server):
    journal = []
    with sandbox_connector(server, journal.append) as connector:
        assert connector.check() == "Signed in; 3 products are offered to account cust-1."
    operations = [call.operation for call in journal]
    assert operations[:3] == ["create_session", "validate_session", "destroy_session"]
    assert len(server.app.protocols["squizz"]._sessions) == 1  # the shared one


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("SERVER_ERROR_INCORRECT_API_CREDENTIALS", AuthenticationFailed),
        ("SERVER_ERROR_ORG_NOT_FOUND", AuthenticationFailed),
        ("SERVER_ERROR_ORG_INACTIVE", AuthenticationFailed),
        ("SERVER_ERROR_DATA_IMPORT_BUSY", SupplierUnavailable),
        ("SERVER_ERROR_SOMETHING_NEW", ProtocolError),
    ],
)
def test_refused_sign_in_is_named_for_what_it_is(platform, code, expected):
    platform.post(f"{BASE}/create_session", json={"result": "FAILURE", "result_code": code})
    with connector_of() as connector, pytest.raises(expected, match=code):
        connector.check()


@pytest.mark.parametrize("session", [None, "", "short", "with blank in it", "x" * 300, 12345678])
def test_session_id_that_cannot_be_used_is_refused(platform, session):
    platform.post(f"{BASE}/create_session", json={"result": "SUCCESS", "session_id": session})
    with connector_of() as connector, pytest.raises(ProtocolError, match=r"session"):
        connector.check()


def test_validation_that_says_no_is_a_failed_sign_in(platform):
    signs_in(platform)
    answers(platform, "validate_session", {"result": "SUCCESS", "session_valid": "N"})
    answers(platform, "destroy_session", {"result": "SUCCESS"})
    with connector_of() as connector, pytest.raises(AuthenticationFailed, match="not valid"):
        connector.check()


def test_no_session_key_or_password_is_in_the_journal(platform):
    journal = []
    signs_in(platform)
    answers(platform, "retrieve_esd", failed("SERVER_ERROR_SESSION_INVALID"))
    signs_in(platform, "AN/OTHER+SESSION")
    platform.get(f"{BASE}/retrieve_esd/AN%2FOTHER%2BSESSION", json=EMPTY)
    with connector_of(journal.append) as connector:
        list(connector.fetch_catalogue())
    shown = json.dumps([[c.url, c.error, c.request_body.decode(), c.response_body.decode()] for c in journal])
    assert len(journal) == 4
    for secret in (SESSION, "AN/OTHER", "AN%2FOTHER", "key-of-the-api", "password-of-the-api"):
        assert secret not in shown
    assert "retrieve_esd/•••?" in journal[1].url
