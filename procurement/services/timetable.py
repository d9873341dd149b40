"""When jobs run: the queue's schedule table, kept as schedules.py and the administrators say."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import timezone
from django_q.models import Schedule

from procurement.exceptions import JobRefused
from procurement.models import JobSetting
from procurement.schedules import PERIODIC_JOBS, PeriodicJob

OUR_TASKS = ("orders.", "suppliers.", "procurement.")
LATE = timedelta(minutes=2)  # the schedule is looked at every half minute
MOST_REASON = 300


def schedules_ensure() -> tuple[int, list[str]]:
    """Make the schedule table right; how many jobs there are, and what was wrong. When each runs next is left alone."""
    with transaction.atomic():
        wrong = schedule_faults() if _ours() else {}
        names = {job.name for job in PERIODIC_JOBS}
        kept: set[str] = set()
        for row in _ours():
            if row.name in names and row.name not in kept:
                kept.add(row.name)
            else:
                row.delete()
        for job in PERIODIC_JOBS:
            _write(job, job_minutes(job))
    return len(PERIODIC_JOBS), list(wrong.values())


def schedule_faults(rows: Mapping[str, Schedule] | None = None) -> dict[str, str]:
    """By the job's name, a sentence of what is wrong with its place in the schedule table."""
    rows = schedules_by_name() if rows is None else rows
    settings = {row.job: row for row in JobSetting.objects.all()}
    found = {}
    for job in PERIODIC_JOBS:
        row, minutes = rows.get(job.name), job_minutes(job, settings)
        if row is None:
            found[job.name] = f"“{job.title}” is missing in the schedule and never runs by itself."
        elif words := _changed(job, row, minutes):
            found[job.name] = f"“{job.title}” was changed in the schedule table itself: {words}."
    return found


def schedules_by_name() -> dict[str, Schedule]:
    return {row.name: row for row in reversed(_ours())}


def job_minutes(job: PeriodicJob, settings: Mapping[str, JobSetting] | None = None) -> int:
    """How often it runs: as an administrator has set it, within what is allowed today."""
    rows = JobSetting.objects.in_bulk([job.name], field_name="job") if settings is None else settings
    row = rows.get(job.name)
    chosen = row.every_minutes if row and row.every_minutes else job.every
    return min(max(chosen, job.least), job.most)


def job_pace_set(*, job: PeriodicJob, minutes: int) -> bool:
    """Whether that is new. Raises `JobRefused`."""
    if not job.least <= minutes <= job.most:
        raise JobRefused(
            f"“{job.title}” may run every {job.least} to {job.most} minutes; {minutes} lies outside of that."
        )
    if minutes == job_minutes(job):
        return False
    with transaction.atomic():
        chosen = None if minutes == job.every else minutes
        JobSetting.objects.update_or_create(job=job.name, defaults={"every_minutes": chosen})
        _write(job, minutes)
    return True


def job_pause(*, job: PeriodicJob, by: AbstractBaseUser, reason: str) -> bool:
    """Let the schedule pass it over; whether that is new. Raises `JobRefused`."""
    reason = reason.replace("\x00", "").strip()
    if not job.pausable:
        raise JobRefused(
            f"“{job.title}” cannot be paused: it finds what was lost, and is the worker's sign of life."
        )
    if not reason:
        raise JobRefused("Say why it is paused: others will see it and wonder.")
    if len(reason) > MOST_REASON:
        raise JobRefused(f"The reason is longer than {MOST_REASON} characters.")
    JobSetting.objects.get_or_create(job=job.name)
    running = JobSetting.objects.filter(job=job.name, paused_at=None)
    return bool(running.update(paused_at=timezone.now(), paused_by_id=by.pk, paused_reason=reason))


def job_resume(*, job: PeriodicJob) -> bool:
    """Whether it was paused."""
    paused = JobSetting.objects.filter(job=job.name, paused_at__isnull=False)
    return bool(paused.update(paused_at=None, paused_by=None, paused_reason=""))


def _write(job: PeriodicJob, minutes: int) -> None:
    row, created = Schedule.objects.update_or_create(name=job.name, defaults=_as_listed(job, minutes))
    soonest = timezone.now() + timedelta(minutes=minutes)
    if not created and (row.next_run is None or row.next_run > soonest + LATE):
        Schedule.objects.filter(pk=row.pk).update(next_run=soonest)


def _as_listed(job: PeriodicJob, minutes: int) -> dict[str, object]:
    return {
        "func": job.task, "schedule_type": Schedule.MINUTES, "minutes": minutes, "repeats": -1,
        "args": None, "kwargs": None, "hook": None, "cluster": None, "cron": None, "intended_date_kwarg": None,
    }  # fmt: skip


def _changed(job: PeriodicJob, row: Schedule, minutes: int) -> str:
    listed = _as_listed(job, minutes)
    names = [name for name, value in listed.items() if (getattr(row, name) or None) != value]
    if {"schedule_type", "minutes"} & set(names):
        return f"it does not run every {minutes} minutes"
    if names:
        return f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} not as it should be"
    latest: datetime = timezone.now() + timedelta(minutes=minutes) + LATE
    if row.next_run is None or row.next_run > latest:
        return "its next run is later than it should be"
    return ""


def _ours() -> list[Schedule]:
    return [row for row in Schedule.objects.order_by("pk") if row.func.startswith(OUR_TASKS)]
