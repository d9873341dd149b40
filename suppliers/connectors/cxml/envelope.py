"""What stands around every cXML document: who writes to whom, the proof, and the status of an answer."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from suppliers.connectors.cxml.reading import Said, attribute, content, document_read, numbered
from suppliers.connectors.jsondata import UNPRINTABLE
from suppliers.connectors.xmldata import Xml
from suppliers.exceptions import ProtocolError

LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
PAYLOAD_ID = 180  # characters; our rows hold ids of 200
TEXTS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 409: "Conflict"}


@dataclass(frozen=True, slots=True)
class Party:
    domain: str
    identity: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """How this account writes: the parties, the secret, the DTD it names."""

    us: Party
    supplier: Party
    sender: Party
    secret: str = field(repr=False)
    mode: str  # production or test
    dtd: str  # version of the DTD
    host: str  # right of the @ in the ids of our documents

    def request(self, content: Element, payload_id: str, moment: datetime | None = None) -> bytes:
        """`moment`: when the document was made; now if not told."""
        root = Element("cXML", payloadID=payload_id, timestamp=stamp(moment or datetime.now(UTC)))
        header = SubElement(root, "Header")
        _credential(SubElement(header, "From"), self.us)
        _credential(SubElement(header, "To"), self.supplier)
        sender = SubElement(header, "Sender")
        put(_credential(sender, self.sender), "SharedSecret", self.secret)
        put(sender, "UserAgent", "procurement/1")
        SubElement(root, "Request", deploymentMode=self.mode).append(content)
        return written(root, self.dtd)


def response(code: int, text: str, *, answers: str, host: str, dtd: str) -> bytes:
    """Our answer to a document of the supplier's; `answers` is the id of theirs, where it could be read."""
    now = datetime.now(UTC)
    own_id = f"response.{answers[:100] or now.timestamp()}@{host}"
    root = Element("cXML", payloadID=own_id, timestamp=stamp(now))
    status = SubElement(SubElement(root, "Response"), "Status", code=str(code), text=TEXTS.get(code, "Error"))
    status.set(LANGUAGE, "en")
    status.text = UNPRINTABLE.sub(" ", text)
    return written(root, dtd)


def written(root: Element, dtd: str) -> bytes:
    doctype = f'<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/{dtd}/cXML.dtd">'
    text = tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{doctype}\n{text}\n'.encode()


def put(parent: Element, tag: str, text: str, **attributes: str) -> Element:
    element = SubElement(parent, tag, attributes)
    element.text = UNPRINTABLE.sub(" ", text)
    return element


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _credential(parent: Element, party: Party) -> Element:
    credential = SubElement(parent, "Credential", domain=party.domain)
    put(credential, "Identity", party.identity)
    return credential


# -- answers --------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Status:
    code: int
    text: str


def status_read(body: bytes, what: str) -> Status:
    """The status in an answer, which is what counts: HTTP 200 around it says only that it was delivered."""
    root = document_read(body, what)
    return status_of(root.get("Response").get("Status"))


def status_of(xml: Xml) -> Status:
    code = attribute(xml, "code")
    if not isinstance(code.value, str) or not (
        code.value.isascii() and code.value.isdigit() and len(code.value) == 3
    ):
        raise code.wrong("a status of three digits")
    words = [attribute(xml, "text").note(limit=200), content(xml).note(limit=300)]
    return Status(int(code.value), ": ".join(word for word in words if word))


# -- proof ----------------------------------------------------------------------------------------------
def proved(root: Xml, secrets: Sequence[str]) -> bool:
    """Whether the Sender's shared secret is one of ours. As long for a near miss as for a wild guess."""
    presented = [
        _secret(credential.get("SharedSecret"))
        for credential in numbered(root.get("Header").get("Sender"), "Credential")
    ]
    found = False
    for mine in secrets:
        for theirs in presented:
            found |= bool(theirs) & hmac.compare_digest(mine.encode(), theirs.encode())
    return found


def _secret(xml: Xml) -> str:
    said = content(xml).value
    return said if isinstance(said, str) else ""


def payload_id(root: Xml) -> str:
    said: Said = attribute(root, "payloadID")
    value = said.text(limit=PAYLOAD_ID)
    if not value.isprintable():
        raise ProtocolError(f"{root.what}: its payloadID contains characters that are not allowed.")
    return value
