"""Rows added at once are the rows that Django's objects would have made."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from orders.models import OrderEvent, PurchaseOrder, PurchaseOrderLine
from suppliers.bulk_rows import rows_add, rows_change
from suppliers.models import Product
from tests.orders.factories import make_order

pytestmark = pytest.mark.django_db

AWKWARD = ("plain", "tab\there", "back\\slash", "line\nbreak\r", "\\N", "", "'quoted' \"twice\"", "Ünïcode €")


def columns(order: PurchaseOrder) -> dict[str, list]:
    model = order.lines.get()
    count = len(AWKWARD)
    return {
        "order_id": [order.pk] * count,
        "line_number": list(range(10, 10 + count)),
        "product_id": [model.product_id] * count,
        "supplier_product_id": [model.supplier_product_id] * count,
        "description": list(AWKWARD),
        "quantity": [Decimal("1E+2"), Decimal("0.0001"), *[Decimal("12.5")] * (count - 2)],
        "unit_price": [Decimal(n) / 4 for n in range(count)],
        "suggested_quantity": [None, *[Decimal(3)] * (count - 1)],
        "requested_date": [None, *[date(2026, 6, 9)] * (count - 1)],
        "reason": [{"said": words, words: [1, None, {"deeper": words}]} for words in AWKWARD],
    }


def stored(keys: list[int]) -> list[dict]:
    rows = PurchaseOrderLine.objects.filter(pk__in=keys).order_by("line_number").values()
    return [{name: value for name, value in row.items() if name not in ("id", "order_id")} for row in rows]


def test_rows_added_at_once_equal_those_of_objects():
    here, there = make_order(lines=1), make_order(lines=1)
    there.lines.update(product=here.lines.get().product, supplier_product=here.lines.get().supplier_product)
    given = columns(here)
    keys = rows_add(PurchaseOrderLine, given, same={"supplier_sku": "S\\1", "unit": "C62"})
    objects = PurchaseOrderLine.objects.bulk_create(
        PurchaseOrderLine(
            **dict(zip(given, row, strict=True)) | {"order_id": there.pk}, supplier_sku="S\\1", unit="C62"
        )
        for row in zip(*given.values(), strict=True)
    )
    assert stored(keys) == stored([row.pk for row in objects])
    numbers = PurchaseOrderLine.objects.in_bulk(keys)
    assert [numbers[key].line_number for key in keys] == given["line_number"]
    PurchaseOrderLine.objects.create(  # keys go on where they ended
        order=here, line_number=99, product=here.lines.first().product, quantity=1, unit_price=1,
        supplier_product=here.lines.first().supplier_product,
    )  # fmt: skip


def test_a_column_may_be_told_while_rows_are_written():
    given = columns(make_order(lines=1))
    reasons = given.pop("reason")
    keys = rows_add(PurchaseOrderLine, {**given, "reason": (one for one in reasons)})
    rows = PurchaseOrderLine.objects.filter(pk__in=keys).order_by("line_number")
    assert list(rows.values_list("reason", flat=True)) == reasons


def test_a_column_that_ends_before_the_others_adds_nothing():
    given = columns(make_order(lines=1))
    reasons = given.pop("reason")
    with pytest.raises(ValueError), transaction.atomic():
        rows_add(PurchaseOrderLine, {**given, "reason": (one for one in reasons[:-1])})
    assert PurchaseOrderLine.objects.count() == 1


def test_rows_changed_at_once_have_the_values_given_and_no_others_change():
    order = make_order(lines=1)
    added = columns(order)
    keys = rows_add(PurchaseOrderLine, added, same={"supplier_sku": "S", "unit": "C62"})
    before = stored(keys)
    given = {name: values[1:] for name, values in added.items() if name in ("reason", "quantity")}
    given["quantity"] = [quantity + 1 for quantity in given["quantity"]]
    given["suggested_quantity"] = [None] * len(given["quantity"])
    rows_change(PurchaseOrderLine, keys[1:], given)
    after = stored(keys)
    assert after[0] == before[0]
    for row, was, reason in zip(after[1:], before[1:], given["reason"], strict=True):
        assert row == was | {"quantity": was["quantity"] + 1, "suggested_quantity": None, "reason": reason}
    rows_change(PurchaseOrderLine, [], {})


def test_no_rows_are_none():
    assert list(rows_add(Product, {"sku": []})) == []


def test_constraint_of_the_database_holds():
    with pytest.raises(IntegrityError), transaction.atomic():
        rows_add(Product, {"sku": ["A", "A"], "name": ["a", "b"]})
    assert not Product.objects.exists()


@pytest.mark.postgresql
def test_column_that_saving_would_set_is_refused():
    with pytest.raises(TypeError, match="set by saving"):
        rows_add(OrderEvent, {"order_id": [make_order(lines=1).pk]})
