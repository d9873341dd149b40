"""What was said to a source and what came back, secrets removed."""

from django.db import models

from procurement.models.sources import SourceAccount


class SourceCall(models.Model):
    account = models.ForeignKey(SourceAccount, on_delete=models.CASCADE, related_name="calls")
    operation = models.CharField(max_length=40)
    method = models.CharField(max_length=10)
    url = models.TextField()
    started_at = models.DateTimeField()
    duration_ms = models.PositiveIntegerField()
    status = models.PositiveSmallIntegerField(null=True)
    error = models.TextField(blank=True)
    # In bytes. Of a call that went well nothing more is kept: what it brought is in the tables.
    request_size = models.PositiveIntegerField(default=0)
    response_size = models.PositiveIntegerField(default=0)
    request_body = models.BinaryField(default=b"")
    response_body = models.BinaryField(default=b"")
    used = models.PositiveIntegerField(null=True, help_text="Calls that we have used, as the answer said ...")
    allowed = models.PositiveIntegerField(null=True, help_text="... and may make.")

    class Meta:
        ordering = ["-started_at", "-pk"]
        indexes = [models.Index(fields=["account", "started_at"])]

    def __str__(self) -> str:
        return f"{self.operation} {self.status or self.error}"

    @property
    def failed(self) -> bool:
        return self.status is None or self.status >= 400 or bool(self.error)

    @property
    def said(self) -> str:
        """What came back, as far as it was kept."""
        return bytes(self.response_body).decode("utf-8", "replace")
