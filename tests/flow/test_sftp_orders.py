"""Orders on the SFTP channel from approval to the supplier's folder, whatever goes wrong: none lost, none doubled."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone

from orders.models import PurchaseOrder, Status, TransferJob
from orders.services.sweep import transfer_sweep
from suppliers.models import Supplier
from suppliers.sandbox.app import Timing
from suppliers.sandbox.faults import Fault, Kind
from suppliers.sandbox.server import SandboxServer
from tests.fixtures.sandbox import sandbox_world, supplier_create
from tests.flow.background import work_off
from tests.flow.scenes import approved, effects

BREAKING = (Kind.ERROR_BEFORE, Kind.RESET_BEFORE, Kind.ERROR_AFTER, Kind.RESET_AFTER, Kind.BROKEN_BODY)


@pytest.fixture
def depot(tmp_path: Path) -> Iterator[SandboxServer]:
    world = sandbox_world(protocol="sftp_ubl")
    with SandboxServer([world], ledger=tmp_path / "ledger.sqlite3", timing=Timing()) as server:
        yield server


@pytest.fixture
def supplier(db: None, depot: SandboxServer) -> Supplier:
    return supplier_create(depot)


def work_until_sent(rounds: int = 12) -> None:
    """Time moves by writing it."""
    for _ in range(rounds):
        work_off()
        waiting = TransferJob.objects.exclude(status=TransferJob.Status.SENT)
        if not waiting.update(next_run_at=timezone.now()):
            return
        Supplier.objects.update(down_until=None, failures=0)
        transfer_sweep()


def test_order_arrives_once_when_the_look_up_fails_too(supplier, depot):
    depot.faults.set(Fault(kind=Kind.RESET_AFTER, operation="submit", count=1))
    depot.faults.set(Fault(kind=Kind.ERROR_BEFORE, operation="look_up", count=3))
    order = approved(supplier).order
    work_until_sent()
    order.refresh_from_db()
    assert (order.status, effects(depot, order)) == (Status.TRANSFERRED, 1)


def test_none_is_lost_and_none_doubled_when_much_goes_wrong(supplier, depot):
    for seed, kind in enumerate(BREAKING):
        depot.faults.set(Fault(kind=kind, probability=0.15, seed=seed))
    orders = [approved(supplier, APLJ_1L=6).order for _ in range(8)]
    work_until_sent(rounds=6)
    depot.faults.clear()
    work_until_sent()
    assert [effects(depot, order) for order in orders] == [1] * 8
    assert set(PurchaseOrder.objects.values_list("status", flat=True)) == {Status.TRANSFERRED}
    assert TransferJob.objects.filter(attempts__gt=1).exists()


def test_person_decides_when_no_archive_is_known(supplier, depot):
    supplier.account.settings["archive_folder"] = ""
    supplier.account.save()
    depot.faults.set(Fault(kind=Kind.RESET_AFTER, operation="submit", count=1))
    job = approved(supplier)
    work_off()
    job.refresh_from_db()
    assert (job.status, job.next_run_at) == (TransferJob.Status.UNKNOWN, None)
    assert effects(depot, job.order) == 1
