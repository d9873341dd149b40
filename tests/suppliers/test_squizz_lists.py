"""Products, prices and stock of the platform: page after page, joined by key, odd entries left out one by one."""

from decimal import Decimal

import pytest
import responses

from suppliers.exceptions import ConnectorConfigurationError, ProtocolError, RateLimited, SupplierUnavailable
from suppliers.messages import CatalogueItem, QuotationRequest, StockAvailability, UnreadableItem
from tests.suppliers.squizz_platform import answers, connector_of, failed, signs_in

RICE = {"keyProductID": "7", "productCode": "RICE-5", "name": "Rice", "unit": "EACH", "keySellUnitID": "2"}
END = {"resultStatus": 1, "dataRecords": []}


@pytest.fixture
def platform():
    with responses.RequestsMock() as platform:
        signs_in(platform)
        yield platform


def page(*records, **configs):
    return {"resultStatus": "1", "configs": configs, "dataRecords": list(records)}


def asked(quantity="1", key="7"):
    return QuotationRequest(supplier_sku="RICE-5", external_id=key, quantity=Decimal(quantity))


def catalogue(platform, *pages, **settings):
    answers(platform, "retrieve_esd", *pages)
    with connector_of(**settings) as connector:
        return list(connector.fetch_catalogue())


def quoted(platform, prices, *requests, product=RICE, **settings):
    answers(platform, "retrieve_esd", page(product), END, page(*prices), END)
    with connector_of(**settings) as connector:
        return connector.fetch_quotation(requests or [asked()])


def stock(platform, record, *, field="qtyAvailable", **configs):
    answers(platform, "retrieve_esd", page(record, **configs), END)
    with connector_of(stock_field=field) as connector:
        (said,) = connector.fetch_stock_availability([asked()])
    return said


# -- products ---------------------------------------------------------------------------------------------
def test_pages_are_asked_until_one_is_empty(platform):
    records = [RICE | {"keyProductID": str(n), "productCode": f"P{n}"} for n in range(3)]
    items = catalogue(platform, page(*records[:2]), page(records[2]), END, page_size="2")
    assert [item.supplier_sku for item in items] == ["P0", "P1", "P2"]
    starts = [call.request.params["records_start_index"] for call in platform.calls[1:]]
    assert starts == ["0", "2", "3"]
    first = platform.calls[1].request.params
    assert (first["data_type_id"], first["records_max_amount"]) == ("3", "2")
    assert (first["supplier_org_id"], first["customer_account_code"]) == ("supplier-1", "")


def test_no_record_behind_the_last_page_is_the_end_and_before_it_an_error(platform):
    nothing = failed("SERVER_ERROR_ESD_DOCUMENT_NO_RECORD")
    assert len(catalogue(platform, page(RICE), nothing)) == 1
    platform.reset()
    signs_in(platform)
    with pytest.raises(ProtocolError, match="NO_RECORD"):
        catalogue(platform, nothing)


def test_platform_that_repeats_a_page_is_not_asked_for_ever(platform):
    with pytest.raises(ProtocolError, match="had already"):
        catalogue(platform, page(RICE), page(RICE))


def test_product_is_a_catalogue_item(platform):
    (item,) = catalogue(
        platform, page(RICE | {"packQuantity": 6, "barcode": "5000000000024", "drop": 0}), END
    )
    assert item == CatalogueItem(
        supplier_sku="RICE-5",
        external_id="7",
        name="Rice",
        unit="C62",
        pack_size=Decimal(6),
        barcode="5000000000024",
    )


@pytest.mark.parametrize("absent", ["name", "unit", "keySellUnitID", "packQuantity", "barcode"])
def test_product_is_read_with_any_optional_field_absent(platform, absent):
    record = RICE | {"packQuantity": 1, "barcode": "1"}
    del record[absent]
    (item,) = catalogue(platform, page(record), END)
    assert (item.supplier_sku, item.unit) == ("RICE-5", "C62")
    assert item.pack_size == (None if absent == "packQuantity" else 1)


def test_packs_do_not_bind_where_the_account_says_so(platform):
    (item,) = catalogue(platform, page(RICE | {"packQuantity": 6}), END, whole_packs="no")
    assert item.pack_size == 1


@pytest.mark.parametrize(
    "change",
    [
        {"unit": "BARREL"},
        {"keyProductID": ""},
        {"packQuantity": -1},
        {"packQuantity": "NaN"},
        {"name": ["x"]},
    ],
)
def test_product_that_cannot_be_read_leaves_the_others(platform, change):
    good = RICE | {"keyProductID": "8", "productCode": "OILS-1"}
    bad, item = catalogue(platform, page(RICE | change, good), END)
    assert isinstance(bad, UnreadableItem)
    assert (bad.supplier_sku, item.supplier_sku) == ("RICE-5", "OILS-1")


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (failed("SERVER_ERROR_NO_CUSTOMER_ACCOUNT_FOUND"), ConnectorConfigurationError),
        (failed("SERVER_ERROR_MAX_SEARCHES_REACHED"), RateLimited),
        (failed("SERVER_ERROR_UNKNOWN"), SupplierUnavailable),
        ({"resultStatus": 5}, SupplierUnavailable),
        ({"resultStatus": 13}, ProtocolError),
        ({"resultStatus": 99}, ProtocolError),
        ({"resultStatus": 1, "dataRecords": {"a": 1}}, ProtocolError),
        ({"resultStatus": 1, "dataRecords": [3]}, None),
    ],
)
def test_failed_question_is_named_for_what_it_is(platform, document, expected):
    if expected is None:
        (item,) = catalogue(platform, document, END)
        assert isinstance(item, UnreadableItem)
        return
    with pytest.raises(expected):
        catalogue(platform, document)


# -- prices -----------------------------------------------------------------------------------------------
TIERS = [
    {"keyProductID": "7", "quantity": 0, "price": 4},
    {"keyProductID": "7", "quantity": 10, "price": 3.5},
]


@pytest.mark.parametrize(("quantity", "price"), [("1", "4"), ("9.5", "4"), ("10", "3.5"), ("99", "3.5")])
def test_price_is_that_of_the_nearest_smaller_quantity(platform, quantity, price):
    (found,) = quoted(platform, TIERS, asked(quantity)).prices
    assert (found.unit_price, found.currency, found.quantity) == (Decimal(price), "GBP", Decimal(quantity))


@pytest.mark.parametrize(
    ("other", "price"),
    [
        ({"price": 3}, 3),
        ({"price": 9, "referenceType": "CF"}, 9),
        ({"price": 9, "referenceType": "P"}, 4),
        ({"price": 3, "keySellUnitID": "2"}, 3),
        ({"price": 3, "keySellUnitID": 2}, 3),
        ({"price": 3, "keySellUnitID": "5"}, 4),
        ({"price": 3, "quantity": 2}, 4),
    ],
)
def test_of_several_prices_the_right_one_holds(platform, other, price):
    (found,) = quoted(platform, [TIERS[0], {"keyProductID": "7"} | other]).prices
    assert found.unit_price == price


def test_tax_that_a_price_holds_is_taken_off(platform):
    prices = [{"keyProductID": "7", "price": 12, "taxRate": 20}]
    (found,) = quoted(platform, prices, product=RICE | {"isPriceTaxInclusive": "Y"}).prices
    assert found.unit_price == 10


@pytest.mark.parametrize(
    ("price", "product"),
    [
        ({"price": 12}, {"isPriceTaxInclusive": "Y"}),
        ({"price": -1}, {}),
        ({"price": "cheap"}, {}),
        ({}, {}),
        ({"price": 1, "referenceType": "Z"}, {}),
        ({"price": 1}, {"isPriceTaxInclusive": "yes"}),
    ],
)
def test_price_that_cannot_be_read_is_no_price(platform, price, product):
    quotation = quoted(platform, [{"keyProductID": "7"} | price], product=RICE | product)
    assert (len(quotation.prices), len(quotation.unreadable)) == (0, 1)


def test_product_without_price_is_not_offered_and_other_prices_are_passed_over(platform):
    quotation = quoted(platform, [{"keyLabourID": "1", "price": 5}, {"keyProductID": "8", "price": 5}])
    assert quotation.not_offered == ("RICE-5",)


def test_product_whose_key_we_lack_is_found_by_code(platform):
    (found,) = quoted(platform, TIERS, asked(key="")).prices
    assert found.unit_price == 4


def test_lists_are_fetched_once_for_many_questions(platform):
    answers(platform, "retrieve_esd", page(RICE), END, page(*TIERS), END)
    with connector_of(price_type="customer_account_pricing") as connector:
        for quantity in ("1", "10", "20"):
            assert connector.fetch_quotation([asked(quantity)]).prices
    assert len(platform.calls) == 5
    assert platform.calls[-1].request.params["price_type"] == "customer_account_pricing"


# -- stock ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("record", "configs", "quantity"),
    [
        ({"qtyAvailable": 12}, {}, 12),
        ({"qtyAvailable": "12.5"}, {}, Decimal("12.5")),
        ({"qtyAvailable": -23}, {}, 0),
        ({}, {}, None),
        ({}, {"dataFields": "keyProductID, qtyAvailable"}, 0),
        ({}, {"dataFields": "keyProductID,qtyOnHand"}, None),
        ({"keyProductID": "8", "qtyAvailable": 5}, {}, None),
    ],
)
def test_stock_below_zero_is_none_and_absent_is_not_told(platform, record, configs, quantity):
    said = stock(platform, {"keyProductID": "7"} | record, **configs)
    assert said == StockAvailability(supplier_sku="RICE-5", quantity=quantity)


def test_stock_is_in_the_field_that_the_account_names(platform):
    said = stock(platform, {"keyProductID": "7", "qtyAvailable": 5, "qtyOnHand": 9}, field="qtyOnHand")
    assert said.quantity == 9


def test_stock_that_cannot_be_read_is_named(platform):
    said = stock(platform, {"keyProductID": "7", "qtyAvailable": "many"})
    assert isinstance(said, UnreadableItem)
    assert "qtyAvailable" in said.problem
