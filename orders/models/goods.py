"""Goods on their way (the supplier's word) and goods on the shelf (ours)."""

from django.conf import settings
from django.db import models

from orders.models.order import PurchaseOrder, PurchaseOrderLine
from orders.models.site import Site


class Shipment(models.Model):
    class Stage(models.TextChoices):
        PACKED = "packed", "Packed"
        SHIPPED = "shipped", "Shipped"

    order = models.ForeignKey(PurchaseOrder, on_delete=models.PROTECT, related_name="shipments")
    despatch_id = models.CharField(max_length=80)
    stage = models.CharField(max_length=8, choices=Stage.choices, default=Stage.SHIPPED)
    shipped_at = models.DateTimeField(help_text="Or packed, while that is all that is known.")
    carrier = models.CharField(max_length=80, blank=True)
    tracking = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["shipped_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["order", "despatch_id"], name="despatch_once_an_order")
        ]

    def __str__(self) -> str:
        return f"{self.order.number} {self.despatch_id}"


class ShipmentLine(models.Model):
    shipment = models.ForeignKey(Shipment, on_delete=models.CASCADE, related_name="lines")
    line = models.ForeignKey(PurchaseOrderLine, on_delete=models.PROTECT, related_name="shipment_lines")
    quantity = models.DecimalField(max_digits=14, decimal_places=4)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shipment", "line"], name="line_once_a_shipment")]

    def __str__(self) -> str:
        return f"{self.shipment} line {self.line.line_number}"


class Receipt(models.Model):
    order = models.ForeignKey(PurchaseOrder, on_delete=models.PROTECT, related_name="receipts")
    received_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=300, blank=True)
    # Made when the form is shown: the same form sent twice is one receipt.
    form_token = models.CharField(max_length=40, unique=True)

    class Meta:
        ordering = ["received_at", "pk"]

    def __str__(self) -> str:
        return f"{self.order.number} {self.received_at:%Y-%m-%d}"


class ReceiptLine(models.Model):
    receipt = models.ForeignKey(Receipt, on_delete=models.CASCADE, related_name="lines")
    line = models.ForeignKey(PurchaseOrderLine, on_delete=models.PROTECT, related_name="receipt_lines")
    # Where it came in, of a line that goes to several sites. None: the order's own.
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, related_name="+")
    quantity = models.DecimalField(max_digits=14, decimal_places=4)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="received_quantity_positive")
        ]

    def __str__(self) -> str:
        return f"{self.receipt} line {self.line.line_number}"
