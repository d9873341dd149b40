"""After an unknown outcome: our reference is looked for among the supplier's sales orders, in every account of ours."""

import pytest
import responses

from suppliers.exceptions import (
    AuthenticationFailed,
    ConnectorConfigurationError,
    OutcomeUnknown,
    ProtocolError,
    RateLimited,
    SupplierUnavailable,
)
from suppliers.messages import Decision, OrderRefusal
from suppliers.sandbox.faults import Fault, Kind
from suppliers.sandbox.server import SandboxServer
from tests.fixtures.sandbox import sandbox_of, sandbox_world
from tests.suppliers.orders import order_of
from tests.suppliers.squizz_platform import ORDER, answers, connector_of, failed, sandbox_connector, signs_in

REFERENCE = "PO-1"
ENDPOINT = "search_customer_account_records_esd"


@pytest.fixture
def platform():
    with responses.RequestsMock() as platform:
        signs_in(platform)
        yield platform


@pytest.fixture
def server(tmp_path):
    with sandbox_of(tmp_path, protocol="squizz", minimum_order_value="0") as server:
        yield server


def found(platform, *pages, **settings):
    answers(platform, ENDPOINT, *pages)
    with connector_of(**({"lookup_first_page": "1"} | settings)) as connector:
        return connector.find_order(REFERENCE)


def page(*records):
    return {"resultStatus": 1, "orderSaleRecords": list(records)}


def record(number="SO-1", **fields):
    return {"orderNumber": number, "customerReference": REFERENCE} | fields


def test_look_up_asks_for_our_reference_among_sales_orders(platform):
    response = found(platform, page(record(currencyCode="AUD", creationDate=1772366400000)))
    assert (response.buyer_reference, response.supplier_reference) == (REFERENCE, "SO-1")
    assert (response.decision, response.currency) == (Decision.RECEIVED, "AUD")
    asked = platform.calls[-1].request.params
    assert (asked["record_type"], asked["search_string"], asked["page_number"]) == ("ORDER_SALE", "PO-1", "1")
    days = (int(asked["end_date_time"]) - int(asked["begin_date_time"])) / 86_400_000
    assert days == 401
    assert asked["outstanding_records"] == "N"


@pytest.mark.parametrize(
    "field", ["customerReference", "deliveryPurchaseOrderCode", "referenceNumber", "purchaseOrderNumber"]
)
def test_our_reference_may_stand_in_any_of_these_fields(platform, field):
    assert found(platform, page({"orderID": "8", field: REFERENCE})).supplier_reference == "8"


@pytest.mark.parametrize(
    "document",
    [page(), {"resultStatus": 1}, page({}), page(record(customerReference="PO-10")), page({"lines": []})],
)
def test_other_orders_are_not_ours(platform, document):
    assert found(platform, document) is None


def test_both_ways_to_count_pages_are_tried(platform):
    assert found(platform, page(), page(record()), lookup_first_page="both").supplier_reference == "SO-1"
    assert [call.request.params["page_number"] for call in platform.calls[1:]] == ["0", "1"]


def test_same_order_on_both_pages_is_one_order(platform):
    assert found(platform, page(record()), page(record()), lookup_first_page="both")


def test_full_pages_are_followed_by_more(platform):
    others = [record(str(n), customerReference=f"PO-1{n}") for n in range(100)]
    assert found(platform, page(*others), page(record())).supplier_reference == "SO-1"


def test_short_page_without_ours_is_followed_by_more(platform):
    """The supplier's own system may give fewer records than were asked for, and search less than it was told."""
    other = record("SO-9", customerReference="PO-9")
    assert found(platform, page(other), page(record())).supplier_reference == "SO-1"
    assert found(platform, page(other), page(other)) is None
    assert found(platform, page(other), page()) is None


def test_every_account_of_ours_is_looked_through(platform):
    accounts = {"customer_account_code": "A", "customer_accounts": "North = B; South = C; West = B"}
    assert found(platform, page(), page(), page(record()), **accounts)
    assert [call.request.params["customer_account_code"] for call in platform.calls[1:]] == ["A", "B", "C"]


def test_two_orders_with_our_reference_are_for_a_person(platform):
    with pytest.raises(ProtocolError, match="2 orders carry our reference PO-1"):
        found(platform, page(record("SO-1"), record("SO-2")))


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"resultStatus": 4}, SupplierUnavailable),
        ({"resultStatus": 14}, RateLimited),
        ({"resultStatus": 12}, ProtocolError),
        (failed("SERVER_ERROR_MAX_SEARCHES_REACHED"), RateLimited),
        (failed("SERVER_ERROR_PERMISSION_DENIED"), AuthenticationFailed),
        (failed("SERVER_ERROR_ORG_NOT_SELLING"), ConnectorConfigurationError),
        (failed("SERVER_ERROR_ESD_DOCUMENT_NO_RECORD"), ProtocolError),
        (b"", ProtocolError),
        ({"resultStatus": 1, "orderSaleRecords": "none"}, ProtocolError),
        (page({"customerReference": ["PO-1"]}), ProtocolError),
        (page(record(creationDate=-1)), ProtocolError),
    ],
)
def test_look_up_that_fails_is_no_proof_of_absence(platform, document, expected):
    with pytest.raises(expected):
        found(platform, document)


@pytest.mark.parametrize(
    "absent", ["orderNumber", "orderID", "keyOrderSaleID", "currencyCode", "creationDate", "lines", "drop"]
)
def test_found_order_is_read_with_any_optional_field_absent(platform, absent):
    whole = record(orderID="2", keyOrderSaleID="3", currencyCode="AUD", creationDate=0, lines=[], drop=0)
    del whole[absent]
    assert found(platform, page(whole)).buyer_reference == REFERENCE


def test_found_order_without_any_number_is_found(platform):
    assert found(platform, page({"customerReference": REFERENCE})).supplier_reference == ""


# -- against the sandbox ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("kind", "there"), [(Kind.ERROR_AFTER, True), (Kind.RESET_AFTER, True), (Kind.ERROR_BEFORE, False)]
)
def test_unknown_outcome_is_settled_by_a_look_up(server, kind, there):
    server.faults.set(Fault(kind=kind, operation="submit", count=1))
    with sandbox_connector(server) as connector:
        with pytest.raises(OutcomeUnknown):
            connector.submit_order(ORDER)
        assert (connector.find_order(ORDER.buyer_reference) is not None) is there


def test_platform_takes_a_reference_twice_and_the_look_up_shows_it(server):
    with sandbox_connector(server) as connector:
        connector.submit_order(ORDER)
        connector.submit_order(ORDER)
        with pytest.raises(ProtocolError, match="2 orders carry our reference"):
            connector.find_order(ORDER.buyer_reference)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([("APLJ-1L", "6"), ("OILS-1", "5")], [(2, "out_of_stock")]),
        ([("APLJ-1L", "6"), ("NO-SUCH", "5"), ("NOR-THIS", "1")], [(2, "unknown_item"), (3, "unknown_item")]),
        ([("APLJ-1L", "7")], []),  # no multiple of a pack: a business reason without a line
    ],
)
def test_order_is_taken_as_a_whole_or_not_at_all(server, lines, expected):
    with sandbox_connector(server) as connector:
        refusal = connector.submit_order(order_of(*lines))
    assert isinstance(refusal, OrderRefusal)
    assert [(problem.line_number, problem.kind) for problem in refusal.problems] == expected
    (order,) = server.ledger.summary()["orders"]
    assert order["effects"] == 0


@pytest.mark.parametrize(
    ("behaviour", "prices"), [("as_asked", ["2.0000", "3.7000"]), ("price", ["2.0600", "3.7000"])]
)
def test_sales_order_of_the_reply_brings_prices_and_freight(tmp_path, behaviour, prices):
    world = sandbox_world(protocol="squizz", behaviour={"confirm": behaviour})
    with (
        SandboxServer([world], ledger=tmp_path / "other.sqlite3") as server,
        sandbox_connector(server) as connector,
    ):
        acknowledgement = connector.submit_order(order_of(("APLJ-1L", "12"), ("RICE-5", "3")))
        (response,) = connector.parse_documents(acknowledgement.raw)
    assert acknowledgement.supplier_reference == response.supplier_reference == "SO-PO-2026-0001"
    assert response.decision is Decision.CONFIRMED
    assert [(line.line_number, str(line.unit_price)) for line in response.lines] == list(enumerate(prices, 1))
    assert [(charge.label, str(charge.amount)) for charge in response.charges] == [("Delivery", "4.5000")]
    total = sum(line.quantity * line.unit_price for line in response.lines)
    assert response.total == total + response.charges[0].amount
