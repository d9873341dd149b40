"""Signing in by a signed assertion: what is refused of it, and in which words."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jwt.types import Options
from werkzeug.wrappers import Response

from suppliers.sandbox.app import json_response

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
USER = "reader@acme.example"
AUDIENCE = "https://login.salesforce.com"


@cache
def app_key() -> RSAPrivateKey:
    """Of the certificate that the app has."""
    return generate_private_key(public_exponent=65537, key_size=2048)


def written_key(key: RSAPrivateKey | None = None) -> str:
    """As its owner keeps it."""
    told = (key or app_key()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return told.decode()


def refusal(form: Mapping[str, str], client_id: str, *, ahead: timedelta) -> Response | None:
    """`ahead`: how far the clock here is before the true time."""
    options: Options = {"verify_exp": False, "verify_aud": False}
    try:
        claims = jwt.decode(
            form.get("assertion", ""), app_key().public_key(), algorithms=["RS256"], options=options
        )
    except jwt.InvalidTokenError:
        return _refused("invalid_grant", "invalid assertion")
    if claims.get("iss") != client_id:
        return _refused("invalid_client_id", "client identifier invalid")
    if claims.get("aud") != AUDIENCE:
        return _refused("invalid_grant", "audience is invalid")
    if claims.get("exp", 0) <= (datetime.now(UTC) + ahead).timestamp():
        return _refused("invalid_grant", "expired authorization code")
    if claims.get("sub") != USER:
        return _refused("invalid_grant", "user hasn't approved this consumer")
    return None


def _refused(error: str, words: str) -> Response:
    return json_response({"error": error, "error_description": words}, 400)
