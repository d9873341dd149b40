"""What a supplier says on our own page, as a document: written by the page, read when it is processed.

The same way as every other answer: stored raw first, understood later. It is checked as if a stranger had written it.
"""

from datetime import datetime, timedelta
from typing import Any

from suppliers.connectors.base import InboundDocument
from suppliers.connectors.jsondata import Json, dumps
from suppliers.messages import (
    Decision,
    DespatchAdvice,
    DespatchLine,
    DespatchStage,
    OrderResponse,
    OrderResponseLine,
    RawDocument,
    Substitute,
    Unmentioned,
)

CHANNEL = "link"
CONTENT_TYPE = "application/json"
SKU, REFERENCE, SUPPLIER_REFERENCE, NOTE = 60, 40, 80, 1000
DECISIONS = {word.value: word for word in Decision}
UNMENTIONED = {word.value: word for word in Unmentioned}
STAGES = {word.value: word for word in DespatchStage}
FARTHEST = timedelta(days=5 * 366)  # a date beyond it, either way, is a slip of the pen


# -- writing ----------------------------------------------------------------------------------------------
def response_written(response: OrderResponse) -> bytes:
    return dumps(
        {
            "kind": "order_response",
            "buyer_reference": response.buyer_reference,
            "supplier_reference": response.supplier_reference,
            "decision": response.decision.value,
            "issued_at": response.issued_at.isoformat(),
            "lines_not_listed": response.unmentioned.value,
            "currency": response.currency,
            "note": response.note,
            "order_version": response.order_version,
            "lines": [_line_written(line) for line in response.lines],
        }
    )


def _line_written(line: OrderResponseLine) -> dict[str, Any]:
    other = line.substitute
    return {
        "line_number": line.line_number,
        "supplier_sku": line.supplier_sku,
        "quantity": line.quantity,
        "unit_price": line.unit_price,
        "promised_date": line.promised_date.isoformat() if line.promised_date else None,
        "note": line.note,
        "substitute": other and {"supplier_sku": other.supplier_sku, "description": other.description},
    }


def despatch_written(advice: DespatchAdvice) -> bytes:
    return dumps(
        {
            "kind": "despatch",
            "buyer_reference": advice.buyer_reference,
            "stage": advice.stage.value,
            "despatch_id": advice.despatch_id,
            "at": advice.shipped_at.isoformat(),
            "carrier": advice.carrier,
            "tracking": advice.tracking,
            "lines": [
                {
                    "line_number": line.line_number,
                    "supplier_sku": line.supplier_sku,
                    "quantity": line.quantity,
                }
                for line in advice.lines
            ],
        }
    )


# -- reading ----------------------------------------------------------------------------------------------
def documents(raw: RawDocument) -> list[InboundDocument]:
    said = Json.parse(raw.body, f"Answer {raw.message_id}")
    kind = said.get("kind")
    match kind.text(limit=20):
        case "order_response":
            return [_response(said, raw.message_id)]
        case "despatch":
            return [_despatch(said, raw.message_id)]
    raise kind.wrong("order_response or despatch")


def _response(said: Json, message_id: str) -> OrderResponse:
    currency, reference, listed = said.get("currency"), said.get("supplier_reference"), said.get("lines")
    issued_at = said.get("issued_at").moment()
    return OrderResponse(
        message_id=message_id,
        buyer_reference=said.get("buyer_reference").text(limit=REFERENCE),
        supplier_reference=reference.note(limit=SUPPLIER_REFERENCE),
        decision=said.get("decision").one_of(DECISIONS),
        issued_at=issued_at,
        lines=tuple(_line(item, issued_at) for item in listed.items()) if listed else (),
        unmentioned=said.get("lines_not_listed").one_of(UNMENTIONED),
        currency=currency.currency() if currency.value else "",
        note=said.get("note").note(limit=NOTE),
        order_version=said.get("order_version").whole() if said.get("order_version") else 0,
    )


def _line(item: Json, issued_at: datetime) -> OrderResponseLine:
    quantity, price, promised = item.get("quantity"), item.get("unit_price"), item.get("promised_date")
    other = item.get("substitute")
    day = promised.day() if promised else None
    if day and abs(day - issued_at.date()) > FARTHEST:
        raise promised.wrong("a date within five years")
    return OrderResponseLine(
        line_number=_line_number(item),
        supplier_sku=item.get("supplier_sku").note(limit=SKU),
        quantity=quantity.number() if quantity else None,
        unit_price=price.number() if price else None,
        promised_date=day,
        note=item.get("note").note(limit=300),
        substitute=Substitute(
            supplier_sku=other.get("supplier_sku").text(limit=SKU),
            description=other.get("description").note(limit=200),
        )
        if other
        else None,
    )


def _despatch(said: Json, message_id: str) -> DespatchAdvice:
    listed = said.get("lines")
    return DespatchAdvice(
        message_id=message_id,
        buyer_reference=said.get("buyer_reference").text(limit=REFERENCE),
        despatch_id=said.get("despatch_id").text(limit=80),
        shipped_at=said.get("at").moment(),
        stage=said.get("stage").one_of(STAGES),
        lines=tuple(_despatch_line(item) for item in listed.items()) if listed else (),
        carrier=said.get("carrier").note(limit=80),
        tracking=said.get("tracking").note(limit=120),
    )


def _despatch_line(item: Json) -> DespatchLine:
    quantity = item.get("quantity")
    return DespatchLine(
        line_number=_line_number(item),
        supplier_sku=item.get("supplier_sku").note(limit=SKU),
        quantity=quantity.positive() if quantity else None,
    )


def _line_number(item: Json) -> int:
    said = item.get("line_number")
    if (number := said.whole()) > 0:
        return number
    raise said.wrong("a line number from 1")
