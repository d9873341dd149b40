"""OAuth 2 tokens: one an account, kept in this process and renewed before it expires. By client credentials here; other
ways to ask for one are modules beside this.
"""

import base64
import hashlib
import re
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlencode

from suppliers.connectors.http import HttpClient, Reply
from suppliers.connectors.jsondata import Json
from suppliers.exceptions import AuthenticationFailed, ProtocolError

Answer = TypeVar("Answer")
ASSUMED_LIFETIME = 300.0  # seconds, where the answer does not say
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
MARGIN = 60.0  # renew this long before expiry, or at nine tenths of a short life


@dataclass(slots=True)
class _Slot:
    """One account's token. The lock lets one thread fetch while the others wait for its result."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    token: str = field(default="", repr=False)
    renew_at: float = 0.0


_slots: dict[tuple[str, str, str, str], _Slot] = {}
_slots_lock = threading.Lock()


class Tokens(ABC):
    """One account's token; a subclass says how one is asked for."""

    _headers: Mapping[str, str] = FORM

    def __init__(self, http: HttpClient, token_url: str, client_id: str, secret: str, scope: str) -> None:
        self._http = http
        self._token_url = token_url
        # The secret is part of the key, as a digest: after a new one is entered, no old token speaks for it.
        digest = hashlib.sha256(secret.encode()).hexdigest()
        with _slots_lock:
            self._slot = _slots.setdefault((token_url, client_id, digest, scope), _Slot())

    def token(self) -> str:
        slot = self._slot
        with slot.lock:
            if time.monotonic() >= slot.renew_at:
                self._fetch(slot)
            self._http.redactor.add(slot.token)
            return slot.token

    def renewed(self, refused: str) -> str:
        """A token other than `refused`; asks for one only if no other thread has done so meanwhile."""
        with self._slot.lock:
            if self._slot.token == refused:
                self._slot.renew_at = 0.0
        return self.token()

    def authorised(self, call: Callable[[str], Answer]) -> Answer:
        """Call with the token; once more with another if 401 has proved that nothing was done."""
        token = self.token()
        try:
            return call(token)
        except AuthenticationFailed as refused:
            if refused.status != 401:
                raise
        return call(self.renewed(token))

    def proved(self) -> str:
        """A token fetched now: proof of the credentials."""
        with self._slot.lock:
            self._slot.renew_at = 0.0
        return self.token()

    @abstractmethod
    def _request(self) -> bytes:
        """The form, made for each attempt."""

    def _refusal(self, reply: Reply) -> str:
        return f"{self._http.supplier_name} refused our credentials (HTTP {reply.status})."

    def _fetch(self, slot: _Slot) -> None:
        asked_at = time.monotonic()
        # RFC 6749 section 5.2: invalid_client and invalid_grant come as 400, too
        reply = self._http.read(
            "token", "POST", self._token_url, headers=self._headers, body=self._request, accept=(400,)
        )
        if reply.status == 400:
            detail = self._http.failure(reply).detail
            raise AuthenticationFailed(self._refusal(reply), status=400, detail=detail)
        answer = Json.parse(reply.body, f"{self._http.supplier_name}: the token answer")
        token = answer.get("access_token").text(limit=8000)
        if not re.fullmatch(r"[\x21-\x7e]+", token):
            raise ProtocolError(
                f"{self._http.supplier_name}: the token contains characters that cannot be sent."
            )
        said = answer.get("expires_in")
        lifetime = float(said.positive()) if said else ASSUMED_LIFETIME
        slot.token = token
        slot.renew_at = asked_at + lifetime - min(MARGIN, lifetime / 10)


class ClientCredentials(Tokens):
    def __init__(
        self,
        http: HttpClient,
        *,
        token_url: str,
        client_id: str,
        client_secret: str,
        scope: str = "",
        in_form: bool = False,
    ) -> None:
        """`in_form`: for servers that want id and secret as fields of the form and not as HTTP Basic."""
        form = {"grant_type": "client_credentials"} | ({"scope": scope} if scope else {})
        http.redactor.add(client_secret, f"{client_id}:{client_secret}")
        headers = FORM
        if in_form:
            form |= {"client_id": client_id, "client_secret": client_secret}
        else:
            pair = base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
            headers = FORM | {"Authorization": f"Basic {pair}"}
        self._form, self._headers = urlencode(form).encode(), headers
        super().__init__(http, token_url, client_id, client_secret, scope)

    def _request(self) -> bytes:
        return self._form
