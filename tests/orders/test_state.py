"""Every pair of states, and who wins when two change the same order."""

import itertools

import pytest
from django.db import transaction

from orders.exceptions import ConcurrentTransition, InvalidTransition
from orders.models import OrderEvent, PurchaseOrder, Status
from orders.state import TRANSITIONS, record, revise, transition
from tests.orders.factories import make_order

pytestmark = pytest.mark.django_db

ALLOWED = {
    ("draft", "transferred"),
    ("draft", "cancelled"),
    ("transferred", "confirmed"),
    ("transferred", "rejected"),
    ("transferred", "cancelled"),
    ("confirmed", "shipped"),
    ("confirmed", "rejected"),
    ("confirmed", "cancelled"),
}


def order_in(status: str) -> PurchaseOrder:
    order = make_order()
    PurchaseOrder.objects.filter(pk=order.pk).update(status=status)
    order.refresh_from_db()
    return order


def test_table_names_every_status():
    assert set(TRANSITIONS) == set(Status)


@pytest.mark.parametrize(("current", "target"), list(itertools.product(Status.values, Status.values)))
def test_transition_for_every_pair(current, target):
    order = order_in(current)
    events = OrderEvent.objects.filter(order=order).count()
    if (current, target) in ALLOWED:
        event = transition(order, Status(target), by=None, via="test", text="moved")
        stored = PurchaseOrder.objects.get(pk=order.pk)
        assert (stored.status, stored.version) == (target, 1)
        assert (event.from_status, event.to_status) == (current, target)
    else:
        with pytest.raises(InvalidTransition, match=order.number):
            transition(order, Status(target), by=None, via="test", text="moved")
        stored = PurchaseOrder.objects.get(pk=order.pk)
        assert (stored.status, stored.version) == (current, 0)
        assert OrderEvent.objects.filter(order=order).count() == events


def test_transition_when_the_row_was_changed_meanwhile():
    order = order_in("draft")
    stale = PurchaseOrder.objects.get(pk=order.pk)
    revise(order)
    with pytest.raises(ConcurrentTransition):
        transition(stale, Status.CANCELLED, by=None, via="test", text="too late")
    assert PurchaseOrder.objects.get(pk=order.pk).status == "draft"
    assert not OrderEvent.objects.filter(order=order, kind="cancelled").exists()


@pytest.mark.django_db(transaction=True)
def test_changing_an_order_outside_a_transaction_is_refused():
    order = make_order()
    for change in (
        lambda: transition(order, Status.CANCELLED, by=None, via="test", text=""),
        lambda: revise(order),
        lambda: record(order, "noted", by=None, via="test", text=""),
    ):
        with pytest.raises(transaction.TransactionManagementError):
            change()


def test_events_are_append_only():
    order = make_order()
    event = record(order, "noted", by=None, via="test", text="once")
    event.text = "twice"
    for change in (event.save, event.delete, OrderEvent.objects.all().delete):
        with pytest.raises(TypeError, match="append-only"):
            change()
    with pytest.raises(TypeError, match="append-only"):
        OrderEvent.objects.filter(pk=event.pk).update(text="twice")
