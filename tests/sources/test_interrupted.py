"""A reading that ends anywhere, however hard, and is started again leaves the same tables as one nobody disturbed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from orders.models import OrderEvent, OrderException, PurchaseOrder, PurchaseOrderLine
from procurement.exceptions import SyncAlreadyRunning
from procurement.models import (
    CodeSystem,
    CustomerOrder,
    CustomerOrderLine,
    DailyDemand,
    JournalLine,
    Proposal,
    ProposalDraft,
    SourceAccount,
    SourceEvent,
    SourceProblem,
    SourceRun,
    StockChange,
    StockLevel,
    StockPart,
    StockStatement,
    UnmatchedCode,
    WaitingEntry,
)
from procurement.services import syncing
from procurement.services.syncing import source_stop, source_sync
from procurement.sources.sandbox.server import SourceSandbox
from suppliers.connectors import oauth
from suppliers.connectors.http import HttpClient
from suppliers.models import ExchangeRate
from tests.sources.accounts import PAGED, make_products, tables
from tests.sources.salesforce_org import order
from tests.sources.scenes import SCENES, Scene

pytestmark = pytest.mark.django_db(transaction=True)


class Killed(BaseException):
    """As hard as a process can be ended: no handler for errors gets to see it."""


class Steps:
    """Counts the steps of a reading, and ends it before the one that is wanted."""

    def __init__(self, ends_at: int | None = None, error: BaseException | None = None) -> None:
        self.ends_at, self.passed = ends_at, 0
        self.error = error or Killed()

    def step(self) -> None:
        self.passed += 1
        if self.passed == self.ends_at:
            raise self.error

    def statement(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "sourcecall" not in sql:  # a journal of calls that cannot be written costs the reading nothing
            self.step()
        return execute(sql, params, many, context)

    @contextmanager
    def watching(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        exchange = HttpClient._exchange

        def asked(*args: Any, **kwargs: Any) -> Any:
            self.step()
            reply = exchange(*args, **kwargs)
            self.step()
            return reply

        with monkeypatch.context() as patch, connection.execute_wrapper(self.statement):
            patch.setattr(HttpClient, "_exchange", asked)
            yield


# In an order in which they can be written again.
KEPT = (
    SourceAccount, SourceRun, SourceProblem, CustomerOrder, CustomerOrderLine, DailyDemand, StockLevel,
    StockStatement, StockChange,
    PurchaseOrder, PurchaseOrderLine, OrderEvent, OrderException, Proposal, ProposalDraft, JournalLine,
    ExchangeRate,
    CodeSystem, UnmatchedCode, WaitingEntry, StockPart, SourceEvent,
)  # fmt: skip


class Snapshot:
    """All rows that a reading may write, to begin again from."""

    def __init__(self) -> None:
        self._rows = {model: list(model.objects.all()) for model in KEPT}

    def restore(self) -> None:
        oauth._slots.clear()
        for model in reversed(KEPT[1:]):
            QuerySet(model).delete()  # events of orders are append-only for everybody else
        for model, rows in self._rows.items():
            if model is SourceAccount:
                for row in rows:
                    row.save()
            else:
                model.objects.bulk_create(rows)


def read_to_the_end(source: SourceAccount) -> None:
    SourceRun.objects.filter(status="running").update(lease_until=timezone.now() - timedelta(seconds=1))
    run = source_sync(source=source, by=None)
    assert run.status == "done", run.error


@pytest.fixture(params=PAGED)
def scene(request: pytest.FixtureRequest) -> Iterator[Scene]:
    """Every source, two rows a page; a new one without a scene fails here."""
    with SourceSandbox(request.param, page_size=2) as sandbox:
        yield SCENES[request.param](sandbox)


@pytest.fixture
def world(db: None, scene: Scene) -> SourceAccount:
    make_products("A", "B", "C")
    return scene.begin()


def places(run: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> int:
    oauth._slots.clear()  # to fetch a token is a step, too
    steps = Steps()
    with steps.watching(monkeypatch):
        run()
    return steps.passed


@pytest.mark.parametrize("reading", ["the first", "one of changes"])
def test_killed_at_any_place_and_started_again_leaves_the_same_tables(world, scene, monkeypatch, reading):
    if reading == "one of changes":
        read_to_the_end(world)
        scene.change()
    before = Snapshot()
    count = places(lambda: source_sync(source=world, by=None), monkeypatch)
    undisturbed = tables()
    assert any(undisturbed[brought] for brought in ("lines", "stock", "drafts", "rates"))
    assert undisturbed["problems"]
    # A place is before or after a statement or a call. Not all of them, so that the test stays short.
    tried = range(1, count + 1, max(1, count // 21))
    assert len(tried) >= 20
    for place in tried:
        before.restore()
        with pytest.raises(Killed), Steps(ends_at=place).watching(monkeypatch):
            source_sync(source=world, by=None)
        read_to_the_end(world)
        assert tables() == undisturbed, f"ended at place {place} of {count}"


def test_error_at_any_place_is_kept_with_the_reading_and_the_next_one_mends_it(world, monkeypatch):
    """An error in the middle of a page, of any kind: the page and its cursor stay untaken."""
    before = Snapshot()
    count = places(lambda: source_sync(source=world, by=None), monkeypatch)
    undisturbed = tables()
    for place in range(10, count - 5, max(1, count // 7)):
        before.restore()
        with Steps(ends_at=place, error=RuntimeError("a bug")).watching(monkeypatch):
            run = source_sync(source=world, by=None)
        assert (run.status, "RuntimeError" in run.error) == ("failed", True)
        read_to_the_end(world)
        assert tables() == undisturbed, f"failed at place {place} of {count}"


def test_reading_breaks_off_after_its_time_and_goes_on_from_there(world):
    slices = 0
    while True:
        run = source_sync(source=world, by=None, within=timedelta(0))
        assert run.status == "done"
        slices += 1
        world.refresh_from_db()
        if world.next_run_at > timezone.now():
            break
    assert slices > 3
    read_in_pieces = tables()
    SourceAccount.objects.update(cursor={})
    CustomerOrder.objects.all().delete()
    for model in (StockLevel, StockStatement, StockChange, ExchangeRate):
        model.objects.all().delete()
    read_to_the_end(world)
    assert tables() == read_in_pieces


def test_one_reading_of_a_source_at_a_time(source, org):
    order(org, 1, (1, "A", 1))
    SourceRun.objects.create(account=source, lease_until=timezone.now() + timedelta(minutes=1))
    with pytest.raises(SyncAlreadyRunning, match="is being read already"):
        source_sync(source=source, by=None)
    assert not CustomerOrder.objects.exists()


@pytest.mark.parametrize(
    "length", [timedelta(seconds=-1), timedelta(hours=5)], ids=["died", "clock set back"]
)
def test_reading_that_died_is_taken_over_and_named(source, org, length):
    order(org, 1, (1, "A", 1))
    died = SourceRun.objects.create(account=source, lease_until=timezone.now() + length)
    assert source_sync(source=source, by=None).status == "done"
    died.refresh_from_db()
    assert (died.status, "no sign of life" in died.error) == ("failed", True)


def during_the_second_page(source: SourceAccount, happening: Callable[[], Any]) -> SourceRun:
    """Read, while something happens before the second page is taken over."""
    take, taken = syncing.reading_take, 0

    def taking(*args: Any) -> None:
        nonlocal taken
        taken += 1
        if taken == 2:
            happening()
        take(*args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(syncing, "reading_take", taking)
        return source_sync(source=source, by=None)


def test_reading_that_is_stopped_keeps_its_whole_pages(source, org):
    for n in range(1, 6):
        order(org, n, (n, "A", 1))
    run = during_the_second_page(source, lambda: source_stop(source=source, by=None))
    assert (run.status, run.error) == ("cancelled", "Stopped by the system.")
    assert CustomerOrder.objects.count() == 2
    read_to_the_end(source)
    assert CustomerOrder.objects.count() == 5


def test_late_reading_writes_nothing_after_another_took_over(source, org):
    for n in range(1, 6):
        order(org, n, (n, "A", 1))

    def overtaken() -> None:
        read_to_the_end(source)
        order(org, 1, (1, "A", 9), stamp=None)

    run = during_the_second_page(source, overtaken)
    assert run.status == "failed"
    assert CustomerOrder.objects.count() == 5
    source.refresh_from_db()
    assert set(source.cursor) == {"since"}  # that of the reading which came to its end
