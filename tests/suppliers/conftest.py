from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from suppliers.connectors.base import CallRecord
from suppliers.connectors.http import HttpClient, HttpPolicy
from suppliers.connectors.redaction import Redactor

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
