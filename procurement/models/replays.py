"""Replays of a site's own history."""

from django.conf import settings
from django.db import models

from orders.models import Site


class ReplayRun(models.Model):
    """One replay, computed by a background task. The row is the truth, the task only a wake-up."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    class Unmet(models.TextChoices):
        LOST = "lost", "Customers go without it"
        BOUGHT = "bought", "We buy it the same day"

    LIVE = (State.WAITING, State.RUNNING)

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="replays")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    unmet = models.CharField(
        max_length=10, choices=Unmet.choices, default=Unmet.LOST,
        help_text="What becomes of demand that stock does not cover.",
    )  # fmt: skip
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(help_text="Without a sign of life until then it is woken again.")
    fence = models.PositiveIntegerField(
        default=0, help_text="Counts who took it up; who came before writes no more."
    )
    progress = models.PositiveSmallIntegerField(default=0, help_text="Percent.")
    report = models.JSONField(default=dict, help_text="What it came to: procurement.engine.replay.report.")
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["site"],
                condition=models.Q(state__in=("waiting", "running")),
                name="one_live_replay_a_site",
            ),
            # However many sites: a replay holds a worker for minutes, and the others are there for orders.
            models.UniqueConstraint(
                fields=["state"], condition=models.Q(state="running"), name="one_running_replay"
            ),
        ]

    def __str__(self) -> str:
        return f"Replay {self.pk} of {self.site.code}"

    @property
    def waits_for(self) -> "ReplayRun | None":
        """The replay that is at work, where this one waits for its turn."""
        waits = self.state == self.State.WAITING
        return (
            ReplayRun.objects.filter(state=self.State.RUNNING).select_related("site").first()
            if waits
            else None
        )
