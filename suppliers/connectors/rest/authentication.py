"""How we prove to a supplier who we are: a key, a password, a token, or a signature of the body."""

import base64
from collections.abc import Mapping
from typing import Protocol

from suppliers.connectors.declared.signature import SignatureForm
from suppliers.connectors.oauth import ClientCredentials

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
    def __init__(self, form: SignatureForm, secret: str) -> None:
        self._form = form
        self._secret = secret

    def headers(self, body: bytes) -> Mapping[str, str]:
        return {self._form.header: self._form.made(body, self._secret)}

    def renew(self) -> bool:
        return False


def basic(username: str, password: str) -> Fixed:
    pair = base64.b64encode(f"{username}:{password}".encode()).decode()
    return Fixed({"Authorization": f"Basic {pair}"})
