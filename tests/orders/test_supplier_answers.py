"""Orders by mail, answered on the page behind the link: from the approval to the last despatch."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.utils import timezone

from orders.exceptions import InvalidTransition
from orders.models import InboundMessage
from orders.services.answer_links import answer_link
from orders.services.link_answers import order_remind
from suppliers.models import ConnectorCall
from suppliers.sandbox.email import NotYet
from suppliers.sandbox.email.pages import page_read
from suppliers.sandbox.faults import Fault, Kind
from suppliers.sandbox.server import SandboxServer
from tests.fixtures.sandbox import sandbox_of, sandbox_world, supplier_create
from tests.flow.background import work_off
from tests.flow.scenes import approved, effects, kinds
from tests.orders.factories import buyer
from tests.orders.supplier_side import Browser, bring, fill_in, fresh

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nobody_counted_yet():
    cache.clear()


@pytest.fixture
def sandbox(tmp_path):
    with sandbox_of(tmp_path, protocol="email") as server:
        yield server


@pytest.fixture
def supplier(sandbox):
    return supplier_create(sandbox)


@pytest.fixture
def sent(supplier):
    order = approved(supplier).order
    work_off()
    return fresh(order)


@pytest.fixture
def link(sent):
    return answer_link(sent)


def test_mail_goes_out_once_and_the_timeline_names_it(sandbox, sent):
    assert sent.status == "transferred"
    assert effects(sandbox, sent) == 1
    told = sent.events.get(kind="transferred").text
    assert "orders@greengrocer.example" in told
    assert "message id <order." in told


def test_letter_holds_the_link_to_the_page_of_this_order(sandbox, sent):
    waiting = sandbox.callbacks_waiting()
    assert {callback.address for callback in waiting} == {answer_link(sent)}


@pytest.mark.parametrize(
    ("behaviour", "status", "exceptions", "despatches"),
    [
        ("as_asked", "shipped", set(), 1),
        ("price", "shipped", {"price"}, 1),
        ("quantity_and_date", "shipped", {"quantity", "date"}, 1),
        ("reject", "rejected", {"rejected"}, 0),
        ("in_two_parts", "shipped", set(), 2),
    ],
)
def test_each_way_a_supplier_answers(tmp_path, behaviour, status, exceptions, despatches):
    world = sandbox_world(protocol="email", behaviour={"confirm": behaviour, "duplicates": "yes"})
    with SandboxServer([world], ledger=tmp_path / "ledger") as sandbox:
        order = approved(supplier_create(sandbox)).order
        order.lines.update(requested_date=timezone.localdate() + timedelta(days=2))
        work_off()
        for callback in sandbox.callbacks_waiting():
            assert bring(sandbox, callback).status_code == 200
    order = fresh(order)
    assert order.status == status
    assert set(order.exceptions.values_list("kind", flat=True)) == exceptions
    assert order.shipments.count() == despatches
    assert kinds(order).count(status) == 1
    assert InboundMessage.objects.filter(channel="link").count() == 1 + despatches


def test_everything_is_accepted_with_one_press(sent, link):
    assert "Thank you" in fill_in(link, action="accept").text
    order = fresh(sent)
    assert order.status == "confirmed"
    assert [line.confirmed_quantity for line in order.lines.all()] == [12, 5]
    assert kinds(order)[-1] == "confirmed"
    assert order.events.last().via == "link"


def test_lines_are_answered_one_by_one_and_the_rest_later(sent, link):
    day = (timezone.localdate() + timedelta(days=3)).isoformat()
    answer = fill_in(
        link, action="answer", quantity__1="6", price__1="2.10", date__1=day, note__1="Rest next week",
        code__1="APLJ-2", article__1="Apple juice, new bottle", answer__2="later", supplier_reference="SO-9",
    )  # fmt: skip
    assert "1 line still to answer" in answer.text
    order = fresh(sent)
    first, second = order.lines.order_by("line_number")
    assert (order.status, order.supplier_reference) == ("transferred", "SO-9")
    assert (first.confirmed_quantity, first.confirmed_price) == (6, Decimal("2.10"))
    assert (first.promised_date.isoformat(), first.supplier_note) == (day, "Rest next week")
    assert (first.substitute_sku, first.substitute_description) == ("APLJ-2", "Apple juice, new bottle")
    assert second.confirmed_quantity is None
    fill_in(link, action="answer", answer__2="no", note__2="Sold out")
    order = fresh(sent)
    assert order.status == "confirmed"
    assert order.lines.get(line_number=2).confirmed_quantity == 0


def test_order_is_declined_with_a_reason(sent, link):
    refused = fill_in(link, action="reject", reason="other", why="")
    assert refused.status_code == 422
    assert "say why" in refused.text
    assert fresh(sent).status == "transferred"
    assert "You have declined" in fill_in(link, action="reject", reason="sold_out", why="Until May.").text
    order = fresh(sent)
    assert order.status == "rejected"
    assert "Out of stock. Until May." in order.events.last().text


def test_packed_then_shipped_with_carrier_and_tracking(sent, link):
    fill_in(link, action="accept")
    fill_in(link, action="packed", despatch="DN-1", quantity__1="12", quantity__2="")
    assert fresh(sent).shipments.get().stage == "packed"
    fill_in(link, action="shipped", despatch="DN-1", carrier="Royal Mail", tracking="RM1")
    order = fresh(sent)
    shipment = order.shipments.get()
    assert (shipment.stage, shipment.carrier, shipment.tracking) == ("shipped", "Royal Mail", "RM1")
    assert order.status == "confirmed"
    assert "nothing left to do here" in fill_in(link, action="shipped", carrier="Royal Mail").text
    assert fresh(sent).status == "shipped"


def test_more_than_is_left_cannot_be_sent(sent, link):
    fill_in(link, action="accept")
    asked = sent.lines.get(line_number=1).quantity
    answer = fill_in(link, action="shipped", quantity__1=str(asked + 1))
    assert answer.status_code == 422
    assert "are left to send" in answer.text
    assert not sent.shipments.exists()


def test_second_despatch_under_a_number_already_told_is_refused_in_words(sent, link):
    fill_in(link, action="accept")
    fill_in(link, action="shipped", despatch="DN-1", quantity__1="6", quantity__2="")
    again = fill_in(link, action="shipped", despatch="DN-1", quantity__1="6", quantity__2="")
    assert again.status_code == 422
    assert "told us this delivery note before" in again.text
    assert fresh(sent).shipments.count() == 1


def test_person_who_wants_to_ship_before_answering_has_to_come_back(sandbox, sent):
    confirmed, shipped = sandbox.callbacks_waiting()
    with pytest.raises(NotYet):
        bring(sandbox, shipped)
    bring(sandbox, confirmed)
    assert bring(sandbox, shipped).status_code == 200
    assert fresh(sent).status == "shipped"


def test_same_form_sent_twice_is_one_answer(sent, link):
    fields = {"action": "accept", "form": "0" * 32}
    browser = Browser()
    assert [browser.post(link, data=fields).status_code for _ in range(2)] == [200, 200]
    assert InboundMessage.objects.filter(channel="link").count() == 1


def test_form_filled_in_otherwise_after_going_back_is_not_taken_for_the_one_sent_before(sent, link):
    browser = Browser()
    assert browser.post(link, data={"action": "accept", "form": "0" * 32}).status_code == 200
    declined = browser.post(link, data={"action": "reject", "form": "0" * 32, "reason": "price"})
    assert declined.status_code == 409
    assert "answered already" in declined.text
    assert "The buyer has your answer" not in declined.text


def test_page_opened_before_the_order_was_changed_cannot_accept_it(sent, link):
    browser = Browser()
    fields = page_read(browser.get(link).text).fields | {"action": "accept"}
    sent.lines.filter(line_number=1).update(quantity=90)
    stale = browser.post(link, data=fields)
    assert stale.status_code == 409
    assert "has changed this order" in stale.text
    assert not InboundMessage.objects.filter(channel="link").exists()
    assert fill_in(link, action="accept").status_code == 200
    assert fresh(sent).status == "confirmed"


def test_answered_line_is_not_asked_again_before_the_worker_had_its_turn(sent, link):
    browser = Browser()
    browser.post(link, data={"action": "accept", "form": "0" * 32})
    assert fresh(sent).status == "transferred", "nobody has processed it yet"
    assert 'data-state="answered"' in browser.get(link).text
    other_tab = browser.post(link, data={"action": "reject", "form": "1" * 32, "reason": "price"})
    assert other_tab.status_code == 409
    assert "answered already" in other_tab.text


def test_answer_on_the_link_settles_an_unknown_outcome(sandbox, supplier):
    sandbox.faults.set(Fault(kind=Kind.RESET_AFTER, operation="submit", count=1))
    job = approved(supplier)
    work_off()
    job.refresh_from_db()
    assert (job.status, job.next_run_at) == ("unknown", None), "a person decides, as nothing can be looked up"
    assert bring(sandbox, sandbox.callbacks_waiting()[0]).status_code == 200
    job.refresh_from_db()
    assert (job.status, fresh(job.order).status) == ("sent", "confirmed")


def test_mail_refused_for_good_stays_ours_with_the_servers_words(sandbox, supplier):
    sandbox.faults.set(Fault(kind=Kind.ERROR_BEFORE, operation="recipient", status=550, count=1))
    job = approved(supplier)
    work_off()
    job.refresh_from_db()
    assert job.status == "failed"
    order = fresh(job.order)
    assert order.status == "draft"
    assert "550 5.1.1" in order.events.last().text


def test_reminder_is_the_same_order_with_a_fresh_link_and_an_id_of_its_own(sandbox, sent):
    person = buyer()
    order_remind(order=sent, by=person, via="test")
    assert effects(sandbox, sent) == 1
    assert "Reminded with a fresh link. By mail to" in sent.events.get(kind="reminded").text
    ids = list(ConnectorCall.objects.order_by("pk").values_list("operation", "message_id"))
    assert [operation for operation, _ in ids] == ["submit", "remind"]
    assert ids[0][1] != ids[1][1]
    assert fresh(sent).status == "transferred"
    sent.status = "shipped"
    with pytest.raises(InvalidTransition):
        order_remind(order=sent, by=person, via="test")
