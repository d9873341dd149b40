"""An approved order reaches each protocol's supplier once, whatever breaks on the way: none lost, none doubled."""

import pytest

from orders.models import TransferJob
from suppliers.connectors.base import Capability
from suppliers.connectors.registry import connector_class
from suppliers.models import Supplier, SupplierCredential
from suppliers.sandbox.app import account_settings
from suppliers.sandbox.faults import Fault, Kind
from suppliers.services.capabilities import supplier_capabilities
from tests.contract.settling import (
    a_person_decides,
    at_the_supplier,
    lost_and_doubled,
    supplier_resumed,
    work_until_quiet,
)
from tests.flow.background import work_off
from tests.flow.scenes import approved, kinds

NOBODY_LISTENS = "http://127.0.0.1:9"  # nor at the ports that follow from it
# Mail: a reply of 451 or 421, none, or half a reply code. Folders: an upload or a renaming that fails, has no answer,
# or has one that is nonsense.
BROKEN = {
    "error before it was looked at": (Kind.ERROR_BEFORE, False),
    "cut off before it was looked at": (Kind.RESET_BEFORE, False),
    "too many orders at once": (Kind.RATE_LIMITED, False),
    "error after it was taken": (Kind.ERROR_AFTER, True),
    "cut off after it was taken": (Kind.RESET_AFTER, True),
    "no answer in time after it was taken": (Kind.HANG_AFTER, True),
    "reply that nobody can read": (Kind.BROKEN_BODY, True),
}


def fresh(job: TransferJob) -> TransferJob:
    return TransferJob.objects.select_related("order").get(pk=job.pk)


@pytest.mark.parametrize("broken", BROKEN)
def test_order_whose_sending_breaks_is_found_or_left_to_a_person(supplier, server, broken):
    kind, arrives = BROKEN[broken]
    server.faults.set(Fault(kind=kind, operation="submit", count=1, seconds=5))
    job = approved(supplier)
    work_until_quiet()
    job = fresh(job)
    assert not arrives or "outcome_unknown" in kinds(job.order)
    if job.status == TransferJob.Status.UNKNOWN:
        can = supplier_capabilities(supplier)
        certain = Capability.LOOKUP in can and (arrives or Capability.IDEMPOTENT_SUBMIT in can)
        assert not certain, "the supplier could have been asked"
        assert at_the_supplier(server) == {job.order.buyer_reference: (1, int(arrives))}, (
            "never sent again blindly"
        )
        a_person_decides(job, arrived=arrives)
        job = fresh(job)
    assert job.status == "sent"
    assert job.order.status != "draft"  # some suppliers answer in their reply, or by what a look-up finds
    assert at_the_supplier(server)[job.order.buyer_reference][1] == 1


def test_order_is_kept_while_nobody_listens(supplier, server, world):
    account = supplier.account
    account.settings |= account_settings(world, NOBODY_LISTENS)
    account.save()
    job = approved(supplier)
    work_off()
    job = fresh(job)
    assert (job.status, job.attempts, job.order.status) == ("queued", 1, "draft")
    account.settings |= account_settings(world, server.origin)
    account.save()
    work_until_quiet()
    assert (fresh(job).status, lost_and_doubled(server)) == ("sent", ([], []))


def batch(supplier: Supplier) -> list[TransferJob]:
    """Three orders, of which the first has been sent."""
    first = approved(supplier)
    work_off()
    assert fresh(first).status == "sent"
    return [first, approved(supplier), approved(supplier)]


def test_session_that_ends_in_mid_batch_is_renewed_or_keeps_the_rest_waiting(supplier, server):
    """Where there is no session to renew: whom the supplier lets in no more, nor will it with the same words."""
    jobs = batch(supplier)
    signs_in = supplier.calls.filter(operation__in=["token", "create_session"]).exists()
    server.faults.set(Fault(kind=Kind.TOKEN_EXPIRED, count=1))
    work_off()
    supplier.refresh_from_db()
    assert bool(supplier.paused_reason) != signs_in
    if supplier.paused_reason:
        assert {fresh(job).status for job in jobs[1:]} == {"queued"}
        supplier_resumed()
    assert {fresh(job).status for job in jobs} == {"sent"}
    assert [effects for _, effects in at_the_supplier(server).values()] == [1, 1, 1]


def test_credentials_that_are_changed_over_there_in_mid_batch_keep_the_rest_waiting(supplier, server):
    jobs = batch(supplier)
    known = {row.pk: row.value.reveal() for row in SupplierCredential.objects.all()}
    secret = [f.name for f in connector_class(supplier.account.protocol).credential_fields if f.secret]
    for row in SupplierCredential.objects.filter(name__in=secret):
        row.value = known[row.pk][:-4] + "0000"
        row.save()
    work_off()
    supplier.refresh_from_db()
    assert supplier.paused_reason
    assert {fresh(job).status for job in jobs[1:]} == {"queued"}
    for pk, value in known.items():
        SupplierCredential.objects.filter(pk=pk).update(value=value)
    supplier_resumed()
    assert {fresh(job).status for job in jobs} == {"sent"}
    assert [effects for _, effects in at_the_supplier(server).values()] == [1, 1, 1]
