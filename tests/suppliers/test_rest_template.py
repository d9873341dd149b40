"""The body of an order is what the template says."""

import json
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from suppliers.connectors.declared.template import order_body, order_template
from suppliers.connectors.rest import settings
from suppliers.connectors.rest.connector import RestConnector
from suppliers.connectors.units import UnitWords
from tests.suppliers.orders import order_of

ORDER = order_of(("APLJ-1L", "12"), ("RICE-5", "0.5"))
ACCOUNT = {"customer_number": "C-9"}


def body(template, order=ORDER, units=""):
    return json.loads(order_body(order_template(template), order, ACCOUNT, UnitWords(units)))


def test_leaves_are_filled_and_the_rest_stands():
    template = """{"no": "$buyer_reference", "type": "standard", "version": 2, "price": "$$5", "empty": null,
                   "account": {"id": "$customer_number"}, "tags": ["a", "$currency"],
                   "rows": [{"sku": "$line.supplier_sku", "qty": "$line.quantity", "uom": "$line.unit"}]}"""
    assert body(template, units="C62=each") == {
        "no": "PO-2026-0001",
        "type": "standard",
        "version": 2,
        "price": "$5",
        "empty": None,
        "account": {"id": "C-9"},
        "tags": ["a", "GBP"],
        "rows": [
            {"sku": "APLJ-1L", "qty": 12, "uom": "each"},
            {"sku": "RICE-5", "qty": 0.5, "uom": "each"},
        ],
    }


def test_nothing_to_say_is_null_or_left_out_as_the_leaf_says():
    template = """{"no": "$buyer_reference", "a": "$note", "b": "$note?", "c": ["$note?", 1],
                   "rows": [{"sku": "$line.sku", "qty": "$line.quantity|text", "day": "$line.requested_date?"}]}"""
    assert body(template, order_of(("X", "12.50"))) == {
        "no": "PO-2026-0001",
        "a": None,
        "c": [1],
        "rows": [{"sku": "X", "qty": "12.5"}],
    }


def test_buyer_is_whoever_receives_where_nobody_else_is_told():
    template = '{"no": "$buyer_reference", "by": "$buyer.name", "l": ["$line.sku", "$line.quantity"]}'
    with pytest.raises(Exception, match="outside a list of one entry"):
        order_template(template)
    template = '{"no": "$buyer_reference", "by": "$buyer.name", "l": [["$line.sku", "$line.quantity"]]}'
    assert body(template) == {
        "no": "PO-2026-0001",
        "by": "Depot",
        "l": [["APLJ-1L", 12], ["RICE-5", 0.5]],
    }


def test_default_template_carries_everything_a_buyer_can_say():
    line = replace(ORDER.lines[0], requested_date=date(2026, 3, 4), note="cold", unit_price=Decimal("2.0500"))
    sent = body(
        settings.ORDER_TEMPLATE, replace(ORDER, lines=(line,), note="urgent", requested_date=date(2026, 3, 5))
    )
    assert sent["lines"] == [
        {
            "line_number": 1,
            "sku": "APLJ-1L",
            "description": "APLJ-1L",
            "quantity": 12,
            "unit": "C62",
            "unit_price": 2.05,
            "requested_date": "2026-03-04",
            "note": "cold",
        }
    ]
    assert (sent["ordered_at"], sent["requested_date"]) == ("2026-01-02T09:00:00Z", "2026-03-05")
    assert sent["deliver_to"] == {"name": "Depot"}


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("{", "not readable JSON"),
        ('{"a": NaN}', "NaN is not a number"),
        ("[" * 5000, "not readable JSON"),
        ("[" * 100 + "]" * 100, "nested"),
        ('"$number"', "must be an object"),
        ('{"n": "$buyer_reference"}', "list of one entry"),
        ('{"l": [{"s": "$line.sku", "q": "$line.quantity"}]}', "must use \\$buyer_reference"),
        ('{"n": "$buyer_reference", "l": [{"s": "$line.sku"}]}', "line.quantity"),
        ('{"n": "$buyer_reference", "s": "$line.sku"}', "outside a list"),
        ('{"n": "$buyer_reference", "s": "$price"}', r"\$price, which is no field"),
        ('{"n": "$buyer_reference!"}', "no field"),
        ('{"n": "$buyer_reference", "l": [{"s": "$line.colour"}]}', "no field"),
        ('{"n": "$webhook_secret"}', "no field"),
    ],
)
def test_template_that_cannot_be_right_is_explained(template, says):
    assert re.search(says, RestConnector.problem_with("order_template", template))
