"""On which days a place works. Sites have the same: orders.models.calendar."""

from datetime import date
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models

from suppliers.calendars import EVERY_DAY
from suppliers.models.supplier import Supplier
from suppliers.public_holidays import country_names, holidays_between, region_names


def known_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(f"“{name}” is no time zone. Write it like Europe/London.")


class WorkingWeek(models.Model):
    """Without one, a place works every day."""

    weekdays = models.CharField(
        max_length=7, default=EVERY_DAY,
        validators=[RegexValidator(r"^(?=.*1)[01]{7}$", "Choose at least one weekday.")],
        help_text="Monday first, 1 where there is work: 1111100 is Monday to Friday.",
    )  # fmt: skip
    time_zone = models.CharField(
        max_length=40, blank=True, validators=[known_zone],
        help_text="Whose clock its cut-off times are of, e.g. Europe/London. Empty: ours.",
    )  # fmt: skip
    holiday_country = models.CharField(
        "closed on public holidays of", max_length=2, blank=True,
        help_text="ISO 3166-1 alpha-2, such as GB. Empty: only the days listed are closed.",
    )  # fmt: skip
    holiday_region = models.CharField(
        "region", max_length=10, blank=True, help_text="Where its holidays differ, such as SCT in GB."
    )

    class Meta:
        abstract = True

    def clean(self) -> None:
        self.holiday_country, self.holiday_region = self.holiday_country.upper(), self.holiday_region.upper()
        if self.holiday_country and self.holiday_country not in country_names():
            raise ValidationError({"holiday_country": "Public holidays of this country are not known."})
        if self.holiday_region and self.holiday_region not in region_names(self.holiday_country):
            known = ", ".join(region_names(self.holiday_country)) or "none"
            raise ValidationError({"holiday_region": f"Not a region of this country. Known: {known}."})

    def holidays(self, first: date, last: date) -> dict[date, str]:
        return holidays_between(self.holiday_country, self.holiday_region, first, last)


class Closure(models.Model):
    """Days on which a place is closed besides its usual ones, such as a company holiday or a stock count."""

    first = models.DateField("first day")
    last = models.DateField("last day")
    name = models.CharField(max_length=80)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.name}, {self.first:%-d %b %Y}" + (
            f" to {self.last:%-d %b %Y}" if self.last != self.first else ""
        )

    def clean(self) -> None:
        if self.first and self.last and self.last < self.first:
            raise ValidationError({"last": "It ends before it begins."})


class SupplierCalendar(WorkingWeek):
    supplier = models.OneToOneField(Supplier, on_delete=models.CASCADE, related_name="calendar")

    def __str__(self) -> str:
        return f"Working days of {self.supplier}"


class SupplierClosure(Closure):
    supplier = models.ForeignKey(Supplier, on_delete=models.CASCADE, related_name="closures")

    class Meta:
        ordering = ["first", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["supplier", "first", "last"], name="supplier_closure_once"),
            models.CheckConstraint(
                condition=models.Q(last__gte=models.F("first")), name="supplier_closure_ends_after_start"
            ),
        ]
