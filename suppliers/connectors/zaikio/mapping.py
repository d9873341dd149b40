"""Translating orders: what we ask for, and what the hub says has become of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from suppliers.connectors.base import InboundDocument
from suppliers.connectors.jsondata import STEP, UNPRINTABLE, Json, dumps
from suppliers.connectors.words import Words
from suppliers.exceptions import ProtocolError
from suppliers.messages import (
    Charge,
    Decision,
    DespatchAdvice,
    LineProblem,
    LineProblemKind,
    Order,
    OrderLine,
    OrderResponse,
    OrderResponseLine,
    Unmentioned,
)
from suppliers.packing import plain

IDENTIFIER, SKU, REFERENCE = 80, 60, 200
FEES = {"net_handling_fee": "Handling", "net_shipping_fee": "Shipping"}
ITS_OWN = re.compile("CO/")  # how the hub's own order number begins


class State(StrEnum):
    """What a state of an order means for us."""

    DRAFT = "draft"  # prepared, not ordered
    RECEIVED = "received"
    CONFIRMED = "confirmed"
    SHIPPED = "shipped"
    REJECTED = "rejected"


DECISIONS = {
    State.RECEIVED: Decision.RECEIVED,
    State.CONFIRMED: Decision.CONFIRMED,
    State.SHIPPED: Decision.CONFIRMED,
    State.REJECTED: Decision.REJECTED,
}
# Where an order says when it came into the state, the same answer has the same time however late it is read.
TIMES = {
    State.CONFIRMED: ("confirmed_at",),
    State.SHIPPED: ("confirmed_at",),
    State.REJECTED: ("canceled_by_supplier_at", "canceled_by_consumer_at", "transfer_failed_at"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReader:
    states: Words[State]
    prefix: str  # of our references among those of other systems
    in_base_unit: bool  # we order in the unit of the variant, and lines come in packs of it

    # -- what we ask for ----------------------------------------------------------------------------------
    def requirement(self, order: Order, line: OrderLine, supplier_id: str, variant_id: str) -> bytes:
        body: dict[str, Any] = {
            "amount": line.quantity,
            "supplier_id": supplier_id,
            "variant_id": variant_id,
            "references": [f"{self.prefix}{order.buyer_reference}#{line.line_number}"],
            "visible_in_web": False,
        }
        if day := line.requested_date or order.requested_date:
            body["material_required_at"] = day.isoformat()
        return dumps({"material_requirement": body})

    def draft(self, order: Order, requirements: list[str]) -> bytes:
        body = {
            "material_requirement_ids": requirements,
            "references": [self.prefix + order.buyer_reference],
            "copy_material_requirement_references_to_line_items": True,
        }
        return dumps({"order": body})

    # -- what has become of it ----------------------------------------------------------------------------
    def state(self, order: Json) -> State:
        return self.states.meaning(order.get("state"))

    def references(self, order: Json) -> set[str]:
        """Ours among the references of the order; those of others are none of our business, whatever they are."""
        return {text.removeprefix(self.prefix).partition("#")[0] for text in self._ours(order)}

    def buyer_reference(self, order: Json) -> str:
        """Empty where it holds none of ours."""
        own = self.references(order)
        if len(own) > 1:
            raise order.get("references").wrong("one reference of ours")
        return next(iter(own))[:40] if own else ""

    def _ours(self, holder: Json) -> list[str]:
        return [text for text in _texts(holder) if text.startswith(self.prefix)]

    @staticmethod
    def supplier_reference(order: Json) -> str:
        """The hub's number of the order, else its id."""
        numbers = [text for text in _texts(order) if ITS_OWN.match(text)]
        return numbers[0][:IDENTIFIER] if numbers else identifier(order.get("id"))

    def documents(
        self, order: Json, message_id: str, buyer_reference: str, moment: datetime
    ) -> list[InboundDocument]:
        state = self.state(order)
        if state is State.DRAFT:
            raise order.get("state").wrong("a state of an order that was placed")
        said: list[InboundDocument] = [self._response(order, message_id, buyer_reference, state, moment)]
        if state is State.SHIPPED:
            # Nothing says which parcels: shipped is all that was confirmed.
            shipped_at = order.get("shipped_at")
            advice = DespatchAdvice(
                message_id=message_id,
                buyer_reference=buyer_reference,
                despatch_id=identifier(order.get("id")),
                shipped_at=shipped_at.moment() if shipped_at else moment,
            )
            said.append(advice)
        return said

    def _response(
        self, order: Json, message_id: str, buyer_reference: str, state: State, moment: datetime
    ) -> OrderResponse:
        decision, currency = DECISIONS[state], order.get("currency")
        times = [order.get(name) for name in TIMES.get(state, ())]
        confirmed = decision is Decision.CONFIRMED
        return OrderResponse(
            message_id=message_id,
            buyer_reference=buyer_reference,
            supplier_reference=self.supplier_reference(order),
            decision=decision,
            issued_at=next((time.moment() for time in times if time), moment),
            lines=tuple(self._lines(order, buyer_reference)) if confirmed else (),
            unmentioned=Unmentioned.OPEN,
            currency=currency.currency() if currency else "",
            note=order.get("state_reason").note(limit=1000),
            charges=tuple(_fees(order)) if confirmed else (),
        )

    def _lines(self, order: Json, buyer_reference: str) -> Iterator[OrderResponseLine]:
        promised = _confirmed_day(order)
        listed = order.get("order_line_items")
        if not listed:
            raise listed.wrong("a list")
        for item in listed.items():
            number, sku = self._line_number(item, buyer_reference), item.get("order_number")
            if number is None and not sku:
                raise item.wrong("a line with our reference or its order_number")
            quantity, price, note = self._quantity_and_price(item)
            own_day = item.get("confirmed_delivery_at")
            yield OrderResponseLine(
                line_number=number,
                supplier_sku=sku.text(limit=SKU) if sku else "",
                quantity=quantity,
                unit_price=price,
                promised_date=own_day.day() if own_day else promised,
                note=note,
            )

    def _quantity_and_price(self, item: Json) -> tuple[Decimal | None, Decimal | None, str]:
        """And what has to be said where the price of a piece is no round one."""
        said, in_base = item.get("amount"), item.get("amount_in_base_unit")
        pricing = item.get("pricing")
        priced = pricing.get("unit_net_price") if pricing else pricing
        packs = said.written_number() if said else None
        price = priced.written_number() if priced else None
        if not self.in_base_unit:
            return packs, price, ""
        quantity = in_base.written_number() if in_base else None
        if price is None or quantity == 0:
            return quantity, None, ""
        if not packs or not quantity:
            raise item.wrong(
                "an object that says how many packs and pieces it is: nobody can tell what one costs"
            )
        piece = (price * packs / quantity).quantize(STEP, ROUND_HALF_UP)
        exact = piece * quantity == price * packs
        return quantity, piece, "" if exact else f"{plain(price * packs)} in all."

    def _line_number(self, item: Json, buyer_reference: str) -> int | None:
        pattern = re.escape(f"{self.prefix}{buyer_reference}#") + "([0-9]{1,6})"
        found = [match[1] for text in _texts(item) if (match := re.fullmatch(pattern, text, re.ASCII))]
        return int(found[0]) if found else None


def _fees(order: Json) -> Iterator[Charge]:
    pricing = order.get("pricing")
    for name, label in FEES.items() if pricing else ():
        said = pricing.get(name)
        amount = said.written_number() if said else Decimal(0)
        if amount:
            yield Charge(label=label, amount=amount, code=name)


def _confirmed_day(order: Json) -> date | None:
    """The day of the whole delivery, where it is no estimate."""
    delivery = order.get("delivery")
    if not delivery or delivery.get("accuracy").value != "confirmed":
        return None
    said = delivery.get("date")
    return said.day() if said else None


def _texts(holder: Json) -> list[str]:
    listed = holder.get("references")
    said = [entry.value for entry in listed.items() if isinstance(entry.value, str)] if listed else []
    return [text.strip() for text in said if len(text) <= REFERENCE and not UNPRINTABLE.search(text)]


def identifier(said: Json) -> str:
    """An id, whether it is a text or a whole number."""
    value = said.value
    if isinstance(value, Decimal) and value.adjusted() < 20 and value == value.to_integral_value():
        return f"{value:.0f}"
    return said.text(limit=IDENTIFIER)


def listed_orders(answer: Json) -> Iterator[Json]:
    """Of a page: a list, or a list under "orders"."""
    return (answer if isinstance(answer.value, list) else answer.get("orders")).items()


# -- refusals ---------------------------------------------------------------------------------------------
def error_text(answer: Json) -> tuple[str, set[str]]:
    """What 422 says: `{"errors": {"field": ["can't be blank"]}}` or `{"errors": ["word"]}`, and the fields."""
    errors = answer.get("errors")
    if isinstance(errors.value, dict):
        words = [
            f"{field} {word.note(limit=200)}" for field in errors.value for word in errors.get(field).items()
        ]
        return "; ".join(words)[:1000], set(errors.value)
    words = [word.note(limit=200) for word in errors.items()] if errors else []
    return "; ".join(words)[:1000], set()


def line_problem(answer: Json, line: OrderLine) -> LineProblem:
    text, fields = error_text(answer)
    unknown = any(field.startswith(("variant", "sku")) for field in fields)
    return LineProblem(
        kind=LineProblemKind.UNKNOWN_ITEM if unknown else LineProblemKind.UNAVAILABLE,
        text=text[:300],
        line_number=line.line_number,
        supplier_sku=line.supplier_sku,
    )


def variant_of(line: OrderLine, field: str) -> str:
    value: str = getattr(line, field)
    if not value:
        raise ProtocolError(f"{line.supplier_sku} has no {field}, which is to be its variant id.")
    return value
