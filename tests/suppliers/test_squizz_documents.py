"""The purchase order as the platform gets it: every field, every length, before anything is sent."""

import gzip
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
import responses

from suppliers.connectors.base import ConnectorConfig
from suppliers.connectors.squizz.accounts import CustomerAccounts
from suppliers.connectors.squizz.connector import SquizzConnector
from suppliers.exceptions import ConnectorConfigurationError, ProtocolError
from suppliers.messages import Address, Share
from tests.suppliers.orders import order_of
from tests.suppliers.squizz_platform import ORDER, changed, connector_of, procured, signs_in, taken

PLACE = Address(
    name="Acme Industries", code="NORTH", line1="Unit 5", line2="22 Bourkie Street", city="Melbourne",
    region="Victoria", postcode="3000", country="AU", contact="Jane Doe", email="jd@example.com", phone="+61444",
)  # fmt: skip
PAYER = replace(PLACE, name="Acme Head Office", line1="43", line2="High Street", contact="John Citizen")


@pytest.fixture
def platform():
    with responses.RequestsMock() as platform:
        yield platform


def document(platform, order, **settings):
    signs_in(platform)
    procured(platform, taken(reference=order.buyer_reference))
    with connector_of(**settings) as connector:
        connector.submit_order(order)
    request = platform.calls[-1].request
    body = request.body
    return json.loads(gzip.decompress(body) if "Content-Encoding" in request.headers else body), request


def record(platform, order, **settings):
    return document(platform, order, **settings)[0]["dataRecords"][0]


def test_document_is_a_purchase_order_with_one_record(platform):
    said, request = document(platform, ORDER)
    assert said["resultStatus"] == 1
    assert (said["dataTransferMode"], said["totalDataRecords"], len(said["dataRecords"])) == (
        "COMPLETE",
        1,
        1,
    )
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Content-Encoding"] == "gzip"


def test_document_goes_out_plain_where_the_account_says_so(platform):
    _, request = document(platform, ORDER, compress="no")
    assert "Content-Encoding" not in request.headers


def test_every_field_of_an_order_is_filled(platform):
    order = changed(deliver_to=PLACE, buyer=PAYER, note="Back entrance", dropship=True, currency="AUD")
    settings = {"supplier_account_code": "ACM-002", "supplier_account_key": "2"}
    said = record(platform, order, **settings)
    lines = said.pop("lines")
    assert said == {
        "keyPurchaseOrderID": "PO-2026-0001",
        "purchaseOrderCode": "PO-2026-0001",
        "purchaseOrderNumber": "PO-2026-0001",
        "keySupplierAccountID": "2",
        "supplierAccountCode": "ACM-002",
        "currencyISOCode": "AUD",
        "createdDate": 1767344400000,
        "instructions": "Back entrance",
        "isDropship": "Y",
        "deliveryOrgName": "Acme Industries",
        "deliveryContact": "Jane Doe",
        "deliveryEmail": "jd@example.com",
        "deliveryPhone": "+61444",
        "deliveryAddress1": "Unit 5",
        "deliveryAddress2": "22 Bourkie Street",
        "deliveryAddress3": "Melbourne",
        "deliveryRegionName": "Victoria",
        "deliveryPostcode": "3000",
        "deliveryCountryName": "Australia",
        "deliveryCountryCodeISO2": "AU",
        "billingOrgName": "Acme Head Office",
        "billingContact": "John Citizen",
        "billingEmail": "jd@example.com",
        "billingPhone": "+61444",
        "billingAddress1": "43",
        "billingAddress2": "High Street",
        "billingAddress3": "Melbourne",
        "billingRegionName": "Victoria",
        "billingPostcode": "3000",
        "billingCountryName": "Australia",
        "billingCountryCodeISO2": "AU",
    }
    assert [line["productCode"] for line in lines] == ["APLJ-1L", "RICE-5", "OILS-1"]


def test_every_field_of_a_line_is_filled(platform):
    order = order_of(("SUPPLIER-TOWEL", "4"), price="5.00")
    order = replace(order, lines=(replace(order.lines[0], sku="TOWEL", description="Green towel"),))
    assert record(platform, order, tax_rate="10")["lines"] == [
        {
            "lineType": "PRODUCT",
            "keyProductID": "TOWEL",
            "productCode": "TOWEL",
            "productName": "Green towel",
            "salesOrderProductCode": "SUPPLIER-TOWEL",
            "unitName": "EACH",
            "quantity": 4,
            "priceExTax": 5,
            "priceTax": 0.5,
            "priceIncTax": 5.5,
            "priceTotalExTax": 20,
            "priceTotalTax": 2,
            "priceTotalIncTax": 22,
        }
    ]


def test_notes_and_days_are_text_lines_behind_all_products(platform):
    first = replace(ORDER.lines[0], note="Ripe ones", requested_date=date(2026, 1, 9))
    order = changed(lines=(first, *ORDER.lines[1:]), note="Ring twice", requested_date=date(2026, 1, 8))
    said = record(platform, order, order_note_as="lines")
    assert said["instructions"] == "Requested delivery: 2026-01-08."
    assert [line["lineType"] for line in said["lines"]] == ["PRODUCT"] * 3 + ["TEXT"] * 2
    assert [line["textDescription"] for line in said["lines"][3:]] == [
        "Ring twice",
        "APLJ-1L (line 1): Ripe ones Requested delivery: 2026-01-09.",
    ]


def of_length(name, length):
    """The order whose `name` has this many characters."""
    text = "x" * length
    address = {
        "OrgName": "name", "Contact": "contact", "Email": "email", "Address1": "line1", "Address2": "line2",
        "Address3": "city", "RegionName": "region", "Postcode": "postcode",
    }  # fmt: skip
    for role, field in (("delivery", "deliver_to"), ("billing", "buyer")):
        if name.startswith(role) and name != f"{role}CountryName":
            return changed(**{field: replace(PLACE, **{address[name.removeprefix(role)]: text})})
    line = {"keyProductID": "sku", "productCode": "sku", "productName": "description"}
    line["salesOrderProductCode"] = "supplier_sku"
    if name in line:
        return changed(lines=(replace(ORDER.lines[0], **{line[name]: text}),))
    return changed(**{"instructions": {"note": text}}.get(name, {"buyer_reference": text}))


LENGTHS = {
    "keyPurchaseOrderID": 50, "instructions": 21844,
    "deliveryOrgName": 50, "deliveryContact": 50, "deliveryEmail": 100, "deliveryAddress1": 90,
    "deliveryAddress2": 90, "deliveryAddress3": 90, "deliveryRegionName": 70, "deliveryPostcode": 20,
    "billingOrgName": 50, "billingContact": 90, "billingEmail": 100, "billingAddress1": 90,
    "billingAddress2": 90, "billingAddress3": 90, "billingRegionName": 70,
    "keyProductID": 50, "productName": 50, "salesOrderProductCode": 60,
}  # fmt: skip


@pytest.mark.parametrize(("name", "most"), LENGTHS.items())
def test_text_that_is_too_long_is_named_and_nothing_is_sent(platform, name, most):
    with (
        connector_of() as connector,
        pytest.raises(ProtocolError, match=rf"{name} has {most + 1} characters, at most {most} are"),
    ):
        connector.submit_order(of_length(name, most + 1))
    assert not platform.calls


@pytest.mark.parametrize(("name", "most"), LENGTHS.items())
def test_text_of_the_greatest_length_is_sent(platform, name, most):
    order = of_length(name, most)
    sent = record(platform, order)
    assert "x" * most in [*sent.values(), *sent["lines"][0].values()]


def test_long_names_are_shortened_where_the_account_says_so(platform):
    order = of_length("productName", 90)
    assert record(platform, order, long_names="shorten")["lines"][0]["productName"] == "x" * 50


@pytest.mark.parametrize(
    ("name", "value"), [("supplier_account_code", "x" * 61), ("supplier_account_key", "x" * 51)]
)
def test_setting_that_is_too_long_is_the_administrators_to_mend(platform, name, value):
    with connector_of(**{name: value}) as connector, pytest.raises(ConnectorConfigurationError, match=name):
        connector.submit_order(ORDER)
    assert not platform.calls
    assert "characters" in SquizzConnector.problem_with(name, value)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"quantity": Decimal(0)}, "quantity is 0; it must be more than 0"),
        ({"quantity": Decimal(-2)}, "quantity is -2"),
        ({"quantity": Decimal("NaN")}, "quantity is NaN"),
        ({"quantity": Decimal("1e30")}, "quantity is 1E"),
        ({"quantity": Decimal("0.00001")}, "at most 10 digits before and 4 after"),
        ({"unit_price": Decimal("Infinity")}, "priceExTax is Infinity"),
        ({"quantity": Decimal("9999999999"), "unit_price": Decimal("9")}, "priceTotalExTax is"),
        ({"sku": ""}, "productCode is empty"),
    ],
)
def test_line_that_cannot_be_sent_is_named(platform, changes, words):
    order = changed(lines=(replace(ORDER.lines[0], **changes),))
    with connector_of() as connector, pytest.raises(ProtocolError, match=f"line 1.*{words}"):
        connector.submit_order(order)
    assert not platform.calls


def test_product_on_two_lines_and_order_without_lines_are_refused(platform):
    with connector_of() as connector:
        with pytest.raises(ProtocolError, match="on two lines"):
            connector.submit_order(order_of(("RICE-5", "3"), ("RICE-5", "4")))
        with pytest.raises(ProtocolError, match="has no lines"):
            connector.submit_order(changed(lines=()))
        shared = replace(ORDER.lines[0], shares=(Share(place=PLACE, quantity=Decimal(12)),))
        with pytest.raises(ProtocolError, match="several places"):
            connector.submit_order(changed(lines=(shared,)))
    assert not platform.calls


# -- customer accounts ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("place", "code"),
    [
        (PLACE, "ACC-N"),
        (replace(PLACE, code="", name="south  depot"), "ACC-S"),
        (replace(PLACE, code="", name="Elsewhere", postcode="SW1A 1AA"), "ACC-W"),
        (replace(PLACE, code="", name="Elsewhere"), "ACC-0"),
    ],
)
def test_account_is_the_one_of_the_delivery_place(platform, place, code):
    accounts = "NORTH = ACC-N; South Depot=ACC-S;\nsw1a 1aa = ACC-W"
    _, request = document(
        platform, changed(deliver_to=place), customer_accounts=accounts, customer_account_code="ACC-0"
    )
    assert request.params == {"supplier_org_id": "supplier-1", "customer_account_code": code}


def test_place_without_an_account_is_the_administrators_to_mend(platform):
    with (
        connector_of(customer_accounts="South = ACC-S") as connector,
        pytest.raises(ConnectorConfigurationError, match="deliveries to Acme Industries"),
    ):
        connector.submit_order(changed(deliver_to=PLACE))
    assert not platform.calls
    assert CustomerAccounts("South = ACC-S", "").every == ["ACC-S"]
    assert CustomerAccounts("", "").every == [""]


def test_dry_run_shows_where_the_order_goes_and_no_session(platform):
    (rendered,) = connector_of(customer_account_code="ACC-1").render_order(ORDER)
    assert rendered.where.endswith("/(session)?supplier_org_id=supplier-1&customer_account_code=ACC-1")
    assert json.loads(rendered.body)["totalDataRecords"] == 1
    assert not platform.calls


@pytest.mark.parametrize("wrong", ["Depot", "Depot =", "= ACC", "Depot = A; depot = B"])
def test_accounts_that_cannot_be_read_are_refused_in_words(wrong):
    with pytest.raises(ConnectorConfigurationError, match="customer accounts"):
        CustomerAccounts(wrong, "")
    assert SquizzConnector.problem_with("customer_accounts", wrong)


def test_settings_that_cannot_be_right_are_refused_in_words():
    wrong = {
        "base_url": "ftp://x", "currency": "pounds", "compress": "perhaps", "sales_order_means": "maybe",
        "order_note_as": "song", "long_names": "cut", "tax_rate": "NaN", "country_names": "England",
        "unit_words": "each", "default_unit": "piece", "page_size": "5001", "lookup_days": "0",
        "lookup_first_page": "2", "timeout_seconds": "100", "whole_packs": "", "total_includes_charges": "1",
    }  # fmt: skip
    assert [name for name, value in wrong.items() if not SquizzConnector.problem_with(name, value)] == []
    own = SquizzConnector(ConnectorConfig("acme", "Acme"))
    defaults = [
        f for f in own.setting_fields if f.default and SquizzConnector.problem_with(f.name, f.default)
    ]
    assert defaults == []
