"""The SFTP channel with a real OpenSSH server, as most suppliers run it."""

import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncssh
import pytest

from suppliers.connectors.base import ConnectorConfig
from suppliers.connectors.sftp_ubl.connector import SftpUblConnector
from suppliers.exceptions import AuthenticationFailed
from tests.conftest import openssh
from tests.suppliers.orders import order_of

pytestmark = pytest.mark.openssh
ORDER = order_of(("APLJ-1L", "12"))
PRIVILEGES = Path("/run/sshd")  # sshd wants it to exist where it runs as root
ANSWER = Path(__file__).parents[1] / "contract" / "fixtures" / "sftp_ubl" / "poll-accepted.xml"


@pytest.fixture(scope="module")
def key() -> asyncssh.SSHKey:
    return asyncssh.generate_private_key("ssh-ed25519")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("supplier")
    for name in ("orders", "answers"):
        (home / name).mkdir()
    return home


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, home: Path, key: asyncssh.SSHKey
) -> Iterator[dict[str, str]]:
    """Settings of a running server that has two host keys."""
    programs = openssh()
    assert programs, "these tests are deselected where there is no OpenSSH"
    etc = tmp_path_factory.mktemp("etc")
    hosts = {name: asyncssh.generate_private_key(name) for name in ("ssh-ed25519", "ecdsa-sha2-nistp256")}
    for name, host in hosts.items():
        (etc / name).touch(mode=0o600)
        host.write_private_key(str(etc / name))
    key.write_public_key(str(etc / "authorized"))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (etc / "config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nPidFile none\nUsePAM no\nStrictModes no\n"
        f"PasswordAuthentication no\nPermitRootLogin yes\nAuthorizedKeysFile {etc / 'authorized'}\n"
        f"Subsystem sftp {programs[1]} -d {home}\n" + "".join(f"HostKey {etc / name}\n" for name in hosts)
    )
    made = os.geteuid() == 0 and not PRIVILEGES.exists()
    if made:
        PRIVILEGES.mkdir()
    command = [programs[0], "-D", "-e", "-f", str(etc / "config")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            said = iter(process.stderr.readline, "")
            assert any("listening" in line for line in said), "sshd ended"
            yield {name: host.export_public_key().decode().strip() for name, host in hosts.items()} | {
                "port": str(port)
            }
        finally:
            process.terminate()
            process.communicate()
            if made:
                PRIVILEGES.rmdir()


@pytest.fixture
def connect(server: dict[str, str], key: asyncssh.SSHKey) -> Callable[..., SftpUblConnector]:
    def make(**changes: str) -> SftpUblConnector:
        secret = {"private_key": key.export_private_key().decode()}
        settings = {
            "host": "127.0.0.1", "port": server["port"], "host_key": server["ssh-ed25519"],
            "archive_folder": "orders", "settle_seconds": "0",
            "buyer_id": "0088:7300010000001", "buyer_name": "Buyer",
            "seller_id": "9999:seller", "seller_name": "Seller", "seller_country": "GB",
        }  # fmt: skip
        secret |= {name: changes.pop(name) for name in list(changes) if name.startswith("private_key")}
        user = subprocess.run(["id", "-un"], check=True, capture_output=True, text=True).stdout.strip()
        return SftpUblConnector(
            ConnectorConfig(
                "acme",
                "Acme",
                settings=settings | changes,
                credentials={name: (value,) for name, value in (secret | {"username": user}).items()},
                allow_private_network=True,
            )
        )

    return make


def test_order_is_uploaded_once_under_its_own_name(connect, home):
    with connect() as connector:
        assert connector.find_order(ORDER.buyer_reference) is None
        connector.submit_order(ORDER)
        connector.submit_order(ORDER)
        assert connector.find_order(ORDER.buyer_reference).buyer_reference == ORDER.buyer_reference
        assert "1 orders lie in orders" in connector.check()
    assert [path.name for path in (home / "orders").iterdir()] == ["PO-2026-0001.xml"]


def test_upload_that_was_broken_off_is_finished_by_the_next(connect, home):
    with connect() as connector:
        order = order_of(("RICE-5", "3"), reference="PO-2026-0002")
        body = connector.render_order(order)[0].body
        connector._client.place("orders", "PO-2026-0002.xml", body, "PO-2026-0002", arrived=lambda: False)
        (home / "orders" / "PO-2026-0002.xml").unlink()
        connector.submit_order(order)
    assert (home / "orders" / "PO-2026-0002.xml").read_bytes() == body
    assert not list((home / "orders").glob("*.part"))


def test_answers_are_read_and_moved(connect, home):
    (home / "answers" / "answer.xml").write_bytes(ANSWER.read_bytes())
    (home / "answers" / "odd.xml").write_bytes(b"<odd/>")
    with connect() as connector:
        fetched = list(connector.fetch_documents(None))
        for raw in fetched:
            connector.document_stored(raw)
            connector.document_stored(raw)
        assert list(connector.fetch_documents(None)) == []
    assert {raw.body for raw in fetched} == {ANSWER.read_bytes(), b"<odd/>"}
    assert len(list((home / "answers" / "read").iterdir())) == 1
    assert len(list((home / "answers" / "unreadable").iterdir())) == 1


def test_either_kind_of_its_host_keys_may_be_pinned_and_no_other(connect, server):
    with connect(host_key=server["ecdsa-sha2-nistp256"]) as connector:
        assert connector.check()
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    with connect(host_key=other) as connector, pytest.raises(AuthenticationFailed, match="host key"):
        connector.check()


def test_private_key_may_have_a_passphrase_and_lose_its_line_breaks(connect, key):
    text = key.export_private_key("pkcs8-pem", passphrase="open sesame").decode()
    with connect(private_key=text.replace("\n", " "), private_key_passphrase="open sesame") as connector:
        assert connector.check()


def test_another_private_key_is_refused(connect):
    stranger = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()
    with connect(private_key=stranger) as connector, pytest.raises(AuthenticationFailed, match="refused"):
        connector.check()
