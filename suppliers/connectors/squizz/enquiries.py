"""Reading the supplier's own records of our orders, as a look-up shows them: is ours there, how far has it come.

They come straight from the supplier's own system. No word for an order's state exists in them: an order that is
there was taken, and what is delivered of it was shipped.
"""

import hashlib
import json
import time
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from suppliers.connectors import replies
from suppliers.connectors.base import InboundDocument
from suppliers.connectors.jsondata import Json
from suppliers.connectors.squizz import esd
from suppliers.exceptions import ProtocolError
from suppliers.messages import (
    Charge,
    Decision,
    DespatchAdvice,
    DespatchLine,
    OrderResponse,
    OrderResponseLine,
    RawDocument,
    Unmentioned,
)
from suppliers.packing import plain

REFERENCE_FIELDS = (
    "customerReference",
    "deliveryPurchaseOrderCode",
    "referenceNumber",
    "purchaseOrderNumber",
)
CHARGES = {
    "totalFreightExTax": "Freight",
    "totalExtraChargesExTax": "Extra charges",
    "totalLeviesExTax": "Levies",
}
SKU, SUPPLIER_REFERENCE = 60, 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """What the account's settings say about these records."""

    decision: Decision
    prefix: str  # of our references
    line_field: str  # where a line's article stands; empty: lines are not read


def records(pages: Iterable[Json]) -> Iterator[Json]:
    for page in pages:
        yield from esd.entries(page, "orderSaleRecords")


def digests(page: Json) -> set[str]:
    """What tells a page from one that shows the same records again."""
    return {_digest(_body(record)) for record in records([page])}


def shows(page: Json, reference: str) -> bool:
    return bool(reference) and any(reference in _references(record) for record in records([page]))


def found_order(pages: Iterable[Json], what: str, reference: str) -> OrderResponse | None:
    """The sales order that carries our reference. A search for a text may also show others."""
    found: dict[str, Json] = {}
    for record in records(pages):
        if reference in _references(record):
            found[_their_number(record) or record.path] = record
    if not found:
        return None
    if len(found) > 1:
        raise ProtocolError(f"{what}: {len(found)} orders carry our reference {reference}.")
    (record,) = found.values()
    currency, raw = esd.told(record, "currencyCode"), _document(record, reference)
    return OrderResponse(
        message_id=raw.message_id,
        buyer_reference=reference,
        supplier_reference=_their_number(record),
        decision=Decision.RECEIVED,
        issued_at=esd.moment(record, "creationDate", "orderDate") or datetime.now(UTC),
        unmentioned=Unmentioned.OPEN,
        currency=currency.currency() if currency else "",
        raw=raw,
    )


# -- following orders -------------------------------------------------------------------------------------
_stored: dict[Hashable, set[str]] = defaultdict(set)  # by account; the database remembers for longer


_asked_at: dict[Hashable, float] = {}


def is_due(account: Hashable, minutes: int) -> bool:
    """Whether this process has let the supplier's own system rest for so long; if so, it is asked now."""
    now = time.monotonic()
    if minutes and now - _asked_at.get(account, -1e9) < 60 * minutes:
        return False
    _asked_at[account] = now
    return True


def stored(account: Hashable, message_id: str) -> None:
    """This state of an order is safe with us, so it need not be handed over again."""
    _stored[account].add(message_id)


def followed(pages: Iterable[Json], prefix: str, account: Hashable) -> Iterator[RawDocument]:
    """A document for each of our orders that is new or has changed; one that has changed is another document."""
    seen = set(_stored[account])
    for record in records(pages):
        try:
            reference = _ours(record, prefix)
        except ProtocolError:
            reference = "unreadable"  # to be stored, and seen by a person
        if not reference:
            continue  # ordered by telephone, or by somebody else in our house
        raw = _document(record, reference)
        if raw.message_id not in seen:
            seen.add(raw.message_id)
            yield raw


def _document(record: Json, reference: str) -> RawDocument:
    """One record of the supplier, by whichever question it was found; in the same state it is the same document."""
    body = _body(record)
    return RawDocument(
        message_id=f"order:{reference}:{_digest(body)}",
        channel="poll",
        content_type="application/json",
        body=body,
        headers={replies.RECEIVED_AT: datetime.now(UTC).isoformat()},
    )


def documents(raw: RawDocument, how: Following) -> list[InboundDocument]:
    what = f"Message {raw.message_id}"
    record = Json.parse(raw.body, what)
    reference = _ours(record, how.prefix)
    if not reference:
        raise record.get(REFERENCE_FIELDS[0]).wrong("a reference of ours")
    received_at = replies.received_at(raw)
    for date in ("creationDate", "orderDate", "dueDate"):
        esd.moment(record, date)  # not needed, but a record of the year 1900 is not to be believed
    number, currency = _their_number(record), esd.told(record, "currencyCode")
    found: list[InboundDocument] = [
        OrderResponse(
            message_id=raw.message_id,
            buyer_reference=reference,
            supplier_reference=number,
            decision=how.decision,
            # Not when the order was made: the sales order in the reply was there first.
            issued_at=received_at,
            lines=tuple(_lines(record, how.line_field)),
            unmentioned=Unmentioned.ACCEPTED if how.decision is Decision.CONFIRMED else Unmentioned.OPEN,
            currency=currency.currency() if currency else "",
            charges=tuple(_charges(record)),
            total=esd.without_tax(record, "totalExTax", "totalIncTax", "totalTax"),
        )
    ]
    delivered = _delivered(record, how.line_field)
    if delivered is not None:
        found.append(
            DespatchAdvice(
                message_id=raw.message_id,
                buyer_reference=reference,
                despatch_id=f"{number or reference}/delivered"[:80],
                shipped_at=esd.moment(record, "deliveredDate") or received_at,
                lines=delivered,
                carrier=esd.note(record, "freightCarrierName", "freightCarrierCode", limit=80),
                tracking=esd.note(
                    record, "freightCarrierTrackingCode", "freightCarrierConsignCode", limit=120
                ),
                # All that has been delivered so far is one despatch, which grows.
                corrects_from=received_at,
            )
        )
    return found


def _lines(record: Json, line_field: str) -> Iterator[OrderResponseLine]:
    # No day: the reply has none, and a day told later would look like a contradiction of it.
    for item in esd.entries(record, "lines") if line_field else ():
        sku = esd.code(item, line_field, limit=SKU)
        if not sku:
            continue  # a remark
        backorder = esd.number(item, "quantityBackordered")
        ordered = esd.number(item, "quantityOrdered")
        yield OrderResponseLine(
            supplier_sku=sku,
            quantity=ordered,
            unit_price=esd.without_tax(item, "priceExTax", "priceIncTax", "priceTax"),
            note=f"{plain(backorder)} on back order." if backorder else "",
        )


def _charges(record: Json) -> Iterator[Charge]:
    for name, label in CHARGES.items():
        if amount := esd.number(record, name, negative=True):
            yield Charge(label=label, amount=amount)


def _delivered(record: Json, line_field: str) -> tuple[DespatchLine, ...] | None:
    """What has been delivered of it; no lines: all. None: nothing yet, or nobody can tell of which lines."""
    items = [
        (item, ordered, esd.number(item, "quantityDelivered") or Decimal(0))
        for item in esd.entries(record, "lines")
        if (ordered := esd.number(item, "quantityOrdered"))
    ]
    if items and all(delivered >= ordered for _, ordered, delivered in items):
        return ()
    told = [
        DespatchLine(supplier_sku=sku, quantity=delivered)
        for item, _, delivered in items
        if delivered and line_field and (sku := esd.code(item, line_field, limit=SKU))
    ]
    return tuple(told) or None


# -- references -------------------------------------------------------------------------------------------
def _references(record: Json) -> list[str]:
    return [esd.code(record, name, limit=200) for name in REFERENCE_FIELDS]


def _ours(record: Json, prefix: str) -> str:
    return next((said for said in _references(record) if said.startswith(prefix) and said), "")


def _their_number(record: Json) -> str:
    return esd.code(record, "orderNumber", "orderID", "keyOrderSaleID", limit=SUPPLIER_REFERENCE)


def _body(record: Json) -> bytes:
    try:
        return json.dumps(record.value, default=_written).encode()
    except RecursionError:
        raise record.wrong("a record that is not nested without end") from None


def _written(number: Decimal) -> int | str:
    """Short, whatever its exponent; what is no whole number stands in quotes, where it loses nothing."""
    small = number.is_finite() and number.adjusted() < 20
    return int(number) if small and number == number.to_integral_value() else str(number)


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:16]
