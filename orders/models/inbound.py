"""What suppliers sent us, stored before anybody tried to understand it."""

from django.db import models

from orders.models.order import PurchaseOrder
from suppliers.messages import RawDocument
from suppliers.models import Supplier


class InboundMessage(models.Model):
    class Status(models.TextChoices):
        RECEIVED = "received", "Waiting to be read"
        PROCESSED = "processed", "Processed"
        PARKED = "parked", "Not understood"  # a person looks; can be replayed

    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="inbound")
    message_id = models.CharField(max_length=200)
    channel = models.CharField(max_length=12)
    content_type = models.CharField(max_length=100, blank=True)
    headers = models.JSONField(default=dict)
    body = models.BinaryField()
    body_sha256 = models.CharField(max_length=64)
    received_at = models.DateTimeField(auto_now_add=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.RECEIVED)
    attempts = models.PositiveSmallIntegerField(default=0)
    processed_at = models.DateTimeField(null=True)
    # More than one: a despatch advice can cover several orders.
    orders = models.ManyToManyField(PurchaseOrder, related_name="inbound")
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["-received_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["supplier", "message_id"], name="message_once_a_supplier"),
            models.CheckConstraint(
                condition=models.Q(status__in=["received", "processed", "parked"]),
                name="inbound_status_known",
            ),
        ]
        indexes = [models.Index(fields=["status", "received_at"])]

    def __str__(self) -> str:
        return f"{self.supplier.code} {self.message_id}"

    @property
    def raw(self) -> RawDocument:
        return RawDocument(
            message_id=self.message_id,
            channel=self.channel,
            content_type=self.content_type,
            body=bytes(self.body),
            headers=self.headers,
        )

    @property
    def body_text(self) -> str:
        return bytes(self.body).decode("utf-8", "replace")


class CallbackRefusal(models.Model):
    """How many callbacks were refused, by supplier address, reason and day. One row a day, not one a request."""

    supplier_code = models.CharField(max_length=40)
    reason = models.CharField(max_length=40)
    day = models.DateField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["supplier_code", "reason", "day"], name="one_refusal_count_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.supplier_code} {self.reason} {self.day}: {self.count}"
