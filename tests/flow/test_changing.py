"""Other quantities for an order that the supplier has, over a real socket."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from orders.exceptions import ConcurrentTransition, InvalidInput, InvalidTransition
from orders.models import Amendment, PurchaseOrder
from orders.services.amendments import amendment_decide, order_ask_to_cancel, order_ask_to_change
from suppliers.models import ConnectorCall
from suppliers.sandbox.faults import Fault, Kind
from suppliers.sandbox.server import SandboxServer
from tests.fixtures.sandbox import sandbox_world, supplier_create
from tests.flow.background import work_off
from tests.flow.scenes import approved, effects
from tests.orders.factories import buyer
from tests.orders.supplier_side import Browser, bring

pytestmark = pytest.mark.django_db


@pytest.fixture
def protocol() -> str:
    return "cxml"


@pytest.fixture
def server(tmp_path, protocol: str) -> Iterator[SandboxServer]:
    with SandboxServer([sandbox_world(protocol=protocol)], ledger=tmp_path / "ledger.sqlite3") as server:
        yield server


@pytest.fixture
def order(db: None, server: SandboxServer) -> PurchaseOrder:
    """12 apple juice in packs of 6, and 5 rice."""
    order = approved(supplier_create(server, timeout_seconds="1")).order
    work_off()
    return fresh(order)


def fresh(order: PurchaseOrder) -> PurchaseOrder:
    return PurchaseOrder.objects.select_related("supplier").get(pk=order.pk)


def ask(order: PurchaseOrder, first: str = "20", **values: Any) -> Amendment:
    values = {"version": order.version, "reason": "A customer wants more."} | values
    quantities = {order.lines.get(line_number=1).pk: Decimal(first)}
    return order_ask_to_change(order=order, by=buyer(), quantities=quantities, via="test", **values)


def say(server: SandboxServer, number: int = 99) -> None:
    """The first so many things that the supplier has to say."""
    for callback in server.callbacks_waiting()[:number]:
        if callback.address.endswith("/"):
            assert bring(server, callback).status_code == 200
        else:
            answer = Client().post("/callbacks/greengrocer/", data=callback.body, content_type="text/xml")
            assert answer.status_code == 200
        server.callback_delivered(callback)
        work_off()


def lines(order: PurchaseOrder) -> list[tuple[int, int | None]]:
    """Asked and confirmed."""
    found = order.lines.order_by("line_number").values_list("quantity", "confirmed_quantity")
    return [(int(quantity), None if said is None else int(said)) for quantity, said in found]


@pytest.mark.parametrize("protocol", ["cxml", "email"])
def test_change_before_the_answer_is_confirmed_and_shipped(server, order):
    amendment = ask(order)
    assert lines(order) == [(12, None), (5, None)], "asked is what the supplier has"
    work_off()
    amendment.refresh_from_db()
    assert (amendment.status, amendment.number) == ("asked", 2)
    assert lines(order) == [(24, None), (5, None)], "rounded to packs of six"
    say(server)
    amendment.refresh_from_db()
    assert (amendment.status, fresh(order).status) == ("agreed", "shipped")
    assert lines(order) == [(24, 24), (5, 5)]
    assert not order.exceptions.exists()
    assert effects(server, order) == 1


@pytest.mark.parametrize("protocol", ["cxml", "email"])
def test_change_of_a_confirmed_order(server, order):
    say(server, 1)
    assert (fresh(order).status, lines(order)) == ("confirmed", [(12, 12), (5, 5)])
    amendment = ask(fresh(order))
    work_off()
    assert lines(order) == [(24, 12), (5, 5)], "what was confirmed stands until they answer"
    assert not order.exceptions.exists(), "and is no deviation"
    say(server)
    amendment.refresh_from_db()
    assert (amendment.status, fresh(order).status) == ("agreed", "shipped")
    assert lines(order) == [(24, 24), (5, 5)]


def test_confirmation_of_the_first_version_that_crosses_the_change(server, order):
    crossing = server.callbacks_waiting()[0]
    amendment = ask(order)
    work_off()
    Client().post("/callbacks/greengrocer/", data=crossing.body, content_type="text/xml")
    work_off()
    amendment.refresh_from_db()
    assert (amendment.status, lines(order)) == ("asked", [(24, 12), (5, 5)])
    assert not order.exceptions.exists()
    say(server, 1)
    amendment.refresh_from_db()
    assert (amendment.status, lines(order)) == ("agreed", [(24, 24), (5, 5)])


def test_supplier_that_has_shipped_declines_at_once(server, order):
    for callback in server.callbacks_waiting():
        server.callback_delivered(callback)  # lost on their way to us
    amendment = ask(order)
    work_off()
    amendment.refresh_from_db()
    assert (amendment.status, lines(order)) == ("refused", [(12, None), (5, None)])
    assert "did not agree to our change of quantities" in order.exceptions.get().text


def test_no_that_names_the_change_gives_the_old_quantities_back(server, order):
    say(server, 1)
    amendment = ask(fresh(order))
    work_off()
    body = server.callbacks_waiting()[0].body.decode()
    head, _, rest = body.partition("<ConfirmationItem")
    tail = rest[rest.index("</ConfirmationRequest>") :]
    rejected = (head + tail).replace('type="except"', 'type="reject"').replace("_confirmed_", "_declined_")
    assert Client().post("/callbacks/greengrocer/", data=rejected, content_type="text/xml").status_code == 200
    work_off()
    amendment.refresh_from_db()
    assert (amendment.status, fresh(order).status) == ("refused", "confirmed")
    assert lines(order) == [(12, 12), (5, 5)]
    assert order.exceptions.get().kind == "amendment"


def test_unknown_outcome_is_settled_by_the_suppliers_answer(server, order):
    server.faults.set(Fault(kind=Kind.ERROR_AFTER, operation="change", count=1))
    amendment = ask(order)
    work_off()
    amendment.refresh_from_db()
    assert (amendment.status, lines(order)) == ("unknown", [(12, None), (5, None)])
    say(server, 1)
    amendment.refresh_from_db()
    assert (amendment.status, lines(order)) == ("agreed", [(24, 24), (5, 5)])
    assert not order.exceptions.filter(resolved_at=None).exists()


@pytest.mark.parametrize("protocol", ["cxml", "email"])
def test_what_people_agree_on_counts_as_confirmed(server, order):
    say(server, 1)
    amendment = ask(fresh(order))
    work_off()
    amendment.refresh_from_db()
    amendment_decide(
        amendment=amendment, by=buyer(), outcome="agreed", words="Ann on the phone", attempt=1, via="test"
    )
    assert lines(order) == [(24, 24), (5, 5)]


@pytest.mark.parametrize("protocol", ["email"])
def test_page_shows_what_is_changed_and_asks_for_nothing_else(server, order):
    confirmation = server.callbacks_waiting()[0]
    bring(server, confirmation)
    server.callback_delivered(confirmation)
    ask(fresh(order))
    work_off()
    page = Browser().get(confirmation.address).text
    assert "The buyer has changed this order" in page
    assert "1 line still to answer" in page
    letter = ConnectorCall.objects.get(operation="change")
    assert f"{order.number}, version 2" in letter.request_text


def test_next_document_follows_the_version_that_was_taken(server, order):
    ask(order)
    work_off()
    say(server, 1)
    order_ask_to_cancel(
        order=fresh(order), by=buyer(), version=fresh(order).version, reason="No.", via="test"
    )
    work_off()
    sent = ConnectorCall.objects.filter(operation="cancel").first()
    assert sent.message_id == f"{order.buyer_reference}.3@procurement"
    assert f'<DocumentReference payloadID="{order.buyer_reference}.2@procurement"' in sent.request_text


@pytest.mark.parametrize("first", ["0", "-1", "NaN", "99999999999"])
def test_quantity_that_cannot_be(order, first):
    with pytest.raises(InvalidInput, match="Line 1"):
        ask(order, first)


def test_nothing_different_is_not_asked(order):
    with pytest.raises(InvalidInput, match="Nothing is different"):
        ask(order, "12")
    assert not Amendment.objects.exists()


def test_stale_page_changes_nothing(order):
    with pytest.raises(ConcurrentTransition):
        ask(order, version=order.version - 1)


@pytest.mark.parametrize("protocol", ["rest"])
def test_supplier_that_takes_no_changes(order):
    with pytest.raises(InvalidTransition, match="takes no changes"):
        ask(order)
