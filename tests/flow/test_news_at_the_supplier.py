"""A supplier whose callbacks only say that there is news: it is asked for, and believed instead of the callback."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone

from orders.models import InboundMessage, PurchaseOrder
from orders.tasks import sweep
from suppliers.models import ConnectorCall, Supplier
from suppliers.sandbox.callbacks import END_OF_TIME
from suppliers.sandbox.faults import Fault, Kind
from suppliers.sandbox.protocol import SignedCallback
from suppliers.sandbox.server import SandboxServer
from tests.fixtures.sandbox import sandbox_of, supplier_create
from tests.flow.background import work_off
from tests.flow.scenes import effects, post, sent_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SandboxServer]:
    with sandbox_of(tmp_path, protocol="zaikio") as server:
        yield server


@pytest.fixture
def supplier(db: None, server: SandboxServer) -> Supplier:
    return supplier_create(server, timeout_seconds="1")


@pytest.fixture
def sent(supplier: Supplier) -> PurchaseOrder:
    order = sent_order(supplier)
    assert order.status == "transferred"
    return order


def next_event(server: SandboxServer) -> SignedCallback:
    """The next event alone: a state is reached when its event goes out."""
    protocol = server.app.answering("greengrocer")
    assert protocol is not None
    event = protocol.sign(server.ledger.callbacks_due(END_OF_TIME)[0])
    server.callback_delivered(event)
    return event


def status_after(order: PurchaseOrder, *events: SignedCallback) -> str:
    for event in events:
        assert post(event).status_code == 202
    work_off()
    order.refresh_from_db()
    return order.status


def test_events_bring_an_order_to_its_end(server, sent):
    confirmed = next_event(server)
    assert status_after(sent, confirmed, confirmed) == "confirmed"
    assert [line.confirmed_quantity for line in sent.lines.all()] == [12, 5]
    assert [str(line.confirmed_price) for line in sent.lines.all()] == ["2.0000", "3.7000"]
    shipped = next_event(server)
    assert status_after(sent, shipped, confirmed) == "shipped"
    assert not sent.exceptions.exists()
    assert effects(server, sent) == 1
    assert not InboundMessage.objects.exclude(status=InboundMessage.Status.PROCESSED).exists()


def test_event_is_answered_without_asking_the_hub(server, sent):
    before = ConnectorCall.objects.count()
    assert post(next_event(server)).status_code == 202
    assert ConnectorCall.objects.count() == before


def test_late_event_of_an_earlier_state_changes_nothing(server, sent):
    confirmed, shipped = next_event(server), next_event(server)
    assert status_after(sent, shipped) == "shipped"
    assert status_after(sent, confirmed) == "shipped"
    assert not sent.exceptions.exists()


def test_forged_event_asks_nobody(server, sent):
    event = next_event(server)
    assert post(event, headers={"x-loom-signature": "0" * 64}).status_code == 401
    assert work_off() == []


def test_news_that_cannot_be_fetched_now_is_fetched_by_the_sweep(server, sent):
    server.faults.set(Fault(kind=Kind.ERROR_BEFORE, operation="look_up", status=503))
    assert status_after(sent, next_event(server)) == "transferred"
    server.faults.clear()
    with time_machine.travel(timezone.now() + timedelta(minutes=10), tick=False):
        sweep()
        work_off()
    sent.refresh_from_db()
    assert sent.status == "confirmed"


def test_event_of_an_order_that_the_hub_does_not_have_waits_for_a_person(server, sent):
    server.faults.set(Fault(kind=Kind.NO_LOOK_UP, operation="look_up", count=1))
    assert status_after(sent, next_event(server)) == "transferred"
    parked = InboundMessage.objects.get(status=InboundMessage.Status.PARKED)
    assert "of which an event spoke" in parked.error
