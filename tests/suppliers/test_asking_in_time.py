"""Whoever asks with only so much time neither waits for a free minute nor calls beyond it; what came is kept."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from procurement.chores import poll_hot_stock, refresh_prices
from procurement.models import JobPart
from procurement.services.job_parts import part_run, parts_rescue
from procurement.services.jobs import job_scheduled
from suppliers.exceptions import CallsUsedUp, TimeUsedUp
from suppliers.models import CallWindow, PriceQuote, Purpose, Supplier, SupplierProduct
from suppliers.services.catalogue import catalogue_sync
from suppliers.services.pace import UNTIL_FREE, pace_of
from tests import factories
from tests.flow.background import woken
from tests.procurement.jobs import Done, job

pytestmark = pytest.mark.django_db


@pytest.fixture
def slow(sandbox_supplier, monkeypatch: pytest.MonkeyPatch) -> Supplier:
    """Prices of three days ago, four calls a minute; to wait for the next minute is to fail."""
    catalogue_sync(supplier=sandbox_supplier)
    ago = timezone.now() - timedelta(days=3)
    SupplierProduct.objects.update(prices_checked_at=ago, stock_as_of=ago)
    PriceQuote.objects.update(fetched_at=ago)
    CallWindow.objects.all().delete()
    Supplier.objects.update(calls_per_minute=4)
    sandbox_supplier.refresh_from_db()

    def waited(seconds: float) -> None:
        raise AssertionError(f"waited {seconds} s in a task that ends after 60")

    monkeypatch.setattr("suppliers.services.pace.time.sleep", waited)
    return sandbox_supplier


def test_free_minute_is_not_waited_for_beyond_the_time_there_is(slow):
    before_a_call = pace_of(slow, patience=UNTIL_FREE, purpose=Purpose.PRICES, until=time.monotonic() + 20)
    for _ in range(4):
        before_a_call()
    with pytest.raises(CallsUsedUp, match="allows us 4 calls a minute"):
        before_a_call()


def test_nothing_is_called_after_the_time(db):
    supplier = factories.supplier()
    with pytest.raises(TimeUsedUp, match="the time for it was used up"):
        pace_of(supplier, patience=None, until=time.monotonic() - 1)()
    pace_of(supplier, patience=None, until=time.monotonic() + 60)()


def test_expired_prices_are_asked_a_minute_after_the_other_and_none_of_the_calls_is_wasted(slow):
    done = refresh_prices(slow.pk)
    assert sum(done.counts.values()) >= 1
    assert (done.error, done.more, done.later) == ("", True, True)
    again = refresh_prices(slow.pk)
    assert (sum(again.counts.values()), again.error, again.more) == (0, "", False)


def test_stock_that_was_told_before_the_minute_was_full_is_kept(slow, monkeypatch):
    offers = list(slow.products.order_by("pk"))
    monkeypatch.setattr("procurement.chores.offers_hot", lambda **_: offers * 2)
    done = poll_hot_stock(slow.pk)
    assert done.counts["stock figures"] >= 3


def test_part_that_goes_on_later_is_woken_by_the_watch(monkeypatch):
    tidy = job(monkeypatch, lambda _: Done({"things": 1}, more=True, later=True), of=[7])
    job_scheduled(job=tidy)
    part = JobPart.objects.get()
    assert part_run(part_id=part.pk).state == JobPart.State.WAITING
    assert woken() == [f"procurement.tasks.run_part({part.pk})"], "that of the beginning"
    assert parts_rescue() == 0, "not yet"
    JobPart.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert parts_rescue() == 1
