"""Tokens that a sandbox supplier gives out: client credentials by HTTP Basic, a bearer token in each request."""

import base64
import binascii
import hmac
import secrets
import threading
import time
from collections.abc import Mapping
from decimal import Decimal

from werkzeug.wrappers import Request, Response

from suppliers.sandbox.app import json_response
from suppliers.sandbox.faults import Kind
from suppliers.sandbox.protocol import Call, Party
from suppliers.sandbox.trade import Struck


def basic_pair(request: Request) -> tuple[str, str]:
    """User name and password of HTTP Basic; empty where there are none."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    try:
        name, _, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return (name, password) if scheme == "Basic" else ("", "")


class Tokens:
    def __init__(self, parties: Mapping[str, Party], lifetime: float) -> None:
        self._by_client = parties
        self._lifetime = lifetime
        self._held: dict[str, tuple[str, float]] = {}  # token: (supplier code, expires at)
        self._lock = threading.Lock()

    def recognise(self, request: Request) -> Call | Response:
        """A request for a token."""
        client_id, client_secret = basic_pair(request)
        if not client_id:
            client_id, client_secret = (request.form.get(name, "") for name in ("client_id", "client_secret"))
        supplier = self._by_client.get(client_id)
        if supplier is None or not hmac.compare_digest(
            client_secret.encode(), supplier.client_secret.encode()
        ):
            return json_response({"error": "invalid_client"}, 401)
        if request.form.get("grant_type") != "client_credentials":
            return json_response({"error": "unsupported_grant_type"}, 400)
        return Call(supplier, "token", lambda struck: self.issued(supplier))

    def issued(self, supplier: Party) -> Response:
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._held[token] = (supplier.code, time.monotonic() + self._lifetime)
        return json_response(
            {"access_token": token, "token_type": "Bearer", "expires_in": Decimal(str(self._lifetime))}
        )

    def held(self) -> list[str]:
        """Every token that was given out."""
        with self._lock:
            return list(self._held)

    def known(self, request: Request) -> str:
        """The code of the supplier whom the token was given for, whether it is valid still or not."""
        with self._lock:
            return self._held.get(_bearer(request), ("", 0.0))[0]

    def holder(self, request: Request, struck: Struck) -> str:
        """The code of the supplier that the request's token opens; empty where it is not valid any more."""
        token = _bearer(request)
        with self._lock:
            if Kind.TOKEN_EXPIRED in struck:
                self._held.pop(token, None)
            code, expires_at = self._held.get(token, ("", 0.0))
        return code if time.monotonic() <= expires_at else ""


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme == "Bearer" else ""
