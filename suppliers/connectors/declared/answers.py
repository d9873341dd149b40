"""Understanding what the supplier says about an order: reply, look-up, callback."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from suppliers.connectors.base import InboundDocument
from suppliers.connectors.declared.mapping import AnswerMapping, Outcome
from suppliers.connectors.jsondata import Json
from suppliers.connectors.units import UnitWords
from suppliers.connectors.words import Words
from suppliers.exceptions import ProtocolError
from suppliers.messages import (
    Charge,
    Decision,
    DespatchAdvice,
    DespatchLine,
    DespatchStage,
    LineProblem,
    LineProblemKind,
    OrderRefusal,
    OrderResponse,
    OrderResponseLine,
    Substitute,
    Unmentioned,
)

REFERENCE, SUPPLIER_REFERENCE, SKU = 40, 80, 60
DECISIONS = {
    Outcome.RECEIVED: Decision.RECEIVED,
    Outcome.CONFIRMED: Decision.CONFIRMED,
    Outcome.PACKED: Decision.CONFIRMED,  # nobody packs what is not accepted
    Outcome.SHIPPED: Decision.CONFIRMED,
    Outcome.REJECTED: Decision.REJECTED,
    Outcome.REFUSED: Decision.REJECTED,
}
STAGES = {Outcome.PACKED: DespatchStage.PACKED, Outcome.SHIPPED: DespatchStage.SHIPPED}


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerReader:
    mapping: AnswerMapping
    words: Words[Outcome]
    problems: Words[LineProblemKind]
    units: UnitWords
    not_listed: Unmentioned  # what a confirmation that lists lines says about the others

    def outcome(self, answer: Json, *, absent: Outcome | None = None) -> Outcome:
        said = self.mapping.find(answer, "status")
        return absent if absent and not said else self.words.meaning(said)

    def reference(self, answer: Json) -> str:
        return self.mapping.find(answer, "buyer_reference").text(limit=REFERENCE)

    def supplier_reference(self, answer: Json) -> str:
        said = self.mapping.find(answer, "supplier_reference")
        return self._name(said, SUPPLIER_REFERENCE) if said else ""

    def document(self, answer: Json, message_id: str, moment: datetime) -> InboundDocument:
        """A callback: a decision or a despatch."""
        outcome = self.outcome(answer)
        if outcome in STAGES:
            return self._despatch(answer, message_id, STAGES[outcome], moment)
        return self.response(answer, message_id, self.reference(answer), outcome, moment)

    def response(
        self, answer: Json, message_id: str, buyer_reference: str, outcome: Outcome, moment: datetime
    ) -> OrderResponse:
        decision, currency = DECISIONS[outcome], self.mapping.find(answer, "currency")
        listed = self.mapping.find(answer, "lines")
        # An order that is only received repeats what we asked; that is no answer to a line.
        confirmed = decision is Decision.CONFIRMED
        lines = tuple(self._line(item) for item in listed.items()) if confirmed and listed else ()
        return OrderResponse(
            message_id=message_id,
            buyer_reference=buyer_reference,
            supplier_reference=self.supplier_reference(answer),
            decision=decision,
            issued_at=self._moment(answer, "time", moment),
            lines=lines,
            unmentioned=self.not_listed if lines else self._bare(decision),
            currency=currency.currency() if currency else "",
            note=self.mapping.find(answer, "note").note(limit=1000),
            charges=tuple(self._charges(answer)) if confirmed else (),
            total=self._amount(answer, "total") if confirmed else None,
        )

    def reply_outcome(self, answer: Json) -> Outcome:
        """An answer to our order without a status: they have it, and have not decided."""
        return self.outcome(answer, absent=Outcome.RECEIVED)

    def reply(self, answer: Json, message_id: str, reference: str, moment: datetime) -> OrderResponse:
        """A reply or a look-up, both about one order of ours."""
        theirs = self.mapping.find(answer, "buyer_reference")
        if theirs and self.reference(answer) != reference:
            raise theirs.wrong(f"our reference {reference}")
        return self.response(answer, message_id, reference, self.reply_outcome(answer), moment)

    def refusal(self, answer: Json) -> OrderRefusal:
        listed = self.mapping.find(answer, "problems")
        return OrderRefusal(
            text=self.mapping.find(answer, "note").note(limit=1000) or "The supplier did not take the order.",
            problems=tuple(self._problem(item) for item in listed.items()) if listed else (),
        )

    # -- parts --------------------------------------------------------------------------------------------
    @staticmethod
    def _bare(decision: Decision) -> Unmentioned:
        return Unmentioned.ACCEPTED if decision is Decision.CONFIRMED else Unmentioned.OPEN

    def _line(self, item: Json) -> OrderResponseLine:
        number, sku = self._which(item, "line")
        quantity, price = self.mapping.find(item, "line.quantity"), self.mapping.find(item, "line.unit_price")
        later = self.mapping.find(item, "line.backorder_quantity")
        promised = self.mapping.find(item, "line.promised_date")
        other = self.mapping.find(item, "line.substitute_sku")
        return OrderResponseLine(
            line_number=number,
            supplier_sku=sku,
            quantity=quantity.written_number() if quantity else None,
            unit_price=price.written_number() if price else None,
            promised_date=promised.day() if promised else None,
            note=self.mapping.find(item, "line.note").note(limit=300),
            backorder_quantity=later.written_number() if later else None,
            substitute=Substitute(supplier_sku=self._name(other, SKU)) if other else None,
            unit=self._unit(item),
        )

    def _unit(self, item: Json) -> str:
        said = self.mapping.find(item, "line.unit")
        return self.units.code(said) if said else ""

    def _charges(self, answer: Json) -> Iterator[Charge]:
        listed = self.mapping.find(answer, "charges")
        for item in listed.items() if listed else ():
            code = self.mapping.find(item, "charge.code")
            yield Charge(
                label=self.mapping.find(item, "charge.label").note(limit=100) or "Charge",
                amount=self.mapping.find(item, "charge.amount").written_number(negative=True),
                code=self._name(code, 40) if code else "",
            )

    def _amount(self, answer: Json, name: str) -> Decimal | None:
        said = self.mapping.find(answer, name)
        return said.written_number(negative=True) if said else None

    def _despatch(
        self, answer: Json, message_id: str, stage: DespatchStage, moment: datetime
    ) -> DespatchAdvice:
        own = self.mapping.find(answer, "shipment.id")
        listed = self.mapping.find(answer, "shipment.lines" if "shipment.lines" in self.mapping else "lines")
        told_at = self._moment(answer, "time", moment)
        return DespatchAdvice(
            message_id=message_id,
            buyer_reference=self.reference(answer),
            despatch_id=self._name(own, 80) if own else message_id[:80],
            shipped_at=self._moment(answer, "shipment.time", told_at),
            stage=stage,
            lines=tuple(self._despatch_line(item) for item in listed.items()) if listed else (),
            carrier=self.mapping.find(answer, "shipment.carrier").note(limit=80),
            tracking=self.mapping.find(answer, "shipment.tracking").note(limit=120),
        )

    def _despatch_line(self, item: Json) -> DespatchLine:
        number, sku = self._which(item, "line")
        quantity = self.mapping.find(item, "line.quantity")
        return DespatchLine(
            line_number=number,
            supplier_sku=sku,
            quantity=quantity.written_number() if quantity else None,
            unit=self._unit(item),
        )

    def _problem(self, item: Json) -> LineProblem:
        number, sku = self._which(item, "problem")
        kind = self.mapping.find(item, "problem.kind")
        return LineProblem(
            kind=self.problems.meaning(kind) if kind else LineProblemKind.UNAVAILABLE,
            text=self.mapping.find(item, "problem.text").note(limit=300),
            line_number=number,
            supplier_sku=sku,
        )

    def _which(self, item: Json, what: str) -> tuple[int | None, str]:
        number = self.mapping.find(item, f"{what}.line_number")
        sku = self.mapping.find(item, f"{what}.supplier_sku")
        if not number and not sku:
            raise item.wrong("an object that says which line or article it speaks of")
        return (_whole(number) if number else None), (self._name(sku, SKU) if sku else "")

    def _moment(self, answer: Json, name: str, otherwise: datetime) -> datetime:
        said = self.mapping.find(answer, name)
        return said.moment() if said else otherwise

    @staticmethod
    def _name(said: Json, limit: int) -> str:
        """Also one that is written as a number: 4711."""
        value = said.value
        if isinstance(value, Decimal) and value.adjusted() < 20 and value == value.to_integral_value():
            return f"{value:.0f}"
        return said.text(limit=limit)


def _whole(said: Json) -> int:
    number = said.written_number()
    if number != number.to_integral_value():
        raise said.wrong("a whole number")
    return int(number)


def found_order(reader: AnswerReader, found: Json, buyer_reference: str) -> Json | None:
    """The one order in a list, or the order itself. None: they have none."""
    if not found:
        raise found.wrong("an order or a list of orders")
    orders = list(found.items()) if isinstance(found.value, list) else [found]
    for order in orders:
        # An answer with other people's orders has ignored the question, and proves nothing about ours.
        if reader.reference(order) != buyer_reference:
            raise reader.mapping.find(order, "buyer_reference").wrong(f"our reference {buyer_reference}")
    if len(orders) > 1:
        raise ProtocolError(f"{found.what}: {len(orders)} orders carry our reference {buyer_reference}.")
    return orders[0] if orders else None
