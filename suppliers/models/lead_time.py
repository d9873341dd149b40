"""How long deliveries took, counted by `orders.services.lead_times`; what follows from it: suppliers.lead_times."""

from django.db import models

from suppliers.lead_times import Histogram
from suppliers.models.catalogue import SupplierProduct
from suppliers.models.supplier import Supplier


class DeliveryRecord(models.Model):
    supplier = models.ForeignKey(Supplier, on_delete=models.CASCADE, related_name="delivery_records")
    supplier_product = models.ForeignKey(
        SupplierProduct, on_delete=models.CASCADE, null=True, related_name="delivery_records",
        help_text="Empty: all of the supplier's, each by how much it differed from what was stated.",
    )  # fmt: skip
    deliveries = models.PositiveIntegerField()
    counts = models.JSONField(help_text="How many of them, by the supplier's working days.")
    measured_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["supplier_product"], name="one_delivery_record_an_offer"),
            models.UniqueConstraint(
                fields=["supplier"],
                condition=models.Q(supplier_product=None),
                name="one_delivery_record_a_supplier",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.supplier_product or self.supplier}: {self.deliveries} deliveries"

    @property
    def histogram(self) -> Histogram:
        return {int(days): number for days, number in self.counts.items()}
