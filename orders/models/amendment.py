"""What we asked of a supplier about an order that it has: to drop it, or to take other quantities.

queued  -> running            claimed: lease and fence set
running -> asked | agreed | refused | queued (retry) | failed | unknown
unknown -> asked | agreed | refused | queued (looked up, or a person's word) | failed
asked   -> agreed | refused   the supplier's answer, by whatever way it comes, or what a person was told
"""

from django.conf import settings
from django.db import models

from orders.models.job import SupplierJob
from orders.models.order import PurchaseOrder, PurchaseOrderLine


class Amendment(SupplierJob):
    class Kind(models.TextChoices):
        CANCEL = "cancel", "Cancellation"
        CHANGE = "change", "Change of quantities"

    class Status(models.TextChoices):
        QUEUED = "queued", "Waiting to be sent"
        RUNNING = "running", "Being sent"
        UNKNOWN = "unknown", "Outcome unknown"
        ASKED = "asked", "Waits for their answer"
        AGREED = "agreed", "Agreed"
        REFUSED = "refused", "Refused"
        FAILED = "failed", "Not sent"

    # One at a time: the next is asked when this one has its answer.
    LIVE = (Status.QUEUED, Status.RUNNING, Status.UNKNOWN, Status.ASKED)

    order = models.ForeignKey(PurchaseOrder, on_delete=models.CASCADE, related_name="amendments")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.QUEUED)
    # Suppliers count the versions of an order; what was first sent is version 1.
    number = models.PositiveSmallIntegerField(help_text="The version of the order that this makes.")
    reason = models.CharField(max_length=400, help_text="The supplier reads this.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    told_at = models.DateTimeField(null=True, help_text="When the supplier had it for certain.")
    answer = models.CharField(max_length=500, blank=True, help_text="What the supplier said to it.")

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["order", "number"], name="amendment_number_once_an_order"),
            models.UniqueConstraint(
                fields=["order"],
                condition=models.Q(status__in=["queued", "running", "unknown", "asked"]),
                name="one_live_amendment_an_order",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    status__in=["queued", "running", "unknown", "asked", "agreed", "refused", "failed"]
                ),
                name="amendment_status_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="running") | models.Q(lease_until__isnull=False),
                name="running_amendment_has_lease",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="queued") | models.Q(next_run_at__isnull=False),
                name="queued_amendment_has_next_run",
            ),
        ]
        indexes = [models.Index(fields=["status", "next_run_at"])]

    def __str__(self) -> str:
        return f"{self.order.number} {self.get_kind_display().lower()} {self.status}"


class AmendmentLine(models.Model):
    """Another quantity for a line, and what it was before: the supplier may decline."""

    amendment = models.ForeignKey(Amendment, on_delete=models.CASCADE, related_name="lines")
    line = models.ForeignKey(PurchaseOrderLine, on_delete=models.PROTECT, related_name="amendments")
    quantity = models.DecimalField(max_digits=14, decimal_places=4)
    unit_price = models.DecimalField(max_digits=14, decimal_places=4)
    before_quantity = models.DecimalField(max_digits=14, decimal_places=4)
    before_price = models.DecimalField(max_digits=14, decimal_places=4)

    class Meta:
        ordering = ["line__line_number"]
        constraints = [
            models.UniqueConstraint(fields=["amendment", "line"], name="line_once_an_amendment"),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="amended_quantity_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.amendment} line {self.line.line_number}"
