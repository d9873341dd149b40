"""What is true about an order, as a pure function of everything the supplier has said about it.

Messages arrive late, doubled and in any order. Instead of applying each to what the last one left, all of them
are folded anew, sorted by when the supplier issued them; so the result does not depend on the order of arrival.
See docs/adr/0007-answers-are-folded.md.

Rules:
* The first answer that names a line fixes it; a later one that says otherwise is a contradiction for a person to see.
  Until all lines are answered, a supplier may correct its own earlier answer, or take back what it said of a line.
* A confirmation's word on lines it does not name counts only where no answer names them.
* Several answers for one line in one message are parts of it: their quantities add up.
* A rejection of the whole order wins over any confirmation.
* Goods are shipped only of a confirmed order; a despatch advice that came first waits. What is packed is not shipped.
* An order that was sent as several documents is confirmed or rejected once all of them are.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from orders.answer_total import total_objection
from orders.truth import AskedLine, LineTruth, OrderTruth, ShipmentTruth, Trouble
from suppliers.messages import (
    Decision,
    DespatchAdvice,
    DespatchStage,
    OrderResponse,
    OrderResponseLine,
    Unmentioned,
)
from suppliers.packing import plain, plain_price


def fold(
    asked: Sequence[AskedLine],
    responses: Iterable[OrderResponse],
    despatches: Iterable[DespatchAdvice],
    *,
    currency: str,
) -> OrderTruth:
    truth = fold_answers(asked, responses, currency=currency)
    fold_despatches(truth, asked, despatches)
    return truth


def fold_answers(
    asked: Sequence[AskedLine], responses: Iterable[OrderResponse], *, currency: str
) -> OrderTruth:
    truth = OrderTruth(lines={line.line_number: LineTruth() for line in asked})
    answers = sorted(responses, key=lambda r: (r.issued_at, r.message_id))
    truth.supplier_reference = next((r.supplier_reference for r in answers if r.supplier_reference), "")
    rejections = _of_the_whole(r for r in answers if r.decision is Decision.REJECTED)
    confirmations = _of_the_whole(r for r in answers if r.decision is Decision.CONFIRMED)
    truth.confirmed_at_all = bool(confirmations)
    if not rejections:
        _note_refused_parts(truth, answers)
    settled = False
    for response in confirmations:
        if response.corrects and response.unmentioned is Unmentioned.ACCEPTED:
            response = _with_all_lines(asked, response)
        _take_named_lines(truth, asked, response, binding=True, correcting=not settled)
        settled = settled or _settles(response) or _all_answered(truth)
        if response.currency and response.currency != currency:
            text = f"The supplier answered in {response.currency}; the order is in {currency}."
            truth.trouble.append(Trouble("currency", None, text))
    for response in answers:
        if response.decision is Decision.RECEIVED:
            _take_named_lines(truth, asked, response, binding=False)
    accepting = [(r, _named(asked, r)) for r in confirmations if r.unmentioned is Unmentioned.ACCEPTED]
    for line in asked:
        known = truth.lines[line.line_number]
        taken = next((r for r, named in accepting if line.line_number not in named), None)
        if taken and known.quantity is None and not known.unclear:
            truth.lines[line.line_number] = LineTruth(line.quantity, line.unit_price, taken.promised_date)
    if rejections:
        truth.decision = Decision.REJECTED
        _note_words_after_rejection(truth, answers, rejections[0])
    else:
        _decide(truth, bool(confirmations))
    spoken = [r for r in confirmations if r.charges or r.total is not None]
    if spoken:
        truth.charges, truth.total = spoken[0].charges, spoken[0].total
    if truth.decision is Decision.CONFIRMED:
        counted = [
            (line.quantity or Decimal(0), line.unit_price or Decimal(0)) for line in truth.lines.values()
        ]
        if objection := total_objection(truth.total, counted, truth.charges or ()):
            truth.trouble.append(Trouble("price", None, objection))
    deciding = rejections or confirmations
    truth.note = deciding[0].note if deciding else ""
    return truth


def _of_the_whole(answers: Iterable[OrderResponse]) -> list[OrderResponse]:
    """Without answers to single documents of an order as long as others of its documents are missing."""
    said = list(answers)
    heard = {(answer.part, answer.parts) for answer in said}
    return [a for a in said if all((part, a.parts) in heard for part in range(1, a.parts + 1))]


def _note_refused_parts(truth: OrderTruth, answers: Sequence[OrderResponse]) -> None:
    for answer in answers:
        if answer.decision is Decision.REJECTED:
            text = (
                f"The supplier refused document {answer.part} of the {answer.parts} of this order: "
                f"{answer.note or 'no reason told'}. Clear with them what becomes of the others."
            )
            truth.trouble.append(Trouble("contradiction", None, text[:500]))


def _all_answered(truth: OrderTruth) -> bool:
    return all(line.quantity is not None for line in truth.lines.values())


def _settles(response: OrderResponse) -> bool:
    """Whether it speaks of every line, named or not, and leaves none undecided."""
    return response.unmentioned is Unmentioned.ACCEPTED and not any(line.undecided for line in response.lines)


def _named(asked: Sequence[AskedLine], response: OrderResponse) -> set[int]:
    return {
        line.line_number
        for answer in response.lines
        if (line := _find(asked, answer.line_number, answer.supplier_sku))
    }


def _with_all_lines(asked: Sequence[AskedLine], response: OrderResponse) -> OrderResponse:
    """A correction that accepts what it does not name, with that said of each line."""
    named = _named(asked, response)
    accepted = tuple(
        OrderResponseLine(
            line_number=line.line_number,
            quantity=line.quantity,
            unit_price=line.unit_price,
            promised_date=response.promised_date,
        )
        for line in asked
        if line.line_number not in named
    )
    return replace(response, lines=response.lines + accepted)


def _decide(truth: OrderTruth, any_confirmation: bool) -> None:
    quantities = [line.quantity for line in truth.lines.values()]
    owed = any(line.backorder for line in truth.lines.values())
    if quantities and not owed and all(quantity == 0 for quantity in quantities):
        truth.decision = Decision.REJECTED  # every single line refused is a refusal
    elif any_confirmation and _all_answered(truth):
        truth.decision = Decision.CONFIRMED


def _find(asked: Sequence[AskedLine], line_number: int | None, supplier_sku: str) -> AskedLine | None:
    by_number = next((line for line in asked if line_number == line.line_number), None)
    if by_number and supplier_sku and by_number.supplier_sku != supplier_sku:
        by_number = None  # the number is the supplier's own count: believe the article
    return by_number or next(
        (line for line in asked if supplier_sku and supplier_sku == line.supplier_sku), None
    )


def _take_named_lines(
    truth: OrderTruth,
    asked: Sequence[AskedLine],
    response: OrderResponse,
    *,
    binding: bool,
    correcting: bool = False,
) -> None:
    """`correcting`: the order is not settled yet, so what was said before may still be taken back."""
    by_line: dict[int, list[OrderResponseLine]] = {}
    for answer in response.lines:
        line = _find(asked, answer.line_number, answer.supplier_sku)
        if line is None:
            what = answer.supplier_sku or f"line {answer.line_number}"
            truth.trouble.append(
                Trouble("unexpected_line", None, f"The supplier answered for {what}, which we did not order.")
            )
            continue
        if _speaks_of_another_unit(truth, line, answer.unit):
            truth.lines[line.line_number].unclear = True
            continue
        by_line.setdefault(line.line_number, []).append(answer)
    for line in asked:
        if not (parts := by_line.get(line.line_number)):
            continue
        known, said = truth.lines[line.line_number], _together(line, parts)
        if said.quantity is None and not correcting:
            if binding:
                before = LineTruth(line.quantity, line.unit_price) if known.quantity is None else known
                truth.trouble.append(
                    Trouble("contradiction", line.line_number, _contradiction(line, before, said))
                )
        elif known.quantity is None or (correcting and (response.corrects or said.quantity is None)):
            truth.lines[line.line_number] = said
        elif binding and _differs(known, said, parts):
            truth.trouble.append(
                Trouble("contradiction", line.line_number, _contradiction(line, known, said))
            )


def _speaks_of_another_unit(truth: OrderTruth, line: AskedLine, unit: str) -> bool:
    """Ten cases are not ten bottles: such words are left to a person."""
    if not unit or not line.unit or unit == line.unit:
        return False
    text = f"Line {line.line_number}: the supplier counts in {unit}, but it was ordered in {line.unit}."
    truth.trouble.append(Trouble("contradiction", line.line_number, text))
    return True


def _together(line: AskedLine, parts: Sequence[OrderResponseLine]) -> LineTruth:
    """One truth from all that one message says about a line. A part without a quantity is what the others leave."""
    if any(part.undecided for part in parts):
        return LineTruth(note=" ".join(dict.fromkeys(part.note for part in parts if part.note)))
    named = sum((part.quantity for part in parts if part.quantity is not None), Decimal(0))
    rest = max(Decimal(0), line.quantity - named)
    quantities = [rest if part.quantity is None else part.quantity for part in parts]
    prices = [line.unit_price if part.unit_price is None else part.unit_price for part in parts]
    quantity, price = sum(quantities, Decimal(0)), prices[0]
    if quantity and len(set(prices)) > 1:
        value = sum((each * at for each, at in zip(quantities, prices, strict=True)), Decimal(0))
        price = (value / quantity).quantize(Decimal("0.0001"))
    coming = [
        (part.promised_date, each)
        for part, each in zip(parts, quantities, strict=True)
        if each and part.promised_date
    ]
    others = [part.substitute for part in parts]
    notes = list(dict.fromkeys(part.note for part in parts if part.note))
    if len({when for when, _ in coming}) > 1:
        notes.insert(0, ", ".join(f"{plain(each)} on {when:%-d %b}" for when, each in sorted(coming)) + ".")
    return LineTruth(
        quantity=quantity,
        unit_price=price,
        promised_date=max((when for when, _ in coming), default=parts[0].promised_date),
        note=" ".join(notes),
        backorder=sum((part.backorder_quantity or Decimal(0) for part in parts), Decimal(0)),
        substitute=next((s for s in others if s and s.supplier_sku != line.supplier_sku), None),
    )


def _differs(known: LineTruth, said: LineTruth, parts: Sequence[OrderResponseLine]) -> bool:
    return (
        known.quantity != said.quantity
        or (any(part.unit_price is not None for part in parts) and known.unit_price != said.unit_price)
        or (
            any(part.promised_date is not None for part in parts)
            and known.promised_date != said.promised_date
        )
    )


def _contradiction(line: AskedLine, known: LineTruth, said: LineTruth) -> str:
    def words(t: LineTruth) -> str:
        when = f" on {t.promised_date}" if t.promised_date else ""
        if t.quantity is None:
            return "that it has not decided"
        return f"{plain(t.quantity)} at {plain_price(t.unit_price or Decimal(0))}{when}"

    return (
        f"Line {line.line_number}: the supplier first answered {words(known)}, then {words(said)}. "
        "The first answer stands until you have cleared it with them."
    )


def _note_words_after_rejection(
    truth: OrderTruth, answers: Sequence[OrderResponse], rejection: OrderResponse
) -> None:
    if any(r.decision is Decision.CONFIRMED and r.issued_at > rejection.issued_at for r in answers):
        text = "The supplier rejected the order and later confirmed it. It stays rejected until cleared with them."
        truth.trouble.append(Trouble("contradiction", None, text))


def fold_despatches(
    truth: OrderTruth, asked: Sequence[AskedLine], despatches: Iterable[DespatchAdvice]
) -> None:
    first_words = _first_words(despatches)
    if truth.decision is not Decision.CONFIRMED:
        truth.waiting_despatches = len(first_words)
        if first_words and truth.decision is Decision.REJECTED:
            text = (
                "The supplier rejected the order, and yet it announced a despatch. Ask them what is coming."
            )
            truth.trouble.append(Trouble("contradiction", None, text))
        return
    for advice in first_words.values():
        quantities = {} if advice.withdrawn else _despatched(truth, asked, advice)
        if advice.withdrawn:
            text = f"The supplier takes back despatch {advice.despatch_id}. Check what has arrived of it."
            truth.trouble.append(Trouble("contradiction", None, text))
        if advice.stage is DespatchStage.SHIPPED:
            for number, quantity in quantities.items():
                truth.lines[number].shipped += quantity
        truth.shipments.append(
            ShipmentTruth(
                advice.despatch_id,
                advice.stage,
                advice.shipped_at,
                advice.carrier,
                advice.tracking,
                quantities,
            )
        )
    for number, line in truth.lines.items():
        if line.shipped > (line.quantity or 0) + line.backorder:
            confirmed = plain(line.quantity or Decimal(0))
            text = f"Line {number}: {plain(line.shipped)} shipped, but only {confirmed} confirmed."
            truth.trouble.append(Trouble("quantity", number, text))
    # Where all of it is on backorder, nothing has left although nothing was promised.
    truth.shipped = bool(truth.shipments) and all(
        line.shipped >= (line.quantity or 0) for line in truth.lines.values()
    )


def _first_words(despatches: Iterable[DespatchAdvice]) -> Mapping[str, DespatchAdvice]:
    """One despatch told twice is one despatch; that it left outweighs that it was packed. A correction replaces it."""
    told: dict[str, DespatchAdvice] = {}
    firsts: list[DespatchAdvice] = []
    corrections: list[DespatchAdvice] = []
    for advice in despatches:
        (corrections if advice.corrects_from else firsts).append(advice)
    for advice in sorted(
        firsts, key=lambda d: (d.stage is not DespatchStage.SHIPPED, d.shipped_at, d.message_id)
    ):
        told.setdefault(advice.despatch_id, advice)
    for advice in sorted(corrections, key=lambda d: (d.corrects_from or d.shipped_at, d.message_id)):
        told[advice.despatch_id] = advice
    return told


def _despatched(truth: OrderTruth, asked: Sequence[AskedLine], advice: DespatchAdvice) -> dict[int, Decimal]:
    def remaining(number: int) -> Decimal:
        line = truth.lines[number]
        return max(Decimal(0), (line.quantity or Decimal(0)) - line.shipped)

    if not advice.lines:
        return {number: remaining(number) for number in truth.lines if remaining(number) > 0}
    quantities: dict[int, Decimal] = {}
    for item in advice.lines:
        line = _find(asked, item.line_number, item.supplier_sku)
        if line is None:
            what = item.supplier_sku or f"line {item.line_number}"
            truth.trouble.append(
                Trouble("unexpected_line", None, f"The supplier shipped {what}, which we did not order.")
            )
            continue
        if _speaks_of_another_unit(truth, line, item.unit):
            continue
        number = line.line_number
        quantity = remaining(number) if item.quantity is None else item.quantity
        quantities[number] = quantities.get(number, Decimal(0)) + quantity
    return quantities
