"""Whether a callback is the supplier's: four ways of proving it, each against every valid secret."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence

from suppliers.connectors.base import CallbackRefused, CallbackRequest
from suppliers.connectors.declared.mapping import AnswerMapping
from suppliers.connectors.declared.signature import SignatureForm
from suppliers.connectors.jsondata import Json
from suppliers.connectors.replies import RECEIVED_AT
from suppliers.connectors.standard_webhooks import IDENTIFIER, signature_verify
from suppliers.exceptions import ProtocolError
from suppliers.messages import RawDocument

KINDS = frozenset({"standard_webhooks", "hmac", "bearer", "basic", "none"})


def callback_document(
    request: CallbackRequest,
    kind: str,
    form: SignatureForm,
    secrets: Sequence[str],
    mapping: AnswerMapping,
    read: Callable[[bytes], Json],
) -> RawDocument:
    """`read` understands a body as far as it is needed to find its message id."""
    if kind == "none":
        raise CallbackRefused("not_accepted", "This supplier does not send callbacks.", status=403)
    if kind == "standard_webhooks":
        message_id = signature_verify(request, secrets)
    else:
        _prove(request, kind, form, secrets)
        try:
            message_id = _own_id(mapping.find(read(request.body), "message_id"))
        except ProtocolError:  # theirs all the same, so it is kept; whoever reads it says what is wrong
            message_id = ""
    return RawDocument(
        # Without an id of its own the same text is the same message. Ids beside the body are not signed.
        message_id=message_id or f"sha256:{hashlib.sha256(request.body).hexdigest()}",
        channel="callback",
        content_type=request.headers.get("content-type", "")[:100],
        body=request.body,
        headers={RECEIVED_AT: request.received_at.isoformat()},
    )


def _prove(request: CallbackRequest, kind: str, form: SignatureForm, secrets: Sequence[str]) -> None:
    header = form.header.lower() if kind == "hmac" else "authorization"
    presented = request.headers.get(header, "").strip()
    if not presented:
        raise CallbackRefused("unreadable", f"The header {header} is missing.", status=400)
    if not any(secrets):
        raise CallbackRefused("not_configured", "We hold no key for your callbacks yet.", status=503)
    for secret in filter(None, secrets):
        if kind == "hmac":
            fits = form.fits(presented, request.body, secret)
        else:
            expected = "Bearer " + secret
            if kind == "basic":
                expected = basic_header(secret)
            fits = hmac.compare_digest(expected.encode(), presented.encode("utf-8", "replace"))
        if fits:
            return
    raise CallbackRefused("bad_signature", f"The header {header} does not prove that this is yours.")


def _own_id(said: Json) -> str:
    if not said:
        return ""
    identifier = said.text(limit=180)
    if not IDENTIFIER.fullmatch(identifier):
        raise said.wrong("a message id of printable characters without points and spaces")
    return identifier


def basic_header(pair: str) -> str:
    """HTTP Basic for `user:password`."""
    return "Basic " + base64.b64encode(pair.encode()).decode()
