"""Asking a supplier to drop an order, over a real socket: each way its answer comes, and what may go wrong between."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from orders.exceptions import ConcurrentTransition, InvalidTransition
from orders.models import Amendment, PurchaseOrder
from orders.services.amending import amendment_claim_job, amendment_run
from orders.services.amendments import amendment_decide, order_ask_to_cancel
from orders.services.approval import order_withdraw
from orders.services.jobs import job_about_to_send
from orders.services.sweep import transfer_sweep
from suppliers.models import ConnectorCall
from suppliers.sandbox.faults import Fault, Kind
from suppliers.sandbox.server import SandboxServer
from tests.fixtures.sandbox import sandbox_world, supplier_create
from tests.flow.background import work_off
from tests.flow.scenes import approved, effects, kinds
from tests.orders.factories import buyer
from tests.orders.supplier_side import Browser, bring

pytestmark = pytest.mark.django_db
AT_ONCE = ("rest", "soap", "zaikio")  # protocols whose answer to a cancellation is the supplier's word


@pytest.fixture
def protocol() -> str:
    return "rest"


@pytest.fixture
def server(tmp_path, protocol: str) -> Iterator[SandboxServer]:
    with SandboxServer([sandbox_world(protocol=protocol)], ledger=tmp_path / "ledger.sqlite3") as server:
        yield server


@pytest.fixture
def order(db: None, server: SandboxServer) -> PurchaseOrder:
    """The supplier has it."""
    order = approved(supplier_create(server, timeout_seconds="1")).order
    work_off()
    order.refresh_from_db()
    assert order.status == "transferred"
    return order


def ask(order: PurchaseOrder) -> Amendment:
    return order_ask_to_cancel(
        order=order, by=buyer(), version=order.version, reason="Ordered by mistake.", via="test"
    )


def fresh(amendment: Amendment) -> Amendment:
    return Amendment.objects.select_related("order").get(pk=amendment.pk)


def deliver(server: SandboxServer) -> None:
    """Everything the supplier has to say."""
    for callback in server.callbacks_waiting():
        if callback.address.endswith("/"):  # the link of a letter, and a person who opens it
            assert bring(server, callback).status_code == 200
            server.callback_delivered(callback)
            continue
        kind = callback.headers.get("content-type", "application/json")
        answer = Client().post(
            f"/callbacks/{callback.supplier}/",
            data=callback.body,
            content_type=kind,
            headers=callback.headers,
        )
        assert answer.status_code < 300, answer.content
        server.callback_delivered(callback)
        work_off()


def outcome(amendment: Amendment) -> tuple[str, str]:
    now = fresh(amendment)
    return now.status, now.order.status


def times_asked() -> int:
    return ConnectorCall.objects.filter(operation="cancel").count()


@pytest.mark.parametrize("protocol", AT_ONCE)
def test_supplier_agrees_at_once(server, order):
    amendment = ask(order)
    work_off()
    assert outcome(amendment) == ("agreed", "cancelled")
    assert (times_asked(), effects(server, order)) == (1, 1)
    assert {"cancel_wanted", "cancelled"} <= set(kinds(order))
    deliver(server)
    assert not order.exceptions.exists(), "that it is cancelled is no news and no contradiction"
    amendment_run(amendment_id=amendment.pk, worker="late")
    assert times_asked() == 1


@pytest.mark.parametrize("protocol", ["cxml", "email"])
def test_supplier_agrees_later_by_its_own_message(server, order):
    amendment = ask(order)
    work_off()
    assert outcome(amendment) == ("asked", "transferred")
    deliver(server)
    assert outcome(amendment) == ("agreed", "cancelled")
    assert fresh(amendment).answer == "Cancelled as you asked."
    assert not order.exceptions.exists()


@pytest.mark.parametrize("protocol", [*AT_ONCE, "cxml"])
def test_supplier_that_has_answered_the_order_refuses_and_the_buyer_is_told(server, order):
    server.callback_delivered(server.callbacks_waiting()[0])  # lost on its way to us
    amendment = ask(order)
    work_off()
    assert outcome(amendment) == ("refused", "transferred")
    trouble = order.exceptions.get()
    assert (trouble.kind, trouble.resolved_at) == ("amendment", None)
    assert "did not agree to our cancellation" in trouble.text
    order.refresh_from_db()
    again = ask(order)
    assert again.number == 3, "what was refused has used its number up"


@pytest.mark.parametrize("protocol", AT_ONCE)
@pytest.mark.parametrize("kind", [Kind.ERROR_AFTER, Kind.RESET_AFTER, Kind.BROKEN_BODY])
def test_answer_that_is_lost_is_looked_up_and_not_asked_twice(server, order, kind):
    server.faults.set(Fault(kind=kind, operation="cancel", count=1))
    amendment = ask(order)
    work_off()
    assert outcome(amendment) == ("agreed", "cancelled")
    assert times_asked() == 1


@pytest.mark.parametrize("protocol", AT_ONCE)
def test_request_that_never_arrived_is_sent_again_after_a_look_up(server, order):
    server.faults.set(Fault(kind=Kind.ERROR_BEFORE, operation="cancel", count=1))
    amendment = ask(order)
    ran = work_off()
    assert outcome(amendment) == ("agreed", "cancelled")
    assert ran.count("settle_amendment") == 1
    assert times_asked() == 2


@pytest.mark.parametrize("protocol", ["cxml"])
def test_without_a_look_up_a_person_says_what_became_of_it(server, order):
    server.faults.set(Fault(kind=Kind.ERROR_AFTER, operation="cancel", count=1))
    amendment = ask(order)
    work_off()
    assert (fresh(amendment).status, fresh(amendment).next_run_at) == ("unknown", None)
    assert order.exceptions.filter(resolved_at=None).count() == 1
    seen = fresh(amendment)
    amendment_decide(
        amendment=seen, by=buyer(), outcome="agreed", words="Ann on the phone", attempt=1, via="test"
    )
    assert outcome(amendment) == ("agreed", "cancelled")
    assert not order.exceptions.filter(resolved_at=None).exists()
    with pytest.raises(ConcurrentTransition):
        amendment_decide(amendment=seen, by=buyer(), outcome="refused", words="Bob", attempt=1, via="test")
    assert times_asked() == 1


@pytest.mark.parametrize("protocol", ["cxml"])
def test_without_a_look_up_the_suppliers_own_message_settles_it(server, order):
    server.faults.set(Fault(kind=Kind.RESET_AFTER, operation="cancel", count=1))
    amendment = ask(order)
    work_off()
    assert outcome(amendment) == ("unknown", "transferred")
    deliver(server)
    assert outcome(amendment) == ("agreed", "cancelled")


@pytest.mark.parametrize("protocol", ["email"])
def test_letter_asks_to_cancel_and_the_page_says_so(server, order):
    link = server.callbacks_waiting()[0].address
    ask(order)
    work_off()
    letter = ConnectorCall.objects.get(operation="cancel")
    first = ConnectorCall.objects.get(operation="submit")
    assert f"Please cancel purchase order {order.number}" in letter.request_text
    assert "Ordered by mistake." in letter.request_text
    assert f"In-Reply-To: {first.message_id}" in letter.request_text
    assert letter.message_id != first.message_id
    assert link.rsplit("/", 2)[1] not in letter.request_text, "the link is a key"
    page = Browser().get(link).text
    assert "The buyer asks you to cancel this order" in page
    assert "“Ordered by mistake.”" in page
    deliver(server)
    assert "You have declined it" not in page
    assert "has withdrawn order" in Browser().get(link).text


@pytest.mark.parametrize("protocol", ["email"])
def test_letter_about_an_order_that_was_confirmed_is_for_people(server, order):
    confirmation, *_ = server.callbacks_waiting()
    bring(server, confirmation)
    server.callback_delivered(confirmation)
    order.refresh_from_db()
    assert order.status == "confirmed"
    amendment = ask(order)
    work_off()
    assert "write to the buyer or telephone" in Browser().get(confirmation.address).text
    seen = fresh(amendment)
    amendment_decide(
        amendment=seen, by=buyer(), outcome="agreed", words="Ann on the phone", attempt=1, via="test"
    )
    assert outcome(amendment) == ("agreed", "cancelled")


@pytest.mark.parametrize("protocol", ["cxml"])
def test_repeated_cancellation_is_the_same_document_where_repeats_are_safe(server, order):
    account = order.supplier.account
    account.settings |= {"repeats_are_safe": "yes"}
    account.save()
    server.faults.set(Fault(kind=Kind.RESET_BEFORE, operation="cancel", count=1))
    amendment = ask(order)
    work_off()
    assert outcome(amendment) == ("asked", "transferred")
    ids = set(ConnectorCall.objects.filter(operation="cancel").values_list("message_id", flat=True))
    assert ids == {f"{order.buyer_reference}.2@procurement"}


@pytest.mark.parametrize("protocol", ["cxml"])
def test_confirmation_that_crosses_the_cancellation_is_left_to_a_person(server, order):
    crossing = server.callbacks_waiting()[0]
    amendment = ask(order)
    work_off()
    Client().post("/callbacks/greengrocer/", data=crossing.body, content_type="text/xml")
    work_off()
    assert outcome(amendment) == ("asked", "confirmed")
    assert "Ask them which of the two holds" in order.exceptions.get(kind="amendment").text
    deliver(server)  # the supplier's answer to the cancellation, after all
    assert outcome(amendment) == ("agreed", "cancelled")


@pytest.mark.parametrize("left", [False, True])
def test_worker_dies_before_or_after_asking(server, order, left):
    amendment = ask(order)
    claimed = amendment_claim_job(amendment.pk, "the worker that dies", "queued")
    if left:
        assert job_about_to_send(claimed)
    Amendment.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    transfer_sweep()
    assert fresh(amendment).status == ("unknown" if left else "queued")
    work_off()
    assert outcome(amendment) == ("agreed", "cancelled")
    assert not job_about_to_send(claimed), "the dead worker, should it wake up"


def test_answer_that_arrives_while_we_ask_loses_nothing(server, order):
    """The confirmation is booked between the claim and the supplier's word on the cancellation."""
    confirmation = server.callbacks_waiting()[0]
    amendment = ask(order)
    original = ConnectorCall.objects.bulk_create
    seen = []

    def confirmed_meanwhile(calls):
        rows = original(calls)
        if not seen and rows[0].operation == "cancel":
            seen.append(Client().post("/callbacks/greengrocer/", data=confirmation.body,
                        content_type="application/json", headers=confirmation.headers).status_code)  # fmt: skip
        return rows

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ConnectorCall.objects, "bulk_create", confirmed_meanwhile)
        amendment_run(amendment_id=amendment.pk, worker="w")
    work_off()
    assert seen == [202]
    assert outcome(amendment) == ("agreed", "cancelled")
    text = order.exceptions.get(kind="contradiction").text
    assert "confirmed the order, but it is cancelled here" in text


def test_second_question_waits_for_the_first(server, order):
    ask(order)
    order.refresh_from_db()
    with pytest.raises(InvalidTransition, match="under way"):
        ask(order)


def test_stale_page_asks_nothing(server, order):
    with pytest.raises(ConcurrentTransition):
        order_ask_to_cancel(order=order, by=buyer(), version=order.version - 1, reason="Late", via="test")
    assert not Amendment.objects.exists()


def test_supplier_without_a_cancellation_is_called_by_people(server, order):
    account = order.supplier.account
    account.settings |= {"cancel_url": ""}
    account.save()
    with pytest.raises(InvalidTransition, match="by telephone or mail"):
        ask(order)


def test_withdrawal_with_the_suppliers_word_ends_what_was_asked(server, order):
    amendment = ask(order)
    order.refresh_from_db()
    order_withdraw(order=order, by=buyer(), version=order.version, reason="Ann agreed", via="test")
    work_off()
    assert outcome(amendment) == ("failed", "cancelled")
    assert times_asked() == 0, "nobody asks for what is settled"


def test_paused_supplier_is_asked_when_it_is_resumed(server, order):
    server.faults.set(Fault(kind=Kind.ERROR_BEFORE, status=401, operation="cancel", count=2))
    amendment = ask(order)
    work_off()
    assert outcome(amendment) == ("queued", "transferred")
    order.supplier.refresh_from_db()
    assert order.supplier.paused_reason
    order.supplier.paused_reason = ""
    order.supplier.save()
    Amendment.objects.update(next_run_at=timezone.now() - timedelta(minutes=1))
    transfer_sweep()
    work_off()
    assert outcome(amendment) == ("agreed", "cancelled")
