"""What systems told us of changes, stored before anybody looks into it. Its content only says what to ask for."""

from django.db import models

from procurement.models.sources import SourceAccount, SourceRun
from suppliers.messages import RawDocument


class SourceEvent(models.Model):
    class Status(models.TextChoices):
        WAITING = "waiting", "Waiting"
        FETCHED = "fetched", "Fetched"
        IGNORED = "ignored", "Ignored"
        PARKED = "parked", "Given up"  # not understood, or failed too often

    account = models.ForeignKey(SourceAccount, on_delete=models.CASCADE, related_name="events")
    message_id = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100, blank=True)
    body = models.BinaryField(help_text="As it came, without secrets.")
    received_at = models.DateTimeField(auto_now_add=True)
    repeats = models.PositiveIntegerField(default=0, help_text="How often it was told again.")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True, help_text="When it is tried again, after a failure.")
    entries = models.PositiveIntegerField(default=0, help_text="How many entries it told of.")
    run = models.ForeignKey(SourceRun, on_delete=models.SET_NULL, null=True, related_name="events")
    finished_at = models.DateTimeField(null=True)
    words = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["-received_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["account", "message_id"], name="event_once_a_source"),
        ]
        indexes = [models.Index(fields=["account", "status", "received_at"])]

    def __str__(self) -> str:
        return f"{self.account.code} {self.message_id}"

    @property
    def raw(self) -> RawDocument:
        return RawDocument(
            message_id=self.message_id,
            channel="event",
            content_type=self.content_type,
            body=bytes(self.body),
            headers={},
        )

    @property
    def pill(self) -> str:
        """How the state is painted."""
        kinds = {"waiting": "running", "fetched": "good", "ignored": "", "parked": "bad"}
        return kinds.get(self.status, "")

    @property
    def took(self) -> float | None:
        """Seconds from when it came until what it told of was known here."""
        return (self.finished_at - self.received_at).total_seconds() if self.finished_at else None


class EventRefusal(models.Model):
    """How many events were refused, by reason and day. One row a day, not one a request."""

    account = models.ForeignKey(SourceAccount, on_delete=models.CASCADE, related_name="event_refusals")
    reason = models.CharField(max_length=40)
    day = models.DateField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-day", "reason"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "reason", "day"], name="one_event_refusal_count_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account.code} {self.reason} {self.day}: {self.count}"

    @property
    def words(self) -> str:
        return self.reason.replace("_", " ")
