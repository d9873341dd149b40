"""A supplier that allows so many calls a minute is not called more often, by however many of us."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from orders.models import TransferJob
from orders.services.amendments import order_ask_to_cancel
from orders.services.live_check import order_preview
from orders.services.sweep import transfer_sweep
from orders.tasks import settle_transfer
from procurement.chores import poll_supplier
from suppliers.exceptions import CallsUsedUp
from suppliers.models import CallWindow, Supplier
from suppliers.sandbox.server import SandboxServer
from suppliers.services.connection_report import connection_report
from suppliers.services.pace import AT_ONCE, MINUTE, calls_limit, calls_wait, pace_of
from suppliers.services.quotes import stock_refresh
from tests import factories
from tests.fixtures.sandbox import sandbox_world, supplier_create
from tests.flow.background import woken, work_off
from tests.flow.race import race
from tests.flow.scenes import approved, draft
from tests.orders.factories import buyer
from tests.pages.reading import text


@pytest.fixture
def server(tmp_path) -> Iterator[SandboxServer]:
    with SandboxServer([sandbox_world(protocol="rest")], ledger=tmp_path / "ledger.sqlite3") as server:
        yield server


@pytest.fixture
def limited(db: None, server: SandboxServer) -> Supplier:
    """One call a minute."""
    supplier = supplier_create(server)
    Supplier.objects.update(calls_per_minute=1)
    supplier.refresh_from_db()
    return supplier


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        yield clock


def test_second_order_waits_for_its_minute_and_keeps_its_attempts(limited, clock):
    first, second = approved(limited), approved(limited)
    work_off()
    first.refresh_from_db(), second.refresh_from_db()
    assert (first.status, second.status, second.attempts) == ("sent", "queued", 0)
    assert second.next_run_at == timezone.now() + timedelta(seconds=MINUTE)
    clock.shift(59)
    transfer_sweep()
    assert woken() == []
    clock.shift(2)
    transfer_sweep()
    work_off()
    second.refresh_from_db()
    assert (second.status, second.attempts) == ("sent", 1)


def test_cancellation_waits_for_its_minute(limited, clock):
    job = approved(limited)
    work_off()
    job.order.refresh_from_db()
    amendment = order_ask_to_cancel(
        order=job.order, by=buyer(), version=job.order.version, reason="By mistake.", via="test"
    )
    work_off()
    amendment.refresh_from_db()
    assert (amendment.status, amendment.attempts) == ("queued", 0)
    clock.shift(61)
    transfer_sweep()
    work_off()
    amendment.refresh_from_db()
    assert amendment.status == "agreed"


def test_unknown_outcome_is_looked_up_when_it_may_be(limited, clock):
    job = approved(limited)
    TransferJob.objects.update(status="unknown", attempts=1)
    pace_of(limited, patience=None)()
    settle_transfer(job.pk)
    job.refresh_from_db()
    assert (job.status, job.lookups) == ("unknown", 0)
    assert job.next_run_at == timezone.now() + timedelta(seconds=MINUTE)


@pytest.mark.django_db
def test_any_minute_holds_no_more_than_allowed(clock):
    supplier = factories.supplier(calls_per_minute=3)
    made, told = [], []
    for _ in range(200):
        try:
            pace_of(supplier, patience=timedelta(0))()
            made.append(timezone.now().timestamp())
        except CallsUsedUp as refused:
            told.append(refused.retry_after)
        clock.shift(1.7)
    assert len(made) >= 15
    assert timedelta(0) < min(told) <= max(told) <= timedelta(seconds=MINUTE)
    assert all(later - earlier >= MINUTE for earlier, later in zip(made, made[3:], strict=False))


@pytest.mark.django_db
def test_order_under_way_is_not_broken_off_and_the_next_waits_longer(clock):
    supplier = factories.supplier(calls_per_minute=2)
    for _ in range(3):
        pace_of(supplier, patience=None)()
        clock.shift(10)
    assert calls_wait(supplier) == timedelta(seconds=40), "two of the three have to be a minute old"


@pytest.mark.django_db
def test_protocol_may_say_how_often_and_an_administrator_may_say_otherwise():
    zaikio, cerve = factories.supplier(protocol="zaikio"), factories.supplier()
    assert (calls_limit(zaikio), calls_limit(cerve)) == (300, None)
    zaikio.calls_per_minute = 10
    assert calls_limit(zaikio) == 10
    pace_of(cerve, patience=AT_ONCE)()
    assert not CallWindow.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
@pytest.mark.parametrize("attempt", range(3))
def test_many_at_once_share_one_minute(attempt):
    supplier = factories.supplier(calls_per_minute=5)

    def call() -> None:
        pace_of(supplier, patience=timedelta(0))()

    results = race(*(call for _ in range(12)))
    refused = [result for result in results if result is not None]
    assert len(refused) == 7
    assert all(isinstance(result, CallsUsedUp) for result in refused), results
    assert len(CallWindow.objects.get().calls) == 5


def test_person_is_told_instead_of_kept_waiting(sandbox, sandbox_supplier, client: Client):
    client.force_login(factories.user("Administrator"), backend="django.contrib.auth.backends.ModelBackend")
    Supplier.objects.update(calls_per_minute=1)
    sandbox_supplier.refresh_from_db()
    order = draft(sandbox_supplier)
    with pytest.raises(CallsUsedUp, match="allows us 1 call a minute, and they are used up"):
        order_preview(order=order)  # it needs a token, too
    sandbox_supplier.refresh_from_db()
    assert sandbox_supplier.down_until is None, "it was not asked, so it did not fail"
    report = client.post(f"/suppliers/{sandbox_supplier.code}/check/", follow=True)
    assert "they are used up" in text(report)


def test_what_a_report_could_not_try_is_not_called_broken(sandbox, sandbox_supplier):
    Supplier.objects.update(calls_per_minute=2)
    sandbox_supplier.refresh_from_db()
    report = connection_report(supplier=sandbox_supplier, by=None)
    assert not report.failed
    assert any("not tried" in ability.words and "used up" in ability.words for ability in report.abilities)


def test_long_list_waits_for_its_turns(sandbox, sandbox_supplier, clock, monkeypatch):
    Supplier.objects.update(calls_per_minute=2)
    sandbox_supplier.refresh_from_db()
    waited = []
    monkeypatch.setattr("suppliers.services.pace.time.sleep", lambda s: (waited.append(s), clock.shift(s)))
    offers = list(sandbox_supplier.products.all())
    stock_refresh(supplier=sandbox_supplier, offers=offers)
    assert sum(waited) >= MINUTE, "a token and three questions are more than two calls"
    assert len(CallWindow.objects.get().calls) <= 2


@pytest.mark.django_db
def test_poll_comes_back_later(limited, monkeypatch):
    pace_of(limited, patience=None)()
    monkeypatch.setattr("procurement.chores.supplier_poll", lambda **_: pytest.fail("the minute is used up"))
    poll_supplier(limited.pk)
