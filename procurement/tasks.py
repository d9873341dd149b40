"""Entry points for the background worker on the planning side.

Those of periodic jobs take no arguments; what they do is in chores.py, and that it happens once at a time in
services/jobs.py.
"""

import logging

from django.contrib.auth.models import User

from orders.models import Site
from orders.wakeups import wake
from procurement.chores import LONGEST_READING, fetch_source_events, suppliers_in_use, sync_catalogue
from procurement.exceptions import PlanAlreadyRunning, SyncAlreadyRunning
from procurement.models import JobRun, PlanRun, SourceAccount, SourceRun
from procurement.schedules import JOBS
from procurement.services import planning
from procurement.services.alert_mails import alert_tell
from procurement.services.files.working import file_work
from procurement.services.job_parts import part_run
from procurement.services.jobs import job_run, job_scheduled
from procurement.services.plan_claims import plan_start
from procurement.services.replays import replay_do
from procurement.services.stock_settling import settle_on
from procurement.services.syncing import source_sync
from procurement.source_status import sources_due

log = logging.getLogger(__name__)


def sweep() -> None:
    job_scheduled(job=JOBS["sweep"])


def watch() -> None:
    job_scheduled(job=JOBS["watch"])


def poll_suppliers() -> None:
    job_scheduled(job=JOBS["poll-suppliers"])


def sync_sources() -> None:
    job_scheduled(job=JOBS["sync-sources"])


def fetch_events() -> None:
    job_scheduled(job=JOBS["fetch-events"])


def fetch_events_of(source_id: int) -> None:
    """All that wait of a source. Twice the same is harmless: the second finds the first at work, or nothing to do."""
    if fetch_source_events(source_id).more:
        wake("procurement.tasks.fetch_events_of", source_id)


def replan() -> None:
    job_scheduled(job=JOBS["replan"])


def plan_before_cut_offs() -> None:
    job_scheduled(job=JOBS["plan-before-cut-offs"])


def settle_stock() -> None:
    job_scheduled(job=JOBS["settle-stock"])


def sync_catalogues() -> None:
    job_scheduled(job=JOBS["sync-catalogues"])


def refresh_prices() -> None:
    job_scheduled(job=JOBS["old-prices"])


def poll_hot_stock() -> None:
    job_scheduled(job=JOBS["hot-stock"])


def find_price_changes() -> None:
    job_scheduled(job=JOBS["price-changes"])


def measure_suppliers() -> None:
    job_scheduled(job=JOBS["measure-suppliers"])


def prune() -> None:
    job_scheduled(job=JOBS["prune"])


def run_job(run_id: int) -> None:
    """Somebody asked for it."""
    run = JobRun.objects.filter(pk=run_id).first()
    if run is not None and run.job in JOBS:
        job_run(job=JOBS[run.job], run=run)


def run_part(part_id: int) -> None:
    part_run(part_id=part_id)


def settle_stock_on(site_id: int, after: int, user_id: int = 0) -> None:
    """The rest of a site's items, after that one."""
    settle_on(site=Site.objects.get(pk=site_id), by=User.objects.filter(pk=user_id).first(), after=after)


def tell_alert(alert_id: int) -> None:
    alert_tell(alert_id=alert_id)


def run_plan(site_id: int, user_id: int = 0) -> None:
    """Begin a plan; its parts and the choice of suppliers are tasks of their own. A failure is kept with the run."""
    try:
        run = plan_start(site=Site.objects.get(pk=site_id), by=User.objects.filter(pk=user_id).first())
    except PlanAlreadyRunning as error:
        log.info("%s", error)
        return
    planning.plan_step(run=run)


def plan_step(run_id: int) -> None:
    if run := PlanRun.objects.filter(pk=run_id).first():
        planning.plan_step(run=run)


def plan_part(partition_id: int) -> None:
    planning.plan_part(pk=partition_id)


def run_replay(run_id: int) -> None:
    """Twice the same is harmless: the second finds the first at work, or nothing to do."""
    replay_do(pk=run_id)


def sync_source(source_id: int, user_id: int = 0) -> None:
    """Twice the same is harmless: the second finds the first at work. What is left to read is the next task's."""
    source = SourceAccount.objects.filter(pk=source_id).first()
    if source is None:
        return
    try:
        run = source_sync(source=source, by=User.objects.filter(pk=user_id).first(), within=LONGEST_READING)
    except SyncAlreadyRunning as error:
        log.info("%s", error)
        return
    if run.status == SourceRun.Status.DONE and sources_due().filter(pk=source_id).exists():
        wake("procurement.tasks.sync_source", source_id)


def read_list(supplier_id: int) -> None:
    """Of one supplier, out of turn: somebody said what a code in its list means."""
    sync_catalogue(supplier_id)


def work_on_file(file_import_id: int) -> None:
    file_work(pk=file_import_id, within=LONGEST_READING)


def resume_files() -> None:
    job_scheduled(job=JOBS["file-imports"])


def first_plan(site_id: int, after: int = 0) -> None:
    """For a new installation: learn what one supplier after the other offers, a task each, then propose orders."""
    supplier = suppliers_in_use().filter(pk__gt=after).first()
    if supplier is None:
        run_plan(site_id)
    else:
        sync_catalogue(supplier.pk)
        wake("procurement.tasks.first_plan", site_id, supplier.pk)
