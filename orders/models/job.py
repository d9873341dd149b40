"""What every job that talks to a supplier remembers. The row is the truth; background tasks only wake it up."""

from django.db import models


class SupplierJob(models.Model):
    # The statuses of a job that has not ended; each kind of job says its own.
    LIVE: tuple[str, ...] = ()

    created_at = models.DateTimeField(auto_now_add=True)
    next_run_at = models.DateTimeField(
        null=True, help_text="When it is tried or looked up next; empty: a person decides."
    )
    attempts = models.PositiveSmallIntegerField(
        default=0, help_text="Counted before the work, so a crash counts."
    )
    lookups = models.PositiveSmallIntegerField(default=0)
    fence = models.PositiveIntegerField(
        default=0, help_text="Rises with every claim; a late worker's result is refused."
    )
    lease_until = models.DateTimeField(null=True)
    claimed_by = models.CharField(max_length=80, blank=True)
    # Set just before the bytes leave: tells a crash before the POST from one after it.
    submitted_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    error_kind = models.CharField(max_length=40, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        abstract = True
