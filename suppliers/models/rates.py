"""What one unit of a currency was worth on a day: history, of every source that told it."""

from django.conf import settings
from django.db import models

from suppliers.rates import Rate


class ExchangeRate(models.Model):
    class Status(models.TextChoices):
        ACCEPTED = "accepted", "In use"
        HELD = "held", "Held for a person"
        REFUSED = "refused", "Refused"

    currency = models.CharField(max_length=3, help_text="One unit of this ...")
    base = models.CharField(max_length=3, help_text="... is worth so much of this.")
    date = models.DateField()
    rate = models.DecimalField(max_digits=20, decimal_places=12)
    source = models.CharField(max_length=40, help_text="Who told it: a system or a file.")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ACCEPTED)
    doubt = models.CharField(max_length=200, blank=True, help_text="Why it was held.")
    read_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-date", "currency", "source"]
        constraints = [
            # A held correction stands beside the rate that is in use until somebody has decided.
            models.UniqueConstraint(
                fields=["base", "currency", "date", "source", "status"], name="one_rate_a_day_and_source"
            ),
            models.CheckConstraint(condition=models.Q(rate__gt=0), name="exchange_rate_positive"),
            models.CheckConstraint(
                condition=models.Q(decided_at__isnull=True, decided_by__isnull=True)
                | models.Q(decided_at__isnull=False, decided_by__isnull=False),
                name="exchange_rate_who_and_when",
            ),
        ]

    def __str__(self) -> str:
        return str(self.as_rate())

    def as_rate(self) -> Rate:
        return Rate(
            currency=self.currency, base=self.base, value=self.rate, date=self.date, source=self.source
        )
