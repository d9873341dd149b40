"""Opening and closing alerts: one row of each, however often it is found. Safe to run twice and at the same time."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from orders.wakeups import wake
from procurement.alerts import KINDS, AlertKind, Found
from procurement.models import Alert
from procurement.services.alert_mails import alert_tell, alerts_to_tell

log = logging.getLogger(__name__)
SETTLED = timedelta(minutes=10)  # who comes back within that was never well
KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Changes:
    opened: int
    closed: int


def alerts_refresh(*, kinds: Sequence[AlertKind] = KINDS) -> Changes:
    """Look at everything that could be wrong, and have the mails sent that are due."""
    opened = closed = 0
    open_kinds = set(Alert.objects.filter(closed_at=None).values_list("kind", flat=True))
    for kind in kinds:
        try:
            found = {one.subject: one for one in kind.find()}
        except Exception:  # the others are worth as much; what is open of this kind stays so
            log.exception("Alerts of kind %s could not be looked for", kind.key)
            continue
        opened += sum(_open(kind, one) for one in found.values())
        if kind.key not in open_kinds:
            continue
        well = Alert.objects.filter(kind=kind.key, closed_at=None).exclude(subject__in=found)
        closed += well.update(closed_at=timezone.now(), mail_attempts=0, mail_next_at=None, mail_error="")
    if kinds is KINDS:
        unknown = open_kinds - {kind.key for kind in kinds}  # of an earlier version
        gone = Alert.objects.filter(closed_at=None, kind__in=unknown) if unknown else Alert.objects.none()
        closed += gone.update(closed_at=timezone.now())
    for pk in alerts_to_tell().values_list("pk", flat=True):
        wake("procurement.tasks.tell_alert", pk)
    return Changes(opened, closed)


def worker_alarm() -> None:
    """Of the process that watches the worker: it opens the alert and sends its mail itself. Never raises."""
    try:
        alerts_refresh(kinds=[kind for kind in KINDS if kind.key == "worker"])
        for pk in alerts_to_tell(at_once=True).filter(kind="worker").values_list("pk", flat=True):
            alert_tell(alert_id=pk, at_once=True)
    except Exception:  # who gives it has a worker to start
        log.exception("The alarm about the worker could not be given")


def alerts_prune() -> int:
    old = Alert.objects.filter(closed_at__lt=timezone.now() - KEPT)
    return old.delete()[0]


def _open(kind: AlertKind, found: Found) -> bool:
    values = {"words": found.words[:400], "address": found.address[:200]}
    same = Alert.objects.filter(kind=kind.key, subject=found.subject[:80])
    now = timezone.now()
    standing = same.filter(closed_at=None).first()
    if standing is not None:
        if standing.words != values["words"]:
            same.filter(pk=standing.pk, closed_at=None).update(**values)
        return False
    try:
        with transaction.atomic():
            again = (
                same.filter(closed_at__gt=now - SETTLED, told_closed_at=None).order_by("-closed_at").first()
            )
            if again is None:
                Alert.objects.create(kind=kind.key, subject=found.subject[:80], **values)
                return True
            back = same.filter(pk=again.pk, closed_at=again.closed_at, told_closed_at=None)
            return bool(back.update(closed_at=None, **values))
    except IntegrityError:
        return False  # another process was quicker
