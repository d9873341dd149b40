"""How the periodic jobs stand, for the page and the command line; a handful of queries, however many runs there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Prefetch, Q, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from procurement.models import JobPart, JobRun, JobSetting
from procurement.schedules import PERIODIC_JOBS, PeriodicJob
from procurement.services.timetable import job_minutes, schedule_faults, schedules_by_name

SHOWN = 20  # runs in the picture
STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10080)


@dataclass(frozen=True, slots=True)
class JobStatus:
    job: PeriodicJob
    minutes: int
    setting: JobSetting | None
    next_run: datetime | None
    fault: str  # of its place in the schedule table
    runs: Sequence[Any]  # the last ones, newest first; with `total` and `ended` parts

    @property
    def paused(self) -> bool:
        return self.setting is not None and self.setting.paused_at is not None

    @property
    def live(self) -> Any | None:
        return next((run for run in self.runs if run.live), None)

    @property
    def last(self) -> Any | None:
        """The last that came to an end."""
        return next((run for run in self.runs if not run.live and run.state != JobRun.State.SKIPPED), None)

    @property
    def refused(self) -> Any | None:
        """Turns that were missed since, as it was running still."""
        newest = self.runs[0] if self.runs else None
        return newest if newest is not None and newest.state == JobRun.State.SKIPPED else None

    @property
    def picture(self) -> list[Any]:
        """Runs that came to an end, oldest first."""
        return [run for run in reversed(self.runs) if run.duration is not None and not run.live]

    @property
    def typical(self) -> timedelta | None:
        """Half of the last runs took longer."""
        lengths = sorted(run.duration for run in self.picture if run.state != JobRun.State.SKIPPED)
        return lengths[len(lengths) // 2] if lengths else None

    @property
    def overdue(self) -> bool:
        return self.next_run is not None and self.next_run < timezone.now()

    @property
    def choices(self) -> list[int]:
        """Rhythms an administrator may choose."""
        allowed = {step for step in STEPS if self.job.least <= step <= self.job.most}
        return sorted(allowed | {self.minutes, self.job.every})


def job_statuses(jobs: Sequence[PeriodicJob] = PERIODIC_JOBS) -> list[JobStatus]:
    rows = schedules_by_name()
    faults = schedule_faults(rows)
    settings = {row.job: row for row in JobSetting.objects.select_related("paused_by")}
    runs: dict[str, list[JobRun]] = {}
    for run in _last_runs([job.name for job in jobs]):
        runs.setdefault(run.job, []).append(run)
    return [
        JobStatus(
            job=job,
            minutes=job_minutes(job, settings),
            setting=settings.get(job.name),
            next_run=rows[job.name].next_run if job.name in rows else None,
            fault=faults.get(job.name, ""),
            runs=runs.get(job.name, []),
        )
        for job in jobs
    ]


def job_runs(job: PeriodicJob) -> Any:
    """Its runs with their failed parts, newest first."""
    failed = JobPart.objects.filter(state=JobPart.State.FAILED)
    runs = JobRun.objects.filter(job=job.name).select_related("by").annotate(**_COUNTED).order_by("-pk")
    return runs.prefetch_related(Prefetch("parts", queryset=failed, to_attr="failed"))


_COUNTED = {
    "total": Count("parts"),
    "ended": Count("parts", filter=Q(parts__state__in=(JobPart.State.DONE, JobPart.State.FAILED))),
}


def _last_runs(names: Sequence[str]) -> Any:
    place = Window(RowNumber(), partition_by=F("job"), order_by=F("id").desc())
    numbered = JobRun.objects.filter(job__in=names).annotate(place=place).filter(place__lte=SHOWN)
    ids = list(numbered.values_list("pk", flat=True))
    return JobRun.objects.filter(pk__in=ids).select_related("by").annotate(**_COUNTED).order_by("-pk")
