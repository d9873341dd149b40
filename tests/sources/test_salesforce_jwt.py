"""Signing in to Salesforce with a private key: the signature is checked there, and a refusal says what to do."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from procurement.models import SourceAccount, SourceCredential
from procurement.services.syncing import source_check, source_sync
from procurement.sources.salesforce.source import SalesforceSource
from procurement.sources.sandbox.salesforce.assertions import AUDIENCE, USER, written_key
from suppliers.exceptions import ConnectorError
from suppliers.sandbox.faults import Fault, Kind
from tests.sources.accounts import quantities
from tests.sources.salesforce_org import order

pytestmark = pytest.mark.django_db


@pytest.fixture
def source(source: SourceAccount) -> SourceAccount:
    """With a private key and no secret."""
    source.settings |= {"authentication": "jwt", "username": USER, "audience": AUDIENCE}
    source.save()
    SourceCredential.objects.filter(name="client_secret").delete()
    enter(source, private_key=written_key())
    return source


def enter(source: SourceAccount, **credentials: str) -> None:
    for name, value in credentials.items():
        SourceCredential.objects.filter(name=name).delete()
        SourceCredential.objects.create(account=source, name=name, value=value)


@pytest.mark.parametrize("key", [written_key(), " ".join(written_key().split("\n"))])
def test_private_key_opens_also_where_its_line_breaks_were_lost(source, org, key):
    order(org, 1, (1, "A", 5))
    enter(source, private_key=key)
    assert source_check(source=source).startswith("Signed in")
    assert source_sync(source=source, by=None).status == "done"
    assert quantities() == {1: (5, 0)}


def test_token_that_ends_between_two_pages_is_asked_for_anew(source, org, sandbox):
    for n in range(1, 8):
        order(org, n, (n, "A", n))
    sandbox.faults.set(Fault(kind=Kind.TOKEN_EXPIRED, operation="more", count=1))
    assert source_sync(source=source, by=None).added == 7


def wrong_key(source: SourceAccount) -> None:
    enter(source, private_key=written_key(rsa.generate_private_key(65537, 2048)))


def another(**settings: str):
    def enter_it(source: SourceAccount) -> None:
        source.settings |= settings
        source.save()

    return enter_it


@pytest.mark.parametrize(
    ("mistake", "words"),
    [
        (wrong_key, "invalid assertion. The private key does not belong to the certificate of the app"),
        (another(audience="https://test.salesforce.com"), "audience is invalid. Correct “Audience”"),
        (
            another(username="nobody@acme.example"),
            "user hasn't approved this consumer. The user must be allowed",
        ),
        (
            lambda source: enter(source, client_id="other"),
            "client identifier invalid. Correct the consumer key.",
        ),
    ],
    ids=["key", "audience", "user", "consumer"],
)
def test_refusal_pauses_the_source_and_says_what_to_do(source, mistake, words):
    mistake(source)
    run = source_sync(source=source, by=None)
    assert f"Acme CRM refused our signed request for a token: {words}" in run.error
    source.refresh_from_db()
    assert words[:40] in source.paused_reason
    assert "PRIVATE KEY" not in run.error
    with pytest.raises(ConnectorError, match="refused our signed request"):
        source_check(source=source)


def test_clock_that_is_wrong_is_named(source, sandbox):
    sandbox.system.clock_ahead = timedelta(minutes=7)
    run = source_sync(source=source, by=None)
    assert run.error == (
        "Acme CRM refused our signed request for a token: expired authorization code. The request was out of date when"
        " it arrived. Their clock is 7 minutes ahead of ours: have ours set right."
    )


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("", "is the text from"),
        ("-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----", "not the certificate"),
        ("-----BEGIN PRIVATE KEY-----\n???\n-----END PRIVATE KEY-----", "is the text from"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "RSA key"),
        (pem(rsa.generate_private_key(65537, 1024)), "1024 bits; 2048 are needed"),
    ],
    ids=["none", "certificate", "rubbish", "curve", "short"],
)
def test_key_that_cannot_be_is_refused_where_it_is_entered_and_where_it_is_used(source, key, words):
    assert words in SalesforceSource.problem_with("private_key", key)
    if key:
        enter(source, private_key=key)
        assert words in source_sync(source=source, by=None).error


def test_missing_user_is_named(source):
    another(username="")(source)
    assert "jwt needs a user name" in source_sync(source=source, by=None).error
