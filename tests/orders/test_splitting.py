"""Dividing a line of a draft over several sites."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from orders.exceptions import ConcurrentTransition, InvalidInput, OrderNotEditable
from orders.models import Amendment, AmendmentLine, LineShare
from orders.selectors import order_standing_approval
from orders.services.approval import order_approve
from orders.services.documents import amendment_message, order_message
from orders.services.drafting import order_replace
from orders.services.dry_run import order_dry_run
from orders.services.editing import order_edit
from orders.services.line_problems import line_move, line_swap
from orders.services.splitting import line_split, sites_offered
from suppliers.exceptions import ConnectorConfigurationError
from tests import factories
from tests.orders.split import divide, draft, north, several_sites, shares_of

pytestmark = pytest.mark.django_db


def edit(order, **values):
    order.refresh_from_db()
    return order_edit(order=order, by=factories.user(), version=order.version, via="test", **values)


def test_split_is_kept_by_site_told_in_the_timeline_and_sent():
    order = draft()
    assert divide(order, main=36, north=24) == "36 to Main warehouse · 24 to North"
    line = order.lines.get()
    assert shares_of(line) == [("main", 36), ("north", 24)]
    event = order.events.get(kind="line_split")
    assert event.text == f"Line 1, {line.description}: 36 to Main warehouse · 24 to North."
    (sent,) = order_message(order).lines
    assert [(share.place.code, share.quantity) for share in sent.shares] == [("main", 36), ("north", 24)]
    (document,) = order_dry_run(order=order)
    assert b'"quantity1":36' in document.body.replace(b" ", b"")
    assert b'"quantity2":24' in document.body.replace(b" ", b"")


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"main": 36, "north": 18}, "get 54 of 60: 6 missing"),
        ({"main": 36, "north": 30}, "get 66 of 60: 6 too much"),
        ({"main": 35, "north": 25}, "35 is no multiple of the pack of 6"),
        ({"main": 66}, "from 0 to 60"),
        ({"main": 66, "north": -6}, "from 0 to 60"),
    ],
)
def test_what_does_not_add_up_or_splits_a_pack_is_refused_and_nothing_is_changed(parts, words):
    order = draft()
    divide(order, main=30, north=30)
    with pytest.raises(InvalidInput, match=words):
        divide(order, **parts)
    assert shares_of(order.lines.get()) == [("main", 30), ("north", 30)]


def test_line_that_is_no_whole_number_of_packs_may_be_divided_anyhow():
    order = draft(quantity=10)
    assert divide(order, main=7, north=3)


def test_all_to_the_orders_own_site_ends_the_split():
    order = draft()
    divide(order, main=36, north=24)
    assert divide(order, main=60) == "all 60 to Main warehouse"
    assert not LineShare.objects.exists()


def test_all_to_another_site_is_a_split_too():
    order = draft()
    divide(order, north=60)
    assert shares_of(order.lines.get()) == [("north", 60)]


def test_split_withdraws_an_approval_and_makes_its_author_the_last_editor():
    order, by = draft(), factories.user()
    order_approve(order=order, by=factories.user("Approver"), version=order.version, via="test")
    order.transfers.update(status="failed")
    divide(order, by=by, main=36, north=24)
    order.refresh_from_db()
    assert order_standing_approval(order) is None
    assert order.last_edited_by == by


def test_saving_the_same_split_again_changes_nothing():
    order, by = draft(), factories.user()
    divide(order, by=by, main=36, north=24)
    divide(order, by=factories.user(), main=36, north=24)
    order.refresh_from_db()
    assert order.last_edited_by == by
    assert order.events.filter(kind="line_split").count() == 1


def test_split_of_an_order_that_has_changed_or_left_is_refused():
    order = draft()
    line, seen = order.lines.get(), order.version
    divide(order, main=36, north=24)
    with pytest.raises(ConcurrentTransition):
        line_split(order=order, line=line, quantities={}, by=factories.user(), version=seen, via="test")
    order = draft(status="confirmed")
    with pytest.raises(OrderNotEditable):
        divide(order, main=36, north=24)


def test_another_quantity_ends_the_split_and_says_so():
    order = draft()
    divide(order, main=36, north=24)
    (note,) = edit(order, quantities={order.lines.get().pk: Decimal(66)})
    assert "no longer split over several sites" in note
    assert "no longer split" in order.events.get(kind="line_edited").text
    assert not LineShare.objects.exists()


def test_edit_that_leaves_the_quantity_leaves_the_split():
    order = draft()
    divide(order, main=36, north=24)
    assert edit(order, quantities={order.lines.get().pk: Decimal(60)}, note="At the gate.") == []
    assert len(shares_of(order.lines.get())) == 2


def test_other_product_ends_the_split_and_a_removed_line_takes_it_along():
    order = draft()
    factories.line(order)
    other = factories.offer(order.supplier)
    divide(order, main=36, north=24)
    line = order.lines.get(line_number=1)
    order.refresh_from_db()
    told = line_swap(
        order=order,
        line=line,
        code=other.supplier_sku,
        by=factories.user(),
        version=order.version,
        via="test",
    )
    assert "no longer split" in told
    divide(order, main=30, north=30)
    edit(order, quantities={line.pk: Decimal(0)})
    assert not LineShare.objects.exists()


def test_line_moved_to_another_supplier_goes_to_the_orders_site():
    order = draft()
    divide(order, main=36, north=24)
    line = order.lines.get()
    factories.offer(factories.supplier(), line.product)
    order.refresh_from_db()
    moved = line_move(order=order, line=line, by=factories.user(), version=order.version, via="test")
    assert not moved.lines.get().shares.exists()
    assert "All of it goes to Main warehouse now" in order.events.get(kind="cancelled").text


def test_order_that_replaces_a_rejected_one_keeps_the_split():
    order = draft()
    divide(order, main=36, north=24)
    type(order).objects.filter(pk=order.pk).update(status="rejected", transferred_at=order.created_at)
    order.refresh_from_db()
    new = order_replace(order=order, by=factories.user(), via="test")
    assert shares_of(new.lines.get()) == [("main", 36), ("north", 24)]


def test_only_sites_that_the_account_names_are_offered_the_orders_own_first():
    order = draft()
    factories.site(code="aaa", name="Not named")
    factories.site(code="south", name="A customer", of_customer=True)
    assert [site.code for site in sites_offered(order)] == ["main", "north"]
    with pytest.raises(InvalidInput, match="does not deliver a part"):
        divide(order, main=36, aaa=24)


def test_change_of_an_order_under_way_is_asked_for_by_the_same_split():
    order = draft()
    divide(order, main=36, north=24)
    change = Amendment.objects.create(
        order=order, kind=Amendment.Kind.CHANGE, number=2, by=factories.user(), next_run_at=order.created_at
    )
    line = order.lines.get()
    AmendmentLine.objects.create(
        amendment=change, line=line, quantity=36, unit_price=2, before_quantity=60, before_price=2
    )
    (asked,) = amendment_message(change).lines
    assert [share.quantity for share in asked.shares] == [24, 12]
    assert asked.quantity == 36


@pytest.mark.parametrize("why", ["a supplier of one place", "a customer's place", "no account"])
def test_nothing_is_offered_where_an_order_goes_to_one_place(why):
    order = draft()
    if why == "a supplier of one place":
        several_sites(order.supplier, places="")
    elif why == "a customer's place":
        order.site.of_customer = True
    else:
        order.supplier.account.delete()
        order.refresh_from_db()
    assert sites_offered(order) == []


def test_split_order_is_not_sent_where_the_account_has_come_to_know_one_place():
    """Else all of it would be delivered there."""
    order = draft()
    divide(order, main=36, north=24)
    several_sites(order.supplier, places="")
    order.supplier.refresh_from_db()
    with pytest.raises(ConnectorConfigurationError, match="for several sites"):
        order_dry_run(order=order)
    divide(order, main=60)
    assert order_dry_run(order=order)


def test_database_takes_a_site_once_a_line_and_nothing_that_is_no_quantity():
    line, site = draft().lines.get(), north()
    LineShare.objects.create(line=line, site=site, quantity=6)
    for changes in ({"site": site, "quantity": 6}, {"site": factories.site(), "quantity": 0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            LineShare.objects.create(line=line, **changes)
