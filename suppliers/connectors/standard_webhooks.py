"""Signatures of callbacks after the Standard Webhooks specification 1.0.0.

The expected signature is made by the specification's own library and compared here: its `verify` raises a
handful of unrelated exceptions for malformed input and gives up at the first malformed signature of several.
"""

import hmac
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from standardwebhooks import Webhook
from standardwebhooks.webhooks import EmptyWebhookSecretError

from suppliers.connectors.base import CallbackRefused, CallbackRequest

TOLERANCE = timedelta(minutes=5)  # both ways
IDENTIFIER = re.compile(r"[\x21-\x2d\x2f-\x7e]{1,180}")  # without the "." that joins the signed parts


def signing_key_problem(key: str) -> str:
    """Why this cannot be a signing key; "" if it can."""
    try:
        Webhook(key)
    except (ValueError, EmptyWebhookSecretError):
        usable = False
    else:
        usable = key.startswith("whsec_")
    return "" if usable else "A signing key is whsec_ followed by base64, exactly as the supplier shows it."


def signature_verify(request: CallbackRequest, secrets: Sequence[str]) -> str:
    """The message's id, once one of `secrets` (several during a rotation) has proved the sender."""
    message_id = _header(request, "webhook-id")
    stamp = _header(request, "webhook-timestamp")
    presented = _header(request, "webhook-signature")
    if not IDENTIFIER.fullmatch(message_id):
        raise CallbackRefused("unreadable", "The header webhook-id is not a message id.", status=400)
    if not re.fullmatch("[0-9]{1,11}", stamp, re.ASCII):
        raise CallbackRefused(
            "unreadable", "The header webhook-timestamp is not a number of seconds.", status=400
        )
    sent_at = datetime.fromtimestamp(int(stamp), UTC)
    if abs(request.received_at - sent_at) > TOLERANCE:
        raise CallbackRefused("stale", "The timestamp is more than 5 minutes from our clock.")
    try:
        body = request.body.decode()
    except UnicodeDecodeError:
        raise CallbackRefused("unreadable", "The body is not UTF-8.", status=400) from None
    # Bytes, because comparing strings refuses characters beyond ASCII with an exception.
    signatures = [item.encode("utf-8", "replace") for item in presented.split(" ")]
    usable = 0
    for secret in secrets:
        try:
            expected = Webhook(secret).sign(message_id, sent_at, body).encode()
        except (ValueError, EmptyWebhookSecretError):  # not base64, or empty: another may still be good
            continue
        usable += 1
        if any(hmac.compare_digest(expected, signature) for signature in signatures):
            return message_id
    if not usable:
        raise CallbackRefused("not_configured", "We hold no usable key for your signatures yet.", status=503)
    raise CallbackRefused("bad_signature", "The signature does not fit the message.")


def _header(request: CallbackRequest, name: str) -> str:
    value = request.headers.get(name, "").strip()
    if not value:
        raise CallbackRefused("unreadable", f"The header {name} is missing.", status=400)
    return value
