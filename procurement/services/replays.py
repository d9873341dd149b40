"""Replays of a site's own history, one at a time a site. Whoever takes one up gets the next number of its fence; every
sign of progress asks whether that number still holds, so a replay that was cancelled or taken over ends there.

Of all sites one is at work, as it holds a worker for minutes: the other workers are there for orders. The rest wait,
and the end of one wakes the next.
"""

import logging
import time
from datetime import timedelta

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from orders.models import Site
from orders.wakeups import wake
from procurement.engine.data import InvalidPlanningData
from procurement.engine.replay import Unmet
from procurement.engine.replay.history import TooLittleHistory, scene
from procurement.engine.replay.report import report_of
from procurement.engine.replay.study import study
from procurement.exceptions import ReplayAlreadyRunning
from procurement.models import ReplayRun
from procurement.site_history import site_history
from procurement.workers import worker_at_work

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=3)
ATTEMPTS = 3
LONGEST = 3600  # seconds, of the task
SHARE_REPLAYED = 0.4  # of the time, the newest
SEEDS = 3
ITEMS = 400
TELL_EVERY = 1.0  # seconds
DIED = f"The worker stopped {ATTEMPTS} times while it was at it."


class ReplayEnded(Exception):
    """It was cancelled, or somebody else has taken it up."""


def replay_request(*, site: Site, by: AbstractBaseUser, unmet: str) -> ReplayRun:
    """Have the site's history replayed soon. Raises `ReplayAlreadyRunning`."""
    try:
        with transaction.atomic():
            run = ReplayRun.objects.create(
                site=site, by_id=by.pk, unmet=unmet, lease_until=timezone.now() + LEASE
            )
            wake("procurement.tasks.run_replay", run.pk, seconds=LONGEST)
    except IntegrityError:
        raise ReplayAlreadyRunning(f"A replay of {site.name} is under way already.") from None
    return run


def replay_cancel(*, run: ReplayRun) -> bool:
    """False: it had ended before."""
    return _end(run, ReplayRun.State.CANCELLED, fence=None)


def replay_do(*, pk: int) -> None:
    """Compute it, if nobody is at it. What goes wrong is kept with it."""
    run = _claim(pk)
    if run is None:
        return
    try:
        on = scene(
            site_history(site=run.site),
            start=1 - SHARE_REPLAYED,
            seeds=SEEDS,
            unmet=Unmet(run.unmet),
            most_items=ITEMS,
        )
        found = report_of(on, study(on.worlds, buffer=on.buffer, progress=_Teller(run)))
        _end(run, ReplayRun.State.DONE, fence=run.fence, report=found, progress=100)
    except ReplayEnded:
        log.info("%s was ended", run)
    except (TooLittleHistory, InvalidPlanningData) as error:
        _end(run, ReplayRun.State.FAILED, fence=run.fence, error=str(error))
    except Exception as error:
        log.exception("%s failed", run)
        words = f"It stopped on an error of the program ({type(error).__name__}); the log has the details."
        _end(run, ReplayRun.State.FAILED, fence=run.fence, error=words)
        raise


def replays_rescue() -> int:
    """Wake those whose worker died or whose wake-up was lost; how many."""
    woken, now = 0, timezone.now()
    # By state: what died makes way for those that wait.
    for run in ReplayRun.objects.filter(_over(), state__in=ReplayRun.LIVE).order_by("state", "pk"):
        if run.fence >= ATTEMPTS and run.state == ReplayRun.State.RUNNING:
            _end(run, ReplayRun.State.FAILED, fence=run.fence, error=DIED)
            continue
        if run.waits_for:
            continue  # whose end wakes it
        same = ReplayRun.objects.filter(pk=run.pk, fence=run.fence, state=run.state)
        with transaction.atomic():
            if same.update(state=ReplayRun.State.WAITING, lease_until=now + LEASE):
                wake("procurement.tasks.run_replay", run.pk, seconds=LONGEST)
                woken += 1
    return woken


def _over() -> Q:
    """Run out; or it ends far ahead, as it is of before the clock was set back."""
    now = timezone.now()
    return Q(lease_until__lt=now) | Q(lease_until__gt=now + 2 * LEASE)


def _claim(pk: int) -> ReplayRun | None:
    free = Q(state=ReplayRun.State.WAITING) | Q(_over(), state=ReplayRun.State.RUNNING)
    run = ReplayRun.objects.filter(free, pk=pk).select_related("site").first()
    if run is None:
        return None
    same = ReplayRun.objects.filter(free, pk=pk, fence=run.fence)
    try:
        with transaction.atomic():
            taken = same.update(
                state=ReplayRun.State.RUNNING, fence=F("fence") + 1, lease_until=timezone.now() + LEASE
            )
    except IntegrityError:
        log.info("%s waits for another one", run)
        return None
    if not taken:
        return None
    run.fence += 1
    return run


def _end(run: ReplayRun, state: ReplayRun.State, *, fence: int | None, **changes: object) -> bool:
    live = ReplayRun.objects.filter(pk=run.pk, state__in=ReplayRun.LIVE)
    if fence is not None:
        live = live.filter(fence=fence)
    with transaction.atomic():
        ended = live.update(state=state, finished_at=timezone.now(), **changes)
        waiting = ReplayRun.objects.filter(state=ReplayRun.State.WAITING).order_by("pk").first()
        if ended and waiting:
            wake("procurement.tasks.run_replay", waiting.pk, seconds=LONGEST)
    return bool(ended)


class _Teller:
    """Progress once a second; raises `ReplayEnded` if the run is no longer ours."""

    def __init__(self, run: ReplayRun) -> None:
        self.run, self.told = run, 0.0

    def __call__(self, share: float) -> None:
        if time.monotonic() - self.told < TELL_EVERY:
            return
        self.told = time.monotonic()
        ours = ReplayRun.objects.filter(pk=self.run.pk, fence=self.run.fence, state=ReplayRun.State.RUNNING)
        if not ours.update(progress=round(100 * share), lease_until=timezone.now() + LEASE):
            raise ReplayEnded
        worker_at_work()
