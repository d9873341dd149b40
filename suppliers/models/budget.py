"""How often a supplier was called on a day, and what for: the lock of its daily allowance, and the picture of it."""

from django.db import models

from suppliers.models.supplier import Supplier


class Purpose(models.TextChoices):
    """What a call is made for, in the order in which they come first."""

    ORDERS = "orders", "Orders"
    PEOPLE = "people", "Checks people ask for"
    ANSWERS = "answers", "Collecting answers"
    PRICES = "prices", "Prices"
    STOCK = "stock", "Stock"
    CATALOGUE = "catalogue", "Product list"


class CallDay(models.Model):
    """Raised by a conditional update before each call, where the supplier allows so many a day."""

    supplier = models.ForeignKey(Supplier, on_delete=models.CASCADE, related_name="call_days")
    day = models.DateField(help_text="In the time zone of the installation.")
    calls = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-day"]
        constraints = [models.UniqueConstraint(fields=["supplier", "day"], name="one_call_count_a_day")]

    def __str__(self) -> str:
        return f"{self.supplier} on {self.day}: {self.calls} calls"


class CallHour(models.Model):
    """Written after the calls, of every supplier."""

    supplier = models.ForeignKey(Supplier, on_delete=models.CASCADE, related_name="call_hours")
    day = models.DateField()
    hour = models.PositiveSmallIntegerField()
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    calls = models.PositiveIntegerField(default=0)
    put_off = models.PositiveIntegerField(default=0, help_text="How often a question was not asked any more.")

    class Meta:
        ordering = ["-day", "-hour", "purpose"]
        constraints = [
            models.UniqueConstraint(
                fields=["supplier", "day", "hour", "purpose"], name="one_call_count_an_hour_and_purpose"
            )
        ]

    def __str__(self) -> str:
        return f"{self.supplier} on {self.day} at {self.hour}: {self.calls} for {self.purpose}"
