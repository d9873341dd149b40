"""Following orders in the supplier's own records: confirmed once they are there, shipped once all is delivered."""

import copy
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import responses

from orders.answers import fold
from orders.truth import AskedLine
from suppliers.connectors.base import Capability
from suppliers.exceptions import ProtocolError, UnsupportedOperation
from suppliers.messages import Decision, DespatchAdvice, OrderResponse, Unmentioned
from suppliers.sandbox.app import Timing
from suppliers.sandbox.server import SandboxServer
from tests.fixtures.sandbox import sandbox_world
from tests.suppliers.squizz_platform import ORDER, answers, connector_of, sandbox_connector, signs_in

FIXTURES = Path(__file__).parents[1] / "contract" / "fixtures" / "squizz"
RECORD = json.loads((FIXTURES / "poll-open.json").read_text())
ENDPOINT = "search_customer_account_records_esd"


def fetched(*records, **settings):
    return fetched_from({"resultStatus": 1, "orderSaleRecords": list(records)}, **settings)


def fetched_from(document, **settings):
    with responses.RequestsMock() as platform:
        signs_in(platform)
        answers(platform, ENDPOINT, document)
        chosen = {"follow_orders": "yes", "lookup_first_page": "1"} | settings
        with connector_of(**chosen) as connector:
            return list(connector.fetch_documents(None))


def read(record, **settings):
    (raw,) = fetched(record, **settings)
    return connector_of(**settings).parse_documents(raw)


def delivered(**changes):
    record = copy.deepcopy(RECORD) | changes
    for line in record["lines"]:
        line["quantityDelivered"] = line["quantityOrdered"]
    return record


def test_orders_are_followed_only_where_the_account_says_so():
    assert Capability.POLL not in connector_of().capabilities
    assert Capability.POLL in connector_of(follow_orders="yes").capabilities
    with connector_of() as connector, pytest.raises(UnsupportedOperation):
        connector.fetch_documents(None)


def test_record_of_an_order_confirms_it():
    (response,) = read(RECORD)
    assert (response.buyer_reference, response.supplier_reference) == ("PO-1", "SO-8812")
    assert (response.decision, response.unmentioned) == (Decision.CONFIRMED, Unmentioned.ACCEPTED)
    assert [(line.supplier_sku, line.quantity, line.unit_price, line.note) for line in response.lines] == [
        ("ACME-TTGREEN", 4, 5, ""),
        ("ACME-TTBLUE", 2, 5, "1 on back order."),
    ]
    assert [(charge.label, charge.amount) for charge in response.charges] == [("Freight", Decimal("9.5"))]
    assert (response.currency, response.total) == ("AUD", Decimal("39.5"))


def test_order_of_which_all_is_delivered_is_shipped():
    _, advice = read(
        delivered(deliveredDate=1772625600000, freightCarrierName="Swift", freightCarrierConsignCode="C-9")
    )
    assert advice.despatch_id == "SO-8812/delivered"
    assert (advice.carrier, advice.tracking, advice.lines) == ("Swift", "C-9", ())
    assert advice.shipped_at == datetime(2026, 3, 4, 12, tzinfo=UTC)


def partly(*quantities):
    record = copy.deepcopy(RECORD)
    for line, quantity in zip(record["lines"], quantities, strict=True):
        line["quantityDelivered"] = quantity
    return record


def test_what_is_delivered_so_far_is_one_despatch_that_grows():
    asked = [
        AskedLine(1, "ACME-TTGREEN", Decimal(4), Decimal(5)),
        AskedLine(2, "ACME-TTBLUE", Decimal(2), Decimal(5)),
    ]
    said, states = [], []
    for quantities in ((0, 0), (4, 0), (4, 1), (4, 2)):
        said += read(partly(*quantities))
        responses_, advices = (
            [one for one in said if isinstance(one, kind)] for kind in (OrderResponse, DespatchAdvice)
        )
        truth = fold(asked, responses_, advices, currency="AUD")
        states.append(([truth.lines[n].shipped for n in (1, 2)], len(truth.shipments), truth.shipped))
    assert states == [([0, 0], 0, False), ([4, 0], 1, False), ([4, 1], 1, False), ([4, 2], 1, True)]
    assert truth.trouble == []


def test_delivery_of_a_part_waits_where_lines_are_not_read():
    (only,) = read(partly(4, 0), record_line_field="")
    assert isinstance(only, OrderResponse)
    assert len(read(partly(4, 2), record_line_field="")) == 2


def test_record_that_changes_is_another_document_and_one_that_does_not_is_the_same():
    ids = [fetched(record)[0].message_id for record in (RECORD, RECORD, delivered())]
    assert ids[0] == ids[1] != ids[2]
    assert len(fetched(RECORD, RECORD)) == 1


@pytest.mark.parametrize("reference", ["by telephone", "", None, "2026-PO-1"])
def test_records_of_other_orders_are_passed_over(reference):
    assert fetched(RECORD | {"customerReference": reference}) == []


def test_supplier_is_left_in_peace_between_two_questions():
    with responses.RequestsMock() as platform:
        signs_in(platform)
        answers(platform, ENDPOINT, {"resultStatus": 1, "orderSaleRecords": [RECORD]})
        with connector_of(follow_orders="yes", lookup_first_page="1", follow_minutes="30") as connector:
            assert len(list(connector.fetch_documents(None))) == 1
            assert list(connector.fetch_documents(None)) == []
        assert len(platform.calls) == 3  # the session, the page, and one that shows nothing else


def test_lines_are_not_read_where_the_account_says_so():
    (response,) = read(RECORD, record_line_field="")
    assert response.lines == ()


@pytest.mark.parametrize("path", [*RECORD, *(("lines", 0, name) for name in RECORD["lines"][0])], ids=str)
def test_record_is_read_with_any_field_absent(path):
    record = copy.deepcopy(RECORD)
    if isinstance(path, tuple):
        del record[path[0]][path[1]][path[2]]
    else:
        del record[path]
    if path == "customerReference":
        record["referenceNumber"] = "PO-1"
    (response,) = read(record)
    assert response.buyer_reference == "PO-1"


@pytest.mark.parametrize(
    "change",
    [
        {"creationDate": -1},
        {"currencyCode": "pounds"},
        {"lines": [{"lineItemCode": "A", "quantityOrdered": -1}]},
        {"lines": {"a": 1}},
        {"customerReference": ["PO-1"]},
    ],
)
def test_record_that_cannot_be_read_is_kept_and_refused(change):
    (raw,) = fetched(RECORD | change)
    with pytest.raises(ProtocolError, match="Message order:"):
        connector_of().parse_documents(raw)


def test_sandbox_order_is_confirmed_and_shipped_by_its_records(tmp_path):
    timing = Timing(confirm_after=-2, ship_after=1)
    world = sandbox_world(protocol="squizz")
    with (
        SandboxServer([world], ledger=tmp_path / "ledger.sqlite3", timing=timing) as server,
        sandbox_connector(server) as connector,
    ):
        connector.submit_order(ORDER)
        (raw,) = connector.fetch_documents(None)
        documents = connector.parse_documents(raw)
        assert [again.message_id for again in connector.fetch_documents(None)] == [raw.message_id]
        connector.document_stored(raw)
        assert list(connector.fetch_documents(None)) == []
    assert [type(document) for document in documents] == [OrderResponse, DespatchAdvice]
    assert {document.buyer_reference for document in documents} == {ORDER.buyer_reference}


ODD = [None, True, -5, 10**30, "", "x" * 500, "1e999999999", "NaN", [], [3], {}, {"a": 1}]


@pytest.mark.parametrize("odd", ODD, ids=lambda value: repr(value)[:20])
def test_odd_value_anywhere_in_a_record_is_read_or_refused(odd):
    for name in (*RECORD, *RECORD["lines"][0]):
        record = copy.deepcopy(RECORD)
        (record if name in RECORD else record["lines"][0])[name] = odd
        try:
            for raw in fetched(record):
                connector_of().parse_documents(raw)
        except ProtocolError:
            continue


def test_number_without_end_is_stored_and_refused():
    record = json.dumps(RECORD).replace("1772366400000", "1e999999999").encode()
    (raw,) = fetched_from(b'{"resultStatus": 1, "orderSaleRecords": [' + record + b"]}")
    assert len(raw.body) < 2000
    with pytest.raises(ProtocolError, match="creationDate"):
        connector_of().parse_documents(raw)
