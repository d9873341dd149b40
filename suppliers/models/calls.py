"""What was said to a supplier and what came back, secrets removed."""

from django.db import models

from suppliers.models.supplier import Supplier


class ConnectorCall(models.Model):
    supplier = models.ForeignKey(Supplier, on_delete=models.CASCADE, related_name="calls")
    operation = models.CharField(max_length=40)
    method = models.CharField(max_length=10)
    url = models.TextField()
    reference = models.CharField(
        max_length=60, blank=True, db_index=True, help_text="Our reference of the order concerned."
    )
    started_at = models.DateTimeField(db_index=True)
    duration_ms = models.PositiveIntegerField()
    status = models.PositiveSmallIntegerField(null=True)
    error = models.TextField(blank=True)
    request_body = models.BinaryField()
    response_body = models.BinaryField()
    # In bytes. Of a call that concerns no order less may be kept.
    request_size = models.PositiveIntegerField(default=0)
    response_size = models.PositiveIntegerField(default=0)
    attempt = models.PositiveSmallIntegerField(
        null=True, help_text="The attempt of the transfer that this call belongs to."
    )
    message_id = models.CharField(max_length=200, blank=True, help_text="Of what was sent.")

    class Meta:
        ordering = ["-started_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.operation} {self.status or self.error}"

    @property
    def request_text(self) -> str:
        return bytes(self.request_body).decode("utf-8", "replace")

    @property
    def response_text(self) -> str:
        return bytes(self.response_body).decode("utf-8", "replace")
