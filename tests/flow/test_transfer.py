"""Placing an order over a real socket: each way it can go, and never twice."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from orders.models import InboundMessage, PurchaseOrder, TransferJob
from orders.services.jobs import job_about_to_send
from orders.services.settlement import transfer_decide, transfer_look_up
from orders.services.sweep import transfer_sweep
from orders.services.transfer import transfer_claim, transfer_run
from suppliers.models import Supplier
from suppliers.sandbox.faults import Fault, Kind
from tests.flow.background import woken, work_off
from tests.flow.scenes import approved, effects, kinds
from tests.orders.factories import buyer

pytestmark = pytest.mark.django_db


def fresh(job: TransferJob) -> TransferJob:
    return TransferJob.objects.select_related("order").get(pk=job.pk)


def due_now(job: TransferJob) -> None:
    TransferJob.objects.filter(pk=job.pk).update(next_run_at=timezone.now())


def test_approved_order_is_sent_once_and_its_reply_is_kept(sandbox, sandbox_supplier):
    job = approved(sandbox_supplier)
    work_off()
    job = fresh(job)
    assert (job.status, job.attempts, job.order.status) == ("sent", 1, "transferred")
    assert job.order.supplier_reference
    assert job.order.transferred_at is not None
    assert effects(sandbox, job.order) == 1
    reply = InboundMessage.objects.get(channel="reply")
    assert (reply.status, list(reply.orders.all())) == ("processed", [job.order])
    transfer_run(job_id=job.pk, worker="late")
    assert effects(sandbox, job.order) == 1


@pytest.mark.parametrize("kind", [Kind.ERROR_AFTER, Kind.RESET_AFTER, Kind.BROKEN_BODY, Kind.REDIRECT])
def test_order_that_arrived_without_a_reply_is_found_and_not_sent_again(sandbox, sandbox_supplier, kind):
    sandbox.faults.set(Fault(kind=kind, operation="submit", count=1))
    job = approved(sandbox_supplier)
    ran = work_off()
    job = fresh(job)
    assert (job.status, job.order.status, job.attempts) == ("sent", "transferred", 1)
    assert ran.count("transfer_order") == 1
    assert "outcome_unknown" in kinds(job.order)
    assert effects(sandbox, job.order) == 1


@pytest.mark.parametrize("kind", [Kind.ERROR_BEFORE, Kind.RESET_BEFORE])
def test_order_that_certainly_did_not_arrive_is_sent_again_under_the_same_reference(
    sandbox, sandbox_supplier, kind
):
    sandbox.faults.set(Fault(kind=kind, operation="submit", count=1))
    job = approved(sandbox_supplier)
    work_off()
    job = fresh(job)
    assert (job.status, job.order.status, job.attempts) == ("sent", "transferred", 2)
    assert effects(sandbox, job.order) == 1


def test_time_out_after_effect_is_looked_up(sandbox, sandbox_supplier):
    account = sandbox_supplier.account
    account.settings["timeout_seconds"] = "1"
    account.save()
    sandbox.faults.set(Fault(kind=Kind.HANG_AFTER, operation="submit", count=1, seconds=3))
    job = approved(sandbox_supplier)
    work_off()
    job = fresh(job)
    assert (job.status, effects(sandbox, job.order)) == ("sent", 1)


def test_rate_limit_postpones_by_what_the_supplier_asked(sandbox, sandbox_supplier):
    sandbox.faults.set(Fault(kind=Kind.RATE_LIMITED, operation="submit", count=1, seconds=40))
    job = approved(sandbox_supplier)
    before = timezone.now()
    work_off()
    job = fresh(job)
    assert job.status == "queued"
    assert timedelta(seconds=39) <= job.next_run_at - before <= timedelta(seconds=60)
    assert woken() == []
    Supplier.objects.update(down_until=timezone.now())
    due_now(job)
    transfer_run(job_id=job.pk, worker="w")
    assert effects(sandbox, fresh(job).order) == 1


def test_supplier_that_is_down_is_tried_until_the_attempts_are_used_up(sandbox, sandbox_supplier, settings):
    settings.TRANSFER_MAX_ATTEMPTS = 3
    account = sandbox_supplier.account
    account.settings |= {"base_url": "http://127.0.0.1:9/v2", "token_url": "http://127.0.0.1:9/v2/token"}
    account.save()
    job = approved(sandbox_supplier)
    for _ in range(3):
        due_now(job)
        transfer_run(job_id=job.pk, worker="w")
    job = fresh(job)
    assert (job.status, job.attempts, job.order.status) == ("failed", 3, "draft")
    assert kinds(job.order).count("transfer_postponed") == 2
    assert "transfer_failed" in kinds(job.order)


def test_wrong_credentials_stop_the_supplier_and_keep_its_orders(sandbox, sandbox_supplier):
    sandbox_supplier.account.credentials.filter(name="client_secret").update(value="wrong")
    job, other = approved(sandbox_supplier), approved(sandbox_supplier)
    work_off()
    sandbox_supplier.refresh_from_db()
    assert sandbox_supplier.paused_reason
    assert {fresh(job).status, fresh(other).status} == {"queued"}
    transfer_sweep()
    assert woken() == [], "the jobs of a stopped supplier are left alone"
    sandbox_supplier.account.credentials.filter(name="client_secret").update(
        value=sandbox.app.suppliers["greengrocer"].client_secret
    )
    Supplier.objects.update(paused_reason="")
    transfer_sweep()
    work_off()
    assert {fresh(job).status, fresh(other).status} == {"sent"}


def test_supplier_without_look_up_leaves_the_decision_to_a_person(sandbox, sandbox_supplier):
    sandbox_supplier.account.settings |= {"order_lookup_path": "", "duplicate_check": "no"}
    sandbox_supplier.account.save()
    sandbox.faults.set(Fault(kind=Kind.ERROR_AFTER, operation="submit", count=1))
    job = approved(sandbox_supplier)
    work_off()
    job = fresh(job)
    assert (job.status, job.next_run_at) == ("unknown", None)
    transfer_sweep()
    assert woken() == []
    transfer_decide(job=job, by=buyer(), arrived=True, supplier_reference="S-77", via="test")
    order = PurchaseOrder.objects.get(pk=job.order.pk)
    assert (order.status, order.supplier_reference, effects(sandbox, order)) == ("transferred", "S-77", 1)


def test_person_who_found_that_nothing_arrived_has_it_sent_again(sandbox, sandbox_supplier):
    sandbox_supplier.account.settings["order_lookup_path"] = ""
    sandbox_supplier.account.save()
    sandbox.faults.set(Fault(kind=Kind.ERROR_BEFORE, operation="submit", count=1))
    job = approved(sandbox_supplier)
    work_off()
    transfer_decide(job=fresh(job), by=buyer(), arrived=False, via="test")
    work_off()
    assert (fresh(job).status, effects(sandbox, fresh(job).order)) == ("sent", 1)


def test_supplier_that_would_take_it_twice_is_asked_thrice_and_then_a_person(sandbox, sandbox_supplier):
    sandbox_supplier.account.settings["duplicate_check"] = "no"
    sandbox_supplier.account.save()
    sandbox.faults.set(Fault(kind=Kind.ERROR_BEFORE, operation="submit", count=1))
    job = approved(sandbox_supplier)
    for _ in range(5):
        work_off()
        if fresh(job).next_run_at:
            transfer_look_up(job=fresh(job), by=buyer(), via="test")
    job = fresh(job)
    assert (job.status, job.lookups, job.next_run_at) == ("unknown", 3, None)
    assert effects(sandbox, job.order) == 0


def test_worker_that_died_before_sending_is_replaced(sandbox, sandbox_supplier):
    job = approved(sandbox_supplier)
    assert transfer_claim(job.pk, "the worker that dies")
    TransferJob.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    transfer_sweep()
    assert fresh(job).status == "queued"
    work_off()
    assert (fresh(job).status, fresh(job).attempts) == ("sent", 2)
    assert effects(sandbox, fresh(job).order) == 1


@pytest.mark.parametrize("arrived", [True, False])
def test_worker_that_died_while_sending_leaves_an_unknown_outcome_that_is_settled(
    sandbox, sandbox_supplier, arrived
):
    job = approved(sandbox_supplier)
    if arrived:
        work_off()
    else:
        transfer_claim(job.pk, "the worker that dies")
    past = timezone.now() - timedelta(seconds=1)
    TransferJob.objects.update(status="running", lease_until=past, submitted_at=past, finished_at=None)
    PurchaseOrder.objects.update(status="draft", supplier_reference="")
    transfer_sweep()
    assert fresh(job).status == "unknown"
    work_off()
    assert (fresh(job).status, fresh(job).order.status) == ("sent", "transferred")
    assert effects(sandbox, fresh(job).order) == 1


def test_late_worker_finds_its_result_refused(sandbox, sandbox_supplier):
    """The worker sleeps through its lease after sending; another settles the job; then the first wakes up."""
    job = approved(sandbox_supplier)
    sleeper = transfer_claim(job.pk, "sleeper")
    TransferJob.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    transfer_sweep()
    work_off()
    assert fresh(job).status == "sent"

    assert not job_about_to_send(sleeper), "the check that stands between the lease and the socket"
    assert effects(sandbox, fresh(job).order) == 1


def test_sweep_wakes_what_lost_its_wake_up_and_is_harmless_twice(sandbox, sandbox_supplier):
    job = approved(sandbox_supplier)
    OrmQ.objects.all().delete()
    transfer_sweep()
    transfer_sweep()
    assert len(woken()) == 2
    work_off()
    assert (fresh(job).status, fresh(job).attempts, effects(sandbox, fresh(job).order)) == ("sent", 1, 1)
