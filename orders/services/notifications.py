"""Telling our own people what a supplier answered, did not take or refused, by one mail each.

The row is made in the transaction that books it and is unique for it, so an answer read twice is told once. What the
mails say: letters.py.
The mail leaves outside any transaction, by whoever claimed the row. A crash between the mail and its booking leaves
the row waiting: the order's page says that the mail was not sent, and the sweep has it sent again under the same
Message-ID, by which mail programs know a repetition.
"""

import logging
from datetime import timedelta
from smtplib import SMTPException
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from orders.models import Amendment, Approval, OrderMail, PurchaseOrder, TransferJob
from orders.services.answer_diff import answer_diff
from orders.services.letters import Letter, letter_for
from orders.state import record
from orders.wakeups import wake
from suppliers.models import Supplier

log = logging.getLogger(__name__)
LEASE = timedelta(seconds=120)
LONGEST_PAUSE = timedelta(hours=1)
MOST_ATTEMPTS = 30  # a bit more than a day


def answer_note(*, supplier: Supplier, reference: str) -> OrderMail | None:
    """Note that the order's answer has to be told, if there is something to tell and it was not told before.
    Call inside the transaction that books the answer.
    """
    order = PurchaseOrder.objects.get(supplier=supplier, buyer_reference=reference)
    diff = answer_diff(order)
    if diff is None:
        return None
    return _note(order, diff.kind, diff.fingerprint)


def transfer_note(job: TransferJob) -> OrderMail | None:
    """Note that the order was not taken. Call inside the transaction that books it."""
    return _note(job.order, OrderMail.Kind.NOT_TAKEN, f"transfer:{job.pk}", transfer=job)


def amendment_note(amendment: Amendment) -> OrderMail | None:
    """Note that what was asked came to nothing. Call inside the transaction that books it."""
    fingerprint = f"amendment:{amendment.pk}:{amendment.status}:{amendment.attempts}"
    return _note(amendment.order, OrderMail.Kind.AMENDMENT, fingerprint, amendment=amendment)


def _note(order: PurchaseOrder, kind: str, fingerprint: str, **of: Any) -> OrderMail | None:
    mail, created = OrderMail.objects.get_or_create(
        order=order,
        fingerprint=fingerprint,
        defaults={"kind": kind, "next_run_at": timezone.now(), **of},
    )
    if not created:
        return None
    wake("orders.tasks.send_mail", mail.pk)
    return mail


def mail_send(*, mail_id: int, worker: str) -> None:
    """Send one waiting mail. Does nothing if it is not due, not waiting, or somebody else has it."""
    mail = _claim(mail_id, worker)
    if mail is None:
        return
    order = mail.order
    letter = letter_for(mail)
    if letter is None:
        _settle(mail, OrderMail.Status.SUPERSEDED)
        return
    person = recipient(order)
    if person is None:
        error = "None of those who drafted, edited or approved the order has an e-mail address."
        _settle(mail, OrderMail.Status.NOBODY, error=error)
        return
    try:
        _compose(mail, letter, person).send()
    except (SMTPException, OSError) as error:
        _not_sent(mail, f"The mail server did not take it: {error}"[:500].rstrip(".") + ".")
    except Exception:  # a bug of ours: told on the page, and tried again after its mending
        log.exception("The mail about %s could not be made", order.number)
        _not_sent(mail, "Something broke on our side while the mail was made.")
    else:
        _sent(mail, person)


def recipient(order: PurchaseOrder) -> User | None:
    """Who approved it last, else edited, else drafted it: the first with an address that is still in use."""
    approved = order.approvals.filter(decision=Approval.Decision.APPROVED).select_related("by")
    people = [*(approval.by for approval in approved), order.last_edited_by, order.created_by]
    return next((person for person in people if person and person.is_active and person.email), None)


def _claim(mail_id: int, worker: str) -> OrderMail | None:
    now = timezone.now()
    due = OrderMail.objects.filter(
        Q(lease_until=None) | Q(lease_until__lt=now),
        pk=mail_id,
        status=OrderMail.Status.WAITING,
        next_run_at__lte=now,
    )
    if not due.update(attempts=F("attempts") + 1, lease_until=now + LEASE, claimed_by=worker[:80]):
        return None
    people = ("order__supplier", "order__site", "order__created_by", "order__last_edited_by")
    told = ("transfer", "amendment__by")
    mail = OrderMail.objects.select_related(*people, *told).get(pk=mail_id)
    return mail if mail.claimed_by == worker[:80] else None


def _compose(mail: OrderMail, letter: Letter, person: User) -> EmailMultiAlternatives:
    order = mail.order
    open_exceptions = list(order.exceptions.filter(resolved_at=None))
    context = letter.context | {
        "order": order,
        "person": person,
        "to_decide": len(open_exceptions),
        "address": f"{settings.PUBLIC_URL.rstrip('/')}{reverse('order', args=[order.number])}",
    }
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    message = EmailMultiAlternatives(
        subject=letter.subject,
        body=render_to_string(f"{letter.template}.txt", context).strip() + "\n",
        to=[person.email],
        headers={
            "Message-ID": f"<{order.number}.{_short(mail.fingerprint)}@{host}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach_alternative(render_to_string(f"{letter.template}.html", context), "text/html")
    return message


def _short(fingerprint: str) -> str:
    """Answers have a digest, everything else the name of its row, which a Message-ID cannot hold as it is."""
    return fingerprint[:16] if ":" not in fingerprint else fingerprint.replace(":", ".")


def _not_sent(mail: OrderMail, error: str) -> None:
    if mail.attempts >= MOST_ATTEMPTS:
        _settle(mail, OrderMail.Status.FAILED, error=error)
        return
    pause = min(timedelta(seconds=2 ** min(mail.attempts, 12)), LONGEST_PAUSE)
    _settle(mail, OrderMail.Status.WAITING, error=error, next_run_at=timezone.now() + pause)


def _sent(mail: OrderMail, person: User) -> None:
    name = person.get_full_name() or person.get_username()
    with transaction.atomic():
        now = timezone.now()
        if _settle(mail, OrderMail.Status.SENT, error="", sent_at=now, sent_to=person.email):
            text = f"{name} was told by mail to {person.email}."
            record(mail.order, "told_by_mail", by=None, via="mail", text=text)


def _settle(mail: OrderMail, status: str, **fields: object) -> bool:
    """Write an outcome if the mail is still ours."""
    ours = OrderMail.objects.filter(
        pk=mail.pk, status=OrderMail.Status.WAITING, claimed_by=mail.claimed_by, attempts=mail.attempts
    )
    return ours.update(status=status, lease_until=None, **fields) == 1
