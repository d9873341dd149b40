"""Entry points for the background worker on the planning side."""

import logging
from datetime import timedelta

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils import timezone
from django_q.models import Failure, Success

from orders.models import Site
from orders.wakeups import wake
from procurement.exceptions import PlanningError
from procurement.services.planning import plan_run
from suppliers.exceptions import ConnectorConfigurationError, ConnectorError
from suppliers.models import ConnectorCall, Supplier
from suppliers.services.catalogue import catalogue_sync

log = logging.getLogger(__name__)
KEEP_TASK_RESULTS = timedelta(days=3)
KEEP_CALLS = timedelta(days=90)


def run_plan(site_id: int, user_id: int = 0) -> None:
    """What goes wrong is kept with the run and shown on its page, so it need not fail here too."""
    try:
        plan_run(site=Site.objects.get(pk=site_id), by=User.objects.filter(pk=user_id).first())
    except PlanningError as error:
        log.warning("Plan of site %s: %s", site_id, error)


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
    ConnectorCall.objects.filter(started_at__lt=now - KEEP_CALLS, reference="").delete()
