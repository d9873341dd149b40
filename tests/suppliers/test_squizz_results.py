"""What the platform says about an order, wherever in the answer it says so: taken, refused, or nobody knows."""

from datetime import timedelta

import pytest
import responses

from suppliers.connectors.jsondata import Json, dumps
from suppliers.connectors.squizz.codes import CODES, Meaning, result_read
from suppliers.exceptions import (
    AuthenticationFailed,
    ConnectorConfigurationError,
    NotDelivered,
    OutcomeUnknown,
    ProtocolError,
    RateLimited,
    SupplierUnavailable,
)
from suppliers.messages import LineProblemKind, OrderAcknowledgement, OrderRefusal
from tests.suppliers.squizz_platform import BASE, ORDER, connector_of, failed, procured, signs_in, taken

OK = "SERVER_SUCCESS"


@pytest.fixture
def platform():
    with responses.RequestsMock() as platform:
        signs_in(platform)
        yield platform


def submitted(platform, document):
    procured(platform, document)
    with connector_of() as connector:
        return connector.submit_order(ORDER)


@pytest.mark.parametrize(
    ("said", "ok"),
    [
        ({"result": "SUCCESS", "result_code": OK}, True),
        ({"result": "SUCCESS"}, True),
        ({"resultStatus": 1, "configs": {"result_code": OK}}, True),
        ({"resultStatus": "1", "configs": {}}, True),
        ({"resultStatus": 1, "configs": None}, True),
        ({"result": "SUCCESS", "configs": {"result_code": OK}, "result_code": ""}, True),
        ({"configs": {"result": "SUCCESS", "result_code": OK}}, True),
        ({"result": "success"}, True),
        ({}, False),
        ({"result_code": OK}, False),
        ({"result": "FAILURE", "result_code": OK}, False),
        ({"result": "SUCCESS", "resultStatus": 2}, False),
        ({"resultStatus": 1, "result": "FAILURE"}, False),
        ({"result": "SUCCESS", "result_code": "SERVER_ERROR_UNKNOWN"}, False),
        ({"result": "SUCCESS", "result_code": OK, "configs": {"result_code": "SERVER_ERROR_UNKNOWN"}}, False),
        ({"resultStatus": 1.5}, False),
        ({"resultStatus": -1}, False),
    ],
)
def test_success_needs_a_yes_and_no_no(said, ok):
    assert result_read(Json.parse(dumps(said), "answer")).ok is ok


@pytest.mark.parametrize(
    "said",
    [b"[]", b"3", b'{"result": 5}', b'{"configs": []}', b'{"resultStatus": "many"}', b'{"result": {}}'],
)
def test_what_is_no_answer_is_a_protocol_error(said):
    if said == b'{"result": 5}':  # a number where a word should be counts as another word than success
        assert not result_read(Json.parse(said, "answer")).ok
        return
    with pytest.raises(ProtocolError, match="answer"):
        result_read(Json.parse(said, "answer"))


EXPECTED = {
    Meaning.TRANSIENT: SupplierUnavailable,
    Meaning.THROTTLED: RateLimited,
    Meaning.CREDENTIALS: AuthenticationFailed,
    Meaning.CONFIGURATION: ConnectorConfigurationError,
    Meaning.DOCUMENT: ProtocolError,
    Meaning.AMBIGUOUS: OutcomeUnknown,
}
FAILURES = [(code, EXPECTED[meaning]) for code, (meaning, _) in CODES.items() if meaning in EXPECTED]
REFUSALS = [code for code, (meaning, _) in CODES.items() if meaning in (Meaning.HOLD, Meaning.LINES)]


@pytest.mark.parametrize(("code", "expected"), FAILURES)
def test_code_says_whether_the_order_may_have_been_placed(platform, code, expected):
    with pytest.raises(expected) as caught:
        submitted(platform, failed(code))
    assert type(caught.value) is expected
    assert code in str(caught.value)
    if expected is RateLimited:
        assert caught.value.retry_after == timedelta(minutes=3)


@pytest.mark.parametrize("code", REFUSALS)
def test_business_reasons_come_back_to_the_buyer(platform, code):
    refusal = submitted(platform, failed(code))
    assert isinstance(refusal, OrderRefusal)
    assert refusal.text.startswith("Acme did not take the order: ")
    assert code in refusal.text
    assert refusal.problems == ()


def test_every_published_code_has_a_meaning():
    """Of the endpoint's page and of both client libraries."""
    published = """
        SUCCESS ERROR_SESSION_INVALID ERROR_UNKNOWN ERROR_ORG_DOES_NOT_EXIST ERROR_ORG_NOT_SELLING ERROR_ORG_INACTIVE
        ERROR_ORG_NOT_FOUND ERROR_ORG_CANNOT_BE_FOUND ERROR_INCORRECT_API_CREDENTIALS ERROR_PERMISSION_DENIED
        ERROR_INVALID_API_ACTION ERROR_NO_ORG_CUSTOMER_ACCOUNT_SET ERROR_NO_ORG_CUSTOMER_ACCOUNT_ASSIGNED
        ERROR_NO_CUSTOMER_ACCOUNT_FOUND ERROR_CUSTOMER_ACCOUNT_NO_ACCOUNT_PAYMENT_TYPE
        ERROR_CUSTOMER_ACCOUNT_ON_HOLD ERROR_CUSTOMER_ACCOUNT_OUTSIDE_BALANCE_LIMIT
        ERROR_ORDER_PRODUCT_NOT_MAPPED ERROR_ORDER_MAPPED_PRODUCT_PRICE_NOT_FOUND
        ERROR_ORDER_MAPPED_PRODUCT_STOCK_NOT_AVAILABLE ERROR_ORG_NOT_ENOUGH_CREDITS ERROR_INSUFFICIENT_CREDIT
        ERROR_DATA_JSON_WRONG_CONTENT_TYPE ERROR_DATA_JSON_MALFORMED ERROR_ESD_DOCUMENT_HEADER_MALFORMED
        ERROR_ESD_DOCUMENT_HEADER_MISSING_ATTRIBUTES ERROR_ESD_DOCUMENT_UNSUCCESSFUL ERROR_ESD_DOCUMENT_NO_RECORD
        ERROR_INCORRECT_DATA_TYPE ERROR_INCORRECT_RECORD_TYPE ERROR_DATA_IMPORT_BUSY
        ERROR_DATA_IMPORT_MAX_IMPORTS_RUNNING ERROR_DATA_IMPORT_ABORTED ERROR_MAX_SEARCHES_REACHED
        ERROR_ORDER_TEXT_LINES_ONLY_NOT_ALLOWED ERROR_ORDER_PRODUCT_NOT_MATCHED ERROR_ORDER_LINE_PRICING_MISSING
        ERROR_ORDER_SURCHARGE_NOT_FOUND ERROR_ORDER_SURCHARGE_PRICING_MISSING ERROR_ORDER_PAYMENT_NOT_MATCHED
        ERROR_PAYMENT_STATUS_NOT_SUPPORTED ERROR_MALFORMED_URL ERROR_RESPONSE ERROR_REQUEST_PROTOCOL
        ERROR_CONNECTION ERROR_IO
    """
    assert set(CODES) == {f"SERVER_{code}" for code in published.split()}


@pytest.mark.parametrize(
    "document",
    [
        failed("SERVER_ERROR_SOMETHING_NEW"),
        {"resultStatus": 4, "configs": {}},
        {"resultStatus": 14},
        {"result": "FAILURE"},
        {},
        [],
        b"",
        b"<html>Bad gateway</html>",
        b'{"result": "SUCCESS", "dataRecords": [',
        b"[" * 100_000,
        b'{"resultStatus": NaN}',
        {"result": "SUCCESS"},
        {"result": "SUCCESS", "dataRecords": []},
        {"result": "SUCCESS", "dataRecords": "many"},
        taken(reference="PO-of-somebody-else"),
        taken({"lineType": "SONG"}),
        taken({"lineType": "PRODUCT", "productCode": "A", "quantity": -1}),
        taken({"lineType": "PRODUCT", "productCode": "A", "priceExTax": "12,50"}),
        taken({"lineType": "PRODUCT", "productCode": "A", "quantity": 10**40}),
        taken(createdDate=-2208988800000),
        taken(createdDate="1e999"),
        taken(currencyISOCode="pounds"),
        # a no together with a yes
        failed("SERVER_ERROR_CUSTOMER_ACCOUNT_ON_HOLD") | {"dataRecords": [{"salesOrderNumber": "SO-1"}]},
        failed("SERVER_ERROR_SESSION_INVALID") | {"dataRecords": [{"salesOrderNumber": "SO-1"}]},
        failed("SERVER_ERROR_DATA_IMPORT_BUSY") | {"result_code": "SERVER_ERROR_PERMISSION_DENIED"},
        taken() | {"configs": {"result_code": OK, "orders_with_unmapped_lines": "0:0"}},
    ],
    ids=lambda document: str(document)[:60],
)
def test_whatever_proves_nothing_is_an_unknown_outcome(platform, document):
    with pytest.raises(OutcomeUnknown):
        submitted(platform, document)


def test_answer_outside_http_200_is_an_unknown_outcome(platform):
    platform.post(f"{BASE}/procure_purchase_order_from_supplier/402934A8234E1B997D51F23974", status=202)
    with connector_of() as connector, pytest.raises(OutcomeUnknown, match="HTTP 202"):
        connector.submit_order(ORDER)


# -- problems on lines ------------------------------------------------------------------------------------
UNMAPPED = "SERVER_ERROR_ORDER_PRODUCT_NOT_MAPPED"


def problems(platform, **configs):
    return [
        (problem.line_number, problem.kind.value, problem.supplier_sku)
        for problem in submitted(platform, failed(UNMAPPED, **configs)).problems
    ]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("orders_with_unmapped_lines", LineProblemKind.UNKNOWN_ITEM),
        ("orders_with_unmatched_lines", LineProblemKind.UNKNOWN_ITEM),
        ("orders_with_unpriced_lines", LineProblemKind.NO_PRICE),
        ("orders_with_unstocked_lines", LineProblemKind.OUT_OF_STOCK),
    ],
)
def test_places_count_from_zero_and_several_lines_of_one_order_all_count(platform, name, kind):
    assert problems(platform, **{name: "0:0,0:2"}) == [(1, kind, "APLJ-1L"), (3, kind, "OILS-1")]


def test_spaces_and_malformed_items_do_no_harm(platform):
    said = " 0:1 , 0 : 2, , 1, 0:, :1, a:b, 0:-1, 0:1:2, 0:99, 7:0, 0:1, 0:99999999999999999999"
    found = problems(platform, orders_with_unmapped_lines=said)
    assert found == [(2, "unknown_item", "RICE-5"), (3, "unknown_item", "OILS-1")]


def test_lists_of_all_kinds_count_together(platform):
    found = problems(
        platform,
        orders_with_unmapped_lines="0:2",
        orders_with_unpriced_lines="0:1",
        orders_with_unstocked_lines="",
    )
    assert found == [(2, "no_price", "RICE-5"), (3, "unknown_item", "OILS-1")]


def test_list_at_the_top_of_the_answer_counts_too(platform):
    document = {"result": "FAILURE", "result_code": UNMAPPED, "orders_with_unmapped_lines": "0:1"}
    (problem,) = submitted(platform, document).problems
    assert (problem.line_number, "in stock" in problem.text) == (2, True)


# -- sessions in mid-way ----------------------------------------------------------------------------------
ENDED = failed("SERVER_ERROR_SESSION_INVALID")


def test_order_turned_away_at_the_door_is_sent_once_more_with_a_new_session(platform):
    signs_in(platform, "NEW-SESSION-1")
    procured(platform, ENDED)
    procured(platform, taken(), session="NEW-SESSION-1")
    with connector_of() as connector:
        assert isinstance(connector.submit_order(ORDER), OrderAcknowledgement)
    assert len(platform.calls) == 4


def test_order_is_not_sent_a_third_time(platform):
    signs_in(platform, "NEW-SESSION-1")
    procured(platform, ENDED)
    procured(platform, ENDED, session="NEW-SESSION-1")
    with connector_of() as connector, pytest.raises(AuthenticationFailed, match="not looked at"):
        connector.submit_order(ORDER)
    assert len(platform.calls) == 4


def test_order_is_not_delivered_where_no_session_can_be_had():
    with responses.RequestsMock() as platform:
        platform.post(f"{BASE}/create_session", json=failed("SERVER_ERROR_DATA_IMPORT_BUSY"))
        with connector_of() as connector, pytest.raises(NotDelivered, match="nothing was sent"):
            connector.submit_order(ORDER)
