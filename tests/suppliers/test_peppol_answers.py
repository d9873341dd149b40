"""What a supplier says in an OrderResponse or a DespatchAdvice."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from orders.answers import fold
from orders.truth import AskedLine
from suppliers.exceptions import ProtocolError
from suppliers.messages import Decision, OrderResponse, Substitute, Unmentioned
from tests.suppliers.peppol_files import ARRIVED, fixture, understood

TIME = ("<cbc:OrderResponseCode>", "<cbc:IssueTime>14:30:00+01:00</cbc:IssueTime><cbc:OrderResponseCode>")


def response(name: str, *changes: tuple[str, str]) -> OrderResponse:
    (found,) = understood(fixture(name, *changes))
    assert isinstance(found, OrderResponse)
    return found


@pytest.mark.parametrize(
    ("name", "decision", "unmentioned"),
    [
        ("acknowledged", Decision.RECEIVED, Unmentioned.OPEN),
        ("accepted", Decision.CONFIRMED, Unmentioned.ACCEPTED),
        ("amended", Decision.CONFIRMED, Unmentioned.OPEN),
        ("rejected", Decision.REJECTED, Unmentioned.OPEN),
    ],
)
def test_code_of_the_response_is_the_decision(name, decision, unmentioned):
    said = response(name)
    assert (said.decision, said.unmentioned) == (decision, unmentioned)
    assert (said.buyer_reference, said.supplier_reference, said.currency) == ("PO-1", "SO-1", "GBP")


def test_lines_mean_what_their_codes_say():
    changed, added, refused, as_asked, other, delivered = response("amended").lines
    assert (changed.line_number, changed.quantity, changed.promised_date) == (1, 6, date(2026, 3, 4))
    assert changed.unit_price == 2  # 20.00 for 10
    assert (added.line_number, added.quantity, added.promised_date) == (1, 4, date(2026, 3, 9))
    assert (refused.line_number, refused.quantity, refused.note) == (2, 0, "Not in our range any more.")
    assert (as_asked.line_number, as_asked.quantity) == (3, None)
    assert (other.quantity, other.backorder_quantity) == (5, 7)
    assert other.substitute == Substitute(supplier_sku="RICE-10", description="Other")
    assert (delivered.line_number, delivered.quantity, delivered.note) == (5, None, "Already delivered.")


def test_parts_of_one_line_add_up():
    asked = [AskedLine(number, f"S{number}", Decimal(10), Decimal(2)) for number in range(1, 6)]
    truth = fold(asked, [response("amended")], [], currency="GBP")
    assert truth.decision is Decision.CONFIRMED
    assert [truth.lines[number].quantity for number in range(1, 6)] == [10, 0, 10, 5, 10]
    assert truth.trouble == []


def test_day_promised_for_the_whole_order_is_that_of_each_line_though_none_is_listed():
    period = (
        "<cac:Delivery><cac:PromisedDeliveryPeriod><cbc:EndDate>2026-04-01</cbc:EndDate></cac:PromisedDeliveryPeriod>"
        "</cac:Delivery></OrderResponse>"
    )
    said = response("accepted", ("</OrderResponse>", period))
    truth = fold([AskedLine(1, "S1", Decimal(10), Decimal(2))], [said], [], currency="GBP")
    assert (truth.decision, truth.lines[1].promised_date) == (Decision.CONFIRMED, date(2026, 4, 1))


def test_day_of_a_line_goes_before_that_of_the_whole_order():
    period = (
        "<cac:Delivery><cac:PromisedDeliveryPeriod><cbc:EndDate>2026-04-01</cbc:EndDate></cac:PromisedDeliveryPeriod>"
        "</cac:Delivery><cac:OrderLine>"
    )
    said = response("amended", ("<cac:OrderLine>", period))
    assert [line.promised_date for line in said.lines[:4]] == [
        date(2026, 3, 4),
        date(2026, 3, 9),
        date(2026, 4, 1),
        date(2026, 4, 1),
    ]


@pytest.mark.parametrize("first", ["acknowledged", "amended"])
def test_acknowledgement_decides_nothing_whichever_comes_first(first):
    asked = [AskedLine(number, f"S{number}", Decimal(10), Decimal(2)) for number in range(1, 6)]
    others = {"acknowledged": "amended", "amended": "acknowledged"}
    truth = fold(asked, [response(first), response(others[first])], [], currency="GBP")
    assert truth.decision is Decision.CONFIRMED


def test_quantity_in_another_unit_is_left_to_a_person():
    asked = [AskedLine(number, f"S{number}", Decimal(10), Decimal(2), "C62") for number in range(1, 6)]
    in_cases = response("amended", ('<cbc:Quantity unitCode="C62">5', '<cbc:Quantity unitCode="CS">5'))
    truth = fold(asked, [in_cases], [], currency="GBP")
    assert (truth.decision, truth.lines[4].quantity) == (Decision.RECEIVED, None)
    assert "counts in CS" in truth.trouble[0].text


def test_line_that_an_acceptance_with_changes_leaves_out_is_not_answered():
    asked = [AskedLine(number, f"S{number}", Decimal(10), Decimal(2)) for number in range(1, 7)]
    truth = fold(asked, [response("amended")], [], currency="GBP")
    assert (truth.decision, truth.lines[6].quantity) == (Decision.RECEIVED, None)


def test_time_of_issue_counts_and_without_one_that_of_arrival():
    assert response("accepted").issued_at == ARRIVED
    assert response("accepted", TIME).issued_at == datetime(2026, 3, 1, 13, 30, tzinfo=UTC)


def test_despatch_of_several_orders_is_one_advice_an_order():
    of_a_line = "<cbc:ID>PO-{}</cbc:ID></cac:OrderReference></cac:OrderLineReference>"
    other = (of_a_line.format(1), of_a_line.format(2))
    first, second = understood(fixture("despatched", other))
    assert [(a.buyer_reference, a.despatch_id) for a in (first, second)] == [
        ("PO-2", "DA-1"),
        ("PO-1", "DA-1"),
    ]
    assert [(line.line_number, line.quantity) for line in first.lines] == [(1, 10)]
    # by the document's reference
    assert [(line.line_number, line.quantity) for line in second.lines] == [(2, 3)]
    assert (first.carrier, first.tracking) == ("Vans", "V-77")
    assert first.shipped_at == datetime(2026, 3, 2, 7, 30, tzinfo=UTC)


def test_despatch_line_without_an_order_is_refused_when_the_document_names_several():
    second = "<cac:OrderReference><cbc:ID>PO-2</cbc:ID></cac:OrderReference>"
    two = ("<cac:DespatchSupplierParty>", f"{second}<cac:DespatchSupplierParty>")
    with pytest.raises(ProtocolError, match="order of this line"):
        understood(fixture("despatched", two))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("<cbc:LineID>1<", "<cbc:LineID>first<"), "the number of an order line"),
        ((">6<", ">1e3<"), "a number"),
        ((">6<", ">NaN<"), "a number"),
        ((">6<", ">-6<"), "0 or more"),
        ((">6<", ">60000000000<"), "10 digits"),
        ((">6<", "><"), "PEPPOL-COMMON-R001"),
        (("2026-03-04", "2026-03-04Z"), "PEPPOL-COMMON-R030"),
        (("2026-03-04", "2026-02-31"), "a date"),
        (("2026-03-04", "1926-03-04"), "from 2000"),
        (("<cbc:BaseQuantity unitCode=\"C62\">10", "<cbc:BaseQuantity unitCode=\"C62\">0"), "above 0"),
        (("<cbc:BaseQuantity unitCode=\"C62\">", "<cbc:BaseQuantity unitCode=\"KGM\">"), "unit of the line"),
        (("<cbc:Quantity unitCode=\"C62\">4</cbc:Quantity>", ""), "quantity of the added line"),
        (('<cbc:Quantity unitCode="C62">', '<cbc:Quantity unitCode="pieces">'), "no UN/ECE unit"),
        ((">CA<", ">XX<"), "one of AB, AP, CA, RE"),
        ((">GBP<", ">Pounds<"), "PEPPOL-T76-R005"),
        (("<cbc:ID>PO-1<", "<cbc:ID>" + "9" * 41 + "<"), "at most 40"),
    ],
)  # fmt: skip
def test_odd_value_is_refused_with_its_place(change, words):
    with pytest.raises(ProtocolError, match=words) as caught:
        understood(fixture("amended", change))
    assert "line " in str(caught.value)


@pytest.mark.parametrize(
    "body", [b"", b"no xml", b"\xff\xfe<", b"<a", b"<a/>", b"<?xml version='1.0' encoding='x'?><a/>"]
)
def test_what_is_no_answer_is_refused(body):
    with pytest.raises(ProtocolError):
        understood(body)


def test_deep_nesting_and_great_size_are_refused():
    with pytest.raises(ProtocolError, match="nested"):
        understood(b"<a>" * 100_000)
    with pytest.raises(ProtocolError, match="at most"):
        understood(b" " * (9 * 1024 * 1024))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_doctype_is_refused_in_every_encoding_before_its_entities_are_read(encoding):
    bomb = '<!DOCTYPE a [<!ENTITY a "x"><!ENTITY b "&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]><a>&b;&c;</a>'
    with pytest.raises(ProtocolError, match="DOCTYPE") as caught:
        understood(f'<?xml version="1.0" encoding="{encoding}"?>{bomb}'.encode(encoding))
    assert "root:" not in str(caught.value)
