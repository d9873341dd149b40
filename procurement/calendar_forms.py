"""What people type on the page of a calendar."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from orders.models import Site
from procurement.sources.closures import EARLIEST, LATEST, Row, closures_read
from suppliers.calendars import WEEKDAYS
from suppliers.models import WorkingWeek
from suppliers.public_holidays import country_names

MOST_BYTES = 500_000
WEEKDAY_CHOICES = [(str(at), name) for at, name in enumerate(WEEKDAYS)]
NO_WEEKDAY = "Choose weekdays of the list."


class WeekForm(forms.Form):
    weekdays = forms.MultipleChoiceField(
        choices=WEEKDAY_CHOICES, widget=forms.CheckboxSelectMultiple, label="Works on",
        error_messages={"required": "Choose at least one weekday.", "invalid_choice": NO_WEEKDAY},
    )  # fmt: skip
    time_zone = forms.CharField(label="Time zone of its cut-off times", max_length=40, required=False)
    holiday_country = forms.CharField(label="Closed on public holidays of", max_length=2, required=False)
    holiday_region = forms.CharField(label="Region", max_length=10, required=False)

    def __init__(self, *args: Any, week: WorkingWeek, **options: Any) -> None:
        initial = {
            "weekdays": [str(at) for at, sign in enumerate(week.weekdays) if sign == "1"],
            "time_zone": week.time_zone,
            "holiday_country": week.holiday_country,
            "holiday_region": week.holiday_region,
        }
        options["initial"] = initial
        super().__init__(*args, **options)
        self.week = week

    def clean(self) -> dict[str, Any]:
        """The row as it would be saved, checked by its own rules."""
        told = dict(super().clean() or {})
        chosen = set(told.pop("weekdays", ()))
        self.week.weekdays = "".join("1" if str(at) in chosen else "0" for at in range(7))
        for name, value in told.items():
            setattr(self.week, name, value.strip())
        if not self.errors:
            try:
                self.week.full_clean()
            except forms.ValidationError as error:
                self.add_error(None, list(error.messages))
        return told

    @property
    def countries(self) -> list[str]:
        return sorted(country_names())


class ClosureForm(forms.Form):
    first = forms.DateField(label="From")
    last = forms.DateField(label="To", required=False)
    name = forms.CharField(label="Why", max_length=80)

    def clean(self) -> dict[str, Any]:
        told = dict(super().clean() or {})
        first: date | None = told.get("first")
        told["last"] = told.get("last") or first
        if first and told["last"] < first:
            raise forms.ValidationError("It ends before it begins.")
        if first and (first < EARLIEST or told["last"] > LATEST):
            raise forms.ValidationError(f"Enter days between {EARLIEST.year} and {LATEST.year}.")
        return told


class ClosureFileForm(forms.Form):
    file = forms.FileField(error_messages={"required": "Choose a file."})

    rows: list[Row]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError("The file is larger than 500 kB; closing days are a few lines.")
        self.rows, errors = closures_read(file.read(), today=timezone.localdate())
        if errors:
            more = f" And {len(errors) - 5} more." if len(errors) > 5 else ""
            raise forms.ValidationError(" ".join(errors[:5]) + more + " Nothing was taken over.")
        if not self.rows:
            raise forms.ValidationError("The file holds no rows.")
        return file


class OrderDaysForm(forms.Form):
    weekdays = forms.MultipleChoiceField(
        choices=WEEKDAY_CHOICES, widget=forms.CheckboxSelectMultiple, label="On",
        error_messages={"required": "Choose the weekdays.", "invalid_choice": NO_WEEKDAY},
    )  # fmt: skip
    until = forms.TimeField(label="Until")
    site = forms.ModelChoiceField(
        Site.objects.filter(of_customer=False), to_field_name="code", required=False, empty_label="All sites"
    )
