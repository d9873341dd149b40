"""Sites that are planned by themselves before suppliers' cut-offs."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from orders.models import Site

LEAST, MOST = 5, 720  # minutes


class PlanTimer(models.Model):
    """Of a site without one, plans are made when somebody asks. What was planned for a cut-off stands with the runs."""

    site = models.OneToOneField(Site, on_delete=models.CASCADE, related_name="plan_timer")
    minutes_before = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(LEAST), MaxValueValidator(MOST)],
        help_text="The first cut-off of a day by so many minutes.",
    )
    watched_until = models.DateTimeField(
        help_text="Cut-offs until then were looked at; one that passes unseen after it was missed."
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(help_text="When somebody set it.")

    class Meta:
        ordering = ["site"]

    def __str__(self) -> str:
        return f"{self.site.code}: {self.minutes_before} minutes before"
