"""What a supplier answered to a call of ours, kept as a document: it may be the only answer that an order ever gets."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from suppliers.connectors.http import Reply
from suppliers.connectors.jsondata import Json
from suppliers.messages import RawDocument

REPLY, LOOKUP = "reply", "lookup"  # channels
RECEIVED_AT = "received-at"  # a header: the answer's own text need not carry a time


def reply_document(reply: Reply, reference: str, kept: Mapping[str, str] | None = None) -> RawDocument:
    """The reply to an order; `kept`: what else has to be known to read it later."""
    return _document(f"reply:{reference}", REPLY, reply, kept or {})


def lookup_document(reply: Reply, reference: str) -> RawDocument:
    digest = hashlib.sha256(reply.body).hexdigest()[:16]  # the same state is the same news
    return _document(f"lookup:{reference}:{digest}", LOOKUP, reply, {})


def reference_of(raw: RawDocument) -> str:
    """Our reference of the order that was sent or looked up."""
    if raw.channel == LOOKUP:
        return raw.message_id.removeprefix("lookup:").rpartition(":")[0]
    return raw.message_id.removeprefix("reply:")


def received_at(raw: RawDocument) -> datetime:
    return Json(raw.headers.get(RECEIVED_AT), f"Message {raw.message_id}", RECEIVED_AT).moment()


def _document(message_id: str, channel: str, reply: Reply, kept: Mapping[str, str]) -> RawDocument:
    return RawDocument(
        message_id=message_id,
        channel=channel,
        content_type=reply.content_type,
        body=reply.body,
        headers={RECEIVED_AT: reply.received_at.isoformat(), **kept},
    )
