"""What is sent to 4ws.trade: header, rows, prices, locations, one document or several."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import responses

from suppliers.exceptions import ConnectorConfigurationError, OutcomeUnknown, ProtocolError
from suppliers.messages import OrderRefusal
from tests.suppliers.fourws import BASE, URL, account, shared_order
from tests.suppliers.orders import order_of

ELEVEN = [f"P{number}" for number in range(1, 12)]
PLACES = ", ".join(f"{place}=SHOP:{number}" for number, place in enumerate(ELEVEN, 1))


@pytest.fixture
def wire():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def sent(wire, order, **settings):
    wire.post(URL, json={"id": "D-1"})
    with account(**settings) as connector:
        connector.submit_order(order)
    return [json.loads(call.request.body, parse_float=Decimal) for call in wire.calls]


def test_document_is_as_they_describe_it(wire):
    order = order_of(("APLJ-1L", "12"), price="2.50")
    order = replace(
        order,
        issued_at=datetime(2026, 7, 1, 22, 30, tzinfo=UTC),
        requested_date=date(2026, 7, 9),
        lines=(replace(order.lines[0], barcode="5000000000017"),),
    )
    (document,) = sent(wire, order, payment_code="4", season_code="22AI")
    address = document.pop("callback")
    assert address.startswith(f"{BASE}PO-2026-0001/1-of-1/confirmed/")
    assert document == {
        "documentHeader": {
            "id": "PO-2026-0001",
            "branchCode": 2,
            "buyerCode": 7,
            "currency": "GBP",
            "currencySymbol": "£",
            "documentDate": "2026-07-02 00:30:00",  # two hours later, on the clock of Rome
            "movementDate": "2026-07-02 00:30:00",
            "confirmationDateOrder": "2026-07-02 00:30:00",
            "deliveryDate": "2026-07-09 00:00:00",
            "supplierCode": "S1",
            "documentType": "PURCHASE",
            "cause": "PLANNED",
            "system": "ECOMMERCE",
            "paymentCode": "4",
            "seasonCode": "22AI",
            "documentStatus": "CONFIRMED",
        },
        "documentRows": [
            {
                "barcode": "5000000000017",
                "itemCode": "APLJ-1L",
                "quantity1": 12,
                "taxRate": 22,
                "priceSale": Decimal("4.88"),  # 2.50 and 60 % and 22 %
                "pricePurchase": Decimal("2.5"),
                "priceInvoice": Decimal("2.5"),
            }
        ],
    }
    assert wire.calls[0].request.headers["Authorization"] == "Bearer api-token-1"


def test_dimensions_stand_behind_the_item_in_the_suppliers_code(wire):
    settings = {"dimension_sign": "|", "tax_rates": "032B622=4.5"}
    (document,) = sent(wire, order_of(("032B622|4|01|4|K", "1"), ("RICE-5", "2"), ("X||7", "1")), **settings)
    coat, rice, other = document["documentRows"]
    assert coat["itemCode"] == "032B622"
    assert [coat[f"dimension{n}"] for n in (1, 2, 3, 4)] == ["4", "01", "4", "K"]
    assert coat["taxRate"] == Decimal("4.5")
    assert (rice["itemCode"], other["dimension2"]) == ("RICE-5", "7")
    assert not {"dimension1", "dimension2"} & set(rice) | {"dimension1"} & set(other)


@pytest.mark.parametrize("code", ["A|1|2|3|4|5", "|1"])
def test_code_that_is_no_item_with_four_dimensions_is_not_sent(wire, code):
    with pytest.raises(ProtocolError, match="at most 4 dimensions"):
        sent(wire, order_of((code, "1")), dimension_sign="|")


def test_smallest_price_is_a_cent_as_none_would_be_looked_up(wire):
    (document,) = sent(wire, order_of(("BAG-1", "5000"), price="0.001"))
    assert document["documentRows"][0]["priceSale"] == Decimal("0.01")


def test_fields_that_say_nothing_are_left_out(wire):
    (document,) = sent(wire, order_of(("APLJ-1L", "1")), document_status="", cause="", send_prices="no")
    header, (row,) = document["documentHeader"], document["documentRows"]
    assert not {"documentStatus", "cause", "deliveryDate", "paymentCode", "reserved"} & set(header)
    assert not {"barcode", "pricePurchase", "priceInvoice"} & set(row)
    assert "/unstated/" in document["callback"]


def test_earliest_day_of_the_lines_is_the_delivery_date(wire):
    order = order_of(("APLJ-1L", "1"), ("RICE-5", "1"))
    days = [date(2026, 2, 9), date(2026, 2, 5)]
    lines = tuple(replace(line, requested_date=day) for line, day in zip(order.lines, days, strict=True))
    (document,) = sent(wire, replace(order, lines=lines))
    assert document["documentHeader"]["deliveryDate"] == "2026-02-05 00:00:00"


def test_zone_status_symbols_and_rates_are_the_accounts(wire):
    settings = {
        "time_zone": "UTC", "document_status": "open", "currency_symbols": "EUR=€", "tax_rates": "APLJ-1L=4.5",
        "auth_header": "X-Key", "auth_value": "{token}", "service_header": "X-Service: savePurchase",
    }  # fmt: skip
    (document,) = sent(wire, order_of(("APLJ-1L", "1"), ("RICE-5", "1")), **settings)
    header = document["documentHeader"]
    assert (header["documentDate"], header["documentStatus"]) == ("2026-01-02 09:00:00", "OPEN")
    assert header["currencySymbol"] == "GBP"
    assert [row["taxRate"] for row in document["documentRows"]] == [Decimal("4.5"), 22]
    headers = wire.calls[0].request.headers
    assert (headers["X-Key"], headers["X-Service"]) == ("api-token-1", "savePurchase")


# -- locations --------------------------------------------------------------------------------------------
def test_quantities_stand_in_the_order_of_the_locations(wire):
    order = shared_order(("CITY", "2"), ("HUB", "10"), more=(("HUB", "3"),))
    (document,) = sent(wire, order, places="HUB=WRH:1001, CITY=shop:2")
    assert document["documentHeader"]["reserved"] == [
        {"type": "SHOP", "code": "2"},
        {"type": "WRH", "code": "1001"},
    ]
    assert [
        {k: v for k, v in row.items() if k.startswith("quantity")} for row in document["documentRows"]
    ] == [
        {"quantity1": 2, "quantity2": 10},
        {"quantity2": 3},
    ]


def test_order_for_one_place_is_reserved_for_it_by_code_or_name(wire):
    (document,) = sent(wire, order_of(("APLJ-1L", "12")), places="Depot=WRH:7")
    assert document["documentHeader"]["reserved"] == [{"type": "WRH", "code": "7"}]
    assert document["documentRows"][0]["quantity1"] == 12


def test_two_places_of_ours_may_be_one_of_theirs(wire):
    order = shared_order(("A", "2"), ("B", "3"))
    (document,) = sent(wire, order, places="A=SHOP:1, B=SHOP:1")
    assert document["documentHeader"]["reserved"] == [{"type": "SHOP", "code": "1"}]
    assert document["documentRows"][0]["quantity1"] == 5


def test_more_than_ten_locations_are_several_documents(wire):
    order = shared_order(*((place, "1") for place in ELEVEN), more=(("P1", "4"), ("P2", "5")))
    first, second = sent(wire, order, places=PLACES)
    assert [d["documentHeader"]["id"] for d in (first, second)] == ["PO-2026-0001/1", "PO-2026-0001/2"]
    assert len(first["documentHeader"]["reserved"]) == 10
    assert second["documentHeader"]["reserved"] == [{"type": "SHOP", "code": "11"}]
    assert [row["itemCode"] for row in second["documentRows"]] == ["APLJ-1L"]
    assert "/2-of-2/" in second["callback"]
    total = sum(
        value
        for document in (first, second)
        for row in document["documentRows"]
        for name, value in row.items()
        if name.startswith("quantity")
    )
    assert total == 20
    assert first["callback"] != second["callback"]


@pytest.mark.parametrize(
    "second",
    [
        {"status": 500},
        {"status": 429},
        {"status": 400, "json": {"success": False, "message": "no"}},
        {"status": 200, "json": {"success": False, "message": "no"}},
        {"status": 401},
        {"body": ConnectionError("gone")},
    ],
    ids=str,
)
def test_failure_after_a_document_went_through_is_unknown(wire, second):
    wire.post(URL, json={"id": "D-1"})
    wire.post(URL, **second)
    order = shared_order(*((place, "1") for place in ELEVEN))
    with account(places=PLACES) as connector, pytest.raises(OutcomeUnknown, match="Of the 2 documents"):
        connector.submit_order(order)
    assert len(wire.calls) == 2


# -- what is not sent ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("order", "settings", "error", "words"),
    [
        (shared_order(("A", "2"), ("X", "3")), {"places": "A=SHOP:1"}, ConnectorConfigurationError, "location X"),
        (shared_order(("A", "2"), ("B", "3")), {}, ConnectorConfigurationError, "several places"),
        (shared_order(("A", "2"), ("B", "-1")), {"places": "A=SHOP:1"}, ProtocolError, "quantity -1"),
        (order_of(("APLJ-1L", "-5")), {}, ProtocolError, "quantity -5"),
        (order_of(("APLJ-1L", "NaN")), {}, ProtocolError, "quantity NaN"),
        (order_of(("APLJ-1L", "1e30")), {}, ProtocolError, "cannot be ordered"),
        (order_of(("APLJ-1L", "1"), price="NaN"), {}, ProtocolError, "line 1: without a price"),
        (order_of(), {}, ProtocolError, "no lines"),
    ],
)  # fmt: skip
def test_order_that_cannot_be_said_is_not_sent(wire, order, settings, error, words):
    with account(**settings) as connector, pytest.raises(error, match=words):
        connector.submit_order(order)
    assert len(wire.calls) == 0


def test_shares_that_do_not_add_up_are_not_sent(wire):
    order = shared_order(("A", "2"))
    order = replace(order, lines=(replace(order.lines[0], quantity=Decimal(3)),))
    with account(places="A=SHOP:1") as connector, pytest.raises(ProtocolError, match="places get 2 of 3"):
        connector.submit_order(order)


def test_line_without_a_price_is_not_sent(wire):
    order = order_of(("APLJ-1L", "1"))
    order = replace(order, lines=(replace(order.lines[0], unit_price=None),))
    with account() as connector, pytest.raises(ProtocolError, match="no selling price"):
        connector.submit_order(order)


# -- the reply --------------------------------------------------------------------------------------------
def test_reply_that_says_no_hands_the_order_back(wire):
    wire.post(URL, json={"success": False, "message": "branchCode 2 is not known."})
    with account() as connector:
        answer = connector.submit_order(order_of(("APLJ-1L", "1")))
    assert isinstance(answer, OrderRefusal)
    assert "branchCode 2 is not known." in answer.text


@pytest.mark.parametrize(
    "body", ["", "nonsense", "[]", "{}", '{"id": ""}', '{"id": NaN}', '{"success": 1}', "5"]
)
def test_reply_that_cannot_be_read_is_unknown(wire, body):
    wire.post(URL, body=body)
    with account() as connector, pytest.raises(OutcomeUnknown, match="may have been placed"):
        connector.submit_order(order_of(("APLJ-1L", "1")))


def test_conflict_is_unknown(wire):
    wire.post(URL, status=409, body="seen")
    with account() as connector, pytest.raises(OutcomeUnknown, match="conflict"):
        connector.submit_order(order_of(("APLJ-1L", "1")))


def test_reply_without_an_id_is_fine_where_the_account_says_so(wire):
    wire.post(URL, json={"ok": True})
    with account(reply_id_field="") as connector:
        assert connector.submit_order(order_of(("APLJ-1L", "1"))).supplier_reference == "PO-2026-0001"


def test_neither_token_of_the_address_nor_of_the_account_is_in_the_journal(wire):
    wire.post(URL, json={"id": "D-1"})
    journal = []
    with account(journal.append) as connector:
        connector.submit_order(order_of(("APLJ-1L", "1")))
    secret = json.loads(wire.calls[0].request.body)["callback"].rsplit("/", 1)[1]
    (call,) = journal
    assert secret.encode() not in call.request_body
    assert b"/1-of-1/confirmed/" in call.request_body
    assert len(secret) == 43


def test_dry_run_shows_every_document_and_no_token(wire):
    order = shared_order(*((place, "1") for place in ELEVEN))
    rendered = account(places=PLACES).render_order(order)
    assert [document.where for document in rendered] == [f"POST {URL}"] * 2
    shown = [json.loads(document.body)["callback"] for document in rendered]
    assert shown == [f"{BASE}PO-2026-0001/{part}-of-2/confirmed/•••" for part in (1, 2)]
    assert len(wire.calls) == 0
