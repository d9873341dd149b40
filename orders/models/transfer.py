"""One undertaking to place one order. The row is the truth; background tasks only wake it up.

queued  -> running            claimed: lease and fence set
running -> sent | queued (retry) | failed | unknown
unknown -> sent | queued (supplier certainly has nothing) | failed (a person decided)
"""

from django.db import models

from orders.models.order import PurchaseOrder


class TransferJob(models.Model):
    class Status(models.TextChoices):
        QUEUED = "queued", "Waiting to be sent"
        RUNNING = "running", "Being sent"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"
        UNKNOWN = "unknown", "Outcome unknown"

    LIVE = (Status.QUEUED, Status.RUNNING, Status.UNKNOWN)

    order = models.ForeignKey(PurchaseOrder, on_delete=models.CASCADE, related_name="transfers")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.QUEUED)
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
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["order"],
                condition=models.Q(status__in=["queued", "running", "unknown"]),
                name="one_live_transfer_an_order",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["queued", "running", "sent", "failed", "unknown"]),
                name="transfer_status_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="running") | models.Q(lease_until__isnull=False),
                name="running_has_lease",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="queued") | models.Q(next_run_at__isnull=False),
                name="queued_has_next_run",
            ),
        ]
        indexes = [models.Index(fields=["status", "next_run_at"])]

    def __str__(self) -> str:
        return f"{self.order.number} {self.status}"
