"""Reading orders as cXML has them. What this supplier writes: saying.py."""

from dataclasses import dataclass

from werkzeug.wrappers import Response

from suppliers.connectors.cxml.envelope import payload_id, response
from suppliers.connectors.cxml.reading import attribute, content, document_read, numbered
from suppliers.connectors.xmldata import Xml
from suppliers.exceptions import ProtocolError
from suppliers.sandbox.cxml.saying import DTD, HOST, Ordered, callback_document
from suppliers.sandbox.ledger import PlacedOrder
from suppliers.sandbox.trade import Answer, Item
from suppliers.sandbox.world import SandboxSupplier

OPERATIONS = {"new": "submit", "update": "change", "delete": "cancel", "profile": "check"}


class BadDocument(Exception):
    """The document is not of the protocol; the message says where."""


@dataclass(frozen=True, slots=True)
class Asked:
    kind: str  # new, update, delete, profile
    secret: str
    payload_id: str
    reference: str
    previous: str  # payloadID of the document that is changed or deleted
    order: Xml


def asked(body: bytes) -> Asked:
    try:
        root = document_read(body, "The request")
        order = root.get("Request").get("OrderRequest")
        header = order.get("OrderRequestHeader")
        if not order and not root.get("Request").get("ProfileRequest"):
            raise BadDocument("Expected an OrderRequest.")
        kind = (header.attribute("type") or "new") if order else "profile"
        if kind not in OPERATIONS:
            raise BadDocument(f"An order is new, update or delete, not {kind}.")
        return Asked(
            kind=kind,
            secret=content(root.get("Header").get("Sender").get("Credential").get("SharedSecret")).value
            or "",
            payload_id=payload_id(root),
            reference=attribute(header, "orderID").text(limit=100) if order else "",
            previous=header.get("DocumentReference").attribute("payloadID"),
            order=order,
        )
    except ProtocolError as error:
        raise BadDocument(str(error)) from None


def items(order: Xml) -> list[Item]:
    try:
        found = [
            Item(_sku(item), _unit(item), attribute(item, "quantity").positive())
            for item in numbered(order, "ItemOut")
        ]
    except ProtocolError as error:
        raise BadDocument(str(error)) from None
    if not found:
        raise BadDocument("An order has at least one ItemOut.")
    return found


def answer(code: int, text: str, *, http: int = 200) -> Response:
    """HTTP 200 in nearly every case: what counts is the status inside."""
    body = response(code, text, answers="", host=HOST, dtd=DTD)
    return Response(body, status=http, content_type="text/xml; charset=UTF-8")


def callback(
    supplier: SandboxSupplier, order: PlacedOrder, answer: Answer, request: Asked, message_id: str
) -> bytes:
    lines: dict[str, list[Ordered]] = {}
    for item in numbered(request.order, "ItemOut"):
        line = Ordered(item.attribute("lineNumber"), attribute(item, "quantity").number(), _unit(item))
        lines.setdefault(_sku(item), []).append(line)
    return callback_document(supplier, order, answer, lines, request.payload_id, message_id)


def _sku(item: Xml) -> str:
    return content(item.get("ItemID").get("SupplierPartID")).text(limit=100)


def _unit(item: Xml) -> str:
    return content(item.get("ItemDetail").get("UnitOfMeasure")).text(limit=20)
