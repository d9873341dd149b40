"""How a supplier kept to its orders, counted from our own history by `orders.services.reliability`."""

from django.db import models

from suppliers.models.supplier import Supplier
from suppliers.reliability import TrackRecord


class SupplierReliability(models.Model):
    supplier = models.OneToOneField(
        Supplier, on_delete=models.CASCADE, primary_key=True, related_name="reliability"
    )
    since = models.DateField(help_text="Orders from then on were counted.")
    orders = models.PositiveIntegerField(help_text="Answered.")
    rejected = models.PositiveIntegerField()
    lines = models.PositiveIntegerField(help_text="Confirmed, of orders that were not rejected.")
    cut = models.PositiveIntegerField(help_text="Confirmed with less than was asked.")
    deliveries = models.PositiveIntegerField(help_text="Lines that came, or should have come by now.")
    late = models.PositiveIntegerField(help_text="After the day promised, or else asked for.")
    measured_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.supplier}: {self.record.words}"

    @property
    def record(self) -> TrackRecord:
        return TrackRecord(self.orders, self.rejected, self.lines, self.cut, self.deliveries, self.late)
