"""Folding a supplier's messages: what is true must not depend on the order in which they arrived."""

from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.answers import fold
from orders.truth import AskedLine
from suppliers.messages import (
    Charge,
    Decision,
    DespatchAdvice,
    DespatchLine,
    DespatchStage,
    OrderResponse,
    OrderResponseLine,
    Substitute,
    Unmentioned,
)

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
ASKED = [
    AskedLine(1, "A", Decimal(10), Decimal("2.00")),
    AskedLine(2, "B", Decimal(5), Decimal("4.00")),
    AskedLine(3, "C", Decimal(1), Decimal("9.00")),
]


def response(n=1, decision=Decision.CONFIRMED, lines=(), unmentioned=Unmentioned.ACCEPTED, **fields):
    return OrderResponse(
        message_id=f"r{n}",
        buyer_reference="PO-1",
        supplier_reference="S-1",
        decision=decision,
        issued_at=START + timedelta(minutes=n),
        lines=tuple(lines),
        unmentioned=unmentioned,
        **fields,
    )


def despatch(n=1, lines=(), despatch_id=None, stage=DespatchStage.SHIPPED):
    return DespatchAdvice(
        message_id=f"d{n}",
        buyer_reference="PO-1",
        despatch_id=despatch_id or f"D{n}",
        shipped_at=START + timedelta(hours=n),
        stage=stage,
        lines=tuple(lines),
    )


def truth(responses, despatches=()):
    return fold(ASKED, responses, despatches, currency="GBP")


def test_confirmation_without_lines_accepts_all_as_asked():
    result = truth([response()])
    assert result.decision is Decision.CONFIRMED
    assert [line.quantity for line in result.lines.values()] == [10, 5, 1]
    assert not result.shipped


def test_named_lines_are_changed_and_the_rest_accepted():
    change = OrderResponseLine(line_number=2, quantity=Decimal(4), promised_date=date(2026, 3, 9))
    result = truth([response(lines=[change])])
    assert (result.lines[2].quantity, result.lines[2].unit_price) == (4, Decimal("4.00"))
    assert result.lines[2].promised_date == date(2026, 3, 9)
    assert result.lines[1].quantity == 10


def test_parts_of_a_line_in_one_message_add_up():
    parts = [
        OrderResponseLine(line_number=1, quantity=Decimal(6), promised_date=date(2026, 3, 9)),
        OrderResponseLine(
            line_number=1, quantity=Decimal(4), promised_date=date(2026, 3, 16), unit_price=Decimal("2.50")
        ),
    ]
    line = truth([response(lines=parts)]).lines[1]
    assert (line.quantity, line.promised_date, line.unit_price) == (10, date(2026, 3, 16), Decimal("2.2000"))
    assert line.note == "6 on 9 Mar, 4 on 16 Mar."


def test_part_without_a_quantity_is_what_the_others_leave():
    parts = [
        OrderResponseLine(line_number=1, quantity=Decimal(3), promised_date=date(2026, 3, 9)),
        OrderResponseLine(line_number=1, promised_date=date(2026, 3, 16)),
    ]
    assert truth([response(lines=parts)]).lines[1].quantity == 10


def test_same_parts_told_again_are_no_contradiction():
    parts = [
        OrderResponseLine(line_number=1, quantity=Decimal(5), promised_date=date(2026, 3, day))
        for day in (9, 16)
    ]
    assert truth([response(1, lines=parts), response(2, lines=parts)]).trouble == []


def test_back_order_substitute_and_charges_are_kept():
    answer = OrderResponseLine(
        line_number=1,
        quantity=Decimal(4),
        backorder_quantity=Decimal(6),
        substitute=Substitute(supplier_sku="A-NEW"),
    )
    told = response(
        lines=[answer], charges=(Charge(label="Freight", amount=Decimal("9.50")),), total=Decimal("46.50")
    )
    result = truth([told])
    assert (result.lines[1].quantity, result.lines[1].backorder) == (4, 6)
    assert result.lines[1].substitute == Substitute(supplier_sku="A-NEW")
    assert [charge.amount for charge in result.charges] == [Decimal("9.50")]
    assert result.total == Decimal("46.50")


def test_packed_goods_are_not_shipped_until_they_leave():
    packed = despatch(1, despatch_id="D", stage=DespatchStage.PACKED)
    result = truth([response()], [packed])
    assert (result.shipped, result.lines[1].shipped) == (False, 0)
    assert [shipment.stage for shipment in result.shipments] == [DespatchStage.PACKED]
    left = despatch(2, despatch_id="D")
    for told in ([packed, left], [left, packed]):
        result = truth([response()], told)
        assert result.shipped
        assert [shipment.stage for shipment in result.shipments] == [DespatchStage.SHIPPED]


def test_partial_confirmation_leaves_the_order_undecided_until_all_lines_are_answered():
    one = response(1, lines=[OrderResponseLine(line_number=1)], unmentioned=Unmentioned.OPEN)
    rest = [OrderResponseLine(supplier_sku="B"), OrderResponseLine(supplier_sku="C")]
    two = response(2, lines=rest, unmentioned=Unmentioned.OPEN)
    assert truth([one]).decision is Decision.RECEIVED
    assert truth([two, one]).decision is Decision.CONFIRMED


def test_every_line_refused_is_a_rejection():
    refusals = [OrderResponseLine(line_number=n, quantity=Decimal(0)) for n in (1, 2, 3)]
    assert truth([response(lines=refusals)]).decision is Decision.REJECTED


def test_first_issued_answer_stands_and_the_later_one_is_a_contradiction():
    first = response(1, lines=[OrderResponseLine(line_number=1, unit_price=Decimal("2.10"))])
    later = response(2, lines=[OrderResponseLine(line_number=1, unit_price=Decimal("2.50"))])
    for arrival in ([first, later], [later, first]):
        result = truth(arrival)
        assert result.lines[1].unit_price == Decimal("2.10")
        assert [t.kind for t in result.trouble] == ["contradiction"]


def test_rejection_wins_over_confirmation_whenever_it_came():
    for n in (0, 5):
        result = truth([response(3), response(n, decision=Decision.REJECTED)])
        assert result.decision is Decision.REJECTED


def test_despatch_before_confirmation_waits():
    assert truth([], [despatch()]).waiting_despatches == 1
    result = truth([response()], [despatch()])
    assert result.shipped
    assert result.lines[1].shipped == 10


def test_order_is_shipped_when_all_that_was_confirmed_is():
    part = despatch(1, [DespatchLine(line_number=1, quantity=Decimal(4))])
    result = truth([response()], [part])
    assert not result.shipped
    assert truth([response()], [part, despatch(2)]).shipped


def test_same_despatch_told_twice_counts_once():
    line = [DespatchLine(line_number=1, quantity=Decimal(4))]
    result = truth([response()], [despatch(1, line, "D"), despatch(2, line, "D")])
    assert result.lines[1].shipped == 4


def test_unknown_articles_and_other_currency_are_trouble_not_data():
    stray = response(lines=[OrderResponseLine(supplier_sku="Z", quantity=Decimal(3))], currency="EUR")
    assert {t.kind for t in truth([stray]).trouble} == {"unexpected_line", "currency"}


def test_supplier_that_counts_lines_its_own_way_is_matched_by_article():
    result = truth(
        [response(lines=[OrderResponseLine(line_number=1, supplier_sku="B", quantity=Decimal(3))])]
    )
    assert (result.lines[1].quantity, result.lines[2].quantity) == (10, 3)


lines = st.builds(
    OrderResponseLine,
    line_number=st.integers(1, 4),
    quantity=st.none() | st.integers(0, 12).map(Decimal),
    unit_price=st.none() | st.sampled_from([Decimal("2.00"), Decimal("2.10"), Decimal("4.00")]),
)
responses = st.lists(
    st.builds(
        response,
        n=st.integers(0, 50),
        decision=st.sampled_from([Decision.CONFIRMED] * 6 + [Decision.RECEIVED, Decision.REJECTED]),
        lines=st.lists(lines, max_size=3),
        unmentioned=st.sampled_from(Unmentioned),
    ),
    max_size=4,
    unique_by=lambda r: r.message_id,
)
despatches = st.lists(
    st.builds(
        despatch,
        n=st.integers(0, 50),
        lines=st.lists(
            st.builds(
                DespatchLine,
                line_number=st.integers(1, 4),
                quantity=st.none() | st.integers(1, 9).map(Decimal),
            ),
            max_size=3,
        ),
    ),
    max_size=4,
    unique_by=lambda d: d.message_id,
)


@given(responses, despatches, st.randoms(use_true_random=False))
def test_truth_does_not_depend_on_the_order_of_arrival(said, sent, random):
    expected = asdict(truth(said, sent))
    random.shuffle(said)
    random.shuffle(sent)
    assert asdict(truth(said, sent)) == expected
    assert asdict(truth(said + said[:1], sent + sent[:1]))["lines"] == expected["lines"]


def test_order_in_several_documents_is_confirmed_once_all_of_them_are():
    one, two, again = response(1, part=1, parts=2), response(2, part=2, parts=2), response(3, part=1, parts=2)
    assert truth([one, again]).decision is Decision.RECEIVED
    assert truth([two, one]).decision is Decision.CONFIRMED
    assert [line.quantity for line in truth([two, one]).lines.values()] == [10, 5, 1]


def test_one_refused_document_of_several_is_for_a_person_to_see():
    one = response(1, part=1, parts=2)
    refused = response(2, Decision.REJECTED, part=2, parts=2, note="No price found")
    result = truth([one, refused])
    assert result.decision is Decision.RECEIVED
    assert [trouble.kind for trouble in result.trouble] == ["contradiction"]
    assert "document 2 of the 2" in result.trouble[0].text
    assert "No price found" in result.trouble[0].text
    both = truth([refused, response(3, Decision.REJECTED, part=1, parts=2)])
    assert (both.decision, both.trouble) == (Decision.REJECTED, [])


PARTLY = response(
    1, lines=[OrderResponseLine(line_number=1, quantity=Decimal(8))], unmentioned=Unmentioned.OPEN
)


def test_correction_counts_until_all_lines_are_answered():
    line = OrderResponseLine(line_number=1, quantity=Decimal(6))
    corrected = response(2, lines=[line], unmentioned=Unmentioned.OPEN, corrects="r1")
    result = truth([corrected, PARTLY])
    assert (result.decision, result.lines[1].quantity, result.trouble) == (Decision.RECEIVED, Decimal(6), [])
    named = [OrderResponseLine(line_number=number) for number in (1, 2, 3)]
    late = truth([response(1, lines=named), corrected])
    assert (late.decision, late.lines[1].quantity) == (Decision.CONFIRMED, Decimal(10))
    assert [trouble.kind for trouble in late.trouble] == ["contradiction"]


def test_correction_that_accepts_the_rest_resets_what_it_does_not_name():
    result = truth([PARTLY, response(2, corrects="r1")])
    assert (result.decision, result.lines[1].quantity, result.trouble) == (
        Decision.CONFIRMED,
        Decimal(10),
        [],
    )


def test_line_taken_back_is_open_again_and_after_the_confirmation_a_contradiction():
    line = OrderResponseLine(line_number=1, undecided=True, note="10 not decided yet.")
    taken_back = response(2, lines=[line], unmentioned=Unmentioned.OPEN)
    result = truth([PARTLY, taken_back])
    assert (result.decision, result.lines[1].quantity) == (Decision.RECEIVED, None)
    assert result.lines[1].note == "10 not decided yet."
    late = truth([response(1), taken_back])
    assert (late.decision, late.lines[1].quantity) == (Decision.CONFIRMED, Decimal(10))
    assert "then that it has not decided" in late.trouble[0].text


def test_undecided_line_can_be_answered_later():
    line = OrderResponseLine(line_number=1, undecided=True)
    result = truth([response(1, lines=[line], unmentioned=Unmentioned.OPEN), response(2)])
    assert (result.decision, result.lines[1].quantity, result.trouble) == (
        Decision.CONFIRMED,
        Decimal(10),
        [],
    )


def test_line_that_a_confirmation_leaves_undecided_is_not_taken_as_asked():
    line = OrderResponseLine(line_number=1, undecided=True, note="10 not decided yet.")
    rest_accepted = response(1, lines=[line])
    result = truth([rest_accepted])
    assert (result.decision, result.lines[1].quantity) == (Decision.RECEIVED, None)
    assert [result.lines[number].quantity for number in (2, 3)] == [Decimal(5), Decimal(1)]
    later = response(2, lines=[OrderResponseLine(line_number=1, quantity=Decimal(7))])
    assert truth([rest_accepted, later]).lines[1].quantity == Decimal(7)
    assert truth([rest_accepted, later]).decision is Decision.CONFIRMED
    assert truth([rest_accepted, response(2)]).lines[1].quantity == Decimal(10)


def test_corrected_despatch_takes_the_place_of_the_first_and_a_withdrawn_one_is_shown():
    first = despatch(1, [DespatchLine(line_number=1, quantity=Decimal(10))])
    less = replace(
        first, message_id="d2", lines=(DespatchLine(line_number=1, quantity=Decimal(4)),), corrects_from=START
    )
    assert truth([response()], [less, first]).lines[1].shipped == Decimal(4)
    gone = replace(first, message_id="d3", corrects_from=START + timedelta(hours=1), withdrawn=True)
    result = truth([response()], [gone, less, first])
    assert (result.lines[1].shipped, result.shipments[0].quantities) == (Decimal(0), {})
    assert [trouble.kind for trouble in result.trouble] == ["contradiction"]


def test_order_that_is_all_on_backorder_is_neither_refused_nor_shipped():
    later = [
        OrderResponseLine(line_number=line.line_number, quantity=Decimal(0), backorder_quantity=line.quantity)
        for line in ASKED
    ]
    result = truth([response(1, lines=later)])
    assert (result.decision, result.shipped) == (Decision.CONFIRMED, False)
    result = truth(
        [response(1, lines=later)], [despatch(1, [DespatchLine(line_number=1, quantity=Decimal(10))])]
    )
    assert (result.lines[1].shipped, result.trouble) == (Decimal(10), [])


def test_quantity_in_another_unit_is_left_to_a_person():
    asked = [AskedLine(1, "A", Decimal(10), Decimal("2.00"), "C62")]
    lines = [OrderResponseLine(line_number=1, quantity=Decimal(1), unit="CS")]
    result = fold(asked, [response(1, lines=lines)], [], currency="GBP")
    assert (result.decision, result.lines[1].quantity) == (Decision.RECEIVED, None)
    assert "counts in CS" in result.trouble[0].text
    case = despatch(1, [DespatchLine(line_number=1, quantity=Decimal(1), unit="CS")])
    result = fold(asked, [response(1)], [case], currency="GBP")
    assert (result.lines[1].shipped, len(result.trouble)) == (Decimal(0), 1)


def test_article_that_was_ordered_is_no_substitute():
    lines = [OrderResponseLine(line_number=1, substitute=Substitute(supplier_sku=sku)) for sku in ("A", "A2")]
    assert truth([response(1, lines=lines[:1])]).lines[1].substitute is None
    assert truth([response(1, lines=lines[1:])]).lines[1].substitute == Substitute(supplier_sku="A2")


@pytest.mark.parametrize("total", ["49.00", "58.50", "49.03"])  # without freight, with it, each line rounded
def test_suppliers_own_sum_fits_its_lines_with_charges_or_without(total):
    freight = Charge(label="Freight", amount=Decimal("9.50"))
    assert truth([response(charges=(freight,), total=Decimal(total))]).trouble == []


@pytest.mark.parametrize("total", ["44.10", "60.00"])
def test_suppliers_own_sum_that_does_not_fit_its_lines_is_for_a_person(total):
    freight = Charge(label="Freight", amount=Decimal("9.50"))
    (trouble,) = truth([response(charges=(freight,), total=Decimal(total))]).trouble
    assert (trouble.kind, trouble.line_number) == ("price", None)
    assert trouble.text == (
        f"The supplier counts {total} for the order without tax, but its lines come to 49.00 and its charges to 9.50."
    )


def test_sum_of_an_order_that_is_not_confirmed_is_nobodys_to_check():
    open_answer = response(decision=Decision.RECEIVED, unmentioned=Unmentioned.OPEN, total=Decimal("1.00"))
    assert truth([open_answer]).trouble == []
