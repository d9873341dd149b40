"""What a supplier types on its answer page: text in, messages or complaints out. What was typed is kept."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import TypeVar

from django.utils import timezone

from orders.models import PurchaseOrder, PurchaseOrderLine
from orders.truth import LineTruth, OrderTruth
from suppliers.connectors.jsondata import UNPRINTABLE
from suppliers.messages import (
    Decision,
    DespatchAdvice,
    DespatchLine,
    DespatchStage,
    OrderResponse,
    OrderResponseLine,
    Substitute,
    Unmentioned,
)
from suppliers.packing import plain, plain_price

NUMBER = re.compile(r"[0-9]{1,10}(\.[0-9]{1,4})?")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
FORM = re.compile(r"[0-9a-f]{32}")
WHOLE = {"C62", "EA"}  # nobody delivers half a piece
FARTHEST = timedelta(days=3 * 366)
YES, NO, LATER = "yes", "no", "later"
REASONS = {
    "": "",
    "sold_out": "Out of stock",
    "discontinued": "No longer in our range",
    "price": "Not at this price",
    "date": "Not by this date",
    "other": "",
}
# Each field of a line, and how long it may be.
LINE_FIELDS = {"answer": 10, "quantity": 20, "price": 20, "date": 10, "code": 60, "article": 200, "note": 300}


SHEET_FIELDS = {"supplier_reference": 80, "note": 1000}
DESPATCH_FIELDS = {"despatch": 80, "carrier": 80, "tracking": 120}
Value = TypeVar("Value")


class Complaint(ValueError):
    """What is wrong with a field, for whoever filled it in."""


def text_read(data: Mapping[str, str], name: str, *, limit: int) -> str:
    value = UNPRINTABLE.sub(" ", data.get(name, "")).strip()
    if len(value) > limit:
        raise Complaint(f"This is too long: {len(value)} characters, {limit} at most.")
    return value


def noted(errors: dict[str, str], name: str, read: Callable[[], Value]) -> Value | None:
    """What `read` makes of a field, or None and its complaint in `errors`."""
    try:
        return read()
    except Complaint as complaint:
        errors[name] = str(complaint)
        return None


def number_read(text: str, *, whole: bool = False) -> Decimal:
    if not NUMBER.fullmatch(text):
        shown = text if len(text) <= 20 else f"{text[:20]}…"
        raise Complaint(
            f"“{shown}” is not a number we understand. Write it like 12 or 12.5."
            if text
            else "Write a number."
        )
    value = Decimal(text)
    if whole and value != value.to_integral_value():
        raise Complaint("These are pieces: write a whole number.")
    return value


def day_read(text: str, asked: date | None) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text) if DATE.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        raise Complaint("Write the date as year-month-day, e.g. 2030-01-31.")
    today = timezone.localdate()
    if day != asked and not today <= day <= today + FARTHEST:
        raise Complaint("Choose a day from today on, within three years.")
    return day


@dataclass(slots=True)
class LineEntry:
    """One open line of the order: what was asked, what is typed, what is wrong with that."""

    line: PurchaseOrderLine
    typed: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def as_asked(cls, line: PurchaseOrderLine) -> "LineEntry":
        day = line.requested_date.isoformat() if line.requested_date else ""
        typed = {"quantity": plain(line.quantity), "price": plain_price(line.unit_price), "date": day}
        return cls(line, dict.fromkeys(LINE_FIELDS, "") | {"answer": YES} | typed)

    @property
    def is_changed(self) -> bool:
        return bool(self.errors) or self.typed != LineEntry.as_asked(self.line).typed

    def read(self, data: Mapping[str, str]) -> OrderResponseLine | None:
        """None: not answered yet, or not readable; then `errors` says why."""
        self.typed = {name: data.get(f"{name}-{self.line.line_number}", "")[:1000] for name in LINE_FIELDS}
        texts = {
            name: noted(
                self.errors, name, partial(text_read, data, f"{name}-{self.line.line_number}", limit=most)
            )
            or ""
            for name, most in LINE_FIELDS.items()
        }
        choice = texts["answer"]
        if choice not in (YES, NO, LATER):
            self.errors["answer"] = "Choose one of the three."
        if choice == LATER or self.errors:
            return None
        number, sku = self.line.line_number, self.line.supplier_sku
        if choice == NO:
            return OrderResponseLine(
                line_number=number, supplier_sku=sku, quantity=Decimal(0), note=texts["note"]
            )
        quantity = noted(self.errors, "quantity", partial(self._quantity, texts["quantity"]))
        price = noted(self.errors, "price", partial(number_read, texts["price"]))
        day = noted(self.errors, "date", partial(day_read, texts["date"], self.line.requested_date))
        if texts["article"] and not texts["code"]:
            self.errors["code"] = "Give the code of that article, too."
        if self.errors:
            return None
        return OrderResponseLine(
            line_number=number,
            supplier_sku=sku,
            quantity=quantity,
            unit_price=price,
            promised_date=day,
            note=texts["note"],
            substitute=Substitute(supplier_sku=texts["code"], description=texts["article"])
            if texts["code"]
            else None,
        )

    def _quantity(self, text: str) -> Decimal:
        quantity = number_read(text, whole=self.line.unit in WHOLE)
        if not quantity:
            raise Complaint("Choose “not available” instead of a quantity of 0.")
        return quantity


@dataclass(slots=True)
class AnswerSheet:
    """The whole page while lines are open."""

    entries: list[LineEntry]
    typed: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    answers: list[OrderResponseLine] = field(default_factory=list)

    @classmethod
    def of(cls, lines: Iterable[PurchaseOrderLine], truth: OrderTruth) -> "AnswerSheet":
        return cls(
            [LineEntry.as_asked(line) for line in lines if truth.lines[line.line_number].quantity is None]
        )

    @property
    def is_wrong(self) -> bool:
        return bool(self.errors) or any(entry.errors for entry in self.entries)

    def read(self, data: Mapping[str, str], action: str) -> None:
        self.typed = {name: data.get(name, "")[:1000] for name in (*SHEET_FIELDS, "reason", "why")}
        for name, limit in SHEET_FIELDS.items():
            noted(self.errors, name, partial(text_read, data, name, limit=limit))
        if action == "reject":
            self._read_reason(data)
        elif action == "answer":
            self.answers = [answer for entry in self.entries if (answer := entry.read(data))]
            if not self.answers and not self.is_wrong:
                self.errors["answer"] = "Answer at least one line, or come back later: the link stays open."

    def _read_reason(self, data: Mapping[str, str]) -> None:
        reason = data.get("reason", "")
        why = noted(self.errors, "why", partial(text_read, data, "why", limit=500)) or ""
        if reason not in REASONS:
            self.errors["reason"] = "Choose one of the reasons."
        elif not REASONS[reason] and not why:
            self.errors["why"] = "Please say why, so that the buyer knows what to do."
        else:
            self.typed["note"] = ". ".join(part for part in (REASONS[reason], why) if part)

    def response(
        self, order: PurchaseOrder, action: str, message_id: str, *, version: int = 1
    ) -> OrderResponse:
        """`version`: which one of the order the page showed."""
        decision = Decision.REJECTED if action == "reject" else Decision.CONFIRMED
        accepted = action == "accept"
        if accepted and version > 1:  # what was answered before the order was changed stands
            self.answers = [
                OrderResponseLine(
                    line_number=entry.line.line_number,
                    supplier_sku=entry.line.supplier_sku,
                    quantity=entry.line.quantity,
                    unit_price=entry.line.unit_price,
                )
                for entry in self.entries
            ]
        return OrderResponse(
            message_id=message_id,
            buyer_reference=order.buyer_reference,
            supplier_reference=_clean(self.typed["supplier_reference"]),
            decision=decision,
            issued_at=timezone.now(),
            lines=tuple(self.answers),
            unmentioned=Unmentioned.ACCEPTED if accepted and version == 1 else Unmentioned.OPEN,
            currency="" if decision is Decision.REJECTED else order.currency,
            note=_clean(self.typed["note"]),
            # A no is meant for the whole order, whatever was changed of it.
            order_version=0 if decision is Decision.REJECTED else version,
        )


@dataclass(slots=True)
class DespatchSheet:
    """What is packed or shipped now; `rows` are the lines with something left to send, and how much."""

    rows: list[tuple[PurchaseOrderLine, Decimal]]
    typed: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, lines: Iterable[PurchaseOrderLine], truth: OrderTruth) -> "DespatchSheet":
        left = [(line, _left(truth, line.line_number)) for line in lines]
        rows = [(line, quantity) for line, quantity in left if quantity > 0]
        return cls(rows, {f"quantity-{line.line_number}": plain(quantity) for line, quantity in rows})

    def cells(self) -> list[tuple[PurchaseOrderLine, Decimal, str, str]]:
        """For the template: line, what is left, what is typed, what is wrong with it."""
        return [
            (line, left, self.typed.get(key, ""), self.errors.get(key, ""))
            for line, left in self.rows
            for key in [f"quantity-{line.line_number}"]
        ]

    def read(self, data: Mapping[str, str], truth: OrderTruth) -> tuple[DespatchLine, ...]:
        """The quantities; empty where something is wrong. A despatch that was packed before leaves as it is."""
        self.typed = {name: value[:1000] for name, value in data.items() if name != "form"}
        for name, limit in DESPATCH_FIELDS.items():
            noted(self.errors, name, partial(text_read, data, name, limit=limit))
        known = {shipment.despatch_id: shipment for shipment in truth.shipments}
        named = known.get(_clean(self.typed.get("despatch", "")))
        if named and named.stage is DespatchStage.PACKED and data.get("action") == "shipped":
            return tuple(DespatchLine(line_number=n, quantity=q) for n, q in named.quantities.items())
        if named:
            self.errors["despatch"] = (
                "You have told us this delivery note before. Give the new one another number."
            )
        lines = [line for row in self.rows if (line := self._line(data, *row))]
        if not lines and not self.errors:
            self.errors["lines"] = "Write how much you send of at least one line."
        return () if self.errors else tuple(lines)

    def _line(self, data: Mapping[str, str], line: PurchaseOrderLine, left: Decimal) -> DespatchLine | None:
        key = f"quantity-{line.line_number}"
        text = data.get(key, "").strip()
        if text in ("", "0"):
            return None
        quantity = noted(self.errors, key, partial(number_read, text, whole=line.unit in WHOLE))
        if quantity and quantity > left:
            self.errors[key] = f"Only {plain(left)} are left to send."
        return DespatchLine(line_number=line.line_number, supplier_sku=line.supplier_sku, quantity=quantity)

    def advice(
        self, order: PurchaseOrder, stage: DespatchStage, lines: tuple[DespatchLine, ...], message_id: str
    ) -> DespatchAdvice:
        named = _clean(self.typed.get("despatch", ""))
        return DespatchAdvice(
            message_id=message_id,
            buyer_reference=order.buyer_reference,
            despatch_id=named or f"{order.number}/{message_id[-6:]}",
            shipped_at=timezone.now(),
            stage=stage,
            lines=lines,
            carrier=_clean(self.typed.get("carrier", "")),
            tracking=_clean(self.typed.get("tracking", "")),
        )


def _left(truth: OrderTruth, number: int) -> Decimal:
    """Confirmed, and neither shipped nor packed yet."""
    packed = sum(
        (s.quantities.get(number, Decimal(0)) for s in truth.shipments if s.stage is DespatchStage.PACKED),
        Decimal(0),
    )
    line: LineTruth = truth.lines[number]
    return (line.quantity or Decimal(0)) - line.shipped - packed


def _clean(text: str) -> str:
    return UNPRINTABLE.sub(" ", text).strip()
