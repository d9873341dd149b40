from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from orders.models import Approval, Status, TransferJob, WorkerHeartbeat
from tests import factories
from tests.pages.reading import html, text


@pytest.mark.django_db
def test_an_empty_queue_says_what_to_do_next(buyer: Client) -> None:
    page = text(buyer.get("/"))
    assert "All clear" in page
    assert "Plan once, and the first drafts appear here" in page


@pytest.mark.django_db
def test_everything_that_waits_is_listed_with_a_link(buyer: Client) -> None:
    draft = factories.order(lines=2)
    returned = factories.order()
    Approval.objects.create(
        order=returned,
        decision=Approval.Decision.RETURNED,
        by=factories.user("Approver"),
        at=timezone.now(),
        comment="no",
    )
    changed = factories.order(status=Status.CONFIRMED)
    factories.exception(changed, text="Line 1 costs 2.75 instead of 2.50.")
    unknown = factories.order()
    factories.transfer(unknown, TransferJob.Status.UNKNOWN, attempts=1, error="No answer in time.")
    late = factories.order(status=Status.TRANSFERRED, requested_date=factories.yesterday())
    message = factories.inbound(error="There is no order XYZ.")
    answer = buyer.get("/")
    page, source = text(answer), html(answer)
    for order in (draft, returned, changed, unknown, late):
        assert f'href="/orders/{order.number}/"' in source
    assert f'href="/inbox/{message.pk}/"' in source
    for words in ("Line 1 costs 2.75", "No answer in time.", "There is no order XYZ.", "£60.00", "2 lines"):
        assert words in page


@pytest.mark.django_db
def test_an_order_with_many_changes_is_one_entry(buyer: Client) -> None:
    order = factories.order(status=Status.CONFIRMED)
    for n in range(12):
        factories.exception(order, text=f"Line {n} comes later.")
    answer = buyer.get("/")
    assert html(answer).count('class="job"') == 1
    assert "12 changes : Line 0 comes later." in text(answer)


@pytest.mark.django_db
def test_a_rejected_order_waits_until_it_was_replaced(buyer: Client) -> None:
    order = factories.order(factories.supplier(name="Alder Ltd"), status=Status.REJECTED)
    factories.exception(order, kind="rejected")
    assert "Alder Ltd will not deliver it" in text(buyer.get("/"))
    buyer.post(f"/orders/{order.number}/replace/")
    assert "will not deliver it" not in text(buyer.get("/"))


@pytest.mark.django_db
def test_a_stopped_supplier_is_shown_with_the_reason(buyer: Client) -> None:
    assert "Stopped suppliers" not in text(buyer.get("/"))
    factories.supplier(name="Alder Ltd", paused_reason="The supplier refused our credentials.")
    page = text(buyer.get("/"))
    assert "Stopped suppliers" in page
    assert "The supplier refused our credentials." in page


@pytest.mark.django_db
def test_a_long_pile_is_cut_and_counted(buyer: Client) -> None:
    supplier = factories.supplier()
    for _ in range(11):
        factories.order(supplier)
    answer = buyer.get("/")
    assert html(answer).count('class="job"') == 8
    assert "show all 11" in text(answer)


@pytest.mark.django_db
def test_the_number_of_queries_does_not_grow_with_the_queue(
    buyer: Client, django_assert_max_num_queries
) -> None:
    supplier = factories.supplier()
    for _ in range(7):
        factories.exception(factories.order(supplier, status=Status.CONFIRMED))
        factories.order(supplier)
    with django_assert_max_num_queries(22):
        buyer.get("/")


@pytest.mark.django_db
def test_a_silent_worker_is_announced(buyer: Client) -> None:
    assert "background worker" not in text(buyer.get("/"))  # a new installation, nothing to do yet
    factories.transfer(factories.order())
    TransferJob.objects.update(created_at=timezone.now() - timedelta(minutes=4))
    assert "has not started yet" in text(buyer.get("/"))
    beat = WorkerHeartbeat.objects.create(name="sweep", at=timezone.now())
    assert "background worker" not in text(buyer.get("/"))
    beat.at = timezone.now() - timedelta(minutes=4)
    beat.save()
    assert "last seen 4 minutes ago" in text(buyer.get("/"))
