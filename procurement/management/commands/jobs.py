"""`manage.py jobs`: how the periodic jobs stand, and running one here and now."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from procurement.exceptions import JobAlreadyRunning
from procurement.job_status import JobStatus, job_statuses
from procurement.models import Alert, JobPart, JobRun
from procurement.schedules import JOBS, PeriodicJob
from procurement.services.job_parts import BY_HAND, part_run
from procurement.services.jobs import job_run_here
from procurement.templatetags.job_words import count_words, next_words, rhythm, took


class Command(BaseCommand):
    help = (
        "List the periodic jobs, or run one in the foreground. Ends with 1 if the run failed, also in part."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--run", metavar="NAME", help="run this job now, in this process")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["run"]:
            self._list(options["json"])
            return
        job = JOBS.get(options["run"])
        if job is None:
            raise CommandError(f"There is no job {options['run']!r}; there are {', '.join(JOBS)}.")
        try:
            run = job_run_here(job=job)
        except JobAlreadyRunning as error:
            raise CommandError(str(error)) from None
        self._finish(job, run, quiet=options["json"])
        if options["json"]:
            self.stdout.write(json.dumps(_told(run)))
        else:
            self.stdout.write(f"{job.title}: {_fared(run)}")
        if run.state != JobRun.State.DONE:
            raise SystemExit(1)

    def _finish(self, job: PeriodicJob, run: JobRun, *, quiet: bool) -> None:
        """Its parts one after the other; those that a worker has taken meanwhile are left to it."""
        for pk in run.parts.values_list("pk", flat=True):
            part = part_run(part_id=pk, lease=BY_HAND)
            while part is not None and part.state == JobPart.State.WAITING:
                part = part_run(part_id=pk, lease=BY_HAND)
            if part is not None and not quiet:
                words = part.error or count_words(part.counts) or "nothing new"
                self.stdout.write(f"  {part.label}: {part.get_state_display().lower()}, {words}")
        run.refresh_from_db()

    def _list(self, as_json: bool) -> None:
        statuses = job_statuses()
        alerts = Alert.objects.filter(closed_at=None)
        if as_json:
            alarms = [
                alert | {"opened_at": alert["opened_at"].isoformat()}
                for alert in alerts.values("kind", "subject", "words", "opened_at")
            ]
            self.stdout.write(
                json.dumps({"jobs": [_status(status) for status in statuses], "alerts": alarms})
            )
            return
        for status in statuses:
            state = "paused" if status.paused else f"next {next_words(status.next_run)}"
            self.stdout.write(
                f"{status.job.name:<16} {rhythm(status.minutes):<18} {state:<20} {_last(status)}"
            )
            if status.fault:
                self.stdout.write(f"{'':<17}{status.fault}")
        for alert in alerts:
            self.stdout.write(f"! {alert.words}")


def _last(status: JobStatus) -> str:
    run = status.live or status.last
    if run is None:
        return "not run yet"
    return f"{timezone.localtime(run.started_at or run.asked_at):%Y-%m-%d %H:%M:%S} {_fared(run)}"


def _fared(run: JobRun) -> str:
    words = ". ".join(filter(None, [count_words(run.counts), run.error])) or "nothing to do"
    return f"{run.get_state_display().lower()}, {took(run.duration)}: {words}"


def _status(status: JobStatus) -> dict[str, Any]:
    setting = status.setting
    return {
        "name": status.job.name,
        "title": status.job.title,
        "every_minutes": status.minutes,
        "next_run": status.next_run.isoformat() if status.next_run else None,
        "paused": setting.paused_reason if status.paused and setting else None,
        "fault": status.fault or None,
        "running": _told(status.live) if status.live else None,
        "last": _told(status.last) if status.last else None,
    }


def _told(run: JobRun) -> dict[str, Any]:
    length = run.duration
    return {
        "state": run.state,
        "started_at": run.started_at.isoformat() if run.started_at else None,
        "seconds": round(length.total_seconds(), 3) if length is not None else None,
        "via": run.via,
        "by": run.by.get_username() if run.by else None,
        "counts": run.counts,
        "error": run.error,
        "parts": list(run.parts.values("label", "state", "counts", "error")),
    }
