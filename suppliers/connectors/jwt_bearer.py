"""OAuth 2 tokens by a signed assertion (RFC 7523): a private key proves who we are, and no secret is sent."""

import base64
import binascii
import re
import time
from collections.abc import Mapping
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_der_private_key

from suppliers.connectors.http import HttpClient, Reply
from suppliers.connectors.jsondata import Json
from suppliers.connectors.oauth import Tokens
from suppliers.exceptions import ConnectorConfigurationError, ProtocolError

LIFETIME = timedelta(minutes=3)  # of an assertion
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
PEM = re.compile(r"-----BEGIN (?:RSA )?PRIVATE KEY-----(.+)-----END (?:RSA )?PRIVATE KEY-----", re.DOTALL)
SKEW_NAMED = timedelta(minutes=1)
LEAST_BITS = 2048


class JwtBearer(Tokens):
    def __init__(
        self,
        http: HttpClient,
        *,
        token_url: str,
        client_id: str,
        username: str,
        audience: str,
        private_key: str,
        hints: Mapping[str, str],
    ) -> None:
        """`hints`: what to do about a refusal, by a part of its words. Raises `ConnectorConfigurationError`."""
        if problem := key_problem(private_key):
            raise ConnectorConfigurationError(f"{http.supplier_name}: {problem}")
        self._key, self._hints = _key(private_key), hints
        self._claims = {"iss": client_id, "sub": username, "aud": audience}
        http.redactor.add(private_key)
        super().__init__(http, token_url, client_id, f"{username} {audience} {private_key}", "")

    def _request(self) -> bytes:
        expires = int(time.time() + LIFETIME.total_seconds())
        assertion = jwt.encode(self._claims | {"exp": expires}, self._key, algorithm="RS256")
        self._http.redactor.add(assertion)
        return urlencode({"grant_type": GRANT, "assertion": assertion}).encode()

    def _refusal(self, reply: Reply) -> str:
        """In their words, what to do about it, and whether the clocks are apart: an assertion lives for minutes."""
        try:
            said = Json.parse(reply.body, "the answer")
            words = said.get("error_description").note(limit=200) or said.get("error").note(limit=60)
        except ProtocolError:
            words = ""
        words = self._http.redactor.text(" ".join(words.split())).rstrip(".")
        hint = next((hint for part, hint in self._hints.items() if part in words.lower()), "")
        told = f"{self._http.supplier_name} refused our signed request for a token"
        return " ".join(filter(None, [f"{told}: {words or 'no reason given'}.", hint, _skew(reply)]))


def key_problem(value: str) -> str:
    """Why this cannot be the private key; empty if it can."""
    try:
        key = _key(value)
    except (ValueError, TypeError, binascii.Error):
        return (
            "A private key is the text from -----BEGIN PRIVATE KEY----- to -----END PRIVATE KEY-----,"
            " of an RSA key without a password; not the certificate."
        )
    return "" if key.key_size >= LEAST_BITS else f"The key has {key.key_size} bits; {LEAST_BITS} are needed."


def _key(value: str) -> RSAPrivateKey:
    """Also of a text whose line breaks were lost, as a field of one line loses them."""
    found = PEM.search(value)
    if found is None:
        raise ValueError("no private key")
    key = load_der_private_key(base64.b64decode("".join(found[1].split()), validate=True), None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError("not RSA")
    return key


def _skew(reply: Reply) -> str:
    try:
        said = parsedate_to_datetime(reply.headers.get("date", "")).replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError):
        return ""
    apart = said - reply.received_at
    if abs(apart) <= SKEW_NAMED:
        return ""
    way = "ahead of" if apart > timedelta(0) else "behind"
    return (
        f"Their clock is {round(abs(apart) / timedelta(minutes=1))} minutes {way} ours: have ours set right."
    )
