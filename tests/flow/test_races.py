"""Two people, two workers, two messages at the same moment: one winner, and nothing done twice."""

import pytest

from orders.exceptions import OrderError
from orders.models import OrderEvent, PurchaseOrder, TransferJob
from orders.services.approval import order_approve, order_cancel
from orders.services.drafting import order_replace
from orders.services.transfer import transfer_claim
from tests.flow.race import race
from tests.orders.factories import approver, buyer, make_order

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


def winners(results):
    losers = [r for r in results if isinstance(r, Exception)]
    assert all(isinstance(r, OrderError) for r in losers), losers
    return [r for r in results if not isinstance(r, Exception)]


@pytest.mark.parametrize("attempt", range(5))
def test_two_approvers_at_once(attempt):
    order = make_order()
    people = [approver() for _ in range(4)]
    seen = [PurchaseOrder.objects.get(pk=order.pk) for _ in people]
    results = race(
        *(
            lambda p=person, o=copy: order_approve(order=o, by=p, version=0, via="test")
            for person, copy in zip(people, seen, strict=True)
        )
    )
    assert len(winners(results)) == 1
    assert TransferJob.objects.filter(order=order).count() == 1
    assert OrderEvent.objects.filter(order=order, kind="approved").count() == 1


@pytest.mark.parametrize("attempt", range(5))
def test_approve_and_cancel_at_once(attempt):
    order = make_order()
    one, two = (PurchaseOrder.objects.get(pk=order.pk) for _ in range(2))
    person, other = approver(), buyer()
    results = race(
        lambda: order_approve(order=one, by=person, version=0, via="test"),
        lambda: order_cancel(order=two, version=two.version, by=other, reason="No longer needed", via="test"),
    )
    assert sum(isinstance(r, Exception) for r in results) == 1
    order.refresh_from_db()
    assert (order.status == "cancelled") == (not TransferJob.objects.filter(order=order).exists())


@pytest.mark.parametrize("attempt", range(5))
def test_two_people_replace_one_order(attempt):
    order = make_order()
    order_cancel(order=order, version=order.version, by=buyer(), reason="Another way", via="test")
    people = [buyer(), buyer()]
    seen = [PurchaseOrder.objects.get(pk=order.pk) for _ in people]
    results = race(
        *(
            lambda p=p, o=o: order_replace(order=o, by=p, via="test")
            for p, o in zip(people, seen, strict=True)
        )
    )
    assert len(winners(results)) == 1
    assert PurchaseOrder.objects.filter(replaces=order).count() == 1


@pytest.mark.parametrize("attempt", range(5))
def test_two_workers_claim_one_job(attempt):
    order = make_order()
    job = order_approve(order=order, by=approver(), version=0, via="test")
    results = race(*(lambda n=n: transfer_claim(job.pk, f"worker-{n}") for n in range(4)))
    claims = [r for r in results if r is not None]
    assert len(claims) == 1, results
    job.refresh_from_db()
    assert (job.status, job.fence, job.attempts, job.claimed_by) == ("running", 1, 1, claims[0].claimed_by)
