"""Sessions of the platform: one an account, shared in this process until the platform says that it has ended.

How long a session lives is not known, so none is renewed ahead of time. Its id stands in addresses, which
makes them secrets.
"""

import hashlib
import re
import threading
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from suppliers.connectors.http import HttpClient, Reply
from suppliers.connectors.jsondata import Json
from suppliers.connectors.squizz import esd
from suppliers.connectors.squizz.codes import Meaning, failure, result_read, sentence
from suppliers.exceptions import AuthenticationFailed, ProtocolError

FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}


@dataclass(slots=True)
class _Slot:
    """One account's session. The lock lets one thread sign in while the others wait for its result."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    session: str = field(default="", repr=False)


_slots: dict[tuple[str, str, str], _Slot] = {}
_slots_lock = threading.Lock()


class Sessions:
    def __init__(self, http: HttpClient, *, base_url: str, org_id: str, key: str, password: str) -> None:
        self._http = http
        self.root = base_url.rstrip("/") + "/"
        self._form = {"org_id": org_id, "api_org_key": key, "api_org_pw": password, "create_session": "Y"}
        http.redactor.add(key, password)
        # Both secrets are part of the key, as a digest: after a new one is entered, no old session speaks for it.
        digest = hashlib.sha256(f"{key}\0{password}".encode()).hexdigest()
        self.account = (self.root, org_id, digest)
        with _slots_lock:
            self._slot = _slots.setdefault(self.account, _Slot())

    def current(self) -> str:
        with self._slot.lock:
            if not self._slot.session:
                self._slot.session = self._create()
            self._http.redactor.add(self._slot.session)
            return self._slot.session

    def renewed(self, refused: str) -> str:
        """A session other than `refused`; signs in only if no other thread has done so meanwhile."""
        with self._slot.lock:
            if self._slot.session == refused:
                self._slot.session = ""
        return self.current()

    def prove(self) -> None:
        """Sign in anew, see the session accepted, and leave again; the shared session is not touched."""
        session = self._create()
        try:
            answer = self._document(self._ask("validate_session", session))
            result = result_read(answer)
            if not result.ok:
                raise failure(result, self._what("a new session"))
            if esd.code(answer, "session_valid", limit=5).upper() == "N":
                raise AuthenticationFailed(f"{self._what('a new session')}: it is not valid.")
        finally:
            self._ask("destroy_session", session)

    def _ask(self, endpoint: str, session: str) -> Reply:
        url = f"{self.root}{endpoint}/{quote(session, safe='')}"
        return self._http.read(endpoint, "GET", url, headers={"Accept": "application/json"})

    def _create(self) -> str:
        reply = self._http.read(
            "create_session",
            "POST",
            f"{self.root}create_session",
            headers=FORM,
            body=urlencode(self._form).encode(),
        )
        answer = self._document(reply)
        result = result_read(answer)
        if result.meaning in (Meaning.CONFIGURATION, Meaning.HOLD, Meaning.SESSION):
            raise AuthenticationFailed(f"{self._what('signing in')}: {sentence(result)}")
        if not result.ok:
            raise failure(result, self._what("signing in"))
        session = answer.get("session_id").text(limit=200)
        if not re.fullmatch(r"[\x21-\x7e]{8,}", session):
            # a shorter one could not be kept out of the journal
            raise ProtocolError(f"{self._what('signing in')}: the session id cannot be used in an address.")
        self._http.redactor.add(session)
        return session

    def _document(self, reply: Reply) -> Json:
        if reply.status != 200:
            raise ProtocolError(f"{self._what('signing in')}: HTTP {reply.status} instead of 200.")
        return Json.parse(reply.body, self._what("the answer about our session"))

    def _what(self, thing: str) -> str:
        return f"{self._http.supplier_name}: {thing}"
