"""Keeping secrets out of journals and messages.

Two nets: every secret we know is replaced wherever it occurs, and fields whose name means a secret are
blanked even where we did not know the value (a token inside an answer we could not read).
"""

import base64
import json
import re
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

STARS = "•••"
TELLING_NAMES = (
    r"(?:access_|refresh_|id_|session_)?token|client_secret|secret|pass(?:word|wd)?|pwd|api_?(?:org_?)?(?:key|pw)|assertion|"
    r"session_id|authorization"
)
_JSON_FIELD = re.compile(rf'("(?:{TELLING_NAMES})"\s*:\s*)"(?:[^"\\]|\\.)*("|$)', re.IGNORECASE)
_XML_FIELD = re.compile(
    rf"(<(?:[\w.-]+:)?(?:shared_?)?(?:{TELLING_NAMES})\b[^<>]*(?<!/)>)[^<]+", re.IGNORECASE
)
_FORM_FIELD = re.compile(rf"((?:^|[?&\s])(?:{TELLING_NAMES})=)[^&\s]*", re.IGNORECASE)
_HEADER = re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9+/=._~-]{6,}", re.IGNORECASE)
SHORTEST = 4  # replacing every "a" would hide the text and not the secret


class Redactor:
    def __init__(self, *secrets: str) -> None:
        self._known: set[str] = set()
        self._forms: list[str] = []
        self.add(*secrets)

    def add(self, *secrets: str) -> None:
        """Hide these from now on, also as they look in addresses, JSON, XML and HTTP Basic."""
        for secret in secrets:
            if len(secret) < SHORTEST or secret in self._known:
                continue
            self._known.add(secret)
            forms = {secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1]}
            forms |= {escape(secret), escape(secret, {'"': "&quot;", "'": "&apos;"})}
            forms.add(base64.b64encode(secret.encode()).decode())
            self._forms += [form for form in forms if form not in self._forms]
        self._forms.sort(key=len, reverse=True)  # a secret that contains another goes first

    def text(self, text: str) -> str:
        for form in self._forms:
            if form in text:
                text = text.replace(form, STARS)
        text = _JSON_FIELD.sub(rf'\1"{STARS}"', text)
        text = _XML_FIELD.sub(rf"\1{STARS}", text)
        text = _FORM_FIELD.sub(rf"\1{STARS}", text)
        return _HEADER.sub(rf"\1 {STARS}", text)

    def body(self, body: bytes) -> bytes:
        """Bytes that are no text (compressed, a PDF) come out as they went in."""
        return self.text(body.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
