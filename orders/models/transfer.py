"""One undertaking to place one order. The row is the truth; background tasks only wake it up.

queued  -> running            claimed: lease and fence set
running -> sent | queued (retry) | failed | unknown
unknown -> sent | queued (supplier certainly has nothing) | failed (a person decided)
"""

from django.db import models

from orders.models.job import SupplierJob
from orders.models.order import PurchaseOrder


class TransferJob(SupplierJob):
    class Status(models.TextChoices):
        QUEUED = "queued", "Waiting to be sent"
        RUNNING = "running", "Being sent"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"
        UNKNOWN = "unknown", "Outcome unknown"

    LIVE = (Status.QUEUED, Status.RUNNING, Status.UNKNOWN)

    order = models.ForeignKey(PurchaseOrder, on_delete=models.CASCADE, related_name="transfers")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.QUEUED)

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

    @property
    def refused(self) -> bool:
        """It failed by the supplier's own word."""
        return self.status == self.Status.FAILED and self.error_kind in ("refused", "ProtocolError")

    def __str__(self) -> str:
        return f"{self.order.number} {self.status}"
