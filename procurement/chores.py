"""What each periodic job does; the list is schedules.py. Each is safe to run twice and at the same time."""

import time
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django_q.models import Failure, Success

from orders.models import Site, WorkerHeartbeat
from orders.services.lead_times import deliveries_count
from orders.services.polling import supplier_poll, suppliers_polled
from orders.services.reliability import reliability_measure
from orders.services.sweep import transfer_sweep
from procurement.exceptions import SyncAlreadyRunning
from procurement.models import (
    SourceAccount,
    SourceCall,
    SourceEvent,
    SourceRun,
    StockStatement,
    UnmatchedCode,
)
from procurement.schedules import PERIODIC_JOBS, Done, Part
from procurement.selectors import offers_hot
from procurement.services import replanning
from procurement.services.alerting import alerts_prune, alerts_refresh
from procurement.services.codes.supplier_lists import supplier_list_sync
from procurement.services.files.pruning import files_prune
from procurement.services.files.working import file_wake, files_waiting
from procurement.services.job_history import runs_prune
from procurement.services.job_parts import parts_rescue
from procurement.services.jobs import jobs_take_over, runs_settle
from procurement.services.plan_claims import plans_clear
from procurement.services.plan_timers import plan_on_time
from procurement.services.planning import plans_rescue
from procurement.services.price_changes import AT_ONCE, price_changes_find, price_changes_prune
from procurement.services.replays import replays_rescue
from procurement.services.source_events import events_fetch, sources_with_events
from procurement.services.stock_pruning import stock_history_prune
from procurement.services.stock_settling import settle_on
from procurement.services.syncing import source_sync
from procurement.source_status import sources_due
from procurement.workers import PREFIX
from suppliers.connectors.base import Capability
from suppliers.exceptions import CallsUsedUp, ConnectorConfigurationError, ConnectorError
from suppliers.models import CallDay, CallHour, ConnectorCall, Supplier
from suppliers.selectors import offers_with_old_prices
from suppliers.services.breaker import reachable, supplier_probe
from suppliers.services.budget import answers_due
from suppliers.services.capabilities import supplier_capabilities
from suppliers.services.pace import calls_wait
from suppliers.services.quotes import prices_refresh, stock_refresh

KEEP_TASK_RESULTS = timedelta(days=3)
KEEP_CALLS = timedelta(days=90)
KEEP_SOURCE_CALLS = timedelta(days=14)
KEEP_READINGS = timedelta(days=30)
KEEP_SIGNS_OF_LIFE = timedelta(days=1)
# Then the next task: a page may take as long again, and a task ends at 60.
LONGEST_READING = timedelta(seconds=25)
OLD_PRICES = 1_000  # at once
LONGEST_CLEANING = timedelta(seconds=20)
DELETED_AT_ONCE = 1_000
HOT_OFFERS = 200  # a supplier and an hour; some suppliers are asked for one at a time


# -- looking after -------------------------------------------------------------------------------------------
def sweep() -> Done:
    swept = transfer_sweep()
    return Done({"of a dead worker taken back": swept.expired, "woken": swept.woken})


def watch() -> Done:
    counts = {
        "runs of a dead worker ended": jobs_take_over(),
        "parts woken again": parts_rescue(),
        "runs woken again": runs_settle(),
        "plans woken again": plans_rescue(),
        "ended plans cleared": plans_clear(),
        "replays woken again": replays_rescue(),
    }
    changes = alerts_refresh()
    return Done(counts | {"alerts opened": changes.opened, "alerts closed": changes.closed})


# -- suppliers -----------------------------------------------------------------------------------------------
def suppliers_to_poll() -> list[Part]:
    return _parts(suppliers_polled())


def poll_supplier(supplier_id: int) -> Done:
    supplier = Supplier.objects.filter(pk=supplier_id, paused_reason="").first()
    if supplier is None or calls_wait(supplier) or not answers_due(supplier) or not supplier_probe(supplier):
        return Done()
    try:
        return Done({"new answers": supplier_poll(supplier=supplier)})
    except CallsUsedUp:
        return Done()  # it comes back by itself
    except (ConnectorError, ConnectorConfigurationError) as error:
        return Done(error=str(error))


def suppliers_to_ask() -> list[Part]:
    return _parts(suppliers_in_use())


def sync_catalogue(supplier_id: int) -> Done:
    supplier = suppliers_in_use().filter(pk=supplier_id).first()
    if supplier is None:
        return Done()
    until = time.monotonic() + LONGEST_READING.total_seconds()
    try:
        sync = supplier_list_sync(supplier=supplier, only_unknown=True, until=until)
    except (ConnectorError, ConnectorConfigurationError) as error:
        return Done(error=str(error))
    prices, stock = sync.prices, sync.stock
    return Done(
        {
            "offers added": sync.added,
            "offers changed": sync.changed,
            "offers withdrawn": sync.withdrawn,
            "prices changed": prices.changed if prices else 0,
            "prices as before": prices.unchanged if prices else 0,
            "stock figures": stock.updated if stock else 0,
            "to mend": len(sync.unmatched) + len(sync.problems),
        },
        more=sync.out_of_time and (prices.answered if prices else 0) + (stock.updated if stock else 0) > 0,
    )


def suppliers_with_prices() -> list[Part]:
    answering = suppliers_in_use().filter(reachable())
    return _parts(s for s in answering if Capability.QUOTATION in supplier_capabilities(s))


def refresh_prices(supplier_id: int) -> Done:
    supplier = suppliers_in_use().filter(pk=supplier_id).first()
    offers = offers_with_old_prices(supplier=supplier)[:OLD_PRICES] if supplier else []
    if supplier is None or not offers:
        return Done()
    until = time.monotonic() + LONGEST_READING.total_seconds()
    try:
        prices = prices_refresh(supplier=supplier, offers=offers, until=until)
    except (ConnectorError, ConnectorConfigurationError) as error:
        return Done(error=str(error))
    counts = {"prices changed": prices.changed, "prices as before": prices.unchanged}
    full = bool(prices.put_off and not prices.out_of_time and calls_wait(supplier))  # the minute, not the day
    # That is no failure: nobody has to mend it
    used_up = bool(prices.put_off) and not (prices.out_of_time or full)
    left = prices.out_of_time or full or (not used_up and len(offers) == OLD_PRICES)
    counts["suppliers put off until midnight"] = int(used_up)
    return Done(counts, more=left and prices.answered > 0, later=full)


def suppliers_with_stock() -> list[Part]:
    answering = suppliers_in_use().filter(reachable())
    return _parts(s for s in answering if Capability.STOCK in supplier_capabilities(s))


def poll_hot_stock(supplier_id: int) -> Done:
    supplier = suppliers_in_use().filter(pk=supplier_id).first()
    offers = offers_hot(supplier=supplier, most=HOT_OFFERS) if supplier else []
    if supplier is None or not offers:
        return Done()
    until = time.monotonic() + LONGEST_READING.total_seconds()
    try:
        stock = stock_refresh(supplier=supplier, offers=offers, until=until)
    except (ConnectorError, ConnectorConfigurationError) as error:
        return Done(error=str(error))
    # What there was no time for is asked first at the next turn
    return Done({"stock figures": stock.updated})


def find_price_changes() -> Done:
    found = price_changes_find()
    return Done({"price lists compared": found}, more=found == AT_ONCE)


def measure_suppliers() -> Done:
    return Done({"suppliers measured": reliability_measure(), "deliveries timed": deliveries_count()})


def suppliers_in_use() -> QuerySet[Supplier]:
    return Supplier.objects.filter(active=True, paused_reason="", account__isnull=False).order_by("pk")


def _parts(suppliers: Iterable[Supplier]) -> list[Part]:
    return [Part(supplier.pk, supplier.name) for supplier in suppliers]


# -- sources -------------------------------------------------------------------------------------------------
def sources_to_read() -> Sequence[Part]:
    return [Part(source.pk, source.name) for source in sources_due()]


def read_source(source_id: int) -> Done:
    source = SourceAccount.objects.filter(pk=source_id).first()
    if source is None:
        return Done()
    try:
        run = source_sync(source=source, by=None, within=LONGEST_READING)
    except SyncAlreadyRunning:
        return Done()  # by somebody who asked for it
    if run.status == SourceRun.Status.FAILED:
        return Done(error=run.error)
    counts = {name: count for name, count in run.counts().items() if name not in ("fetched", "unchanged")}
    more = run.status == SourceRun.Status.DONE and sources_due().filter(pk=source_id).exists()
    return Done({"to mend" if name == "failed" else name: count for name, count in counts.items()}, more=more)


def sources_telling() -> Sequence[Part]:
    return [Part(source.pk, source.name) for source in sources_with_events()]


def fetch_source_events(source_id: int) -> Done:
    source = SourceAccount.objects.filter(pk=source_id).first()
    if source is None:
        return Done()
    try:
        run = events_fetch(source=source)
    except SyncAlreadyRunning:
        return Done()  # its end wakes us
    if run is None:
        return Done()
    if run.status == SourceRun.Status.FAILED:
        return Done(error=run.error)
    return Done({"entries asked for": run.fetched}, more=sources_with_events().filter(pk=source_id).exists())


def sites_with_stock() -> list[Part]:
    told = StockStatement.objects.filter(site=OuterRef("pk"))
    return [Part(site.pk, site.name) for site in Site.objects.filter(Exists(told)).order_by("pk")]


def sites_replanned() -> list[Part]:
    return [Part(site.pk, site.name) for site in replanning.sites_replanned()]


def replan(site_id: int) -> Done:
    run = replanning.items_replan(site=Site.objects.get(pk=site_id))
    return Done({"items planned again": len(run.products) if run else 0})


def sites_planned_by_themselves() -> list[Part]:
    return [Part(site.pk, site.name) for site in Site.objects.exclude(plan_timer=None).order_by("pk")]


def plan_before_cut_off(site_id: int) -> Done:
    run = plan_on_time(site=Site.objects.get(pk=site_id))
    return Done({"plans begun": int(run is not None)})


def settle_stock(site_id: int) -> Done:
    site = Site.objects.filter(pk=site_id).first()
    return Done({"figures of another teller": settle_on(site=site, by=None)} if site else {})


def resume_files() -> Done:
    waiting = files_waiting()
    for file_import in waiting:
        file_wake(file_import)
    return Done({"woken again": len(waiting)})


# -- cleaning up ---------------------------------------------------------------------------------------------
def prune() -> Done:
    """Orders, their messages and their events are kept."""
    now = timezone.now()
    gone = {
        "results of tasks": Success.objects.filter(stopped__lt=now - KEEP_TASK_RESULTS),
        "failures of tasks": Failure.objects.filter(stopped__lt=now - KEEP_TASK_RESULTS * 10),
        "readings": SourceRun.objects.filter(started_at__lt=now - KEEP_READINGS).exclude(status="running"),
        "events": SourceEvent.objects.filter(received_at__lt=now - KEEP_READINGS).exclude(status="waiting"),
        "counts of calls": CallHour.objects.filter(day__lt=(now - KEEP_CALLS).date()),
        "counts of days": CallDay.objects.filter(day__lt=(now - KEEP_CALLS).date()),
        "calls of sources": SourceCall.objects.filter(started_at__lt=now - KEEP_SOURCE_CALLS),
        "calls": ConnectorCall.objects.filter(started_at__lt=now - KEEP_CALLS, reference=""),
        # Of files and lists that nobody has loaded since.
        "codes that nothing waits for": UnmatchedCode.objects.filter(
            system__account=None, ignored_at=None, last_seen__lt=now - KEEP_READINGS
        ),
        "signs of life": WorkerHeartbeat.objects.filter(
            name__startswith=PREFIX, at__lt=now - KEEP_SIGNS_OF_LIFE
        ),
    }
    # What is quickly done comes first: a great heap of something else must not keep it from its turn.
    counts = {
        "runs of jobs": sum(runs_prune(job=job.name) for job in PERIODIC_JOBS),
        "alerts": alerts_prune(),
        "files": files_prune(),
        "price changes": price_changes_prune(),
    }
    until = time.monotonic() + LONGEST_CLEANING.total_seconds()
    counts |= {words: _delete(rows, until) for words, rows in gone.items()}
    return Done(counts | {"changes of stock": stock_history_prune()})


def _delete(rows: QuerySet[Any], until: float) -> int:
    """In batches, so that what was done stays done; what is left is the next turn's."""
    count = 0
    while time.monotonic() < until and (found := list(rows.values_list("pk", flat=True)[:DELETED_AT_ONCE])):
        rows.model._default_manager.filter(pk__in=found).delete()
        count += len(found)
    return count
