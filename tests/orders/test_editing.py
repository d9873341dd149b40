"""Editing a draft: rounding, repricing, and what an edit does to a decision."""

from decimal import Decimal

import pytest

from orders.exceptions import ConcurrentTransition, InvalidInput, OrderNotEditable, TransferInProgress
from orders.models import PurchaseOrder
from orders.selectors import order_standing_approval
from orders.services.approval import order_approve, order_cancel, order_return
from orders.services.drafting import DraftLine, order_draft
from orders.services.editing import order_edit
from suppliers.models import PriceTier
from tests.orders.factories import approver, buyer, make_offer, make_order, make_site, make_supplier

pytestmark = pytest.mark.django_db


def packed_order() -> PurchaseOrder:
    """One line of 12, sold in packs of 6 from 12, at 2.00 and from 100 at 1.80; delivery 15, free from 150."""
    supplier = make_supplier(delivery_fee=15, free_delivery_from=150)
    offer = make_offer(supplier, pack="6", minimum="12")
    PriceTier.objects.create(quote=offer.quotes.get(), from_quantity=100, unit_price=Decimal("1.80"))
    line = DraftLine(offer, Decimal(12), Decimal("2.00"))
    return order_draft(supplier=supplier, site=make_site(), lines=[line], by=None, origin="test", via="test")


def edit(order, wanted, *, by=None, version=None, **fields):
    line = order.lines.get()
    return order_edit(
        order=order,
        by=by or buyer(),
        version=order.version if version is None else version,
        quantities={line.pk: Decimal(wanted)},
        via="test",
        **fields,
    )


@pytest.mark.parametrize(
    ("wanted", "quantity", "note"),
    [
        ("18", 18, None),
        ("13", 18, "Line 1: 13 → 18, pack of 6."),
        ("1", 12, "Line 1: 1 → 12, minimum 12."),
        ("0.5", 12, "Line 1: 0.5 → 12, minimum 12."),
    ],
)
def test_quantity_is_rounded_to_what_the_supplier_sells_and_says_so(wanted, quantity, note):
    order = packed_order()
    notes = edit(order, wanted)
    assert order.lines.get().quantity == quantity
    assert notes == ([note] if note else [])


def test_price_follows_the_tier_and_delivery_the_value():
    order = packed_order()
    assert order.delivery_fee == 15
    notes = edit(order, 102)
    assert order.lines.get().unit_price == Decimal("1.80")
    assert "Line 1: price 2.00 → 1.80 at this quantity." in notes
    order.refresh_from_db()
    assert order.delivery_fee == 0


def test_edit_withdraws_a_decision_and_remembers_who_edited():
    order = packed_order()
    order_return(order=order, by=approver(), version=order.version, reason="Too much", via="test")
    person = buyer()
    edit(order, 24, by=person)
    order.refresh_from_db()
    assert order_standing_approval(order) is None
    assert order.last_edited_by == person
    kinds = list(order.events.values_list("kind", flat=True))
    assert kinds == ["drafted", "returned", "decision_withdrawn", "line_edited"]


@pytest.mark.parametrize("wanted", ["-1", "NaN", "Infinity", "1e12"])
def test_impossible_quantity_is_refused_with_its_line(wanted):
    order = packed_order()
    with pytest.raises(InvalidInput, match="Line 1: a quantity is a number from 0"):
        edit(order, wanted)
    assert order.lines.get().quantity == 12


def test_removing_the_last_line_is_refused_and_a_further_one_is_not():
    order = packed_order()
    with pytest.raises(InvalidInput, match="Cancel the order instead"):
        edit(order, 0)
    two = make_order(lines=2)
    first = two.lines.first()
    order_edit(order=two, by=buyer(), version=two.version, quantities={first.pk: Decimal(0)}, via="test")
    assert list(two.lines.values_list("line_number", flat=True)) == [2]


def test_edit_of_what_somebody_else_changed_meanwhile_is_refused():
    order = packed_order()
    seen = order.version
    edit(order, 24)
    with pytest.raises(ConcurrentTransition):
        edit(order, 36, version=seen)
    assert order.lines.get().quantity == 24


def test_edit_while_being_sent_or_after_is_refused():
    order = packed_order()
    order_approve(order=order, by=approver(), version=order.version, via="test")
    with pytest.raises(TransferInProgress):
        edit(order, 24)
    other = packed_order()
    order_cancel(order=other, version=other.version, by=buyer(), reason="Not needed", via="test")
    with pytest.raises(OrderNotEditable):
        edit(other, 24)


def test_line_of_another_order_is_refused():
    order, other = packed_order(), packed_order()
    with pytest.raises(InvalidInput, match="no such line"):
        order_edit(
            order=order,
            by=buyer(),
            version=order.version,
            quantities={other.lines.get().pk: Decimal(24)},
            via="test",
        )
    assert other.lines.get().quantity == 12


def test_note_goes_to_the_supplier_and_comment_stays():
    order = packed_order()
    edit(order, 12, note="Ramp at the back", comment="ask for a discount")
    order.refresh_from_db()
    assert (order.note, order.comment) == ("Ramp at the back", "ask for a discount")


def test_saving_without_a_change_makes_nobody_the_last_editor():
    order = packed_order()
    editor = buyer()
    edit(order, 24, by=editor)
    edit(order, 24, by=buyer())
    edit(order, 23, by=buyer())  # rounded to what it was
    assert PurchaseOrder.objects.get(pk=order.pk).last_edited_by == editor


def test_quantity_that_grows_beyond_measure_by_rounding_is_refused():
    order = packed_order()
    with pytest.raises(InvalidInput, match="Line 1"):
        edit(order, 9_999_999_999)
