"""Something about an order that a buyer must decide on:
the supplier changed it beyond tolerance, or contradicts itself.
"""

from django.conf import settings
from django.db import models

from orders.models.order import PurchaseOrder, PurchaseOrderLine


class OrderException(models.Model):
    class Kind(models.TextChoices):
        REJECTED = "rejected", "Order rejected"
        PRICE = "price", "Price changed"
        QUANTITY = "quantity", "Quantity changed"
        DATE = "date", "Date changed"
        SUBSTITUTE = "substitute", "Another article"
        CHARGE = "charge", "Extra charge"
        CURRENCY = "currency", "Other currency"
        CONTRADICTION = "contradiction", "Supplier contradicts itself"
        UNDELIVERED = "undelivered", "Came back undelivered"
        AMENDMENT = "amendment", "Cancellation or change"
        PROPOSAL = "proposal", "Proposal changed"
        UNEXPECTED_LINE = "unexpected_line", "Line we did not order"

    order = models.ForeignKey(PurchaseOrder, on_delete=models.CASCADE, related_name="exceptions")
    line = models.ForeignKey(
        PurchaseOrderLine, on_delete=models.CASCADE, null=True, related_name="exceptions"
    )
    kind = models.CharField(max_length=20, choices=Kind.choices)
    text = models.CharField(max_length=500)
    fingerprint = models.CharField(
        max_length=64, help_text="The same fact is raised once, also after it was resolved."
    )
    opened_at = models.DateTimeField(auto_now_add=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    resolution = models.CharField(max_length=20, blank=True)

    class Meta:
        ordering = ["opened_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["order", "fingerprint"], name="exception_raised_once"),
            models.CheckConstraint(
                condition=models.Q(resolved_at=None, resolution="")
                | models.Q(resolved_at__isnull=False) & ~models.Q(resolution=""),
                name="resolved_has_resolution",
            ),
        ]

    def __str__(self) -> str:
        return self.text
