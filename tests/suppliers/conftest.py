from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from suppliers.connectors.base import CallRecord, ConnectorConfig
from suppliers.connectors.http import HttpClient, HttpPolicy
from suppliers.connectors.redaction import Redactor
from suppliers.connectors.sftp_ubl.connector import SftpUblConnector
from suppliers.sandbox.app import Timing
from suppliers.sandbox.server import SandboxServer
from tests.fixtures.sandbox import CLIENT_SECRET, sandbox_world

QUICK = {"read_timeout": 0.4, "connect_timeout": 2, "first_pause": 0.01, "longest_pause": 0.05}


@pytest.fixture
def journal() -> list[CallRecord]:
    return []


@pytest.fixture
def client(journal: list[CallRecord]) -> Iterator[Callable[..., HttpClient]]:
    """Makes HTTP clients with short pauses; keyword arguments change the policy."""
    made: list[HttpClient] = []

    def make(*, private: bool = True, redactor: Redactor | None = None, **policy: float) -> HttpClient:
        made.append(
            HttpClient(
                supplier_name="Acme",
                journal=journal.append,
                redactor=redactor or Redactor(),
                allow_private_network=private,
                policy=HttpPolicy(**QUICK | policy),
            )
        )
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture(scope="session")
def self_signed(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Files of a certificate for localhost that nobody trusts, and of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("certificate")
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return str(folder / "certificate.pem"), str(folder / "key.pem")


@pytest.fixture
def depot(tmp_path: Path) -> Iterator[SandboxServer]:
    world = sandbox_world(protocol="sftp_ubl")
    timing = Timing(confirm_after=-2, ship_after=1)
    with SandboxServer([world], ledger=tmp_path / "ledger.sqlite3", timing=timing) as server:
        yield server


@pytest.fixture
def open_to(depot: SandboxServer, journal: list[CallRecord]) -> Iterator[Callable[..., SftpUblConnector]]:
    """Makes open connectors; keyword arguments change settings, `credentials=` replaces them."""
    made: list[SftpUblConnector] = []

    def make(credentials: dict[str, str] | None = None, **settings: str) -> SftpUblConnector:
        given = {"username": "client-1", "password": CLIENT_SECRET} if credentials is None else credentials
        config = ConnectorConfig(
            "greengrocer",
            "Greengrocer",
            settings=depot.account_settings("greengrocer") | {"timeout_seconds": "2"} | settings,
            credentials={name: (value,) for name, value in given.items()},
            allow_private_network=True,
        )
        connector = SftpUblConnector(config, journal.append)
        connector.open()
        made.append(connector)
        return connector

    yield make
    for connector in made:
        connector.close()
