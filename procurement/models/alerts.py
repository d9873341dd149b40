"""Something that should not stay as it is: one row from when it was noticed until it is well again."""

from django.db import models


class Alert(models.Model):
    kind = models.CharField(max_length=30, help_text="Of procurement.alerts.KINDS.")
    subject = models.CharField(max_length=80, help_text="Code of what it is about.")
    words = models.CharField(max_length=400)
    address = models.CharField(max_length=200, blank=True, help_text="The page that tells more.")
    opened_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True)
    # The two mails about it: noticed, and well again.
    told_opened_at = models.DateTimeField(null=True)
    told_closed_at = models.DateTimeField(null=True)
    mail_next_at = models.DateTimeField(null=True, help_text="Empty: at once.")
    mail_attempts = models.PositiveSmallIntegerField(default=0, help_text="Of the mail that is due.")
    mail_error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["opened_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"],
                condition=models.Q(closed_at=None),
                name="one_open_alert_a_subject",
            )
        ]
        indexes = [models.Index(fields=["-closed_at"])]

    def __str__(self) -> str:
        return self.words
