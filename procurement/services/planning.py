"""Running a plan. It goes through three phases, each of which any worker can take up: the rows say how far it has come.

    preparing   the site's items are cut into parts, and what holds for all items is learned   plan_partitions
    items       each part finds what its items need, in a task of its own                      plan_partitions
    sourcing    who delivers, for the whole site at once; drafts are written, the run ends     plan_sourcing

One plan a site at a time, held by the database. What died is taken up again by the watch, and a run that gives no sign
of life may be replaced by another one. Drafts and everything under way count as on order, and what was asked of a
supplier no longer counts as its stock on offer, so a second plan proposes nothing twice.
"""

import logging
import time
from collections.abc import Callable

from django.contrib.auth.models import AbstractBaseUser
from django.db import OperationalError, transaction
from django.db.models import Q
from django.utils import timezone

from orders.models import Site
from orders.wakeups import wake
from procurement.exceptions import PlanningError, PlanOverrun
from procurement.garbage import search_put_off
from procurement.models import PlanPartition, PlanRun
from procurement.services.plan_claims import (
    ATTEMPTS,
    DIED,
    LEASE,
    over,
    phase_claim,
    plan_cancel,
    plan_fail,
    plan_start,
)
from procurement.services.plan_partitions import (
    LONGEST_SOURCING,
    Report,
    partition_claim,
    partition_do,
    partition_wake,
    partitions_deal,
)
from procurement.services.plan_sourcing import sourcing_do

log = logging.getLogger(__name__)

LOOK_AGAIN = 0.05  # seconds, while others are at it


def _nobody(stage: str, percent: int) -> None:
    pass


def plan_run(*, site: Site, by: AbstractBaseUser | None, on_progress: Report = _nobody) -> PlanRun:
    """Plan the site now, in this process. Raises `PlanningError`."""
    return plan_execute(run=plan_start(site=site, by=by), on_progress=on_progress)


def plan_execute(*, run: PlanRun, on_progress: Report = _nobody) -> PlanRun:
    """All phases of a plan that `plan_start` has claimed, in this process. A failure is kept with the run, then raised.

    Should this process die, workers go on with it.
    """
    run.refresh_from_db()
    try:
        while run.status == PlanRun.Status.RUNNING:
            if not _go_on(run, woken=False, report=on_progress):
                time.sleep(LOOK_AGAIN)
            run.refresh_from_db()
    except KeyboardInterrupt:
        plan_cancel(run=run, by=None)
        raise
    except Exception:
        run.refresh_from_db()
        raise
    if run.status != PlanRun.Status.DONE:
        raise PlanOverrun(run.error)
    return run


def plan_step(*, run: PlanRun) -> None:
    """The phase that a run is in, if nobody is at it; workers are woken for what follows."""
    if run.status == PlanRun.Status.RUNNING and run.phase != PlanRun.Phase.ITEMS:
        _go_on(run, woken=True)


def plan_part(*, pk: int) -> None:
    """One part of a run. Twice the same is harmless: the second finds the first at work, or nothing to do."""
    part = partition_claim(pk)
    if part is not None:
        _kept(part.run, lambda: partition_do(part, woken=True), woken=True)


def plans_rescue() -> int:
    """Wake what died or was lost, give up what keeps killing its worker; how many were woken."""
    now, woken = timezone.now(), 0
    lost = Q(held_until=None) & over(now)
    for run in PlanRun.objects.filter(status=PlanRun.Status.RUNNING, phase=PlanRun.Phase.ITEMS):
        woken += _parts_rescue(run)
    stopped = PlanRun.objects.filter(lost | over(now, "held_until"), status=PlanRun.Status.RUNNING)
    for run in stopped.exclude(phase=PlanRun.Phase.ITEMS):
        if run.attempts >= ATTEMPTS:
            plan_fail(run, DIED)
            continue
        same = PlanRun.objects.filter(pk=run.pk, phase=run.phase, fence=run.fence, status=run.status)
        with transaction.atomic():
            if same.update(lease_until=now + LEASE, held_until=None):
                wake("procurement.tasks.plan_step", run.pk, seconds=LONGEST_SOURCING)
                woken += 1
    return woken


def _parts_rescue(run: PlanRun) -> int:
    now, woken = timezone.now(), 0
    live = (PlanPartition.State.WAITING, PlanPartition.State.RUNNING)
    for part in PlanPartition.objects.filter(over(now), run=run, state__in=live):
        same = PlanPartition.objects.filter(pk=part.pk, state=part.state, fence=part.fence)
        if part.attempts >= ATTEMPTS:
            if same.update(state=PlanPartition.State.FAILED, finished_at=now, error=DIED):
                plan_fail(run, f"Part {part.number}: {DIED}")
            continue
        with transaction.atomic():
            if same.update(state=PlanPartition.State.WAITING, lease_until=now + LEASE):
                PlanRun.objects.filter(pk=run.pk, status=run.status).update(lease_until=now + LEASE)
                partition_wake(part)
                woken += 1
    return woken


def _go_on(run: PlanRun, *, woken: bool, report: Report = _nobody) -> bool:
    """Whatever nobody is at; False if there is nothing such."""
    if run.phase == PlanRun.Phase.ITEMS:
        free = Q(state=PlanPartition.State.WAITING) | Q(
            over(timezone.now()), state=PlanPartition.State.RUNNING
        )
        for pk in PlanPartition.objects.filter(free, run=run).order_by("number").values_list("pk", flat=True):
            if part := partition_claim(pk):
                _kept(part.run, lambda: partition_do(part, woken=woken, report=report), woken=woken)
                return True
        return False
    claimed = phase_claim(run)
    if claimed is None:
        return False
    if claimed.phase == PlanRun.Phase.PREPARING:
        _kept(claimed, lambda: partitions_deal(claimed, woken=woken), woken=woken)
    else:
        _kept(claimed, lambda: sourcing_do(claimed, woken=woken, report=report), woken=woken)
    return True


def _kept(run: PlanRun, work: Callable[[], None], *, woken: bool) -> None:
    """A failure ends the run and is kept with it; raised where somebody waits for it."""
    try:
        with search_put_off():
            work()
    except PlanOverrun as error:
        log.info("plan %s: %s", run.pk, error)  # it is somebody else's now, or has ended
    except PlanningError as error:
        plan_fail(run, str(error))
        log.warning("plan %s: %s", run.pk, error)
        if not woken:
            raise
    except Exception as error:
        if woken and isinstance(error, OperationalError):
            raise  # the database was away for a moment: the watch wakes it again
        log.exception("plan %s failed", run.pk)
        plan_fail(
            run, f"It stopped on an error of the program ({type(error).__name__}); the log has the details."
        )
        raise
