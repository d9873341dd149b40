"""Running a periodic job: claim it, work outside any transaction, write what it came to.

One run of a job at a time, held by the database; one whose worker died is taken over when its lease has run out, and
can write nothing any more. A job with parts only deals them out: job_parts.py. Tasks are wake-ups,
the row is the truth.
"""

import logging
from datetime import timedelta

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.module_loading import import_string

from orders.wakeups import wake
from procurement.exceptions import JobAlreadyRunning
from procurement.models import JobPart, JobRun, JobSetting
from procurement.schedules import PERIODIC_JOBS, Done, PeriodicJob
from procurement.services.job_history import runs_forget_quiet
from procurement.services.job_parts import (
    BY_HAND,
    WAKE_AGAIN,
    job_lease,
    lease_over,
    parts_deal,
    run_close,
)
from procurement.services.timetable import job_minutes

log = logging.getLogger(__name__)
DEATHS = 3  # in a row; then the job waits for its next turn, as it may be what kills the worker
TWICE = timedelta(minutes=10)
DIED = (
    "Its worker stopped before it had finished, and gave no sign of life any more. What it had done stands."
)


def job_scheduled(*, job: PeriodicJob) -> JobRun | None:
    """The job's turn has come. None: it is paused, or running already."""
    if JobSetting.objects.filter(job=job.name, paused_at__isnull=False).exists():
        return None
    job_take_over(job=job)
    if _keeps_dying(job) or _just_ran(job):
        return None
    asked = JobRun.objects.filter(job=job.name, state=JobRun.State.QUEUED).first()
    run = _claim(asked) if asked else _create(job)
    if run is None:
        _skipped(job)
        return None
    return _work(job, run)


def job_request(*, job: PeriodicJob, by: AbstractBaseUser) -> JobRun:
    """Have it run soon, also while it is paused. Raises `JobAlreadyRunning`."""
    job_take_over(job=job)
    live = JobRun.objects.filter(job=job.name, state__in=JobRun.LIVE).first()
    if live is not None:
        raise JobAlreadyRunning(_already(job, live))
    try:
        with transaction.atomic():
            run = JobRun.objects.create(job=job.name, state=JobRun.State.QUEUED, via="page", by_id=by.pk)
            wake("procurement.tasks.run_job", run.pk)
    except IntegrityError:
        raise JobAlreadyRunning(f"“{job.title}” is running already.") from None
    return run


def job_run(*, job: PeriodicJob, run: JobRun) -> JobRun | None:
    """Do what somebody asked for. None: another worker has it, or it is done."""
    job_take_over(job=job)
    run.refresh_from_db()
    again = run.lost and not _keeps_dying(job) and JobRun.objects.filter(job=job.name).first() == run
    claimed = _create(job, run) if again else _claim(run)
    return _work(job, claimed) if claimed else None


def job_run_here(*, job: PeriodicJob) -> JobRun:
    """Start it in this process. Its parts are left to the caller: `part_run`. Raises `JobAlreadyRunning`."""
    job_take_over(job=job)
    asked = JobRun.objects.filter(job=job.name, state=JobRun.State.QUEUED).first()
    run = _claim(asked, BY_HAND) if asked else _create(job, JobRun(via="command"), BY_HAND)
    if run is None:
        raise JobAlreadyRunning(f"“{job.title}” is running already.")
    return _work(job, run, here=True)


def job_take_over(*, job: PeriodicJob) -> int:
    """End the run whose worker died; how many that were."""
    now = timezone.now()
    dead = JobRun.objects.filter(lease_over(now), job=job.name, state=JobRun.State.RUNNING)
    return dead.update(state=JobRun.State.FAILED, finished_at=now, error=DIED, lost=True, eventful=True)


def jobs_take_over() -> int:
    """Of every job; each is begun again, as its next turn may be a day away."""
    count = 0
    dead = JobRun.objects.filter(lease_over(timezone.now()), state=JobRun.State.RUNNING)
    names = set(dead.values_list("job", flat=True))
    for job in PERIODIC_JOBS:
        if job.name in names and job_take_over(job=job):
            count += 1
            if not _keeps_dying(job):
                wake(job.task)
    return count


def _keeps_dying(job: PeriodicJob) -> bool:
    """The broker delivers the task of a dead worker again and again; the schedule's own turns are enough then."""
    since = timezone.now() - timedelta(minutes=max(job.every, 10))
    last = JobRun.objects.filter(job=job.name, asked_at__gt=since).exclude(state=JobRun.State.SKIPPED)
    states = list(last.values_list("lost", flat=True)[:DEATHS])
    return len(states) == DEATHS and all(states)


def _just_ran(job: PeriodicJob) -> bool:
    """Whether this turn was had already: the broker may deliver it twice."""
    now, rhythm = timezone.now(), timedelta(minutes=job_minutes(job))
    if rhythm < 3 * TWICE:
        return False  # to run it again costs less than to miss a turn
    # Not what lies ahead, as after the clock was set back.
    turns = JobRun.objects.filter(job=job.name, via="schedule", lost=False)
    turns = turns.filter(started_at__gt=now - TWICE, started_at__lte=now)
    return turns.exclude(state=JobRun.State.SKIPPED).exists()


def _create(job: PeriodicJob, like: JobRun | None = None, lease: timedelta | None = None) -> JobRun | None:
    """`like`: for whom and why."""
    now, like, lease = timezone.now(), like or JobRun(), lease or job_lease()
    try:
        with transaction.atomic():
            return JobRun.objects.create(
                job=job.name, started_at=now, lease_until=now + lease, via=like.via, by_id=like.by_id
            )
    except IntegrityError:
        return None


def _claim(run: JobRun, lease: timedelta | None = None) -> JobRun | None:
    now = timezone.now()
    waiting = JobRun.objects.filter(pk=run.pk, state=JobRun.State.QUEUED)
    until = now + (lease or job_lease())
    if not waiting.update(state=JobRun.State.RUNNING, started_at=now, lease_until=until):
        return None
    run.refresh_from_db()
    return run


def _work(job: PeriodicJob, run: JobRun, *, here: bool = False) -> JobRun:
    try:
        if job.parts:
            parts = import_string(job.parts)()
            parts_deal(run=run, parts=parts, wait=BY_HAND if here else WAKE_AGAIN, woken=not here)
        else:
            _end(run, import_string(job.work)())
    except Exception as error:
        log.exception("The job %s broke", job.name)
        _end(run, Done(error=f"An error of the program ({type(error).__name__}); the log has the details."))
    except BaseException:  # somebody ends us: what others may not wait for is said
        _end(run, Done(error="It was interrupted."))
        raise
    run.refresh_from_db()
    if not run.live:
        runs_forget_quiet(job=job.name)
    return run


def _end(run: JobRun, done: Done) -> bool:
    counts = {words: count for words, count in done.counts.items() if count}
    ours = JobRun.objects.filter(pk=run.pk, state=JobRun.State.RUNNING, lease_until=run.lease_until)
    state = JobRun.State.FAILED if done.error else JobRun.State.DONE
    eventful = bool(counts or done.error or run.via != "schedule")
    now, error = timezone.now(), done.error.replace("\x00", "")  # PostgreSQL keeps none
    return bool(ours.update(state=state, finished_at=now, counts=counts, error=error, eventful=eventful))


def _skipped(job: PeriodicJob) -> None:
    """One row, however often in a row it was not started."""
    now = timezone.now()
    newest = JobRun.objects.filter(job=job.name).first()
    if newest is not None and newest.state == JobRun.State.SKIPPED:
        JobRun.objects.filter(pk=newest.pk).update(times=F("times") + 1, finished_at=now)
        return
    words = _already(job, newest) if newest is not None and newest.live else "Another one had just begun."
    JobRun.objects.create(
        job=job.name,
        state=JobRun.State.SKIPPED,
        started_at=now,
        finished_at=now,
        error=words,
    )


def _already(job: PeriodicJob, live: JobRun) -> str:
    if live.state == JobRun.State.QUEUED:
        return f"“{job.title}” is asked for already and waits for a worker."
    if live.state == JobRun.State.PARTS:
        left = live.parts.filter(state__in=JobPart.LIVE).count()
        return f"“{job.title}” is running already: {left} of {live.parts.count()} are still to be done."
    since = timezone.localtime(live.started_at)
    return f"“{job.title}” is running already, since {since:%H:%M:%S}."


def runs_settle() -> int:
    """End runs whose parts have all ended and whose end nobody wrote; wake those asked for and not begun."""
    for run in JobRun.objects.filter(state=JobRun.State.PARTS):
        run_close(run)
    waiting = JobRun.objects.filter(state=JobRun.State.QUEUED, asked_at__lt=timezone.now() - job_lease())
    for pk in waiting.values_list("pk", flat=True):
        wake("procurement.tasks.run_job", pk)
    return waiting.count()
