"""The stages of the main job, one after the other, each with its progress."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import requests
from django.contrib.auth.models import User
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from orders.models import PurchaseOrder, Site
from procurement.demo.calendars import calendars_ready
from procurement.demo.outcome import LiveChecks, drafts_approve, drafts_check, drafts_waiting, unsettled
from procurement.demo.sample import FILES, Loaded, sample_load, sample_write, sandbox_folder
from procurement.demo.source_systems import system_command, systems_make
from procurement.demo.sources import SourceRead, brought_by_systems, sources_read
from procurement.models import PlanRun
from procurement.processes import (
    HOST,
    Background,
    free_port,
    free_sandbox_port,
    sandbox_command,
    wait_until,
    web_command,
    worker_command,
)
from procurement.services.codes.supplier_lists import supplier_list_sync
from procurement.services.ledgers import LedgerComparison, ledger_compare
from procurement.services.planning import plan_run
from procurement.services.sample_suppliers import sample_suppliers_connect
from suppliers.models import Supplier

PATIENCE_SECONDS = 90


@dataclass(slots=True)
class Result:
    loaded: dict[str, Loaded] = field(default_factory=dict)
    suppliers: list[Supplier] = field(default_factory=list)
    plan: PlanRun | None = None
    suggested: list[PurchaseOrder] = field(default_factory=list)  # new in this run
    checks: LiveChecks = field(default_factory=LiveChecks)
    approved: list[PurchaseOrder] = field(default_factory=list)
    still_waiting: int = 0
    web_port: int = 0
    sources: dict[str, SourceRead] = field(default_factory=dict)  # by kind
    ledger: LedgerComparison = field(default_factory=lambda: LedgerComparison((), (), ()))


class Display:
    """A line with a bar for each stage; plain lines where nobody watches."""

    def __init__(self, console: Console) -> None:
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description:<44}"),
            BarColumn(24),
            TextColumn("{task.fields[note]}"),
        )
        self._progress = Progress(*columns, TimeElapsedColumn(), console=console, transient=False)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    @contextmanager
    def stage(self, title: str, total: int) -> Iterator["Stage"]:
        task = self._progress.add_task(title, total=max(total, 1), note="")
        yield Stage(self._progress, task)
        self._progress.update(task, completed=max(total, 1))


@dataclass(frozen=True, slots=True)
class Stage:
    _progress: Progress
    _task: TaskID

    def advance(self, note: str = "") -> None:
        self._progress.advance(self._task)
        if note:
            self._progress.update(self._task, note=note)

    def note(self, note: str) -> None:
        self._progress.update(self._task, note=note)

    def at(self, done: int, note: str = "") -> None:
        self._progress.update(self._task, completed=done, note=note)


def run(
    *, site: Site, approver: User, background: Background, display: Display, kinds: Sequence[str] = ()
) -> Result:
    """`kinds`: the practice systems whose orders, stock and proposals are read from them and not from files.

    Raises `SourceNotRead`.
    """
    result = Result()
    _read(result, site, display, kinds)
    systems = {kind: f"http://{HOST}:{free_port()}" for kind in kinds}
    sandbox_url, result.web_port = _start(background, display, systems)
    result.suppliers = sample_suppliers_connect(folder=sandbox_folder(), sandbox_url=sandbox_url)
    calendars_ready(site=site, suppliers=result.suppliers)
    _catalogues(result, display)
    before = set(PurchaseOrder.objects.values_list("pk", flat=True))
    if systems:
        with display.stage("Reading orders, stock, proposals", len(systems)) as stage:
            result.sources = sources_read(systems, site=site, stage=stage)
    _plan(result, site, display)
    result.suggested = list(PurchaseOrder.objects.exclude(pk__in=before).select_related("supplier"))
    _check_and_approve(result, approver, display)
    _wait_for_answers(result, display)
    received = requests.get(f"{sandbox_url}/_sandbox/ledger", timeout=10).json()["orders"]
    references = (row["reference"] for row in received for _ in range(row["effects"]))
    result.ledger = ledger_compare(references, suppliers=result.suppliers)
    return result


def _read(result: Result, site: Site, display: Display, kinds: Sequence[str]) -> None:
    elsewhere = brought_by_systems(kinds)
    with display.stage("Reading two years of order lines, stock", len(FILES) + 1) as stage:
        written = sample_write(elsewhere)
        for kind in FILES:
            stage.advance(kind.replace("_", " "))
            result.loaded[kind] = sample_load(kind, written, site, elsewhere)
        systems_make(kinds)
        stage.advance(f"{result.loaded['demand'].rows:,} rows")


def _start(background: Background, display: Display, systems: Mapping[str, str]) -> tuple[str, int]:
    web_port, sandbox_port = free_port(), free_sandbox_port()
    sandbox_url = f"http://{HOST}:{sandbox_port}"
    background.environment["PUBLIC_URL"] = f"http://{HOST}:{web_port}"  # some orders name where to answer
    with display.stage("Starting web server, worker and suppliers", 3 + len(systems)) as stage:
        for kind, url in systems.items():
            background.start(kind, system_command(kind, urlsplit(url).port or 0))
        background.start("sandbox", sandbox_command(sandbox_port, web_port=web_port))
        background.start("web", web_command(web_port))
        background.start("worker", worker_command())
        for name, url in (
            ("sandbox", f"{sandbox_url}/_sandbox/ledger"),
            ("web", f"http://{HOST}:{web_port}/healthz"),
            *systems.items(),
        ):
            background.wait_for(name, url)
            stage.advance(name)
    return sandbox_url, web_port


def _catalogues(result: Result, display: Display) -> None:
    with display.stage("Asking suppliers for ranges, prices and stock", len(result.suppliers)) as stage:
        for supplier in result.suppliers:
            supplier_list_sync(supplier=supplier)
            stage.advance(supplier.name)


def _plan(result: Result, site: Site, display: Display) -> None:
    with display.stage("Forecasting and choosing suppliers", 1) as stage:
        result.plan = plan_run(site=site, by=None)
        stage.advance(f"{result.plan.lines} lines")


def _check_and_approve(result: Result, approver: User, display: Display) -> None:
    new = {order.pk for order in result.suggested}
    drafts = [order for order in drafts_waiting() if order.pk in new]
    with display.stage("Live check of every draft with its supplier", len(drafts)) as stage:
        result.checks = drafts_check(drafts, stage.advance)
    with display.stage("Approving, as the approver", 1) as stage:
        result.approved = drafts_approve(drafts, by=approver)
        stage.advance(f"{len(result.approved)} orders")


def _wait_for_answers(result: Result, display: Display) -> None:
    pks = [order.pk for order in result.approved]
    with display.stage("Transfer in the background, suppliers answer", len(pks)) as stage:

        def settled() -> bool:
            result.still_waiting = unsettled(pks)
            stage.at(len(pks) - result.still_waiting, "waiting for callbacks" if result.still_waiting else "")
            return result.still_waiting == 0

        wait_until(settled, seconds=PATIENCE_SECONDS)
