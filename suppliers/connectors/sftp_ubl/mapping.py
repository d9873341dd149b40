"""Files and messages: what a file of the supplier is called here, and whether it may be taken yet."""

import hashlib
from datetime import UTC, datetime
from urllib.parse import quote

from suppliers.connectors.base import InboundDocument
from suppliers.connectors.peppol.answers import peppol_documents
from suppliers.connectors.sftp_ubl.client import RemoteFile
from suppliers.exceptions import ProtocolError
from suppliers.messages import RawDocument

RECEIVED_AT = "received-at"
FILE = "file"
REFUSED = "refused"
UNFINISHED = (".part", ".tmp", ".temp", ".filepart", ".writing", ".lock")


def order_file(pattern: str, reference: str) -> str:
    """One name an order, whatever its reference is made of."""
    return pattern.replace("{reference}", quote(reference, safe=""))


def is_ready(file: RemoteFile, *, now: datetime, settle_seconds: float) -> bool:
    """Not hidden, not under a temporary name, not elsewhere, and not written to a moment ago."""
    if file.name.startswith(".") or "/" in file.name or file.name.lower().endswith(UNFINISHED):
        return False
    # A server's clock may be ahead of ours; what it wrote "in the future" must not wait until then.
    return abs((now - file.modified_at).total_seconds()) >= settle_seconds


def raw_document(file: RemoteFile, body: bytes) -> RawDocument:
    """Known by name and content: the same file twice is one message, another content under a name is another."""
    return _raw(file, body, hashlib.sha256(body).hexdigest(), "")


def refused_document(file: RemoteFile, why: str) -> RawDocument:
    """In place of a file that is not read; the file itself is kept with the supplier."""
    digest = hashlib.sha256(
        f"{file.name}|{file.size}|{file.modified_at}".encode("utf-8", "replace")
    ).hexdigest()
    return _raw(file, b"", digest, why)


def _raw(file: RemoteFile, body: bytes, digest: str, refused: str) -> RawDocument:
    name = quote(file.name.encode("utf-8", "surrogateescape"), safe=" ()[]+,=@&")
    headers = {FILE: name, RECEIVED_AT: file.modified_at.astimezone(UTC).isoformat()}
    if refused:
        headers[REFUSED] = refused
    return RawDocument(
        message_id=f"file:{name[:120]}:{digest[:16]}",
        channel="poll",
        content_type="application/xml",
        body=body,
        headers=headers,
    )


def documents(raw: RawDocument) -> list[InboundDocument]:
    if raw.headers.get(REFUSED):
        raise ProtocolError(f"Message {raw.message_id}: {raw.headers[REFUSED]}")
    try:
        received_at = datetime.fromisoformat(raw.headers.get(RECEIVED_AT, ""))
    except ValueError:
        raise ProtocolError(f"Message {raw.message_id} does not say when it came.") from None
    return peppol_documents(raw.body, message_id=raw.message_id, received_at=received_at)
