"""Answers to an order that was changed after the supplier had it, folded in every order of arrival."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from orders.truth import AskedLine, OrderTruth
from orders.versions import Version, fold_versions
from suppliers.messages import Decision, DespatchAdvice, OrderResponse, OrderResponseLine, Unmentioned

SENT = datetime(2030, 1, 1, tzinfo=UTC)
CHANGED = SENT + timedelta(hours=5)


def asked(first: int, second: int) -> tuple[AskedLine, ...]:
    return tuple(
        AskedLine(number, f"S{number}", Decimal(quantity), Decimal(2))
        for number, quantity in ((1, first), (2, second))
    )


def versions(**values: Any) -> list[Version]:
    """The first line was raised from 10 to 15."""
    changed = Version(2, asked(15, 20), told_at=CHANGED, changed=frozenset({1}), **values)
    return [Version(1, asked(10, 20)), changed]


def answer(hours: int, *quantities: int | None, version: int = 0, decision: str = "confirmed", **values: Any):
    lines = tuple(
        OrderResponseLine(line_number=number, quantity=Decimal(quantity))
        for number, quantity in enumerate(quantities, 1)
        if quantity is not None
    )
    return OrderResponse(
        message_id=f"{hours}-{version}-{quantities}", buyer_reference="PO", supplier_reference="S-1",
        decision=Decision(decision), issued_at=SENT + timedelta(hours=hours), lines=lines,
        unmentioned=values.pop("unmentioned", Unmentioned.OPEN), order_version=version, **values,
    )  # fmt: skip


def folded(
    answers: list[OrderResponse], despatches: tuple[DespatchAdvice, ...] = (), **values: Any
) -> OrderTruth:
    """The same, in whatever order they come."""
    results = [
        fold_versions(versions(**values), list(order), despatches, currency="GBP")
        for order in permutations(answers)
    ]
    assert all(result == results[0] for result in results)
    return results[0]


def quantities(truth: OrderTruth) -> list[int | None]:
    return [None if line.quantity is None else int(line.quantity) for line in truth.lines.values()]


def test_older_word_stands_until_the_change_is_answered():
    truth = folded([answer(1, 10, 20)])
    assert (truth.decision, quantities(truth), truth.answered_version) == (Decision.CONFIRMED, [10, 20], 1)
    assert truth.trouble == []


def test_newer_word_counts_and_is_no_contradiction():
    truth = folded([answer(1, 10, 20), answer(6, 15, 20)])
    assert (quantities(truth), truth.answered_version, truth.trouble) == ([15, 20], 2, [])


def test_answer_that_names_its_version_counts_for_it_whenever_it_was_issued():
    truth = folded([answer(6, 10, 20, version=1), answer(4, 15, 20, version=2)])
    assert (quantities(truth), truth.answered_version) == ([15, 20], 2)


def test_changed_line_alone_may_be_answered():
    truth = folded([answer(1, 10, 20), answer(6, 15, None)])
    assert (truth.decision, quantities(truth), truth.answered_version) == (Decision.CONFIRMED, [15, 20], 2)


def test_parts_of_two_versions_confirm_the_order_together():
    truth = folded([answer(1, None, 20), answer(6, 15, None)])
    assert (truth.decision, quantities(truth)) == (Decision.CONFIRMED, [15, 20])


def test_whole_acceptance_after_the_change_is_of_the_changed_order():
    truth = folded([answer(6, unmentioned=Unmentioned.ACCEPTED)])
    assert (truth.decision, quantities(truth), truth.answered_version) == (Decision.CONFIRMED, [15, 20], 2)


@pytest.mark.parametrize("known", [True, False])
def test_no_to_the_change_leaves_the_order_as_it_was(known):
    truth = folded(
        [answer(1, 10, 20), answer(6, version=2, decision="rejected", note="Too late.")], refused=known
    )
    assert (truth.decision, quantities(truth)) == (Decision.CONFIRMED, [10, 20])
    assert truth.refused == ({} if known else {2: "Too late."})


def test_no_that_names_no_version_is_a_no_to_the_order():
    assert folded([answer(1, 10, 20), answer(6, decision="rejected")]).decision is Decision.REJECTED


def test_rejected_order_is_not_revived_by_an_answer_to_its_change():
    truth = folded([answer(1, version=1, decision="rejected"), answer(6, 15, 20, version=2)])
    assert truth.decision is Decision.REJECTED


def test_what_people_agreed_on_counts_as_asked():
    truth = folded([answer(1, 10, 20)], agreed=True)
    assert (quantities(truth), truth.answered_version) == ([15, 20], 2)


def test_goods_are_shipped_of_the_changed_order():
    despatch = DespatchAdvice(
        message_id="d", buyer_reference="PO", despatch_id="D1", shipped_at=SENT + timedelta(hours=9)
    )
    truth = folded([answer(1, 10, 20), answer(6, 15, 20)], (despatch,))
    assert (truth.shipped, [int(line.shipped) for line in truth.lines.values()]) == (True, [15, 20])
