"""The audit trail of orders: written once by orders.state, never changed.
The order page's timeline is this table.
"""

from typing import Any, NoReturn

from django.conf import settings
from django.db import models

from orders.models.order import PurchaseOrder


class AppendOnlyQuerySet(models.QuerySet["OrderEvent"]):
    def update(self, **kwargs: Any) -> NoReturn:
        raise TypeError("Order events are append-only.")

    def delete(self) -> NoReturn:
        raise TypeError("Order events are append-only.")


class OrderEvent(models.Model):
    order = models.ForeignKey(PurchaseOrder, on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField(auto_now_add=True)
    kind = models.CharField(
        max_length=40, help_text="In the past tense: approved, transferred, line_edited, ..."
    )
    from_status = models.CharField(max_length=12, blank=True)
    to_status = models.CharField(max_length=12, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    via = models.CharField(
        max_length=20, help_text="page, api, plan, transfer, callback, reply, lookup, sweep"
    )
    text = models.CharField(max_length=500, help_text="One sentence for people.")
    data = models.JSONField(default=dict)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["order", "at"])]

    def __str__(self) -> str:
        return f"{self.order_id} {self.kind}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("Order events are append-only.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("Order events are append-only.")
