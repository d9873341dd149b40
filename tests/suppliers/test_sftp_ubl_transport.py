"""The SFTP channel on a real connection: keys, passwords, and what each failure proves."""

import socket
import threading
from contextlib import suppress
from dataclasses import replace

import asyncssh
import pytest

from suppliers.connectors.base import ConnectorConfig
from suppliers.connectors.sftp_ubl.connector import SftpUblConnector
from suppliers.exceptions import (
    AuthenticationFailed,
    ConnectorConfigurationError,
    NotDelivered,
    OutcomeUnknown,
    ProtocolError,
    SupplierUnavailable,
)
from suppliers.sandbox.faults import Fault, Kind
from suppliers.sandbox.server import SandboxServer
from suppliers.sandbox.sftp_ubl import _Door
from tests.fixtures.sandbox import CLIENT_SECRET, sandbox_world
from tests.suppliers.orders import order_of
from tests.suppliers.sftp_depot import effects, folder

ORDER = order_of(("APLJ-1L", "12"), ("RICE-5", "3"))


# -- who they are and who we are ----------------------------------------------------------------------------
@pytest.mark.parametrize("algorithm", ["ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"])
def test_nothing_is_sent_to_a_server_with_another_host_key(open_to, depot, algorithm):
    other = asyncssh.generate_private_key(algorithm).export_public_key().decode()
    with pytest.raises(AuthenticationFailed, match=r"another host key.*not trusted"):
        open_to(host_key=other).submit_order(ORDER)
    assert effects(depot) == []


def test_either_of_two_host_keys_is_accepted_while_it_changes(open_to, depot):
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    right = depot.account_settings("greengrocer")["host_key"]
    assert "Signed in" in open_to(host_key=f"{other}, 127.0.0.1 {right}").check()


def test_wrong_password_stops_the_supplier(open_to):
    with pytest.raises(AuthenticationFailed, match="refused our user name"):
        open_to({"username": "client-1", "password": "wrong"}).submit_order(ORDER)


class Asking(_Door):
    """Takes the password as the answer to a question only."""

    def password_auth_supported(self) -> bool:
        return False

    def kbdint_auth_supported(self) -> bool:
        return True

    def get_kbdint_challenge(self, username, lang, submethods):
        return "", "", "", [("Password: ", False)]

    def validate_kbdint_response(self, username, responses):
        return self.validate_password(username, responses[0])


def test_password_is_told_to_a_server_that_asks_for_it(open_to, monkeypatch):
    monkeypatch.setattr("suppliers.sandbox.sftp_ubl._Door", Asking)
    assert "Signed in" in open_to().check()
    with pytest.raises(AuthenticationFailed):
        open_to({"username": "client-1", "password": "wrong"}).check()


def test_server_that_is_away_got_nothing(open_to, depot):
    connector = open_to(port="1")
    with pytest.raises(NotDelivered, match="refused the connection"):
        connector.submit_order(ORDER)


@pytest.mark.parametrize("says", [b"", b"HTTP/1.1 200 OK\r\n\r\n", b"SSH-2.0-odd\r\n" + b"\xff" * 64, None])
def test_server_that_speaks_no_ssh_got_nothing(open_to, says):
    with socket.create_server(("127.0.0.1", 0)) as odd:

        def serve() -> None:
            connection, _ = odd.accept()
            with connection:
                if says is not None:
                    connection.sendall(says)
                    return
                while connection.recv(100):  # never a word, until we hang up
                    continue

        thread = threading.Thread(target=serve)
        thread.start()
        with pytest.raises(NotDelivered):
            open_to(port=str(odd.getsockname()[1]), timeout_seconds="0.3").submit_order(ORDER)
        thread.join()


def test_server_inside_our_network_is_refused_unless_allowed(depot):
    config = ConnectorConfig(
        "greengrocer",
        "Greengrocer",
        settings=depot.account_settings("greengrocer"),
        credentials={"username": ("client-1",), "password": (CLIENT_SECRET,)},
    )
    with (
        SftpUblConnector(config) as connector,
        pytest.raises(ConnectorConfigurationError, match="our own network"),
    ):
        connector.check()


def test_connection_needs_a_password_or_a_key(open_to):
    with pytest.raises(ConnectorConfigurationError, match="password or a private key"):
        open_to({"username": "client-1"})


# -- what a failure proves ----------------------------------------------------------------------------------


def test_rename_that_comes_late_finds_nothing_to_rename(open_to, depot):
    depot.faults.set(Fault(kind=Kind.ACTS_LATE, operation="submit", count=1, seconds=0.6))
    connector = open_to(timeout_seconds="0.3")
    with pytest.raises(OutcomeUnknown):
        connector.submit_order(ORDER)
    with suppress(OutcomeUnknown):  # where it comes in the middle of this
        connector.submit_order(ORDER)
    depot.app.protocols["sftp_ubl"].late_ones()
    assert effects(depot) == [1]


def test_file_that_an_earlier_attempt_renames_between_two_steps_is_unknown(open_to, depot, monkeypatch):
    really = asyncssh.SFTPClient.stat

    async def stat(self, path, *rest, **more):
        if str(path).endswith(".part"):
            await self.posix_rename(path, f"orders/{ORDER.buyer_reference}.xml")
        return await really(self, path, *rest, **more)

    monkeypatch.setattr(asyncssh.SFTPClient, "stat", stat)
    with pytest.raises(OutcomeUnknown, match="earlier attempt"):
        open_to().submit_order(ORDER)
    assert effects(depot) == [1]


def test_order_that_arrives_between_the_look_and_the_upload_is_not_sent_again(open_to, depot, monkeypatch):
    late, really = folder(depot, "archive") / f"{ORDER.buyer_reference}.xml", asyncssh.SFTPClient.open

    def opened(self, *arguments, **more):
        late.write_bytes(b"<late/>")  # by the rename of an earlier attempt, held up until now
        return really(self, *arguments, **more)

    monkeypatch.setattr(asyncssh.SFTPClient, "open", opened)
    open_to().submit_order(ORDER)
    assert effects(depot) == []
    assert list(folder(depot, "orders").iterdir()) == []


def test_upload_of_which_a_part_is_missing_is_not_renamed(open_to, depot, monkeypatch):
    really = asyncssh.SFTPClient.stat

    async def stat(self, path, *rest, **more):
        found = await really(self, path, *rest, **more)
        found.size -= 1
        return found

    monkeypatch.setattr(asyncssh.SFTPClient, "stat", stat)
    with pytest.raises(SupplierUnavailable, match="bytes are there"):
        open_to().submit_order(ORDER)
    assert effects(depot) == []


def test_rename_that_we_have_no_right_to_is_certain_not_to_have_happened(open_to, depot, monkeypatch):
    async def posix_rename(self, old, new):
        raise asyncssh.SFTPPermissionDenied("Permission denied")

    monkeypatch.setattr(asyncssh.SFTPClient, "posix_rename", posix_rename)
    with pytest.raises(ProtocolError, match="does not let us rename"):
        open_to().submit_order(ORDER)
    assert effects(depot) == []


def test_missing_file_proves_nothing_where_no_archive_is_known(open_to, depot):
    connector = open_to(archive_folder="")
    assert {str(capability) for capability in connector.capabilities} == {"poll"}
    assert connector.submit_order(ORDER).supplier_reference == ""


def test_order_that_still_lies_there_is_not_uploaded_again(open_to, depot, journal):
    lying = folder(depot, "orders") / f"{ORDER.buyer_reference}.xml"
    lying.write_text("waiting")
    open_to(archive_folder="").submit_order(ORDER)
    assert lying.read_text() == "waiting"
    assert "submit" not in [call.operation for call in journal]


def test_missing_folder_is_named(open_to):
    with pytest.raises(ProtocolError, match="no/such/PO-2026-0001"):
        open_to(orders_folder="no/such").submit_order(ORDER)


def test_journal_shows_the_order_and_no_secret(open_to, journal):
    open_to().submit_order(ORDER)
    (call,) = [call for call in journal if call.operation == "submit"]
    assert call.reference == ORDER.buyer_reference
    assert call.url.endswith("/orders/PO-2026-0001.xml")
    assert b"<cbc:ID>PO-2026-0001</cbc:ID>" in call.request_body
    assert CLIENT_SECRET not in repr(journal)


def test_refused_order_comes_back_as_a_rejection(open_to):
    connector = open_to()
    connector.submit_order(order_of(("RICE-5", "1")))  # below their minimum
    (raw,) = connector.fetch_documents(None)
    (response,) = connector.parse_documents(raw)
    assert (response.decision, "minimum is 10.00" in response.note) == ("rejected", True)


# -- keys and settings --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("host_key", "SHA256:abc", "not a public key"),
        ("host", "sftp://acme.example/in", "name of the host"),
        ("private_key", "secret", "not a private key"),
        ("port", "70000", "from 1 to 65535"),
        ("buyer_id", "GLN 7300010000001", "four digits"),
        ("buyer_id", "0088:7300010000002", "check digit"),
        ("seller_country", "Britain", "capital letters"),
        ("file_name", "order.xml", "{reference}"),
        ("file_name", "../{reference}", "no folder"),
        ("timeout_seconds", "nan", "from 0.1 to 20"),
        ("settle_seconds", "soon", "from 0 to 3600"),
    ],
)
def test_wrong_setting_is_refused_with_a_reason(name, value, words):
    assert words in SftpUblConnector.problem_with(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("buyer_id", "0088:7300010000001"),
        ("host", "sftp.acme.example"),
        ("file_name", "ORDER_{reference}.XML"),
    ],
)
def test_right_setting_is_accepted(name, value):
    assert SftpUblConnector.problem_with(name, value) == ""


def test_other_references_are_other_files(open_to, depot):
    connector = open_to()
    connector.submit_order(replace(ORDER, buyer_reference="PO/1"))
    assert [path.name for path in folder(depot, "archive").iterdir()] == ["PO%2F1.xml"]
    assert connector.find_order("PO-1") is None


def test_practice_supplier_whose_port_was_taken_starts_on_another_one(tmp_path):
    server = SandboxServer([sandbox_world(protocol="sftp_ubl")], ledger=tmp_path / "ledger.sqlite3")
    protocol = server.app.protocols["sftp_ubl"]
    protocol.stop()  # as where the port after the first one belongs to somebody else
    protocol.bind("127.0.0.1", server._http.server_address[1])
    with server, socket.create_connection(protocol._socket.getsockname(), timeout=5) as caller:
        assert caller.recv(4) == b"SSH-"
