"""A supplier that does not answer, or answers slowly, holds its own orders up and nobody else's."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from orders.models import TransferJob
from orders.services.settlement import transfer_look_up
from orders.services.sweep import transfer_sweep
from orders.services.transfer import transfer_claim, transfer_run
from suppliers.connectors.http import HttpPolicy
from suppliers.models import Supplier
from suppliers.sandbox.faults import Fault, Kind
from suppliers.services.breaker import OPENS_AFTER
from tests.flow.background import woken, work_off
from tests.flow.scenes import approved, kinds
from tests.flow.test_transfer import due_now, fresh

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking again within one call means waiting, which these tests are not about."""
    monkeypatch.setattr("suppliers.connectors.http.HttpPolicy", partial(HttpPolicy, attempts=1))


@pytest.fixture
def down(sandbox, sandbox_supplier) -> Supplier:
    """Several orders have met a supplier that is overloaded."""
    sandbox.faults.set(Fault(kind=Kind.ERROR_BEFORE, status=503, operation="token"))
    for _ in range(OPENS_AFTER):
        transfer_run(job_id=approved(sandbox_supplier).pk, worker="w")
    sandbox_supplier.refresh_from_db()
    return sandbox_supplier


def rest_is_over(supplier: Supplier) -> None:
    Supplier.objects.filter(pk=supplier.pk).update(down_until=timezone.now())


def test_orders_of_a_supplier_that_is_down_wait_and_keep_their_attempts(down):
    assert down.is_down
    job = approved(down)
    transfer_run(job_id=job.pk, worker="w")
    assert (fresh(job).status, fresh(job).attempts) == ("queued", 0)
    TransferJob.objects.update(next_run_at=timezone.now() - timedelta(minutes=1))
    work_off()
    transfer_sweep()
    assert woken() == []
    assert fresh(job).attempts == 0


def test_one_order_asks_whether_it_is_back_and_all_follow(down, sandbox):
    jobs = list(TransferJob.objects.all())
    rest_is_over(down)
    due_now(jobs[0]), due_now(jobs[1])
    transfer_run(job_id=jobs[0].pk, worker="w")
    down.refresh_from_db()
    assert down.is_down, "still down: a longer rest"
    transfer_run(job_id=jobs[1].pk, worker="w")
    assert (fresh(jobs[0]).attempts, fresh(jobs[1]).attempts) == (2, 1)
    sandbox.faults.clear()
    rest_is_over(down)
    transfer_run(job_id=jobs[1].pk, worker="w")
    work_off()
    assert {fresh(job).status for job in jobs} == {"sent"}
    down.refresh_from_db()
    assert (down.failures, down.is_down) == (0, False)


def test_rests_grow_up_to_a_quarter_of_an_hour(down):
    job = TransferJob.objects.first()
    for _ in range(3):
        rest_is_over(down)
        due_now(job)
        transfer_run(job_id=job.pk, worker="w")
    down.refresh_from_db()
    assert timedelta(minutes=3) < down.down_until - timezone.now() <= timedelta(minutes=15)


def test_a_person_may_ask_before_the_rest_is_over(sandbox, sandbox_supplier):
    sandbox.faults.set(Fault(kind=Kind.RESET_AFTER, operation="submit", count=1))
    job = approved(sandbox_supplier)
    transfer_run(job_id=job.pk, worker="w")
    assert fresh(job).status == "unknown"
    Supplier.objects.update(failures=9, down_until=timezone.now() + timedelta(minutes=9))
    work_off()
    assert fresh(job).status == "unknown"
    transfer_look_up(job=fresh(job), by=job.order.approvals.get().by, via="test")
    work_off()
    assert fresh(job).status == "sent"


def test_slow_down_is_obeyed_by_all_orders_of_the_supplier(sandbox, sandbox_supplier):
    sandbox.faults.set(Fault(kind=Kind.RATE_LIMITED, operation="submit", count=1, seconds=50))
    first, second = approved(sandbox_supplier), approved(sandbox_supplier)
    for job in (first, second):
        transfer_run(job_id=job.pk, worker="w")
    assert (fresh(first).attempts, fresh(second).attempts) == (1, 0)


def test_as_many_at_once_as_the_supplier_is_asked_for(sandbox_supplier, settings):
    settings.SUPPLIER_MOST_AT_ONCE = 1
    first, second, third = (approved(sandbox_supplier) for _ in range(3))
    running = transfer_claim(first.pk, "slow")
    assert running is not None
    transfer_run(job_id=second.pk, worker="w")
    assert fresh(second).status == "queued"
    TransferJob.objects.filter(pk=first.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    transfer_run(job_id=third.pk, worker="w")
    assert fresh(third).status == "sent"
    work_off()
    assert fresh(second).status == "sent", "woken when a turn ended"
    assert "transfer_postponed" not in kinds(second.order)
