"""What a look-up brought, kept as a document: it may be the only answer that an order ever gets."""

import hashlib

from suppliers.connectors.http import Reply
from suppliers.messages import RawDocument

CHANNEL = "lookup"
RECEIVED_AT = "received-at"  # the answer's own text need not carry a time


def lookup_document(reply: Reply, reference: str) -> RawDocument:
    digest = hashlib.sha256(reply.body).hexdigest()[:16]
    return RawDocument(
        message_id=f"lookup:{reference}:{digest}",  # the same state is the same news
        channel=CHANNEL,
        content_type=reply.content_type,
        body=reply.body,
        headers={RECEIVED_AT: reply.received_at.isoformat()},
    )


def reference_asked(raw: RawDocument) -> str:
    """Our reference that was looked up."""
    return raw.message_id.removeprefix("lookup:").rpartition(":")[0]
