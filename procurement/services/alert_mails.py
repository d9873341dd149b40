"""Telling administrators of alerts: one mail when it is noticed, one when it is well again.

The mail leaves outside any transaction, by whoever claimed the row. A crash between the mail and its booking sends it
again under the same Message-ID, by which mail programs know a repetition.
"""

import logging
from datetime import timedelta
from smtplib import SMTPException
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.db.models import F, Q, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone

from procurement.alerts import TITLES
from procurement.models import Alert
from procurement.services.roles import ADMINISTRATOR

log = logging.getLogger(__name__)
NOTICED = timedelta(minutes=2)  # what is well again by then was not worth a mail
SETTLED = timedelta(minutes=10)
LONGEST_PAUSE = timedelta(hours=1)
NOBODY = "No administrator has an e-mail address."


def alerts_to_tell(*, at_once: bool = False) -> QuerySet[Alert]:
    now = timezone.now()
    noticed = Q(closed_at=None, told_opened_at=None, opened_at__lte=now if at_once else now - NOTICED)
    well = Q(closed_at__lte=now - SETTLED, told_opened_at__isnull=False, told_closed_at=None)
    due = Q(mail_next_at=None) | Q(mail_next_at__lte=now)
    return Alert.objects.filter(due, noticed | well)


def alert_tell(*, alert_id: int, at_once: bool = False) -> bool:
    """Send the mail that is due; whether one was sent. `at_once`: by whoever cannot come back for it."""
    alert = _claim(alert_id, at_once)
    if alert is None:
        return False
    people = administrators()
    if not people:
        _not_sent(alert, NOBODY)
        return False
    try:
        _compose(alert, people).send()
    except (SMTPException, OSError) as error:
        _not_sent(alert, f"The mail server did not take it: {error}")
        return False
    except Exception:
        log.exception("The mail about alert %s could not be made", alert.pk)
        _not_sent(alert, "Something broke on our side while the mail was made.")
        return False
    now = timezone.now()
    told = {"told_closed_at": now} if alert.closed_at else {"told_opened_at": now}
    Alert.objects.filter(pk=alert.pk).update(**told, mail_attempts=0, mail_next_at=None, mail_error="")
    return True


def administrators() -> list[str]:
    people = User.objects.filter(Q(groups__name=ADMINISTRATOR) | Q(is_superuser=True), is_active=True)
    return sorted(set(people.exclude(email="").values_list("email", flat=True)))


def _claim(alert_id: int, at_once: bool) -> Alert | None:
    """Counted before the work; the time of the next attempt is the lease."""
    alert = alerts_to_tell(at_once=at_once).filter(pk=alert_id).first()
    if alert is None:
        return None
    pause = min(timedelta(minutes=2 ** min(alert.mail_attempts + 1, 6)), LONGEST_PAUSE)
    same = Alert.objects.filter(pk=alert.pk, mail_attempts=alert.mail_attempts, closed_at=alert.closed_at)
    ours = same.update(mail_attempts=F("mail_attempts") + 1, mail_next_at=timezone.now() + pause)
    return alert if ours else None


def _compose(alert: Alert, people: list[str]) -> EmailMessage:
    what = "well" if alert.closed_at else "opened"
    title = TITLES.get(alert.kind, alert.kind)
    context = {"alert": alert, "title": title, "address": f"{settings.PUBLIC_URL.rstrip('/')}{alert.address}"}
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    return EmailMessage(
        subject=f"{'Well again: ' if alert.closed_at else ''}{title}: {alert.subject}",
        body=render_to_string("procurement/mail/alert.txt", context).strip() + "\n",
        to=people,
        headers={
            "Message-ID": f"<alert.{alert.pk}.{what}@{host}>",
            "Auto-Submitted": "auto-generated",
        },
    )


def _not_sent(alert: Alert, error: str) -> None:
    Alert.objects.filter(pk=alert.pk).update(mail_error=error[:300])
