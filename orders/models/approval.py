"""A person's decision on a draft. Not a status: editing a line withdraws it."""

from django.conf import settings
from django.db import models

from orders.models.order import PurchaseOrder


class Approval(models.Model):
    class Decision(models.TextChoices):
        APPROVED = "approved", "Approved"
        RETURNED = "returned", "Returned to the buyer"

    order = models.ForeignKey(PurchaseOrder, on_delete=models.CASCADE, related_name="approvals")
    decision = models.CharField(max_length=10, choices=Decision.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    comment = models.TextField(blank=True, max_length=1000)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["order"], condition=models.Q(withdrawn_at=None), name="one_standing_decision_an_order"
            ),
            models.CheckConstraint(
                condition=models.Q(withdrawn_at=None, withdrawn_reason="")
                | models.Q(withdrawn_at__isnull=False),
                name="withdrawn_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order.number} {self.decision}"
