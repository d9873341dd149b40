"""On which days a site receives goods, and when suppliers take orders for it."""

from django.db import models

from orders.models.site import Site
from suppliers.calendars import WEEKDAYS
from suppliers.models import Closure, Supplier, WorkingWeek


class SiteCalendar(WorkingWeek):
    site = models.OneToOneField(Site, on_delete=models.CASCADE, related_name="calendar")

    def __str__(self) -> str:
        return f"Working days of {self.site}"


class SiteClosure(Closure):
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="closures")

    class Meta:
        ordering = ["first", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["site", "first", "last"], name="site_closure_once"),
            models.CheckConstraint(
                condition=models.Q(last__gte=models.F("first")), name="site_closure_ends_after_start"
            ),
        ]


class OrderDay(models.Model):
    """A weekday on which the supplier takes orders, until a time of its own clock. Without any: on every day."""

    supplier = models.ForeignKey(Supplier, on_delete=models.CASCADE, related_name="order_days")
    site = models.ForeignKey(
        Site, on_delete=models.CASCADE, null=True, blank=True, related_name="order_days",
        help_text="Empty: for all sites that have no order days of their own.",
    )  # fmt: skip
    weekday = models.PositiveSmallIntegerField(choices=list(enumerate(WEEKDAYS)))
    until = models.TimeField(
        "until", help_text="By the supplier's clock; what is sent then or later waits for the next order day."
    )

    class Meta:
        ordering = ["supplier", "site", "weekday", "until"]
        constraints = [
            models.UniqueConstraint(
                fields=["supplier", "site", "weekday", "until"], name="order_day_once_a_site"
            ),
            models.UniqueConstraint(
                fields=["supplier", "weekday", "until"],
                condition=models.Q(site=None),
                name="order_day_once_for_all_sites",
            ),
            models.CheckConstraint(condition=models.Q(weekday__lte=6), name="order_day_is_a_weekday"),
        ]

    def __str__(self) -> str:
        return f"{self.supplier}: {self.get_weekday_display()} until {self.until:%H:%M}"
