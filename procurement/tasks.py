"""Entry points for the background worker on the planning side."""

import logging
from datetime import timedelta

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils import timezone
from django_q.models import Failure, Success

from orders.models import Site
from orders.wakeups import wake
from procurement.exceptions import PlanningError, SyncAlreadyRunning
from procurement.models import SourceAccount, SourceRun
from procurement.selectors import offers_hot
from procurement.services.planning import plan_run
from procurement.services.syncing import source_sync
from procurement.source_status import sources_due
from suppliers.connectors.base import Capability
from suppliers.exceptions import ConnectorConfigurationError, ConnectorError
from suppliers.models import ConnectorCall, Supplier
from suppliers.services.breaker import reachable
from suppliers.services.capabilities import supplier_capabilities
from suppliers.services.catalogue import catalogue_sync
from suppliers.services.quotes import stock_refresh

log = logging.getLogger(__name__)
KEEP_TASK_RESULTS = timedelta(days=3)
KEEP_CALLS = timedelta(days=90)
KEEP_READINGS = timedelta(days=30)
LONGEST_READING = timedelta(
    seconds=25
)  # then the next task: a page may take as long again, and a task ends at 60
HOT_OFFERS = 200  # a supplier and an hour; some suppliers are asked for one at a time


def run_plan(site_id: int, user_id: int = 0) -> None:
    """What goes wrong is kept with the run and shown on its page, so it need not fail here too."""
    try:
        plan_run(site=Site.objects.get(pk=site_id), by=User.objects.filter(pk=user_id).first())
    except PlanningError as error:
        log.warning("Plan of site %s: %s", site_id, error)


def sync_sources() -> None:
    """Every source whose turn it is, a task each."""
    for source in sources_due():
        wake("procurement.tasks.sync_source", source.pk)


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


def sync_catalogues() -> None:
    """Ranges, prices and stock of every supplier, a task each: a large one must not use up the others' time."""
    for supplier in _reachable():
        wake("procurement.tasks.sync_catalogue", supplier.pk)


def sync_catalogue(supplier_id: int) -> None:
    supplier = _reachable().filter(pk=supplier_id).first()
    if supplier is None:
        return
    try:
        catalogue_sync(supplier=supplier)
    except (ConnectorError, ConnectorConfigurationError) as error:
        log.warning("Catalogue of %s: %s", supplier.code, error)


def poll_hot_stock() -> None:
    """Stock of what is about to be ordered, more often than the daily sync of everything; a task a supplier."""
    for supplier in _reachable().filter(reachable()):
        if Capability.STOCK in supplier_capabilities(supplier):
            wake("procurement.tasks.poll_hot_stock_of", supplier.pk)


def poll_hot_stock_of(supplier_id: int) -> None:
    supplier = _reachable().filter(pk=supplier_id).first()
    offers = offers_hot(supplier=supplier, most=HOT_OFFERS) if supplier else []
    if supplier is None or not offers:
        return
    try:
        stock_refresh(supplier=supplier, offers=offers)
    except (ConnectorError, ConnectorConfigurationError) as error:
        log.warning("Stock of %s: %s", supplier.code, error)


def first_plan(site_id: int, after: int = 0) -> None:
    """For a new installation: learn what one supplier after the other offers, a task each, then propose orders."""
    supplier = _reachable().filter(pk__gt=after).first()
    if supplier is None:
        run_plan(site_id)
    else:
        sync_catalogue(supplier.pk)
        wake("procurement.tasks.first_plan", site_id, supplier.pk)


def _reachable() -> QuerySet[Supplier]:
    return Supplier.objects.filter(active=True, paused_reason="", account__isnull=False).order_by("pk")


def prune() -> None:
    """Throw away what nobody reads any more; orders, their messages and their events are kept."""
    now = timezone.now()
    Success.objects.filter(stopped__lt=now - KEEP_TASK_RESULTS).delete()
    Failure.objects.filter(stopped__lt=now - KEEP_TASK_RESULTS * 10).delete()
    SourceRun.objects.filter(started_at__lt=now - KEEP_READINGS).exclude(status="running").delete()
    ConnectorCall.objects.filter(started_at__lt=now - KEEP_CALLS, reference="").delete()
