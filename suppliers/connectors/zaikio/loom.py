"""Events of the hub: signed without a time, delivered more than once and in any order. They only point to news."""

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from suppliers.connectors.base import CallbackRefused, CallbackRequest
from suppliers.connectors.jsondata import Json
from suppliers.connectors.replies import RECEIVED_AT
from suppliers.exceptions import ProtocolError
from suppliers.messages import RawDocument

HEADER = "x-loom-signature"
OLDEST = timedelta(days=30)  # events are retried for hours and kept for weeks
FASTEST_CLOCK = timedelta(minutes=5)


def signature(secret: str, body: bytes) -> str:
    return hmac.digest(secret.encode(), body, "sha256").hex()


def event_verify(request: CallbackRequest, secrets: Sequence[str], organization: str) -> RawDocument:
    presented = request.headers.get(HEADER, "").strip().lower()
    if not presented:
        raise CallbackRefused("unreadable", "The header X-Loom-Signature is missing.", status=400)
    usable = [secret for secret in secrets if secret]
    if not usable:
        raise CallbackRefused("not_configured", "We hold no secret for your events yet.", status=503)
    shown = presented.encode("utf-8", "replace")
    if not any(hmac.compare_digest(signature(secret, request.body).encode(), shown) for secret in usable):
        raise CallbackRefused("bad_signature", "The signature does not fit the event.")
    try:
        event = _event(request.body, "The event")
    except ProtocolError:  # theirs all the same, so it is kept; whoever reads it says what is wrong
        message_id = f"sha256:{hashlib.sha256(request.body).hexdigest()}"
    else:
        message_id = event.id
        # The header holds no time, so an event recorded long ago must not come in by its old signature.
        if not -FASTEST_CLOCK < request.received_at - event.said_at < OLDEST:
            raise CallbackRefused("stale", f"The event is from the future or older than {OLDEST.days} days.")
        if event.subject != organization:
            raise CallbackRefused("wrong_recipient", "The event speaks of another organisation.", status=403)
    return RawDocument(
        message_id=message_id,
        channel="callback",
        content_type=request.headers.get("content-type", "")[:100],
        body=request.body,
        headers={RECEIVED_AT: request.received_at.isoformat()},
    )


def order_pointed_to(raw: RawDocument, field: str) -> str:
    """The id of the order in the payload; empty for an event about something else."""
    payload = _event(raw.body, f"Event {raw.message_id}").payload
    said = payload.get(field) if payload else payload
    return said.text(limit=100) if said else ""


@dataclass(frozen=True, slots=True)
class _Event:
    id: str
    subject: str
    said_at: datetime
    payload: Json


def _event(body: bytes, what: str) -> _Event:
    said = Json.parse(body, what)
    own = said.get("id").text(limit=100)
    if not re.fullmatch("[A-Za-z0-9-]+", own, re.ASCII):
        raise said.get("id").wrong("a UUID")
    said.get("name").text(limit=200)
    subject, moment = said.get("subject").text(limit=200), said.get("timestamp").moment()
    return _Event(own, subject, moment, said.get("payload"))
