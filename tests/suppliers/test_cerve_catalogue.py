"""Product lists: one bad entry is named and costs nobody the others."""

import json
from decimal import Decimal

import pytest

from suppliers.connectors.cerve.mapping import catalogue_items, quoted_price, stock_availability
from suppliers.connectors.units import UnitWords
from suppliers.exceptions import ConnectorConfigurationError, ProtocolError
from suppliers.messages import CatalogueItem, QuotationRequest, UnreadableItem

WORDS = UnitWords("C62=each, KGM=kg")
GOOD = {
    "product_id": "1",
    "supplier_product_id": "A",
    "name": "Apples",
    "unit_of_measure": "kg",
    "pack_size": 2.5,
}


def items(body):
    return list(catalogue_items(json.dumps(body).encode(), "the list", WORDS))


def test_list_and_object_are_understood():
    for body in ([GOOD], {"products": [GOOD]}, {"products": [GOOD], "next": None}):
        (item,) = items(body)
        assert isinstance(item, CatalogueItem)
        assert (item.unit, item.pack_size, item.minimum_quantity) == ("KGM", Decimal("2.5"), None)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"unit_of_measure": "barrel"}, "unit words"),
        ({"unit_of_measure": None}, "unit_of_measure"),
        ({"pack_size": 0}, "pack_size"),
        ({"pack_size": "6"}, "pack_size"),
        ({"product_id": None}, "product_id"),
        ({"name": 5}, "name"),
    ],
)
def test_bad_entry_is_named_and_the_others_stand(change, place):
    bad, good = items([GOOD | change, GOOD])
    assert isinstance(bad, UnreadableItem)
    assert place in bad.problem
    assert bad.supplier_sku == "A"
    assert isinstance(good, CatalogueItem)


@pytest.mark.parametrize("body", [5, "x", {}, {"products": {}}, {"products": [GOOD], "next": "page2"}])
def test_answer_that_is_no_complete_list_is_refused(body):
    with pytest.raises(ProtocolError):
        items(body)


def test_units_read_both_ways():
    assert (WORDS.word("C62"), WORDS.word("MTR")) == ("each", "MTR")
    for wrong in ("each", "=each", "C62=", "c62=each", "Piece=each"):
        with pytest.raises(ConnectorConfigurationError, match="unit words"):
            UnitWords(wrong)


@pytest.mark.parametrize(("said", "expected"), [(4, Decimal(4)), (-23, Decimal(0)), (None, None)])
def test_stock_below_zero_is_none_and_silence_is_not_zero(said, expected):
    asked = QuotationRequest(supplier_sku="A", external_id="1", quantity=Decimal(1))
    body = json.dumps({"available": said}).encode()
    assert stock_availability(body, "the stock", asked, "available").quantity == expected


@pytest.mark.parametrize(
    ("said", "price"),
    [
        ({}, "20.0000"),
        ({"total_price": 200}, "20.0000"),
        ({"total_price": 180, "discount": 20}, "18.0000"),
        ({"total_price": 199.99}, "20.0000"),  # rounded
        ({"total_price": 218.5}, "20.0000"),  # holds something else beside the goods
    ],
)
def test_discount_on_the_quantity_is_in_the_price(said, price):
    body = json.dumps({"unit_price": 20, "currency": "GBP"} | said).encode()
    asked = QuotationRequest(supplier_sku="A", external_id="1", quantity=Decimal(10))
    assert str(quoted_price(body, "the price", asked).unit_price) == price
