"""The parts of a job's run: one a supplier or source, each in a task of its own: one that hangs delays no other.

Of each subject one part is under way, whichever run it belongs to. A part whose worker died is done again, three
times at most; a run has ended when all its parts have.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.module_loading import import_string

from orders.wakeups import wake
from procurement.models import JobPart, JobRun
from procurement.schedules import JOBS, Done, Part
from procurement.services.job_history import runs_forget_quiet

log = logging.getLogger(__name__)
WAKE_AGAIN = timedelta(minutes=5)  # a wake-up may wait that long in the queue
BY_HAND = timedelta(minutes=15)  # in the foreground nothing ends it
A_MINUTE = timedelta(minutes=1)
ATTEMPTS = 3
NAMED = 3  # of the parts that failed, in the run's own words
DIED = f"The worker stopped {ATTEMPTS} times while it was at it; it is left until the next run."
GONE = "There is no such job any more."


def job_lease() -> timedelta:
    return timedelta(seconds=settings.JOB_LEASE_SECONDS)


def lease_over(now: datetime) -> Q:
    """Its worker gave no sign of life; or it was claimed before the clock was set back, and would be for hours."""
    longest = max(BY_HAND, WAKE_AGAIN, job_lease())
    return Q(lease_until__lt=now) | Q(lease_until__gt=now + longest + A_MINUTE)


def parts_deal(*, run: JobRun, parts: Sequence[Part], wait: timedelta, woken: bool) -> None:
    """Write the parts and wake them; those of which one is under way still are left to it."""
    now = timezone.now()
    parts_rescue(job=run.job)
    held = JobRun.objects.filter(pk=run.pk, state=JobRun.State.RUNNING, lease_until=run.lease_until)
    with transaction.atomic():
        until = now + wait
        rows = [
            JobPart(run=run, job=run.job, subject=p.subject, label=p.label[:120], lease_until=until)
            for p in parts
        ]
        JobPart.objects.bulk_create(rows, ignore_conflicts=True)
        ours = list(run.parts.values_list("pk", flat=True))
        others = {"under way from before": len(parts) - len(ours)} if len(ours) < len(parts) else {}
        if not held.update(
            state=JobRun.State.PARTS if ours else JobRun.State.DONE,
            counts=others,
            finished_at=None if ours else now,
            eventful=run.via != "schedule",
        ):
            transaction.set_rollback(True)  # another one took over
            return
        for pk in ours if woken else ():
            wake("procurement.tasks.run_part", pk)


def part_run(*, part_id: int, lease: timedelta | None = None) -> JobPart | None:
    """Do one part. None: it is done, or somebody else is at it."""
    part = _claim(part_id, lease or job_lease())
    if part is None:
        return None
    job = JOBS.get(part.job)
    try:
        done = import_string(job.work)(part.subject) if job else Done(error=GONE)
    except Exception as error:
        log.exception("%s broke", part)
        done = Done(error=f"An error of the program ({type(error).__name__}); the log has the details.")
    if done.error:
        log.warning("%s: %s", part, done.error)
    _settle(part, done)
    part.refresh_from_db()
    return part


def parts_rescue(*, job: str = "") -> int:
    """Wake parts whose worker died or whose wake-up was lost, give up those that keep killing it; how many woken."""
    now = timezone.now()
    late = JobPart.objects.filter(lease_over(now), Q(job=job) if job else Q(), state__in=JobPart.LIVE)
    for part in late.filter(attempts__gte=ATTEMPTS).select_related("run"):
        ours = JobPart.objects.filter(pk=part.pk, state=part.state, lease_until=part.lease_until)
        if ours.update(state=JobPart.State.FAILED, finished_at=now, error=DIED):
            run_close(part.run)
    woken = 0
    for part in late.filter(attempts__lt=ATTEMPTS):
        ours = JobPart.objects.filter(pk=part.pk, state=part.state, lease_until=part.lease_until)
        with transaction.atomic():
            if ours.update(state=JobPart.State.WAITING, lease_until=now + WAKE_AGAIN):
                wake("procurement.tasks.run_part", part.pk)
                woken += 1
    return woken


def run_close(run: JobRun) -> bool:
    """End the run if all its parts have ended; the last of them does, or the watch."""
    parts = list(run.parts.all())
    if any(part.state in JobPart.LIVE for part in parts):
        return False
    counts = dict(JobRun.objects.values_list("counts", flat=True).get(pk=run.pk))
    for part in parts:
        for words, count in part.counts.items():
            counts[words] = counts.get(words, 0) + count
    failed = [part for part in parts if part.state == JobPart.State.FAILED]
    state = JobRun.State.DONE
    if failed:
        state = JobRun.State.FAILED if len(failed) == len(parts) else JobRun.State.PARTLY
    under_way = JobRun.objects.filter(pk=run.pk, state=JobRun.State.PARTS)
    closed = under_way.update(
        state=state,
        finished_at=max((part.finished_at for part in parts if part.finished_at), default=timezone.now()),
        counts=counts,
        error=_failures(failed),
        eventful=bool(failed or run.via != "schedule" or any(part.counts for part in parts)),
    )
    runs_forget_quiet(job=run.job)
    return bool(closed)


def _claim(part_id: int, lease: timedelta) -> JobPart | None:
    now = timezone.now()
    free = Q(state=JobPart.State.WAITING) | Q(lease_over(now), state=JobPart.State.RUNNING)
    rows = JobPart.objects.filter(free, pk=part_id, attempts__lt=ATTEMPTS)
    until = now + lease
    if not rows.update(state=JobPart.State.RUNNING, attempts=F("attempts") + 1, lease_until=until):
        return None
    JobPart.objects.filter(pk=part_id, started_at=None).update(started_at=now)
    part = JobPart.objects.select_related("run").get(pk=part_id)
    return part if part.lease_until == until else None


def _settle(part: JobPart, done: Done) -> None:
    """Write what it came to, if the part is still ours."""
    now, error = timezone.now(), done.error.replace("\x00", "")  # PostgreSQL keeps none
    counts = dict(part.counts)
    for words, count in done.counts.items():
        if count:
            counts[words] = counts.get(words, 0) + count
    ours = JobPart.objects.filter(pk=part.pk, state=JobPart.State.RUNNING, lease_until=part.lease_until)
    if done.more and not done.error:
        with transaction.atomic():
            again = now + (A_MINUTE if done.later else WAKE_AGAIN)
            waits = ours.update(state=JobPart.State.WAITING, attempts=0, lease_until=again, counts=counts)
            if waits and not done.later:  # else the watch wakes it
                wake("procurement.tasks.run_part", part.pk)
        return
    state = JobPart.State.FAILED if done.error else JobPart.State.DONE
    if ours.update(state=state, finished_at=now, counts=counts, error=error):
        run_close(part.run)


def _said(part: JobPart) -> str:
    named = part.error.startswith(part.label)
    return part.error if named else f"{part.label}: {part.error}"


def _failures(failed: Sequence[JobPart]) -> str:
    said = [_said(part) for part in failed[:NAMED]]
    more = f"And {len(failed) - NAMED} more." if len(failed) > NAMED else ""
    return " ".join([*said, more]).strip()
