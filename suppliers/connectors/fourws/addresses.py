"""The callback address of each order: nobody can guess it, and nothing about it has to be stored.

4ws.trade documents no signature on its callbacks, and a failure does not even name the order. So the address
itself says which document of which order it is for, and ends with a token that only we can make (HMAC-SHA256
over all of it). Whoever knows the address may answer this one document and nothing else.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote

SHORTEST_SECRET = 24
_PATH = re.compile(r"(?P<reference>.{1,40})/(?P<part>\d{1,3})-of-(?P<parts>\d{1,3})/(?P<status>[a-z]{1,20})")
_PURPOSE = "callback address, version 1"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a callback address stands for."""

    reference: str
    status: str  # what we asked the document to be: open, confirmed, unstated
    part: int = 1
    parts: int = 1

    @property
    def document_id(self) -> str:
        return document_id(self.reference, self.part, self.parts)

    @property
    def words(self) -> str:
        return f"{self.reference}/{self.part}-of-{self.parts}/{self.status}"

    @classmethod
    def read(cls, words: str) -> Self | None:
        found = _PATH.fullmatch(words)
        if found is None or not words.isprintable():
            return None
        claim = cls(found["reference"], found["status"], int(found["part"]), int(found["parts"]))
        return claim if claim.words == words and 1 <= claim.part <= claim.parts else None


def document_id(reference: str, part: int, parts: int) -> str:
    """Opaque text to 4ws.trade; the same on every attempt."""
    return reference if parts == 1 else f"{reference}/{part}"


def callback_address(base: str, claim: Claim, *, supplier: str, secret: str) -> str:
    return (
        f"{base.rstrip('/')}/{quote(claim.words, safe='/')}/{token(claim, supplier=supplier, secret=secret)}"
    )


def claim_verify(path: str, *, supplier: str, secrets: Iterable[str]) -> Claim | None:
    """None: not an address of ours. Every valid secret is tried, so that one can be replaced by another."""
    words, _, shown = path.rpartition("/")
    claim = Claim.read(words)
    if claim is None:
        return None
    given = shown.encode("utf-8", "replace")
    genuine = [
        hmac.compare_digest(token(claim, supplier=supplier, secret=secret).encode(), given)
        for secret in secrets
        if len(secret) >= SHORTEST_SECRET
    ]
    return claim if any(genuine) else None


def token(claim: Claim, *, supplier: str, secret: str) -> str:
    # A line each, and no line break inside (see `Claim.read`): two claims never give the same text.
    said = "\n".join((_PURPOSE, supplier, claim.words))
    digest = hmac.new(secret.encode(), said.encode("utf-8", "replace"), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
