"""Reading what the supplier made of our order: its sales orders.

Lines are told apart by our product code, which comes back in each, and never by their place. Every field may
be missing: then it counts as not told.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from suppliers.connectors import replies
from suppliers.connectors.http import Reply
from suppliers.connectors.jsondata import STEP, Json
from suppliers.connectors.squizz import esd
from suppliers.connectors.squizz.codes import result_read, sentence
from suppliers.exceptions import ProtocolError
from suppliers.messages import (
    Charge,
    Decision,
    Order,
    OrderResponse,
    OrderResponseLine,
    RawDocument,
    Substitute,
    Unmentioned,
)
from suppliers.packing import plain

OUR_LINES = "our-lines"  # a header of a stored reply
SKU, REFERENCE, SUPPLIER_REFERENCE = 60, 50, 80
TEXT_ONLY = "TEXT"
LINE_TYPES = ("", "PRODUCT", "DOWNLOAD", "ASSET", "LABOUR", TEXT_ONLY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the account's settings say about sales orders."""

    decision: Decision  # what a sales order means
    total_holds_charges: bool


def reply_document(reply: Reply, order: Order) -> RawDocument:
    """The reply, with what is needed to recognise our lines in it later."""
    lines = {line.sku: [line.line_number, line.supplier_sku] for line in order.lines}
    return replies.reply_document(reply, order.buyer_reference, {OUR_LINES: json.dumps(lines)})


def document_read(raw: RawDocument, how: Reading) -> OrderResponse:
    what = f"Message {raw.message_id}"
    document = Json.parse(raw.body, what)
    result = result_read(document)
    if not result.ok:
        raise ProtocolError(f"{what} is no sales order: {sentence(result)}")
    ours = json.loads(raw.headers.get(OUR_LINES, "{}"))  # written by us
    reference, at = replies.reference_of(raw), replies.received_at(raw)
    return sales_orders_read(document, raw.message_id, reference, at, ours, how)


def sales_orders_read(
    document: Json,
    message_id: str,
    reference: str,
    received_at: datetime,
    ours: Mapping[str, Any],
    how: Reading,
) -> OrderResponse:
    """One answer, though the supplier may have split our order into several sales orders."""
    records = esd.entries(document, "dataRecords")
    if not records:
        raise document.get("dataRecords").wrong("at least one sales order")
    for record in records:
        theirs = esd.code(record, "purchaseOrderNumber", limit=REFERENCE)
        if theirs not in ("", reference):
            raise record.get("purchaseOrderNumber").wrong(f"our reference {reference}")
    numbers = [
        esd.code(r, "salesOrderNumber", "salesOrderCode", "keySalesOrderID", limit=SUPPLIER_REFERENCE)
        for r in records
    ]
    currencies = {said.currency() for r in records if (said := esd.told(r, "currencyISOCode"))}
    if len(currencies) > 1:
        raise ProtocolError(f"{document.what}: the sales orders are in {' and '.join(sorted(currencies))}.")
    lines = [line for record in records for line in _lines(record, ours)]
    dates = [at for r in records if (at := esd.moment(r, "createdDate", "processedDate"))]
    return OrderResponse(
        message_id=message_id,
        buyer_reference=reference,
        supplier_reference=", ".join(dict.fromkeys(filter(None, numbers)))[:SUPPLIER_REFERENCE],
        decision=how.decision,
        issued_at=max(dates, default=received_at),
        # An order is taken as a whole or not at all: lines that are not listed are taken as asked.
        lines=tuple(lines),
        unmentioned=Unmentioned.ACCEPTED if how.decision is Decision.CONFIRMED else Unmentioned.OPEN,
        currency=next(iter(currencies), ""),
        charges=tuple(charge for record in records for charge in _charges(record)),
        total=_total(records, how),
    )


# -- lines ------------------------------------------------------------------------------------------------
def _lines(record: Json, ours: Mapping[str, Any]) -> list[OrderResponseLine]:
    found = []
    for item in esd.entries(record, "lines"):
        kind = esd.code(item, "lineType", limit=20)
        if kind not in LINE_TYPES:
            raise item.get("lineType").wrong("one of " + ", ".join(filter(None, LINE_TYPES)))
        line = None if kind == TEXT_ONLY else _line(item, ours)
        if line:
            found.append(line)
    return found


def _line(item: Json, ours: Mapping[str, Any]) -> OrderResponseLine | None:
    """None: it names no product, so it says nothing about any line of ours."""
    theirs = esd.code(item, "productCode", limit=SKU)
    asked_as = esd.code(item, "purchaseOrderProductCode", limit=SKU)
    same = [line for line in ours.values() if line[1] == theirs]
    found = ours.get(asked_as) or (same[0] if len(same) == 1 else None)
    number, ordered = found or (None, theirs or asked_as)
    quantity = esd.number(item, "quantity")
    if number is None and not ordered:
        return None
    notes = [esd.note(item, "productDescription", limit=200) if number is None else ""]
    substitute = None
    if number is not None and theirs and theirs != ordered:
        name = esd.note(item, "productName", limit=200)
        substitute = Substitute(supplier_sku=theirs, description=name)
        notes.append(f"The supplier booked it as {theirs}{f' ({name})' if name else ''}.")
    base = esd.number(item, "sellUnitBaseQuantity")
    if base and base not in (1, quantity):
        notes.append(f"The supplier counts it in units of {plain(base)}.")
    return OrderResponseLine(
        line_number=number,
        supplier_sku=ordered,
        quantity=quantity,
        unit_price=_unit_price(item, quantity),
        note=" ".join(filter(None, notes))[:300],
        substitute=substitute,
    )


def _unit_price(item: Json, quantity: Decimal | None) -> Decimal | None:
    price = esd.number(item, "priceExTax")
    if price is not None:
        return price
    if esd.flag(item, "isPriceFree"):
        return Decimal(0)
    total, including, tax = (
        esd.number(item, "priceTotalExTax"),
        esd.number(item, "priceIncTax"),
        esd.number(item, "priceTax"),
    )
    if total is not None and quantity:
        return _rounded(total / quantity)
    return including - tax if including is not None and tax is not None and including >= tax else None


# -- money of the whole order -----------------------------------------------------------------------------
def _charges(record: Json) -> list[Charge]:
    listed = esd.entries(record, "surcharges")
    charges = [
        Charge(
            label=esd.note(
                item, "surchargeLabel", "name", "surchargeDescription", "surchargeCode", limit=200
            ) or "Surcharge",
            amount=esd.without_tax(item, "priceExTax", "priceIncTax", "priceTax") or Decimal(0),
            code=esd.code(item, "surchargeCode", "keySurchargeID", limit=60),
        )
        for item in listed
    ]  # fmt: skip
    if not listed and (
        amount := esd.without_tax(record, "totalSurchargeExTax", "totalSurchargeIncTax", "totalSurchargeTax")
    ):
        charges.append(Charge(label="Surcharges", amount=amount))
    return charges


def _total(records: list[Json], how: Reading) -> Decimal | None:
    totals = []
    for record in records:
        amount = esd.without_tax(record, "totalPriceExTax", "totalPriceIncTax", "totalTax")
        if amount is None:
            return None
        charges = sum((charge.amount for charge in _charges(record)), Decimal(0))
        totals.append(amount if how.total_holds_charges else amount + charges)
    return sum(totals, Decimal(0))


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(STEP, rounding=ROUND_HALF_UP)
