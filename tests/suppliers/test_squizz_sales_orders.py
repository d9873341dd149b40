"""The supplier's sales orders as our answer: lines by product, money, and every field that may be missing."""

import copy
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from suppliers.connectors.squizz.sales_orders import OUR_LINES
from suppliers.exceptions import ProtocolError
from suppliers.messages import Charge, Decision, RawDocument, Unmentioned
from tests.suppliers.squizz_platform import connector_of, taken

FIXTURES = Path(__file__).parents[1] / "contract" / "fixtures" / "squizz"
WHOLE = json.loads((FIXTURES / "reply-taken-whole.json").read_text())
OURS = {"TEA-TOWEL-GREEN": [1, "ACME-TTGREEN"], "TEA-TOWEL-BLUE": [2, "ACME-TTBLUE"]}


def response_to(document, *, ours=None, **settings):
    raw = RawDocument(
        message_id="reply:PO-1",
        channel="reply",
        content_type="application/json",
        body=json.dumps(document).encode(),
        headers={
            "received-at": "2026-03-01T12:00:00+00:00",
            OUR_LINES: json.dumps(OURS if ours is None else ours),
        },
    )
    (response,) = connector_of(**settings).parse_documents(raw)
    return response


def lines_of(*lines, **kwargs):
    return [
        (line.line_number, line.supplier_sku, line.quantity, line.unit_price)
        for line in response_to(taken(*lines, reference="PO-1"), **kwargs).lines
    ]


def test_sales_order_is_the_answer():
    response = response_to(WHOLE)
    assert (response.buyer_reference, response.supplier_reference) == ("PO-1", "8812")
    assert (response.decision, response.unmentioned) == (Decision.CONFIRMED, Unmentioned.ACCEPTED)
    assert response.issued_at == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert (response.currency, response.total) == ("AUD", Decimal("39.5"))
    assert response.charges == (Charge(label="Freight", amount=Decimal("9.5"), code="FREIGHT"),)
    assert [(line.line_number, line.quantity, line.unit_price) for line in response.lines] == [
        (1, 4, 5),
        (2, 2, 5),
    ]


def places(value, path=()):
    """The path of every field of a document."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in pairs:
        if isinstance(value, dict):
            yield (*path, name)
        yield from places(inner, (*path, name))


def without(path):
    document = copy.deepcopy(WHOLE)
    holder = document
    for name in path[:-1]:
        holder = holder[name]
    del holder[path[-1]]
    return document


NEEDED = {("resultStatus",), ("dataRecords",)}  # without them it is no sales order at all


@pytest.mark.parametrize("path", sorted(set(places(WHOLE)) - NEEDED, key=str), ids=str)
def test_document_is_read_with_any_field_absent(path):
    response = response_to(without(path))
    assert response.buyer_reference == "PO-1"
    assert response.decision is Decision.CONFIRMED
    if path[-1] != "lines":
        assert {line.line_number for line in response.lines} == {1, 2}


@pytest.mark.parametrize("empty", [None, ""], ids=["null", "empty"])
@pytest.mark.parametrize("path", sorted(set(places(WHOLE)) - NEEDED, key=str), ids=str)
def test_document_is_read_with_any_field_empty(path, empty):
    document = without(path)
    holder = document
    for name in path[:-1]:
        holder = holder[name]
    holder[path[-1]] = empty
    assert response_to(document).buyer_reference == "PO-1"


def test_document_is_read_with_every_optional_field_absent():
    response = response_to({"result": "SUCCESS", "dataRecords": [{}]})
    assert (response.supplier_reference, response.lines, response.charges) == ("", (), ())
    assert (response.currency, response.total) == ("", None)
    assert response.issued_at == datetime(2026, 3, 1, 12, tzinfo=UTC)


# -- lines ------------------------------------------------------------------------------------------------
def test_lines_are_found_by_our_code_and_not_by_their_place():
    found = lines_of(
        {"purchaseOrderProductCode": "TEA-TOWEL-BLUE", "quantity": 2, "priceExTax": 6},
        {"lineType": "TEXT", "textDescription": "Hello"},
        {"purchaseOrderProductCode": "TEA-TOWEL-GREEN", "quantity": 4, "priceExTax": "5.25"},
    )
    assert found == [(2, "ACME-TTBLUE", 2, 6), (1, "ACME-TTGREEN", 4, Decimal("5.25"))]


def test_line_without_our_code_is_found_by_theirs():
    assert lines_of({"productCode": "ACME-TTBLUE", "quantity": 2}) == [(2, "ACME-TTBLUE", 2, None)]


def test_line_of_two_that_share_their_code_is_not_guessed():
    ours = {"RED": [1, "TOWEL"], "BLUE": [2, "TOWEL"]}
    assert lines_of({"productCode": "TOWEL"}, ours=ours) == [(None, "TOWEL", None, None)]
    line = {"productCode": "TOWEL", "purchaseOrderProductCode": "BLUE"}
    assert lines_of(line, ours=ours) == [(2, "TOWEL", None, None)]


def test_line_that_we_did_not_order_keeps_their_code():
    assert lines_of({"productCode": "GIFT", "quantity": 1}) == [(None, "GIFT", 1, None)]


def test_without_our_lines_their_code_is_all_there_is():
    line = {"productCode": "ACME-TTBLUE", "purchaseOrderProductCode": "TEA-TOWEL-BLUE", "quantity": 2}
    assert lines_of(line, ours={}) == [(None, "ACME-TTBLUE", 2, None)]


def test_article_booked_under_another_code_is_a_substitute():
    line = {"productCode": "OTHER", "productName": "Teal towel", "purchaseOrderProductCode": "TEA-TOWEL-BLUE"}
    (said,) = response_to(taken(line, reference="PO-1")).lines
    assert (said.line_number, said.supplier_sku) == (2, "ACME-TTBLUE")
    assert (said.substitute.supplier_sku, said.substitute.description) == ("OTHER", "Teal towel")
    assert said.note == "The supplier booked it as OTHER (Teal towel)."


@pytest.mark.parametrize(
    ("fields", "price"),
    [
        ({"priceExTax": 5}, 5),
        ({"priceTotalExTax": 20}, 5),
        ({"priceTotalExTax": 10, "quantity": 3}, Decimal("3.3333")),
        ({"priceIncTax": 5.5, "priceTax": 0.5}, 5),
        ({"priceIncTax": 5.5}, None),
        ({"isPriceFree": "Y"}, 0),
        ({"isPriceFree": "N"}, None),
        ({"priceExTax": 3.7000000000000002}, Decimal("3.7")),
    ],
)
def test_price_without_tax_is_told_or_worked_out(fields, price):
    ((_, _, _, found),) = lines_of({"productCode": "ACME-TTBLUE", "quantity": 4} | fields)
    assert found == price


@pytest.mark.parametrize(("base", "noted"), [(1, False), (4, False), (0, False), (6, True)])
def test_sell_unit_of_another_size_is_noted(base, noted):
    line = {"productCode": "ACME-TTBLUE", "quantity": 4, "sellUnitBaseQuantity": base}
    (said,) = response_to(taken(line, reference="PO-1")).lines
    assert ("units of 6" in said.note) is noted


# -- money ------------------------------------------------------------------------------------------------
def test_surcharges_are_read_leniently():
    surcharges = [
        {"name": "Fuel", "priceExTax": 2},
        {"surchargeCode": "PAL", "priceIncTax": 11, "priceTax": 1},
        {"surchargeDescription": "Discount", "priceExTax": -3},
        {},
    ]
    response = response_to(taken(reference="PO-1", surcharges=surcharges, totalPriceExTax=100))
    assert [(charge.label, charge.amount) for charge in response.charges] == [
        ("Fuel", 2), ("PAL", 10), ("Discount", -3), ("Surcharge", 0),
    ]  # fmt: skip
    assert response.total == 100


def test_surcharges_told_only_as_a_sum_are_one_charge():
    response = response_to(taken(reference="PO-1", totalSurchargeExTax="7.50"))
    assert response.charges == (Charge(label="Surcharges", amount=Decimal("7.5")),)


def test_total_grows_by_the_charges_where_the_account_says_so():
    document = taken(reference="PO-1", totalPriceIncTax=120, totalTax=20, totalSurchargeExTax=7)
    assert response_to(document).total == 100
    assert response_to(document, total_includes_charges="no").total == 107


def test_order_split_into_several_sales_orders_is_one_answer():
    document = taken({"productCode": "ACME-TTGREEN"}, reference="PO-1", totalPriceExTax=10)
    other = taken({"productCode": "ACME-TTBLUE"}, reference="PO-1", totalPriceExTax=5, totalSurchargeExTax=1)
    document["dataRecords"] += [other["dataRecords"][0] | {"salesOrderNumber": "SO-2"}]
    response = response_to(document)
    assert response.supplier_reference == "SO-1, SO-2"
    assert [line.line_number for line in response.lines] == [1, 2]
    assert (response.total, len(response.charges)) == (15, 1)


def test_sales_orders_in_two_currencies_are_refused():
    document = taken(reference="PO-1", currencyISOCode="AUD")
    document["dataRecords"].append({"currencyISOCode": "NZD"})
    with pytest.raises(ProtocolError, match="AUD and NZD"):
        response_to(document)


def test_sales_order_may_mean_received():
    response = response_to(WHOLE, sales_order_means="received")
    assert (response.decision, response.unmentioned) == (Decision.RECEIVED, Unmentioned.OPEN)


# -- odd input --------------------------------------------------------------------------------------------
ODD = [
    None,
    True,
    5,
    -5,
    10**30,
    1e300,
    "",
    " ",
    "x" * 500,
    "\0",
    "1e999999999",
    "NaN",
    [],
    [[]],
    {},
    {"a": 1},
]


@pytest.mark.parametrize("odd", ODD, ids=lambda value: repr(value)[:20])
def test_odd_value_anywhere_is_read_or_refused_and_never_breaks(odd):
    for path in set(places(WHOLE)):
        document = copy.deepcopy(WHOLE)
        holder = document
        for name in path[:-1]:
            holder = holder[name]
        holder[path[-1]] = odd
        try:
            response_to(document)
        except ProtocolError:
            continue


@pytest.mark.parametrize(
    "literal", ["1e999999999", "-1e999999999", "1e-999999999", "NaN", "Infinity", "[" * 900]
)
@pytest.mark.parametrize(
    "name", ["createdDate", "quantity", "productCode", "resultStatus", "sellUnitBaseQuantity"]
)
def test_number_without_end_is_read_or_refused_at_once(name, literal):
    body = json.dumps(WHOLE).replace(f'"{name}": ', f'"{name}": {literal}, "was": ', 1).encode()
    raw = RawDocument(
        message_id="reply:PO-1",
        channel="reply",
        content_type="",
        body=body,
        headers={"received-at": "2026-03-01T12:00:00+00:00"},
    )
    try:
        connector_of().parse_documents(raw)
    except ProtocolError:
        return
    assert "e-" in literal  # as good as 0
