"""How we prove to a supplier who we are: a key, a password, a token, or a signature of the body."""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Protocol

from suppliers.connectors.oauth import ClientCredentials
from suppliers.exceptions import ConnectorConfigurationError

HEADER = re.compile(r"[A-Za-z0-9-]{1,60}")
KINDS = frozenset({"none", "api_key", "basic", "oauth2", "hmac"})


class Authentication(Protocol):
    def headers(self, body: bytes) -> Mapping[str, str]: ...

    def renew(self) -> bool:
        """After a refusal: whether there is something new to try."""


class Fixed:
    """The same headers each time; also none at all."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers

    def headers(self, body: bytes) -> Mapping[str, str]:
        return self._headers

    def renew(self) -> bool:
        return False


class Token:
    def __init__(self, oauth: ClientCredentials) -> None:
        self._oauth = oauth
        self._used = ""

    def headers(self, body: bytes) -> Mapping[str, str]:
        self._used = self._oauth.token()
        return {"Authorization": f"Bearer {self._used}"}

    def prove(self) -> None:
        self._oauth.proved()

    def renew(self) -> bool:
        self._oauth.renewed(self._used)
        return True


class Signed:
    def __init__(self, form: "SignatureForm", secret: str) -> None:
        self._form = form
        self._secret = secret

    def headers(self, body: bytes) -> Mapping[str, str]:
        return {self._form.header: self._form.made(body, self._secret)}

    def renew(self) -> bool:
        return False


class SignatureForm:
    """The HMAC-SHA256 of a body in a header, from a setting like "X-Signature: sha256={hex}"."""

    def __init__(self, setting: str, name: str) -> None:
        header, sign, self._value = (piece.strip() for piece in setting.partition(":"))
        places = self._value.count("{hex}") + self._value.count("{base64}")
        if not sign or not HEADER.fullmatch(header) or places != 1 or not self._value.isprintable():
            raise ConnectorConfigurationError(
                f"{name} is {setting!r}; expected a header and where the signature goes in it, such as "
                "X-Signature: {hex} or X-Signature: sha256={base64}."
            )
        self.header = header

    def made(self, body: bytes, secret: str) -> str:
        digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
        return self._value.replace("{hex}", digest.hex()).replace(
            "{base64}", base64.b64encode(digest).decode()
        )

    def fits(self, presented: str, body: bytes, secret: str) -> bool:
        expected = self.made(body, secret)
        if "{hex}" in self._value:  # hexadecimal digits may come in either case
            expected, presented = expected.lower(), presented.lower()
        return hmac.compare_digest(expected.encode(), presented.encode("utf-8", "replace"))


def basic(username: str, password: str) -> Fixed:
    pair = base64.b64encode(f"{username}:{password}".encode()).decode()
    return Fixed({"Authorization": f"Basic {pair}"})


def header_problem(name: str) -> str:
    return "" if HEADER.fullmatch(name) else f"{name!r} is no name of a header, such as X-API-Key."
