"""What is true about an order that was changed after the supplier had it: a pure function, as orders.answers.

An answer speaks of the version it names, else of the newest that the supplier had when it was issued. Of each version
that is folded as ever; then the newest word on a line counts, and an older word where the newer version has none yet.
A no that names a changed version is a no to the change: the order stands as it was before.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from orders.answers import fold_answers, fold_despatches
from orders.truth import AskedLine, LineTruth, OrderTruth
from suppliers.messages import Decision, DespatchAdvice, OrderResponse


@dataclass(frozen=True, slots=True)
class Version:
    number: int
    asked: tuple[AskedLine, ...]
    told_at: datetime | None = None  # when the supplier had it; None: the order as it was first sent
    changed: frozenset[int] = frozenset()  # line numbers
    refused: bool = False
    agreed: bool = False  # by what people were told; what no document answers counts as asked


def fold_versions(
    versions: Sequence[Version],
    responses: Iterable[OrderResponse],
    despatches: Iterable[DespatchAdvice],
    *,
    currency: str,
) -> OrderTruth:
    """`versions`: oldest first."""
    said: dict[int, list[OrderResponse]] = {version.number: [] for version in versions}
    for response in responses:
        said[_spoken_of(versions, response)].append(response)
    first, *changes = versions
    truth, asked = fold_answers(first.asked, said[first.number], currency=currency), first.asked
    for version in changes:
        if version.refused:
            continue
        newer = fold_answers(version.asked, said[version.number], currency=currency)
        if any(
            r.decision is Decision.REJECTED and r.order_version == version.number
            for r in said[version.number]
        ):
            truth.refused[version.number] = newer.note
            continue
        truth, asked = _changed(truth, newer, version), version.asked
    fold_despatches(truth, asked, despatches)
    return truth


def _spoken_of(versions: Sequence[Version], response: OrderResponse) -> int:
    if response.order_version:
        known = [version.number for version in versions if version.number <= response.order_version]
    else:
        known = [v.number for v in versions if v.told_at is None or v.told_at <= response.issued_at]
    return known[-1] if known else versions[0].number


def _changed(before: OrderTruth, newer: OrderTruth, version: Version) -> OrderTruth:
    if before.decision is Decision.REJECTED:
        before.trouble += newer.trouble
        return before
    lines = {number: _line(before, newer, version, number) for number in newer.lines}
    if newer.decision is Decision.REJECTED:
        newer.trouble = before.trouble + newer.trouble
        return newer
    answered = all(newer.lines[number].quantity is not None for number in version.changed)
    at_all = before.confirmed_at_all or newer.confirmed_at_all
    complete = all(line.quantity is not None for line in lines.values())
    return replace(
        newer,
        decision=Decision.CONFIRMED if at_all and complete else newer.decision,
        confirmed_at_all=at_all,
        supplier_reference=newer.supplier_reference or before.supplier_reference,
        note=newer.note or before.note,
        lines=lines,
        charges=before.charges if newer.charges is None else newer.charges,
        total=before.total if newer.total is None else newer.total,
        trouble=before.trouble + newer.trouble,
        refused=before.refused,
        answered_version=version.number if answered or version.agreed else before.answered_version,
    )


def _line(before: OrderTruth, newer: OrderTruth, version: Version, number: int) -> LineTruth:
    said, known = newer.lines[number], before.lines[number]
    if said.quantity is not None or said.unclear:
        return said
    if version.agreed and number in version.changed:
        asked = next(line for line in version.asked if line.line_number == number)
        return replace(known, quantity=asked.quantity, unit_price=asked.unit_price, backorder=Decimal(0))
    return known
