"""A line that the supplier cannot take: five ways on, each one action, and what is remembered of them."""

from decimal import Decimal

import pytest
from django.test import Client

from orders.models import PurchaseOrder, PurchaseOrderLine
from orders.services.approval import order_approve
from orders.services.drafting import order_replace
from suppliers.messages import CatalogueItem
from suppliers.models import SupplierProduct
from suppliers.services.catalogue import _list_write
from tests import factories
from tests.orders.factories import approver as an_approver


@pytest.fixture
def line(db: None) -> PurchaseOrderLine:
    order = factories.order(lines=2)
    line = order.lines.order_by("line_number").first()
    line.problem, line.problem_text = "unknown_item", "Product not mapped"
    line.save()
    return line


def act(client: Client, line: PurchaseOrderLine, way: str, **posted: str) -> tuple[int, str]:
    version = PurchaseOrder.objects.get(pk=line.order_id).version
    address = f"/orders/{line.order.number}/lines/{line.line_number}/{way}/"
    answer = client.post(address, {"version": version} | posted, follow=True)
    return answer.status_code, answer.content.decode()


def fresh(line: PurchaseOrderLine) -> PurchaseOrderLine:
    return PurchaseOrderLine.objects.get(pk=line.pk)


def test_problem_and_ways_on_stand_on_the_page(buyer, line):
    factories.offer(factories.supplier(name="Second Best"), line.product, tiers=((1, "2.75"),))
    page = buyer.get(f"/orders/{line.order.number}/").content.decode()
    assert "The supplier does not know this article" in page
    assert "Product not mapped" in page
    assert "Move to Second Best" in page


def test_another_code_is_used_and_remembered(buyer, line):
    old = line.supplier_product
    status, page = act(buyer, line, "code", code="NEW-1")
    assert status == 200
    assert "from now on" in page
    line = fresh(line)
    assert (line.supplier_sku, line.problem) == ("NEW-1", "")
    old.refresh_from_db()
    assert (old.active, old.replaced_by) == (False, line.supplier_product)
    assert line.supplier_product.quotes.get().tiers.get().unit_price == Decimal("2.50")


def test_corrected_code_stays_corrected_when_the_supplier_still_lists_the_old_one(buyer, line):
    old = line.supplier_product
    act(buyer, line, "code", code="NEW-1")
    listed = [
        CatalogueItem(
            supplier_sku=sku, external_id="", name="x", unit="C62", pack_size=Decimal(1), minimum_quantity=Decimal(1),
            buyer_sku=line.product.sku,
        )
        for sku in (old.supplier_sku, "NEW-1")
    ]  # fmt: skip
    _list_write(line.order.supplier, listed)
    active = SupplierProduct.objects.filter(supplier=line.order.supplier, product=line.product, active=True)
    assert [offer.supplier_sku for offer in active] == ["NEW-1"]


def test_remembered_code_is_used_when_an_old_order_is_drafted_again(buyer, line):
    dead = factories.order(line.order.supplier, lines=0, status="rejected")
    factories.line(dead, line.supplier_product)
    act(buyer, line, "code", code="NEW-1")
    draft = order_replace(order=dead, by=factories.user(), via="test")
    assert [each.supplier_sku for each in draft.lines.all()] == ["NEW-1"]


@pytest.mark.parametrize("code", ["", " ", "x" * 61, "a\x00b"])
def test_odd_codes_are_refused_in_words(buyer, line, code):
    status, _ = act(buyer, line, "code", code=code)
    assert status in (400, 422)
    assert fresh(line).problem == "unknown_item"


def test_code_of_another_product_is_refused(buyer, line):
    other = factories.offer(line.order.supplier)
    status, page = act(buyer, line, "code", code=other.supplier_sku)
    assert status == 422
    assert "another product" in page


def test_another_product_takes_the_place(buyer, line):
    other = factories.offer(line.order.supplier, tiers=((1, "3.10"),), pack_size=Decimal(10))
    status, _ = act(buyer, line, "product", code=other.product.sku.lower())
    line = fresh(line)
    assert status == 200
    assert (line.product, line.quantity, line.unit_price, line.problem) == (
        other.product,
        20,
        Decimal("3.10"),
        "",
    )


def test_product_that_the_supplier_does_not_offer_is_refused(buyer, line):
    status, page = act(buyer, line, "product", code="nothing")
    assert status == 422
    assert "offers nothing under" in page


def test_less_is_ordered(buyer, line):
    status, _ = act(buyer, line, "less", quantity="5")
    assert (status, fresh(line).quantity, fresh(line).problem) == (200, 5, "")


@pytest.mark.parametrize("quantity", ["", "-1", "abc", "NaN", "1e999", "9" * 400])
def test_odd_quantities_are_refused_in_words(buyer, line, quantity):
    status, _ = act(buyer, line, "less", quantity=quantity)
    assert status == 422
    assert fresh(line).quantity == 12


def test_dropped_line_is_gone_and_the_last_one_stays(buyer, line):
    assert act(buyer, line, "drop")[0] == 200
    last = line.order.lines.get()
    status, page = act(buyer, last, "drop")
    assert status == 422
    assert "at least one line" in page


def test_line_moves_to_the_next_best_supplier(buyer, line):
    dear, cheap, paused = (factories.supplier(name=name) for name in ("Dear", "Cheap", "Paused"))
    for other, price in ((dear, "2.90"), (cheap, "2.60"), (paused, "1.00")):
        factories.offer(other, line.product, tiers=((1, price),))
    paused.paused_reason = "wrong password"
    paused.save()
    status, page = act(buyer, line, "move")
    assert status == 200
    assert "a new draft with Cheap" in page
    draft = PurchaseOrder.objects.get(supplier=cheap)
    assert [(each.product, each.quantity, each.unit_price) for each in draft.lines.all()] == [
        (line.product, 12, Decimal("2.60"))
    ]
    assert line.order.lines.count() == 1


def test_order_that_loses_its_only_line_is_cancelled(buyer, line):
    factories.offer(factories.supplier(), line.product)
    line.order.lines.exclude(pk=line.pk).delete()
    assert act(buyer, line, "move")[0] == 200
    order = PurchaseOrder.objects.get(pk=line.order_id)
    assert (order.status, order.lines.count()) == ("cancelled", 1)


def test_nobody_else_sells_it(buyer, line):
    status, page = act(buyer, line, "move")
    assert status == 422
    assert "No other supplier" in page


def test_stale_page_and_other_people_change_nothing(buyer, approver, line):
    order = line.order
    assert (
        buyer.post(f"/orders/{order.number}/lines/1/drop/", {"version": order.version + 9}).status_code == 409
    )
    assert act(approver, line, "drop")[0] == 403
    assert fresh(line).problem == "unknown_item"


def test_fresh_try_says_afresh_what_is_wrong(line):
    order = PurchaseOrder.objects.get(pk=line.order_id)
    order_approve(order=order, by=an_approver(), version=order.version, via="test")
    assert fresh(line).problem == ""
