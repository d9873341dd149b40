"""Periodic jobs: what each run came to, part by part, and what administrators have set. The list: schedules.py."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models


class JobRun(models.Model):
    """One run of a job. Asked for or running it holds the job; one whose parts are under way holds only them."""

    class State(models.TextChoices):
        QUEUED = "queued", "Asked for"
        RUNNING = "running", "Running"
        PARTS = "parts", "Under way"
        DONE = "done", "Done"
        PARTLY = "partly", "Partly failed"
        FAILED = "failed", "Failed"
        SKIPPED = "skipped", "Not started"

    HOLDING = (State.QUEUED, State.RUNNING)
    LIVE = (*HOLDING, State.PARTS)
    BAD = (State.PARTLY, State.FAILED)

    job = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    via = models.CharField(max_length=10, default="schedule", help_text="schedule, page or command")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict, help_text="What it did: a number by the words for it.")
    error = models.TextField(blank=True)
    lost = models.BooleanField(default=False, help_text="Its worker died.")
    eventful = models.BooleanField(
        default=False, help_text="Runs that found nothing to do are soon forgotten."
    )
    times = models.PositiveIntegerField(default=1, help_text="How often in a row it was not started.")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["job"], condition=models.Q(state__in=["queued", "running"]), name="one_run_of_a_job"
            )
        ]
        indexes = [models.Index(fields=["job", "-id"]), models.Index(fields=["state"])]

    def __str__(self) -> str:
        return f"Run {self.pk} of {self.job}"

    @property
    def live(self) -> bool:
        return self.state in self.LIVE

    @property
    def duration(self) -> timedelta | None:
        return _between(self.started_at, self.finished_at)


class JobPart(models.Model):
    """What a run does for one supplier or one source, in a task of its own."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    LIVE = (State.WAITING, State.RUNNING)

    run = models.ForeignKey(JobRun, on_delete=models.CASCADE, related_name="parts")
    job = models.CharField(max_length=40)
    subject = models.PositiveBigIntegerField(help_text="Id of what it is about.")
    label = models.CharField(max_length=120, help_text="As people know it.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="Counted before the work.")
    lease_until = models.DateTimeField(help_text="While it waits: when it is woken again.")
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["run", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["job", "subject"],
                condition=models.Q(state__in=["waiting", "running"]),
                name="one_part_under_way_a_subject",
            )
        ]
        indexes = [models.Index(fields=["job", "state", "subject"])]

    def __str__(self) -> str:
        return f"{self.job}: {self.label}"

    @property
    def duration(self) -> timedelta | None:
        return _between(self.started_at, self.finished_at)


class JobSetting(models.Model):
    """What administrators changed of a job. No row: it runs as the list says."""

    job = models.CharField(max_length=40, unique=True)
    every_minutes = models.PositiveIntegerField(null=True, help_text="Empty: as the list says.")
    paused_at = models.DateTimeField(null=True)
    paused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    paused_reason = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return self.job


def _between(start: datetime | None, end: datetime | None) -> timedelta | None:
    return end - start if start and end else None
