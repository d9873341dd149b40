"""A mail to our own people about an order at its supplier. The row is the truth; background tasks only wake it up."""

from django.db import models

from orders.models.amendment import Amendment
from orders.models.order import PurchaseOrder
from orders.models.transfer import TransferJob


class OrderMail(models.Model):
    class Kind(models.TextChoices):
        CHANGED = "changed", "Confirmed with changes"
        REJECTED = "rejected", "Rejected"
        NOT_TAKEN = "not_taken", "Not taken by the supplier"
        AMENDMENT = "amendment", "Cancellation or change refused"

    class Status(models.TextChoices):
        WAITING = "waiting", "Waiting to be sent"
        SENT = "sent", "Sent"
        NOBODY = "nobody", "Nobody to send it to"
        FAILED = "failed", "Not sent"
        SUPERSEDED = "superseded", "A later answer has a mail of its own"

    order = models.ForeignKey(PurchaseOrder, on_delete=models.CASCADE, related_name="mails")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    fingerprint = models.CharField(max_length=64, help_text="Of what is told: the same is told once.")
    # What it tells of, where that is not the supplier's answer.
    transfer = models.ForeignKey(TransferJob, on_delete=models.CASCADE, null=True, related_name="mails")
    amendment = models.ForeignKey(Amendment, on_delete=models.CASCADE, null=True, related_name="mails")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    created_at = models.DateTimeField(auto_now_add=True)
    next_run_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0, help_text="Counted before the work.")
    lease_until = models.DateTimeField(null=True)
    claimed_by = models.CharField(max_length=80, blank=True)
    sent_at = models.DateTimeField(null=True)
    sent_to = models.EmailField(blank=True)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["order", "fingerprint"], name="one_mail_an_answer"),
            models.CheckConstraint(
                condition=models.Q(status__in=["waiting", "sent", "nobody", "failed", "superseded"]),
                name="mail_status_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="sent") | models.Q(sent_at__isnull=False),
                name="sent_mail_has_time",
            ),
        ]
        indexes = [models.Index(fields=["status", "next_run_at"])]

    def __str__(self) -> str:
        return f"{self.order.number} {self.kind} {self.status}"
