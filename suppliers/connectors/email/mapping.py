"""Which mail belongs to which order, and reading back what is stored: the server's receipt, and answers by link."""

import hashlib
from datetime import UTC, datetime

from suppliers.connectors import link_answers
from suppliers.connectors.base import InboundDocument
from suppliers.connectors.jsondata import Json, dumps
from suppliers.messages import Decision, Order, OrderResponse, RawDocument, Unmentioned


def message_id(order: Order, supplier_code: str, sender: str, *, reminder: int, cancels: bool = False) -> str:
    """The same on every attempt, so that a repeat can be recognised by whoever has both. Reminders have ids of their
    own: some programs show only one of two letters with one id.
    """
    seed = f"{supplier_code}|{order.buyer_reference}|{order.version}|{reminder}{'|cancel' if cancels else ''}".encode()
    return f"<order.{hashlib.sha256(seed).hexdigest()[:32]}@{sender.rpartition('@')[2]}>"


def receipt(order: Order, *, mail_id: str, recipients: list[str], server: str, said: str) -> RawDocument:
    """What the mail server answered, as the reply to the order: it has gone, and nobody has read it yet."""
    body = {
        "kind": "mail_taken",
        "buyer_reference": order.buyer_reference,
        "message_id": mail_id,
        "recipients": recipients,
        "server": server,
        "said": said,
        "at": datetime.now(UTC).isoformat(),
    }
    return RawDocument(
        message_id=f"reply:{order.buyer_reference}{f':{order.version}' if order.version > 1 else ''}",
        channel="reply",
        content_type="application/json",
        body=dumps(body),
    )


def documents(raw: RawDocument) -> list[InboundDocument]:
    if raw.channel != "reply":
        return link_answers.documents(raw)
    said = Json.parse(raw.body, f"Receipt {raw.message_id}")
    if said.get("kind").text(limit=20) != "mail_taken":
        raise said.get("kind").wrong("mail_taken")
    return [
        OrderResponse(
            message_id=raw.message_id,
            buyer_reference=said.get("buyer_reference").text(limit=link_answers.REFERENCE),
            supplier_reference="",
            decision=Decision.RECEIVED,
            issued_at=said.get("at").moment(),
            unmentioned=Unmentioned.OPEN,
        )
    ]
