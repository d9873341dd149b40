"""Who is at a plan: claiming the site, taking up a phase, signs of life, and its end.

The run's row is the truth. Whoever takes up a phase gets the next number of its fence, and every write asks whether
that number still holds, so a worker that was taken for dead writes nothing any more. All here are conditional updates,
which hold on both databases.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from threading import Event, Thread

from django.contrib.auth.models import AbstractBaseUser
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from orders.models import Site
from procurement.exceptions import PlanAlreadyRunning, PlanOverrun
from procurement.models import PlanningPolicy, PlanRun, Requirement
from procurement.services.plan_rules import plan_rules
from procurement.workers import worker_at_work

LEASE = timedelta(minutes=2)  # renewed with every sign of progress
RENEWED_EVERY = LEASE / 4
ATTEMPTS = 3  # at a phase or a part, before it is given up
TAKEN_OVER = "It gave no sign of life any more, and another plan took over. Nothing of it was written."
DIED = f"The worker stopped {ATTEMPTS} times while it was at it. Nothing of it was written."


def over(now: datetime, field: str = "lease_until") -> Q:
    """It has run out; or it ends far ahead, as it is of before the clock was set back."""
    return Q((f"{field}__lt", now)) | Q((f"{field}__gt", now + 4 * LEASE))


def plan_start(
    *,
    site: Site,
    by: AbstractBaseUser | None,
    products: Collection[int] = (),
    causes: Sequence[str] = (),
    before_cut_off: datetime | None = None,
) -> PlanRun:
    """Claim the site for a plan. Raises `PlanAlreadyRunning`, also where there is one before that cut-off.

    `products`: only of these items, else of all. `causes`: why it is made, where nobody asked for it.
    Whoever calls it inside a transaction calls `plans_take_over` before that.
    """
    policy, _ = PlanningPolicy.objects.get_or_create(site=site)
    plans_take_over(site)
    now = timezone.now()
    try:
        with transaction.atomic():
            return PlanRun.objects.create(
                site=site,
                kind=PlanRun.Kind.ITEMS if products else PlanRun.Kind.FULL,
                products=sorted(products),
                causes=list(causes),
                before_cut_off=before_cut_off,
                as_of=timezone.localdate(),
                by_id=by.pk if by else None,
                lease_until=now + LEASE,
                stage="Starting",
                parameters=plan_rules(policy),
            )
    except IntegrityError:
        raise PlanAlreadyRunning(
            f"A plan for {site.name} is running already; look at its result, or start again when it has ended."
        ) from None


def plans_take_over(site: Site) -> None:
    """End the site's run that gives no sign of life. Not inside a transaction: see `_end`."""
    now = timezone.now()
    for dead in PlanRun.objects.filter(over(now), site=site, status=PlanRun.Status.RUNNING):
        _end(dead, PlanRun.Status.FAILED, TAKEN_OVER, over(now))


def phase_claim(run: PlanRun) -> PlanRun | None:
    """Take up the phase that the run is in; None if somebody else is at it, or it has ended."""
    now = timezone.now()
    free = Q(held_until=None) | Q(held_until__lte=now) | over(now, "held_until")
    until = now + LEASE
    taken = PlanRun.objects.filter(
        free, pk=run.pk, status=PlanRun.Status.RUNNING, phase=run.phase, fence=run.fence
    ).update(fence=F("fence") + 1, attempts=F("attempts") + 1, held_until=until, lease_until=until)
    if not taken:
        return None
    claimed = PlanRun.objects.select_related("site").get(pk=run.pk)
    return claimed if claimed.fence == run.fence + 1 else None


def phase_hold(run: PlanRun, stage: str, percent: int) -> None:
    """Show progress and hold the phase longer; raises `PlanOverrun` if it is no longer ours."""
    until = timezone.now() + LEASE
    stage = stage[:60]
    if not _ours(run).update(stage=stage, progress=percent, lease_until=until, held_until=until):
        raise overrun(run)
    worker_at_work()
    run.lease_until, run.held_until, run.stage, run.progress = until, until, stage, percent


def phase_next(run: PlanRun, phase: PlanRun.Phase, **changes: object) -> bool:
    """Leave the phase for the next one, if it is still ours. Call inside the transaction that it ends with."""
    return bool(_ours(run).update(phase=phase, attempts=0, held_until=None, **changes))


def _ours(run: PlanRun) -> QuerySet[PlanRun]:
    return PlanRun.objects.filter(pk=run.pk, status=PlanRun.Status.RUNNING, phase=run.phase, fence=run.fence)


def overrun(run: PlanRun) -> PlanOverrun:
    """Why somebody at a run cannot go on."""
    run.refresh_from_db()
    if run.status == PlanRun.Status.CANCELLED:
        return PlanOverrun("The plan was cancelled. Nothing of it was written.")
    if run.status == PlanRun.Status.FAILED:
        return PlanOverrun(run.error)
    return PlanOverrun("Another worker has taken the plan over, as this one gave no sign of life.")


@contextmanager
def phase_kept(run: PlanRun) -> Iterator[None]:
    """Hold the phase while something is computed that cannot say how far it is; the task's own time ends it."""
    done = Event()

    def renew() -> None:
        try:
            while not done.wait(RENEWED_EVERY.total_seconds()):
                with suppress(DatabaseError):  # away for a moment
                    until = timezone.now() + LEASE
                    _ours(run).update(lease_until=until, held_until=until)
                    worker_at_work()
        finally:
            connection.close()

    renewing = Thread(target=renew, daemon=True)
    renewing.start()
    try:
        yield
    finally:
        done.set()
        renewing.join()


def plan_fail(run: PlanRun, error: str) -> bool:
    """Whoever is at it."""
    return _end(run, PlanRun.Status.FAILED, error)


def plan_cancel(*, run: PlanRun, by: AbstractBaseUser | None) -> bool:
    """Nothing of it is written afterwards. False: it had ended before."""
    who = f" by {by.get_username()}" if by else ""
    return _end(run, PlanRun.Status.CANCELLED, f"Cancelled{who}. Nothing of it was written.", cancelled_by=by)


def plan_forget(run: PlanRun) -> None:
    """What was found by a run that came to nothing: no lines refer to it, so nothing has to be read for that."""
    found = Requirement.objects.filter(run=run)
    found._raw_delete(found.db)


def plans_clear() -> int:
    """Forget what is left of runs whose process died between their end and `plan_forget`; of how many."""
    ended = (PlanRun.Status.FAILED, PlanRun.Status.CANCELLED)
    left = PlanRun.objects.filter(Exists(Requirement.objects.filter(run=OuterRef("pk"))), status__in=ended)
    runs = list(left)
    for run in runs:
        plan_forget(run)
    return len(runs)


def _end(run: PlanRun, status: PlanRun.Status, error: str, still: Q | None = None, **changes: object) -> bool:
    """Parts under way see it when they want to write. What others have found goes afterwards: a part that writes again
    holds its rows while it waits for the run's, so whoever held the run and waited for the rows would wait for ever.
    """
    ended = PlanRun.objects.filter(still or Q(), pk=run.pk, status=PlanRun.Status.RUNNING).update(
        status=status,
        finished_at=timezone.now(),
        error=error,
        held_until=None,
        experience=None,
        **changes,
    )
    if ended:
        plan_forget(run)
    run.refresh_from_db()
    return bool(ended)
