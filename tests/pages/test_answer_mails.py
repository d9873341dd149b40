"""One mail an answer: what it says, to whom, and what happens when it cannot leave."""

from datetime import timedelta
from decimal import Decimal
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.test import Client
from django.utils import timezone

from orders.models import Approval, OrderMail, PurchaseOrder, Status
from orders.services.notifications import MOST_ATTEMPTS, answer_note, mail_send, recipient
from orders.services.sweep import transfer_sweep
from tests import factories
from tests.flow.background import woken
from tests.flow.race import race
from tests.pages.reading import text

HERE = "tests.pages.test_answer_mails"


class Broken(BaseEmailBackend):
    def send_messages(self, messages: Any) -> int:
        raise SMTPServerDisconnected("gone")


class Outside(BaseEmailBackend):
    """Fails the test if a mail leaves inside a transaction."""

    def send_messages(self, messages: Any) -> int:
        assert not connection.in_atomic_block
        mail.outbox.extend(messages)
        return len(messages)


def changed(**values: Any) -> PurchaseOrder:
    """Two lines of 12 at 2.50: the first with 10 at 2.75 three days late, the second as asked."""
    values.setdefault("created_by", factories.user(email="bea@buyers.example", first_name="Bea"))
    supplier = factories.supplier(name="Alder & Sons")
    order = factories.order(supplier, status=Status.CONFIRMED, lines=2, **values)
    line = order.lines.first()
    line.confirmed_quantity, line.confirmed_price = Decimal(10), Decimal("2.75")
    line.promised_date = order.requested_date + timedelta(days=3)
    line.supplier_note = "<b>Short</b> harvest"
    line.save()
    return order


def note(order: PurchaseOrder) -> OrderMail | None:
    return answer_note(supplier=order.supplier, reference=order.buyer_reference)


def send(noted: OrderMail | None, worker: str = "w") -> OrderMail:
    assert noted is not None
    mail_send(mail_id=noted.pk, worker=worker)
    noted.refresh_from_db()
    return noted


@pytest.mark.django_db
def test_the_diff_is_readable_and_priced() -> None:
    order = changed()
    sent = send(note(order))
    assert (sent.status, sent.sent_to) == (OrderMail.Status.SENT, "bea@buyers.example")
    (message,) = mail.outbox
    assert message.to == ["bea@buyers.example"]
    assert message.subject == f"{order.number}: Alder & Sons confirmed it with changes, −£2.50"
    line = order.lines.first()
    for words in (
        "Alder & Sons confirmed", "changes on 1 of 2 lines", f"Line 1, {line.description} ({line.supplier_sku})",
        "quantity  12 -> 10", "price     £2.50 -> £2.75", "3 days later", "effect    −£2.50",
        "they say  <b>Short</b> harvest", "Asked      £60.00", "Confirmed  £57.50", "Effect     −£2.50",
        "within what you allow", f"http://127.0.0.1:8000/orders/{order.number}/",
    ):  # fmt: skip
        assert words in message.body, words
    assert "Line 2" not in message.body
    ((page, kind),) = message.alternatives
    assert kind == "text/html"
    assert "&lt;b&gt;Short&lt;/b&gt; harvest" in page
    assert "Alder &amp; Sons" in page
    event = order.events.get()
    assert (event.kind, event.text) == ("told_by_mail", "Bea was told by mail to bea@buyers.example.")


@pytest.mark.django_db
def test_a_rejection_says_why_and_what_is_missing_now() -> None:
    order = factories.order(
        status=Status.REJECTED, lines=2, created_by=factories.user(email="bea@buyers.example")
    )
    factories.event(order, "rejected", "Rejected by them. No stock.", to_status="rejected")
    factories.exception(order)
    send(note(order))
    (message,) = mail.outbox
    assert message.subject.endswith("rejected it")
    for words in ("Rejected by them. No stock.", "2 lines worth £60.00", "1 change waits for your decision"):
        assert words in message.body, words


@pytest.mark.django_db
@pytest.mark.parametrize("status", [Status.DRAFT, Status.TRANSFERRED, Status.CONFIRMED, Status.CANCELLED])
def test_what_is_as_asked_or_not_answered_is_no_news(status: str) -> None:
    assert note(factories.order(status=status)) is None
    assert woken() == []


@pytest.mark.django_db
def test_the_same_answer_is_told_once_and_another_one_again() -> None:
    order = changed()
    first = send(note(order))
    assert note(order) is None
    send(first)
    transfer_sweep()
    assert len(mail.outbox) == 1
    order.lines.filter(line_number=2).update(confirmed_quantity=0)
    send(note(order))
    assert len(mail.outbox) == 2
    assert "will not be delivered" in mail.outbox[1].body
    ids = [message.extra_headers["Message-ID"] for message in mail.outbox]
    assert len(set(ids)) == 2


@pytest.mark.django_db
def test_an_answer_overtaken_by_a_later_one_is_not_told() -> None:
    order = changed()
    first = note(order)
    order.lines.filter(line_number=2).update(confirmed_price="3")
    second = note(order)
    assert send(first).status == OrderMail.Status.SUPERSEDED
    assert send(second).status == OrderMail.Status.SENT
    assert len(mail.outbox) == 1


@pytest.mark.django_db
def test_it_goes_to_whoever_approved_last_and_can_be_reached() -> None:
    drafter = factories.user(email="drafter@x.example")
    editor = factories.user(email="editor@x.example")
    first, last = (factories.user("Approver", email=f"{n}@x.example") for n in ("first", "last"))
    order = factories.order(created_by=drafter, last_edited_by=editor)
    earlier = {"withdrawn_at": timezone.now(), "withdrawn_reason": "edited again"}
    for person, ago, fields in ((first, 9, earlier), (last, 5, {})):
        Approval.objects.create(
            order=order, decision="approved", by=person, at=factories.minutes_ago(ago), **fields
        )
    assert recipient(order) == last
    last.is_active = False
    last.save()
    assert recipient(order) == first
    order.approvals.all().delete()
    assert recipient(order) == editor
    editor.email = ""
    editor.save()
    order.refresh_from_db()
    assert recipient(order) == drafter


@pytest.mark.django_db
def test_nobody_to_tell_is_shown_on_the_page(buyer: Client) -> None:
    order = changed(created_by=None)
    assert send(note(order)).status == OrderMail.Status.NOBODY
    assert mail.outbox == []
    assert "Mail not sent. None of those" in text(buyer.get(f"/orders/{order.number}/"))


@pytest.mark.django_db
def test_a_mail_that_cannot_leave_is_shown_and_tried_again(buyer: Client, settings: Any) -> None:
    order = changed()
    settings.EMAIL_BACKEND = f"{HERE}.Broken"
    failed = send(note(order))
    assert failed.status == OrderMail.Status.WAITING
    page = text(buyer.get(f"/orders/{order.number}/"))
    assert "Mail not sent yet. The mail server did not take it: gone. It is tried again" in page
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert send(failed).attempts == 1  # not before its time
    OrderMail.objects.update(next_run_at=factories.minutes_ago(1))
    transfer_sweep()
    assert f"orders.tasks.send_mail({failed.pk})" in woken()
    assert send(failed).status == OrderMail.Status.SENT
    assert "Mail not sent" not in text(buyer.get(f"/orders/{order.number}/"))


@pytest.mark.django_db
def test_it_is_given_up_in_the_end_and_says_so(buyer: Client, settings: Any) -> None:
    settings.EMAIL_BACKEND = f"{HERE}.Broken"
    order = changed()
    noted = note(order)
    OrderMail.objects.update(attempts=MOST_ATTEMPTS - 1)
    assert send(noted).status == OrderMail.Status.FAILED
    assert "Mail not sent. The mail server" in text(buyer.get(f"/orders/{order.number}/"))


@pytest.mark.django_db
def test_a_crash_after_the_mail_leaves_it_waiting_and_the_sweep_repeats_it(
    buyer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = changed()
    noted = note(order)
    assert noted is not None

    def killed(*args: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("orders.services.notifications._sent", killed)
        with pytest.raises(KeyboardInterrupt):
            mail_send(mail_id=noted.pk, worker="first")
    assert "Mail not sent yet" in text(buyer.get(f"/orders/{order.number}/"))
    assert send(noted, "second").status == OrderMail.Status.WAITING  # the lease still holds
    OrderMail.objects.update(lease_until=factories.minutes_ago(1), next_run_at=factories.minutes_ago(1))
    transfer_sweep()
    assert f"orders.tasks.send_mail({noted.pk})" in woken()
    assert send(noted, "second").status == OrderMail.Status.SENT
    one, two = (message.extra_headers["Message-ID"] for message in mail.outbox)
    assert one == two


@pytest.mark.django_db(transaction=True)
def test_no_mail_leaves_inside_a_transaction(settings: Any) -> None:
    settings.EMAIL_BACKEND = f"{HERE}.Outside"
    assert send(note(changed())).status == OrderMail.Status.SENT
    assert len(mail.outbox) == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_two_jobs_at_once_one_sends() -> None:
    noted = note(changed())
    assert noted is not None
    race(*(lambda n=n: mail_send(mail_id=noted.pk, worker=f"worker-{n}") for n in range(6)))
    assert len(mail.outbox) == 1


@pytest.mark.django_db
def test_a_long_answer_is_cut_in_the_mail_and_names_are_one_line() -> None:
    order = changed()
    order.supplier.name = "Alder\r\nBcc: x@y.example"
    order.supplier.save()
    for _ in range(70):
        factories.line(
            order, confirmed_quantity=1, confirmed_price="2.50", promised_date=order.requested_date
        )
    send(note(order))
    (message,) = mail.outbox
    assert "... and 11 more lines." in message.body
    assert message.subject.startswith(f"{order.number}: Alder Bcc: x@y.example confirmed")
    assert message.message()["Bcc"] is None
