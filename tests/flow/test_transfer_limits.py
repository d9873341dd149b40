"""A transfer comes to an end: no supplier is asked or sent to for ever, and a person's word is about what they saw."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from orders.exceptions import ConcurrentTransition
from orders.models import TransferJob
from orders.services.settlement import transfer_decide, transfer_settle
from orders.services.sweep import transfer_sweep
from orders.services.transfer import transfer_run
from suppliers.models import Supplier
from suppliers.sandbox.faults import Fault, Kind
from tests.flow.background import woken, work_off
from tests.flow.scenes import approved, effects, kinds
from tests.orders.factories import buyer

pytestmark = pytest.mark.django_db


def fresh(job: TransferJob) -> TransferJob:
    return TransferJob.objects.select_related("order__supplier").get(pk=job.pk)


def due_now(job: TransferJob) -> None:
    TransferJob.objects.filter(pk=job.pk, next_run_at__isnull=False).update(next_run_at=timezone.now())


def test_supplier_that_breaks_on_every_attempt_gets_pauses_and_in_the_end_a_person_decides(
    sandbox, sandbox_supplier, settings
):
    settings.TRANSFER_MAX_ATTEMPTS = 4
    sandbox.faults.set(Fault(kind=Kind.ERROR_BEFORE, operation="submit"))
    job = approved(sandbox_supplier)
    work_off()
    assert fresh(job).attempts == 2, "the second attempt comes at once, a third after a pause"
    assert fresh(job).next_run_at > timezone.now()
    for _ in range(8):
        due_now(job)
        transfer_sweep()
        work_off()
    job = fresh(job)
    assert (job.status, job.attempts, job.next_run_at) == ("unknown", 4, None)
    assert "still does not have it" in job.error
    assert effects(sandbox, job.order) == 0


def test_look_up_that_breaks_on_our_side_ends_with_a_person(sandbox, sandbox_supplier, monkeypatch):
    sandbox.faults.set(Fault(kind=Kind.ERROR_AFTER, operation="submit", count=1))
    job = approved(sandbox_supplier)
    transfer_run(job_id=job.pk, worker="w")
    monkeypatch.setattr("suppliers.connectors.cerve.documents.found_order", lambda *_: 1 / 0)
    for n in range(10):
        due_now(job)
        transfer_settle(job_id=job.pk, worker=f"w{n}")
        assert fresh(job).lease_until is None
    assert (fresh(job).status, fresh(job).next_run_at) == ("unknown", None)


def test_look_up_waits_as_long_as_the_supplier_asks(sandbox, sandbox_supplier):
    sandbox.faults.set(
        Fault(kind=Kind.ERROR_AFTER, operation="submit", count=1),
        Fault(kind=Kind.RATE_LIMITED, operation="look_up", count=1, seconds=1800),
    )
    job = approved(sandbox_supplier)
    work_off()
    assert fresh(job).next_run_at > timezone.now() + timedelta(seconds=1700)


def test_transfer_waits_as_long_as_the_supplier_asks(sandbox, sandbox_supplier):
    sandbox.faults.set(Fault(kind=Kind.RATE_LIMITED, operation="submit", count=1, seconds=1800))
    job = approved(sandbox_supplier)
    work_off()
    assert fresh(job).next_run_at > timezone.now() + timedelta(seconds=1700)


def test_look_ups_at_a_stopped_supplier_wait_until_it_is_resumed(sandbox, sandbox_supplier):
    sandbox.faults.set(Fault(kind=Kind.ERROR_AFTER, operation="submit", count=1))
    job = approved(sandbox_supplier)
    transfer_run(job_id=job.pk, worker="w")
    OrmQ.objects.all().delete()
    Supplier.objects.update(paused_reason="It refused our credentials.")
    transfer_sweep()
    assert woken() == []
    Supplier.objects.update(paused_reason="")
    transfer_sweep()
    work_off()
    assert fresh(job).status == "sent"


def test_supplier_that_was_switched_off_after_the_approval_gets_nothing(sandbox, sandbox_supplier):
    job = approved(sandbox_supplier)
    Supplier.objects.update(active=False)
    work_off()
    assert (fresh(job).status, effects(sandbox, fresh(job).order)) == ("failed", 0)
    assert "not active" in fresh(job).error


def unknown(sandbox, supplier) -> TransferJob:
    supplier.account.settings |= {"order_lookup_path": "", "duplicate_check": "no"}
    supplier.account.save()
    sandbox.faults.set(Fault(kind=Kind.ERROR_AFTER, operation="submit"))
    job = approved(supplier)
    work_off()
    return fresh(job)


def test_word_about_the_first_attempt_decides_nothing_about_the_second(sandbox, sandbox_supplier):
    job = unknown(sandbox, sandbox_supplier)
    transfer_decide(job=job, by=buyer(), arrived=False, attempt=1, via="test")
    work_off()
    job = fresh(job)
    assert (job.status, job.attempts) == ("unknown", 2)
    with pytest.raises(ConcurrentTransition):  # from a page that was opened before
        transfer_decide(job=job, by=buyer(), arrived=False, attempt=1, via="test")
    assert woken() == []


def test_decision_on_a_transfer_that_was_settled_meanwhile_is_refused(sandbox, sandbox_supplier):
    seen = unknown(sandbox, sandbox_supplier)
    transfer_decide(job=fresh(seen), by=buyer(), arrived=True, via="test")
    for arrived in (True, False):
        with pytest.raises(ConcurrentTransition):
            transfer_decide(job=seen, by=buyer(), arrived=arrived, via="test")
    assert kinds(seen.order).count("decided") == 1
    assert "late_reply" not in kinds(seen.order)
