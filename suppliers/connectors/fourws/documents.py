"""Translating what comes back: the reply, which says that a document was taken, and the callback, which says
whether it was made.
"""

import hashlib
from decimal import Decimal

from suppliers.connectors.base import CallbackRequest, InboundDocument
from suppliers.connectors.fourws.addresses import Claim
from suppliers.connectors.jsondata import Json
from suppliers.connectors.replies import RECEIVED_AT, REPLY, received_at, reference_of
from suppliers.exceptions import ProtocolError
from suppliers.messages import Decision, OrderResponse, RawDocument, Unmentioned

CLAIM = "answers-to"  # what the callback address stood for; the token in it is not kept
ID = 80
# A document that was made is an order that stands, unless we asked for one that is still open.
DECISIONS = {"confirmed": Decision.CONFIRMED, "open": Decision.RECEIVED, "unstated": Decision.RECEIVED}


def callback_document(request: CallbackRequest, claim: Claim) -> RawDocument:
    """Callbacks carry no id: the same words at the same address are the same message."""
    digest = hashlib.sha256(request.body).hexdigest()[:32]
    return RawDocument(
        message_id=f"callback:{claim.words}:{digest}",
        channel="callback",
        content_type=request.headers.get("content-type", "")[:100],
        body=request.body,
        headers={CLAIM: claim.words, RECEIVED_AT: request.received_at.isoformat()},
    )


def documents(raw: RawDocument, *, id_field: str, ids_echoed: bool) -> list[InboundDocument]:
    answer = Json.parse(raw.body, f"Message {raw.message_id}")
    if raw.channel == REPLY:
        return [taken(answer, raw, id_field)]
    claim = Claim.read(raw.headers.get(CLAIM, ""))
    if claim is None or claim.status not in DECISIONS:
        raise ProtocolError(f"Message {raw.message_id} does not say which order it answers to.")
    return [_made(answer, raw, claim, ids_echoed=ids_echoed)]


def refusal(answer: Json) -> str | None:
    """Why a document was not taken or made; None if it was, or if that is not said."""
    success = answer.get("success")
    if success.value is not None and not isinstance(success.value, bool):
        raise success.wrong("true or false")
    if success.value is not False:
        return None
    return answer.get("message").note(limit=1000) or "The reason was not told."


def identifier(answer: Json, field: str) -> str:
    """Opaque: a text, or a number that stands for one."""
    said = answer.get(field)
    return str(said.whole()) if isinstance(said.value, Decimal) else said.text(limit=ID)


def taken(answer: Json, raw: RawDocument, id_field: str) -> OrderResponse:
    reference = reference_of(raw)
    if refused := refusal(answer):
        raise ProtocolError(f"Message {raw.message_id}: the order was not taken: {refused}")
    return OrderResponse(
        message_id=raw.message_id,
        buyer_reference=reference,
        supplier_reference=identifier(answer, id_field) if id_field else reference,
        decision=Decision.RECEIVED,
        issued_at=received_at(raw),
        unmentioned=Unmentioned.OPEN,
    )


def _made(answer: Json, raw: RawDocument, claim: Claim, *, ids_echoed: bool) -> OrderResponse:
    why_not = refusal(answer)
    if why_not is None and not answer.get("success"):
        raise answer.get("success").wrong("true or false")
    theirs = answer.get("id")
    # A failure names no document in their description; where an id is given it must be ours.
    if ids_echoed and (theirs or why_not is None) and identifier(answer, "id") != claim.document_id:
        raise theirs.wrong(f"our document id {claim.document_id}")
    return OrderResponse(
        message_id=raw.message_id,
        buyer_reference=claim.reference,
        supplier_reference=identifier(answer, "id") if theirs and why_not is None else "",
        decision=DECISIONS[claim.status] if why_not is None else Decision.REJECTED,
        issued_at=received_at(raw),
        unmentioned=Unmentioned.ACCEPTED if why_not is None else Unmentioned.OPEN,
        note=why_not or "",
        part=claim.part,
        parts=claim.parts,
    )
