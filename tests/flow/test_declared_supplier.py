"""A supplier whose API or service only settings describe: from the approval to the shipment, and what goes wrong."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from orders.models import InboundMessage, PurchaseOrder
from orders.services.inbound import message_replay
from orders.services.settlement import transfer_decide
from suppliers.models import Supplier
from suppliers.sandbox.faults import Fault, Kind
from suppliers.sandbox.server import SandboxServer
from tests.fixtures.sandbox import sandbox_of, supplier_create
from tests.flow.background import work_off
from tests.flow.scenes import effects, post, sent_order
from tests.orders.factories import buyer

pytestmark = pytest.mark.django_db
MAPPING = {"buyer_reference": "ref", "status": "state", "lines": "rows", "line.supplier_sku": "art",
           "line.quantity": "qty", "line.unit_price": "price", "line.promised_date": "day"}  # fmt: skip
TAKEN = {"rest": (202, "application/json"), "soap": (200, "text/xml")}
in_json = pytest.mark.parametrize("server", ["rest"], indirect=True)


@pytest.fixture(params=["rest", "soap"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SandboxServer]:
    with sandbox_of(tmp_path, protocol=request.param) as server:
        yield server


@pytest.fixture
def supplier(db: None, server: SandboxServer) -> Supplier:
    return supplier_create(server, timeout_seconds="1")


def tell(order: PurchaseOrder, message: dict[str, object]) -> int:
    """The supplier posts in words of its own, with its secret as a bearer token."""
    (secret,) = order.supplier.account.credentials.filter(name="webhook_secret")
    answer = Client().post(
        f"/callbacks/{order.supplier.code}/",
        data=json.dumps(message),
        content_type="application/json",
        headers={"Authorization": f"Bearer {secret.value.reveal()}"},
    )
    work_off()
    order.refresh_from_db()
    return answer.status_code


def test_order_is_transferred_then_confirmed_then_shipped(server, supplier):
    order = sent_order(supplier)
    assert (order.status, order.supplier_reference) == ("transferred", f"SO-{order.buyer_reference}")
    statuses = []
    for callback in server.callbacks_waiting():
        for _ in range(2):
            answer = post(callback)
            said = (answer.status_code, answer["content-type"].partition(";")[0])
            assert said == TAKEN[supplier.account.protocol]
        work_off()
        order.refresh_from_db()
        statuses.append(order.status)
    assert statuses == ["confirmed", "shipped"]
    assert effects(server, order) == 1


@in_json
def test_confirmation_days_later_in_the_suppliers_own_words_changes_price_quantity_and_date(server, supplier):
    account = supplier.account
    account.settings |= {
        "callback_authentication": "bearer",
        "callback_mapping": json.dumps(MAPPING),
        "status_words": "received=received, wird geliefert=confirmed",
    }
    account.save()
    order = sent_order(supplier, APLJ_1L=12)
    rows = [{"art": "APLJ-1L", "qty": "6", "price": "2.10", "day": "2026-12-24"}]
    with time_machine.travel(timezone.now() + timedelta(days=3), tick=False):
        assert tell(order, {"ref": order.buyer_reference, "state": "Wird geliefert", "rows": rows}) == 202
    line = order.lines.get()
    assert order.status == "confirmed"
    assert (line.quantity, line.confirmed_quantity) == (12, 6)
    assert (str(line.confirmed_price), str(line.promised_date)) == ("2.1000", "2026-12-24")
    assert order.exceptions.exists()


@in_json
def test_unknown_word_waits_until_the_table_is_completed(server, supplier):
    account = supplier.account
    account.settings |= {"callback_authentication": "bearer"}
    account.save()
    order = sent_order(supplier)
    message = {"order_number": order.buyer_reference, "status": "gebucht"}
    assert tell(order, message) == 202
    parked = InboundMessage.objects.get(status=InboundMessage.Status.PARKED)
    assert "gebucht" in parked.error
    assert order.status == "transferred"
    account.settings |= {"status_words": "received=received, gebucht=confirmed"}
    account.save()
    message_replay(message=parked, by=buyer())
    work_off()
    order.refresh_from_db()
    assert order.status == "confirmed"


def test_refused_order_comes_back_with_the_problem_on_its_line(server, supplier):
    server.faults.set(Fault(kind=Kind.UNAVAILABLE, operation="submit", skus=("OILS-1",)))
    order = sent_order(supplier, OILS_1=2)
    assert order.status == "draft"
    line = order.lines.get()
    assert (line.problem, line.problem_text) == ("out_of_stock", "out of stock")
    assert effects(server, order) == 0


@pytest.mark.parametrize("kind", [Kind.RESET_AFTER, Kind.ERROR_AFTER])
def test_answer_that_only_the_look_up_brings_counts_like_any_other(server, supplier, kind):
    # It decides at once and calls nobody back.
    supplier.account.settings |= {"status_words": "received=confirmed"}
    supplier.account.save()
    server.faults.set(Fault(kind=kind, operation="submit", count=1))
    order = sent_order(supplier, APLJ_1L=12)
    assert (order.status, order.lines.get().confirmed_quantity) == ("confirmed", 12)
    assert effects(server, order) == 1
    kept = InboundMessage.objects.get()
    assert (kept.channel, kept.status, list(kept.orders.all())) == ("lookup", "processed", [order])


@in_json
def test_order_that_was_refused_as_known_is_answered_by_the_look_up(server, supplier):
    supplier.account.settings |= {"status_words": "received=confirmed", "lookup_url": ""}
    supplier.account.save()
    server.faults.set(Fault(kind=Kind.RESET_AFTER, operation="submit", count=1))
    order = sent_order(supplier)
    assert order.transfers.get().status == "unknown"
    supplier.account.settings |= server.account_settings(supplier.code)
    supplier.account.save()
    # Without look-ups a person had to decide, and was wrong: the supplier has it, and says so with 409.
    transfer_decide(job=order.transfers.get(), by=buyer(), arrived=False, via="test")
    work_off()
    order.refresh_from_db()
    assert (order.status, effects(server, order)) == ("confirmed", 1)
